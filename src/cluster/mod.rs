//! The private Postgres that a server without `DATABASE_URL` runs for itself.
//!
//! It finds the programs on the machine (`binaries`), makes the data once and
//! holds its lock (`house`), runs Postgres as somebody who is not root
//! (`account`), reachable by a local socket alone (`socket`), cleans up after a
//! predecessor that was killed (`remains`), and restarts Postgres when it dies
//! (`keeper`, `server`). What is in the database is `store`'s.

mod account;
pub mod binaries;
mod error;
mod house;
mod keeper;
mod log;
mod remains;
mod server;
mod socket;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

pub use error::Error;
use keeper::Keeper;

/// Where the cluster is to live, and of what it is made.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server's data folder; the cluster takes `postgres/` in it.
    pub data: PathBuf,
    /// The folder of `initdb` and `postgres`; looked for when absent.
    pub binaries: Option<PathBuf>,
    /// How many connections it takes.
    pub connections: u16,
}

/// For one server and whoever looks after it.
const CONNECTIONS: u16 = 60;

impl Options {
    /// For this data folder, with `SWITCHBOARD_POSTGRES_BIN` obeyed.
    pub fn new(data: impl Into<PathBuf>) -> Options {
        Options {
            data: data.into(),
            binaries: std::env::var_os("SWITCHBOARD_POSTGRES_BIN").map(PathBuf::from),
            connections: CONNECTIONS,
        }
    }
}

/// A running Postgres. Dropping it stops it as well, without waiting for it.
pub struct Cluster {
    keeper: Keeper,
    url: String,
}

impl Cluster {
    /// Answers when the database takes connections. The first start makes it,
    /// which takes a second; later ones take a tenth of that.
    pub async fn start(options: Options) -> Result<Cluster, Error> {
        let (keeper, url) = Keeper::start(options).await?;
        Ok(Cluster { keeper, url })
    }

    /// The address, password included. It stays the same across restarts of
    /// Postgres.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Shuts the database down. The data folder is free when this returns.
    pub async fn stop(&self) {
        self.keeper.stop().await;
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.keeper.dismiss();
    }
}
