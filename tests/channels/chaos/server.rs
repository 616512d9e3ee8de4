//! The server's program, which is killed or put to sleep, and started again in the same place.

use switchboard_store::seal::MasterKeys;

use crate::support::database;
use crate::support::dice::Dice;
use crate::support::process::{Process, free_port, program};
use crate::support::stage::Stage;
use crate::support::world::{META, World};

pub struct Server {
    process: Process,
    database: String,
    keys: String,
    data: tempfile::TempDir,
    port: u16,
}

impl Server {
    /// A server with platforms' stand-ins around it, and someone who works there.
    pub async fn set() -> (Server, Stage) {
        let (database, keys) = (database::fresh().await, MasterKeys::generate());
        let (data, port) = (tempfile::tempdir().unwrap(), free_port());
        let sandbox = Stage::stand_ins(([127, 0, 0, 1], port).into()).await;
        std::fs::write(data.path().join("settings.toml"), Stage::settings(&sandbox)).unwrap();
        let process = Server::start(&database, &keys, &data, port).await;
        let world = World::at(process.address, database.clone(), keys.clone());
        let stage = Stage::around(world, sandbox).await;
        (Server { process, database, keys, data, port }, stage)
    }

    async fn start(database: &str, keys: &str, data: &tempfile::TempDir, port: u16) -> Process {
        let mut command = program(data.path());
        command.arg("serve").envs(META).env("DATABASE_URL", database);
        command.env("SWITCHBOARD_MASTER_KEYS", keys);
        command.env("SWITCHBOARD_CONFIG", data.path().join("settings.toml"));
        Process::start(command, port).await
    }

    /// Kills the server in the midst of what it does, and starts it again.
    pub async fn fall_and_rise(&mut self) {
        self.process.kill();
        self.lose_hold().await;
        self.process = Server::start(&self.database, &self.keys, &self.data, self.port).await;
    }

    /// Freezes the server in the midst of what it does, until another one speaks for its accounts.
    /// When it wakes both are there for a while.
    pub async fn sleep_and_wake(&mut self, dice: &mut Dice) {
        self.process.freeze();
        self.lose_hold().await;
        let other = Server::start(&self.database, &self.keys, &self.data, free_port()).await;
        // Shorter than a sign of what may have been sent is waited for: what the sleeper still
        // sends comes before anything of the other one.
        dice.pause(0..500).await;
        self.process.thaw();
        dice.pause(500..2_500).await;
        drop(other);
        self.fall_and_rise().await;
    }

    /// A hold on accounts outlives its holder by a quarter of a minute, which no round has.
    async fn lose_hold(&self) {
        let now = "update accounts set lease_until = now() where lease_until is not null";
        database::superuser(&self.database).await.batch_execute(now).await.unwrap();
    }
}
