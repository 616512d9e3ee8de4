//! Servers that do nothing but pass messages on, to be measured beside ours: Centrifugo, Node with
//! `ws`, Node with socket.io. `script/bench --peers` gets them; what is missing is left out.

pub mod client;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::process;
use crate::server::free_address;
use client::Client;

const READY_WITHIN: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Centrifugo,
    Ws,
    SocketIo,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Centrifugo, Kind::Ws, Kind::SocketIo];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Centrifugo => "Centrifugo",
            Kind::Ws => "Node ws",
            Kind::SocketIo => "socket.io",
        }
    }

    /// What starts it, if it was installed into this folder.
    fn found(self, folder: &Path) -> Option<PathBuf> {
        let file = match self {
            Kind::Centrifugo => folder.join("centrifugo"),
            Kind::Ws => folder.join("node_modules/ws/package.json"),
            Kind::SocketIo => folder.join("node_modules/socket.io/package.json"),
        };
        file.exists().then_some(file)
    }

    /// Those that were installed into this folder.
    pub fn installed(folder: &Path) -> Vec<Kind> {
        Kind::ALL.into_iter().filter(|kind| kind.found(folder).is_some()).collect()
    }
}

/// A running peer. Ends with the value.
pub struct Peer {
    pub kind: Kind,
    child: Child,
    address: SocketAddr,
}

impl Peer {
    /// Starts one that was installed into `folder`; `repository` holds the scripts for Node.
    pub async fn start(kind: Kind, folder: &Path, repository: &Path) -> Result<Peer> {
        match kind {
            Kind::Centrifugo => Peer::centrifugo(&folder.join("centrifugo")).await,
            Kind::Ws => Peer::node(kind, folder, &repository.join("loadtest/peers/ws.mjs")).await,
            Kind::SocketIo => {
                Peer::node(kind, folder, &repository.join("loadtest/peers/socketio.mjs")).await
            }
        }
    }

    async fn centrifugo(program: &Path) -> Result<Peer> {
        let address = free_address()?;
        let mut command = Command::new(program);
        command
            .env("CENTRIFUGO_HTTP_SERVER_ADDRESS", "127.0.0.1")
            .env("CENTRIFUGO_HTTP_SERVER_PORT", address.port().to_string())
            // Anybody may connect, subscribe and publish.
            .env("CENTRIFUGO_CLIENT_INSECURE", "true")
            .env("CENTRIFUGO_LOG_LEVEL", "error")
            .stdout(Stdio::null());
        let child = spawn(&mut command)?;
        let until = Instant::now() + READY_WITHIN;
        while TcpStream::connect(address).await.is_err() {
            if Instant::now() > until {
                bail!("Centrifugo was not ready after {} s", READY_WITHIN.as_secs());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Peer { kind: Kind::Centrifugo, child, address })
    }

    async fn node(kind: Kind, folder: &Path, script: &Path) -> Result<Peer> {
        let mut command = Command::new("node");
        command.arg(script).env("PEERS", folder.canonicalize()?).stdout(Stdio::piped());
        let mut child = spawn(&mut command)?;
        let said = child.stdout.take().context("node has no output")?;
        let mut lines = BufReader::new(said).lines();
        let line = tokio::time::timeout(READY_WITHIN, lines.next_line()).await;
        let line = line.with_context(|| format!("{} was not ready in time", kind.name()))??;
        let port: u16 =
            line.as_deref().unwrap_or_default().trim().parse().with_context(|| {
                format!("{} said {line:?} instead of its port", script.display())
            })?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        Ok(Peer { kind, child, address })
    }

    /// Someone who is sent everything that is said.
    pub async fn reader(&self, nth: usize) -> Result<Client> {
        Client::reader(self.kind, self.address, nth).await
    }

    /// Someone who says it.
    pub async fn writer(&self, nth: usize) -> Result<Client> {
        Client::writer(self.kind, self.address, nth).await
    }

    pub fn cpu(&self) -> Result<Duration> {
        process::cpu(self.pid()?)
    }

    pub fn rss_mib(&self) -> Result<f64> {
        process::rss_mib(self.pid()?)
    }

    fn pid(&self) -> Result<u32> {
        self.child.id().with_context(|| format!("{} has ended", self.kind.name()))
    }
}

fn spawn(command: &mut Command) -> Result<Child> {
    let command = command.stdin(Stdio::null()).kill_on_drop(true);
    let program = command.as_std().get_program().to_owned();
    command.spawn().with_context(|| format!("{} does not start", program.display()))
}
