//! A server in a process of its own, to be killed.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::socket::PATIENCE;

pub struct Process {
    child: Child,
    pub address: SocketAddr,
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Process {
    /// Starts `switchboard serve` on this database and port, and waits until it answers.
    pub async fn serve(database: &str, keys: &str, data: &Path, port: u16) -> Process {
        let child = Command::new(env!("CARGO_BIN_EXE_switchboard"))
            .arg("serve")
            .env("DATABASE_URL", database)
            .env("SWITCHBOARD_MASTER_KEYS", keys)
            .env("SWITCHBOARD_DATA", data)
            .env("SWITCHBOARD_LISTEN", format!("127.0.0.1:{port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let process = Process { child, address: SocketAddr::from(([127, 0, 0, 1], port)) };
        process.until_ready().await;
        process
    }

    async fn until_ready(&self) {
        let url = format!("http://{}/readyz", self.address);
        let ready = async {
            loop {
                let answer = reqwest::get(&url).await;
                if answer.is_ok_and(|answer| answer.status().is_success()) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, ready).await.expect("the server becomes ready");
    }

    /// The memory that the server holds.
    pub fn resident_mib(&self) -> usize {
        let path = format!("/proc/{}/statm", self.child.id());
        let pages = std::fs::read_to_string(path).unwrap();
        pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4 / 1024
    }

    /// `kill -9`: no word, no clean-up.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
