//! A whole system, in processes of its own: nodes, Postgres, Redis and the platforms, with a wire
//! between any two of them.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use switchboard::cluster::{Cluster, Options};
use switchboard_sandbox::Sandbox;
use switchboard_store::seal::MasterKeys;
use tokio::sync::{Mutex, OnceCell};

use super::node::{Common, Node, Wires};
use super::plan::{Bus, Plan, Wire};
use crate::support::World;
use crate::support::network::Network;
use crate::support::proxy::{Link, Target};
use crate::support::redis::Redis;
use crate::support::stage::Stage;

pub struct System {
    pub nodes: Vec<Mutex<Node>>,
    pub wires: Vec<Arc<Wires>>,
    /// Where clients reach each node.
    pub ways: Vec<SocketAddr>,
    /// By which the platforms reach whichever node is there.
    pub hooks: Link,
    pub postgres: Postgres,
    pub redis: Option<Mutex<Redis>>,
    pub network: Option<Arc<Network>>,
    pub keys: String,
    folder: tempfile::TempDir,
}

/// A Postgres of the round's own, and where it is reached without any wire.
pub struct Postgres {
    pub url: String,
    pub data: PathBuf,
    cluster: Cluster,
}

impl System {
    /// Builds a system, with its platforms around it, and waits until all of it is ready.
    pub async fn start(plan: &Plan) -> Result<(System, Sandbox), String> {
        let network = match plan.network {
            true => Some(Arc::new(Network::of(plan.nodes).await?)),
            false => None,
        };
        let folder = tempfile::tempdir().unwrap();
        let postgres = Postgres::start(folder.path()).await;
        let redis = match plan.bus {
            Bus::None => None,
            Bus::There | Bus::Gone => Some(Redis::start().await),
        };
        let hooks = Link::to(vec![]).await;
        let sandbox = Stage::stand_ins(hooks.address()).await;
        let common = Common {
            postgres: Target::postgres(&postgres.url),
            database: postgres.url.parse().unwrap(),
            redis: redis
                .as_ref()
                .map(|redis| Target::Tcp(SocketAddr::from(([127, 0, 0, 1], redis.port)))),
            platforms: Target::Tcp(sandbox.address()),
            network,
            keys: MasterKeys::generate(),
            public_url: format!("http://{}", hooks.address()),
        };
        let (mut nodes, mut wires) = (Vec::new(), Vec::new());
        for n in 0..plan.nodes {
            let own = Arc::new(Wires::of(&common).await);
            nodes.push(Node::new(&common, &own, n, folder.path().join(format!("node-{n}"))));
            wires.push(own);
        }
        let ways: Vec<SocketAddr> = wires.iter().map(|wires| wires.clients.address()).collect();
        hooks.lead(ways.iter().copied().map(Target::Tcp).collect());
        let system = System {
            nodes: nodes.into_iter().map(Mutex::new).collect(),
            wires,
            ways,
            hooks,
            postgres,
            redis: redis.map(Mutex::new),
            network: common.network,
            keys: common.keys,
            folder,
        };
        for node in &system.nodes {
            node.lock().await.start();
        }
        system.until_ready().await?;
        Ok((system, sandbox))
    }

    /// Waits until every node serves.
    pub async fn until_ready(&self) -> Result<(), String> {
        let http = reqwest::Client::new();
        let readying =
            self.nodes.iter().map(|node| async { node.lock().await.until_ready(&http).await });
        futures_util::future::try_join_all(readying).await.map(drop)
    }

    /// The system as the clients of one node see it.
    pub fn world(&self) -> World {
        World::at(self.ways[0], self.postgres.url.clone(), self.keys.clone())
    }

    /// A wire, if this system has it.
    pub fn wire(&self, wire: Wire) -> Option<&Link> {
        match wire {
            Wire::Hooks => Some(&self.hooks),
            Wire::Postgres(node) => Some(&self.wires[node].postgres),
            Wire::Platforms(node) => Some(&self.wires[node].platforms),
            Wire::Clients(node) => Some(&self.wires[node].clients),
            Wire::Redis(node) => self.wires[node].redis.as_ref(),
        }
    }

    /// All wires are well again.
    pub fn heal(&self) {
        self.hooks.heal();
        self.wires.iter().for_each(|wires| wires.heal());
    }

    /// Ends everything; where the nodes wrote of themselves, if that is to be kept.
    pub async fn end(self, keep: bool) -> Option<PathBuf> {
        for node in self.nodes {
            node.into_inner().kill();
        }
        self.postgres.cluster.stop().await;
        let _ = std::fs::remove_dir_all(&self.postgres.data);
        keep.then(|| self.folder.keep())
    }
}

impl Postgres {
    /// A copy of one that was made and migrated before: making one takes a second.
    async fn start(folder: &Path) -> Postgres {
        static MADE: OnceCell<tempfile::TempDir> = OnceCell::const_new();
        let made = MADE.get_or_init(Postgres::make).await;
        let data = folder.join("shared");
        let copied = tokio::process::Command::new("cp")
            .args(["-a".as_ref(), made.path(), data.as_path()])
            .status();
        assert!(copied.await.unwrap().success(), "Postgres's files are copied");
        let cluster = Cluster::start(Options::new(&data)).await.unwrap();
        Postgres { url: cluster.url(), data, cluster }
    }

    async fn make() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let cluster = Cluster::start(Options::new(folder.path())).await.unwrap();
        let config = cluster.url().parse().unwrap();
        switchboard_store::migrate::migrate(&config).await.unwrap();
        cluster.stop().await;
        folder
    }
}
