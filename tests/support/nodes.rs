//! Several nodes: processes of their own on one database, which tell one another what happens
//! through a Redis.

use std::time::Duration;

use switchboard_store::seal::MasterKeys;

use super::process::{Process, free_port, program};
use super::redis::Redis;
use super::socket::PATIENCE;
use super::world::META;
use super::{World, database};

/// One address signs many people up here.
const LIMITS: &str = "limits.sign_up = { burst = 10000, per_minute = 10000 }\n";

pub struct Nodes {
    pub database: String,
    pub keys: String,
    pub redis: Redis,
    settings: String,
}

pub struct Node {
    pub process: Process,
    /// What clients speak to.
    pub world: World,
    _data: tempfile::TempDir,
}

impl Nodes {
    pub async fn new() -> Nodes {
        Nodes::with("").await
    }

    /// Whose settings, beside the usual, are the text of a file.
    pub async fn with(settings: &str) -> Nodes {
        Nodes::through(Redis::start().await, settings).await
    }

    pub async fn through(redis: Redis, settings: &str) -> Nodes {
        switchboard::server::choose_cryptography();
        Nodes {
            database: database::fresh().await,
            keys: MasterKeys::generate(),
            redis,
            settings: format!("{LIMITS}{settings}"),
        }
    }

    /// One more node, once it answers.
    pub async fn start(&self) -> Node {
        self.start_on(&self.redis.url()).await
    }

    /// The same with these servers between it and others.
    pub async fn start_on(&self, redis_url: &str) -> Node {
        self.start_at(redis_url, free_port()).await
    }

    pub async fn start_at(&self, redis_url: &str, port: u16) -> Node {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("settings.toml");
        std::fs::write(&file, &self.settings).unwrap();
        let mut command = program(&data.path().join("data"));
        command
            .arg("serve")
            .env("SWITCHBOARD_CONFIG", &file)
            .env("DATABASE_URL", &self.database)
            .env("REDIS_URL", redis_url)
            .env("SWITCHBOARD_MASTER_KEYS", &self.keys)
            .envs(META);
        let process = Process::start(command, port).await;
        let world = World::at(process.address, self.database.clone(), self.keys.clone());
        Node { process, world, _data: data }
    }

    /// Two of them that hear each other.
    pub async fn pair(&self) -> (Node, Node) {
        let (one, other) = (self.start().await, self.start().await);
        one.connected().await;
        other.connected().await;
        (one, other)
    }
}

impl Node {
    /// What a figure is now, by its name and labels as they are printed; 0 when it is not there.
    /// Without labels it is the sum over all of them.
    pub async fn figure(&self, name: &str) -> f64 {
        let text = reqwest::get(self.world.url("/metrics")).await.unwrap().text().await.unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let value = |line: &str| {
            let (key, value) = line.rsplit_once(' ')?;
            let bare = key.split('{').next()?;
            (key == name || bare == name).then(|| value.parse::<f64>().ok())?
        };
        lines.filter_map(value).sum()
    }

    /// Waits until a figure is as wanted.
    pub async fn until_figure(&self, name: &str, wanted: impl Fn(f64) -> bool) -> f64 {
        let reached = async {
            loop {
                let value = self.figure(name).await;
                if wanted(value) {
                    return value;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let within = tokio::time::timeout(2 * PATIENCE, reached).await;
        within.unwrap_or_else(|_| panic!("{name} is as it should be"))
    }

    /// What `/readyz` says, when it is content.
    pub async fn ready(&self) -> Option<String> {
        let answer = reqwest::get(self.world.url("/readyz")).await.ok()?;
        answer.status().is_success().then_some(())?;
        answer.text().await.ok()
    }

    /// Waits until it hears other nodes.
    pub async fn connected(&self) {
        self.says("redis: connected").await;
    }

    /// Waits until `/readyz` says this.
    pub async fn says(&self, words: &str) {
        let said = async {
            while !self.ready().await.is_some_and(|text| text.contains(words)) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(2 * PATIENCE, said)
            .await
            .unwrap_or_else(|_| panic!("it says {words}"));
    }
}
