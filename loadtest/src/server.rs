//! A server under measurement: a child process with a folder, keys and a Postgres of its own.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use switchboard_store::seal::MasterKeys;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::bench::note;
use crate::postgres::{self, Postgres};
use crate::process;

/// A first start makes a database; nothing takes longer.
const READY_WITHIN: Duration = Duration::from_secs(60);
const GONE_WITHIN: Duration = Duration::from_secs(30);
/// Lines of its log that are shown of a server that was given up.
const LAST_WORDS: usize = 10;
const GLANCE: Duration = Duration::from_millis(1);

/// One machine plays thousands of people here, so no address and nobody may be too eager.
const SETTINGS: &str = r#"
[http]
max_connections = 100000
drain_seconds = 1
[limits]
sign_up = { burst = 1000000, per_minute = 100000000 }
boot = { burst = 1000000, per_minute = 100000000 }
request = { burst = 1000000, per_minute = 100000000 }
agent_frames = { burst = 1000000, per_minute = 100000000 }
visitor_frames = { burst = 1000000, per_minute = 100000000 }
[shedding]
newcomers_ms = 0
reads_ms = 0
commands_ms = 0
webhooks_ms = 0
[sockets]
per_second = 1000000
burst = 1000000
wait_ms = 5000
"#;

const APP: (&str, &str, &str) = ("1180427736655091", "sandbox-app-secret", "sandbox-verify-token");

/// A folder in which servers are started, one after another. Gone with the value.
pub struct Place {
    folder: tempfile::TempDir,
    program: PathBuf,
    programs: PathBuf,
    pub keys: String,
    /// By what servers of several places hear of one another.
    redis: Option<String>,
}

impl Place {
    /// A fresh place for servers of this program.
    pub fn new(program: &Path) -> Result<Place> {
        Place::made(program, "")
    }

    /// One whose servers take this sandbox for the platforms, and do not spare it.
    pub fn with_platforms(program: &Path, sandbox: &str) -> Result<Place> {
        let providers = format!(
            "[providers]\ngraph = \"{sandbox}/graph\"\ntelegram = \"{sandbox}/telegram\"\n\
             instagram_graph = \"{sandbox}/instagram-graph\"\n\
             instagram_api = \"{sandbox}/instagram-api\"\nhistory_pause_ms = 0\n"
        );
        Place::made(program, &providers)
    }

    fn made(program: &Path, more: &str) -> Result<Place> {
        let folder = tempfile::Builder::new().prefix("swb-bench-").tempdir()?;
        // Postgres runs as somebody else when we are root, and must get at its programs.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(folder.path(), open)?;
        std::fs::write(folder.path().join("settings.toml"), format!("{SETTINGS}{more}"))?;
        let programs = postgres::programs()?;
        postgres::roomy_programs(&programs, folder.path())?;
        let keys = MasterKeys::generate();
        Ok(Place { folder, program: program.to_owned(), programs, keys, redis: None })
    }

    /// Another place, for servers that share keys, settings and Redis with those of this one.
    pub fn beside(&self) -> Result<Place> {
        let mut other = Place::made(&self.program, "")?;
        std::fs::copy(self.settings(), other.settings())?;
        other.keys.clone_from(&self.keys);
        other.redis.clone_from(&self.redis);
        Ok(other)
    }

    /// Has the servers that are started from now on use this Redis.
    pub fn share(&mut self, redis: &str) {
        self.redis = Some(redis.to_owned());
    }

    fn settings(&self) -> PathBuf {
        self.folder.path().join("settings.toml")
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The Postgres of the server that runs here.
    pub fn postgres(&self) -> Result<Postgres> {
        Postgres::of(&self.data(), &self.programs)
    }

    /// Starts a server and waits until it is ready; on a private Postgres, or on the one named.
    pub async fn serve(&self, database: Option<&str>) -> Result<Server> {
        self.serve_at(free_address()?, database).await
    }

    /// The same at an address that somebody has been told already.
    pub async fn serve_at(&self, address: SocketAddr, database: Option<&str>) -> Result<Server> {
        let path = self.folder.path().join("server.log");
        let log = File::create(&path)?;
        let begun = Instant::now();
        let mut command = Command::new(&self.program);
        command
            .arg("serve")
            .arg("--config")
            .arg(self.settings())
            .env("SWITCHBOARD_LISTEN", address.to_string())
            .env("SWITCHBOARD_DATA", self.data())
            .env("SWITCHBOARD_MASTER_KEYS", &self.keys)
            .env("SWITCHBOARD_POSTGRES_BIN", self.folder.path().join("bin"))
            .env("RUST_LOG", "warn")
            // The app that a sandbox takes us for; see its `Config::default`.
            .env("SWITCHBOARD_META_APP_ID", APP.0)
            .env("SWITCHBOARD_META_APP_SECRET", APP.1)
            .env("SWITCHBOARD_META_VERIFY_TOKEN", APP.2)
            .env_remove("DATABASE_URL")
            .env_remove("REDIS_URL")
            .env_remove("SWITCHBOARD_PUBLIC_URL")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true);
        if let Some(url) = database {
            command.env("DATABASE_URL", url);
        }
        if let Some(url) = &self.redis {
            command.env("REDIS_URL", url);
        }
        let program = self.program.display();
        let child = command.spawn().with_context(|| format!("{program} does not start"))?;
        let log = Some(path);
        let mut server = Server { child, address, ready_in: Duration::ZERO, postgres: None, log };
        server.ready().await?;
        server.ready_in = begun.elapsed();
        if database.is_none() {
            server.postgres = Some(self.postgres()?.pid()?);
        }
        Ok(server)
    }
}

pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// A running server.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// How long it took from its start until it was ready.
    pub ready_in: Duration,
    /// The first process of its private Postgres.
    postgres: Option<u32>,
    /// What it says; shown when the measurement breaks off.
    log: Option<PathBuf>,
}

/// A measurement that breaks off lets its server leave in good order too: killed, it could not
/// take its Postgres along.
impl Drop for Server {
    fn drop(&mut self) {
        let Some(path) = self.log.take() else { return };
        let said = std::fs::read_to_string(path).unwrap_or_default();
        let lines: Vec<&str> = said.lines().collect();
        for line in &lines[lines.len().saturating_sub(LAST_WORDS)..] {
            note(&format!("    the server said: {line}"));
        }
        let Some(pid) = self.child.id() else { return };
        if kill(Pid::from_raw(pid.cast_signed()), Signal::SIGTERM).is_err() {
            return;
        }
        let until = Instant::now() + GONE_WITHIN;
        while Instant::now() < until && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(GLANCE * 20);
        }
    }
}

impl Server {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn pid(&self) -> Result<u32> {
        self.child.id().context("the server has ended")
    }

    pub fn cpu(&self) -> Result<Duration> {
        process::cpu(self.pid()?)
    }

    /// The first process of its private Postgres, if it has one.
    pub fn postgres_pid(&self) -> Option<u32> {
        self.postgres
    }

    pub fn rss_mib(&self) -> Result<f64> {
        process::rss_mib(self.pid()?)
    }

    /// The most that it has ever been.
    pub fn peak_rss_mib(&self) -> Result<f64> {
        process::peak_rss_mib(self.pid()?)
    }

    /// The sum and the count of one of the server's own histograms.
    pub async fn histogram(&self, name: &str) -> Result<(f64, f64)> {
        let text = self.metrics().await?;
        Ok((total(&text, &format!("{name}_sum")), total(&text, &format!("{name}_count"))))
    }

    /// One of its counters, over all labels.
    pub async fn counter(&self, name: &str) -> Result<u64> {
        Ok(total(&self.metrics().await?, name) as u64)
    }

    async fn metrics(&self) -> Result<String> {
        Ok(reqwest::get(self.url("/metrics")).await?.error_for_status()?.text().await?)
    }

    async fn ready(&mut self) -> Result<()> {
        let until = Instant::now() + READY_WITHIN;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}");
            }
            if is_ready(self.address).await {
                return Ok(());
            }
            tokio::time::sleep(GLANCE).await;
        }
        bail!("the server was not ready after {} s", READY_WITHIN.as_secs())
    }

    /// Asks it to leave and waits until it and its Postgres have.
    pub async fn stop(mut self) -> Result<()> {
        let pid = Pid::from_raw(self.pid()?.cast_signed());
        kill(pid, Signal::SIGTERM)?;
        if tokio::time::timeout(GONE_WITHIN, self.child.wait()).await.is_err() {
            self.child.kill().await?;
            bail!("the server did not leave in {} s", GONE_WITHIN.as_secs());
        }
        self.log = None;
        Ok(())
    }
}

/// Asks once, without a client that would take its time.
/// What all lines of a metric come to.
fn total(metrics: &str, name: &str) -> f64 {
    let lines = metrics
        .lines()
        .filter(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' '])));
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

async fn is_ready(address: SocketAddr) -> bool {
    let asked = async {
        let mut stream = TcpStream::connect(address).await?;
        stream
            .write_all(b"GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
            .await?;
        let mut head = [0; 12];
        stream.read_exact(&mut head).await?;
        std::io::Result::Ok(&head == b"HTTP/1.1 200")
    };
    asked.await.unwrap_or(false)
}
