//! A Redis of one's own, by which several servers hear of one another.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::server::free_address;

const READY_WITHIN: Duration = Duration::from_secs(10);

/// Ends with the value.
pub struct Redis {
    child: Child,
    pub url: String,
}

impl Redis {
    /// Starts one that keeps nothing on disk.
    pub async fn start() -> Result<Redis> {
        let address = free_address()?;
        let mut command = Command::new("redis-server");
        command
            .args(["--save", "", "--appendonly", "no", "--bind", "127.0.0.1"])
            .args(["--port", &address.port().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        let child = command.spawn().context(
            "redis-server does not start; several nodes need it: apt-get install redis-server",
        )?;
        let until = Instant::now() + READY_WITHIN;
        while TcpStream::connect(address).await.is_err() {
            if Instant::now() > until {
                bail!("redis-server was not ready after {} s", READY_WITHIN.as_secs());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(Redis { child, url: format!("redis://{address}") })
    }

    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }
}
