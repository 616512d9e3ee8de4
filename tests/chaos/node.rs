//! A node: its process, and the wires by which it reaches what it needs.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::support::network::{Network, Peer};
use crate::support::process::{Process, binary, free_port, program, program_by};
use crate::support::proxy::{Link, Target};
use crate::support::stage::Stage;
use crate::support::world::META;

/// For how long a node holds an account without renewing its hold, in seconds.
pub const LEASE_SECONDS: u64 = 2;
/// A node that is asked to leave has left by then.
const LEAVES_WITHIN: Duration = Duration::from_secs(10);
/// A node that is started is there by then, when all is well.
const READY_WITHIN: Duration = Duration::from_secs(150);
/// What a node writes of itself.
const LOGGED: &str = "info,switchboard_actors=debug,switchboard_store=debug";
const STEP: Duration = Duration::from_millis(25);

/// What nodes share.
#[derive(Clone)]
pub struct Common {
    pub postgres: Target,
    /// The login and the database, as an address without a host.
    pub database: tokio_postgres::Config,
    pub redis: Option<Target>,
    pub platforms: Target,
    /// What is between nodes and all else, if its packets can be lost.
    pub network: Option<Arc<Network>>,
    pub keys: String,
    pub public_url: String,
}

impl Common {
    /// A wire that begins where a node reaches this peer: at the other end of the network.
    async fn lead(&self, peer: Peer, target: &Target) -> Link {
        let here = Ipv4Addr::LOCALHOST.into();
        let begins = self.network.as_ref().map_or(here, |network| network.peer(peer));
        Link::at(begins, vec![target.clone()]).await
    }
}

/// The wires of a node.
pub struct Wires {
    pub clients: Link,
    pub postgres: Link,
    pub redis: Option<Link>,
    pub platforms: Link,
}

impl Wires {
    pub async fn of(common: &Common) -> Wires {
        Wires {
            clients: Link::to(vec![]).await,
            postgres: common.lead(Peer::Postgres, &common.postgres).await,
            redis: match &common.redis {
                Some(redis) => Some(common.lead(Peer::Redis, redis).await),
                None => None,
            },
            platforms: common.lead(Peer::Platforms, &common.platforms).await,
        }
    }

    pub fn heal(&self) {
        let links = [Some(&self.clients), Some(&self.postgres), Some(&self.platforms)];
        links.into_iter().chain([self.redis.as_ref()]).flatten().for_each(Link::heal);
    }
}

pub struct Node {
    process: Option<Process>,
    number: usize,
    network: Option<Arc<Network>>,
    folder: PathBuf,
    environment: Vec<(&'static str, String)>,
    starts: u32,
    wires: Arc<Wires>,
}

impl Node {
    /// A node that is not started yet, which keeps its files in this folder.
    pub fn new(common: &Common, wires: &Arc<Wires>, number: usize, folder: PathBuf) -> Node {
        std::fs::create_dir_all(&folder).unwrap();
        let settings = folder.join("settings.toml");
        std::fs::write(&settings, settings_of(&wires.platforms)).unwrap();
        let mut environment = vec![
            ("DATABASE_URL", wires.postgres.to_database(&common.database)),
            ("SWITCHBOARD_MASTER_KEYS", common.keys.clone()),
            ("SWITCHBOARD_PUBLIC_URL", common.public_url.clone()),
            ("SWITCHBOARD_CONFIG", settings.display().to_string()),
            ("RUST_LOG", LOGGED.to_owned()),
        ];
        if let Some(redis) = &wires.redis {
            environment.push(("REDIS_URL", format!("redis://{}", redis.address())));
        }
        let (network, wires) = (common.network.clone(), Arc::clone(wires));
        Node { process: None, number, network, folder, environment, starts: 0, wires }
    }

    /// Starts the process, at a port that nobody else has; whoever comes by the wire finds it.
    pub fn start(&mut self) {
        let (mut command, host) = self.place();
        self.starts += 1;
        let log = std::fs::File::create(self.folder.join(format!("log-{}", self.starts))).unwrap();
        command.arg("serve").envs(META).envs(self.environment.clone());
        command.stdout(log.try_clone().unwrap()).stderr(Stdio::from(log));
        let process = Process::begin(command, SocketAddr::new(host, free_port()));
        self.wires.clients.lead(vec![Target::Tcp(process.address)]);
        self.process = Some(process);
    }

    /// The program where this node lives, and the address of that place.
    fn place(&self) -> (Command, IpAddr) {
        match &self.network {
            None => (program(&self.folder), Ipv4Addr::LOCALHOST.into()),
            Some(network) => {
                let inside = network.inside(self.number, binary());
                (program_by(inside, &self.folder), network.node(self.number))
            }
        }
    }

    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill();
        }
    }

    /// Asks it to leave, and waits until it has.
    pub async fn drain(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        process.terminate();
        let until = Instant::now() + LEAVES_WITHIN;
        while !process.has_ended() && Instant::now() < until {
            tokio::time::sleep(STEP).await;
        }
        // One that did not leave is killed, as whoever asked would do.
    }

    pub fn freeze(&self) {
        if let Some(process) = &self.process {
            process.freeze();
        }
    }

    pub fn thaw(&self) {
        if let Some(process) = &self.process {
            process.thaw();
        }
    }

    /// Waits until it serves; one that gave up meanwhile is started again, as a keeper would.
    pub async fn until_ready(&mut self, http: &reqwest::Client) -> Result<(), String> {
        let until = Instant::now() + READY_WITHIN;
        while Instant::now() < until {
            if self.process.as_mut().is_none_or(Process::has_ended) {
                self.start();
            }
            if let Some(process) = &self.process
                && process.is_ready(http).await
            {
                return Ok(());
            }
            tokio::time::sleep(STEP).await;
        }
        Err(format!("{} is not ready", self.folder.display()))
    }
}

fn settings_of(platforms: &Link) -> String {
    let providers = Stage::settings_at(&format!("http://{}", platforms.address()));
    format!(
        "[http]\ndrain_seconds = 2\nworkers = 2\n[accounts]\nlease_seconds = {LEASE_SECONDS}\n{providers}"
    )
}
