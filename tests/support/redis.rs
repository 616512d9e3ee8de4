//! A Redis of a test's own, to be killed, frozen and started again.

use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;

use super::process::free_port;
use super::socket::PATIENCE;

pub struct Redis {
    pub port: u16,
    server: Option<Child>,
    options: Vec<String>,
}

impl Redis {
    pub async fn start() -> Redis {
        Redis::with(&[]).await
    }

    /// With options of `redis-server`.
    pub async fn with(options: &[&str]) -> Redis {
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        let mut redis = Redis { port: free_port(), server: None, options };
        redis.revive().await;
        redis
    }

    /// An address at which nothing is yet.
    pub fn nowhere() -> Redis {
        Redis { port: free_port(), server: None, options: vec![] }
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Starts it, again or for the first time, at the same address.
    pub async fn revive(&mut self) {
        assert!(self.server.is_none(), "it runs");
        let port = self.port.to_string();
        let server = Command::new("redis-server")
            .args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(&self.options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server is installed: script/bootstrap --tests");
        self.server = Some(server);
        let answers = async {
            while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, answers).await.expect("Redis starts");
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// Lets it answer nothing and close nothing.
    pub fn freeze(&self) {
        self.signal(Signal::SIGSTOP);
    }

    pub fn thaw(&self) {
        self.signal(Signal::SIGCONT);
    }

    fn signal(&self, signal: Signal) {
        let server = self.server.as_ref().expect("it runs");
        let pid = nix::unistd::Pid::from_raw(server.id().try_into().unwrap());
        nix::sys::signal::kill(pid, signal).unwrap();
    }

    /// Asks it something, as `redis-cli` does, over a connection of its own; the first line of the
    /// answer.
    pub fn ask(&self, words: &[&[u8]]) -> String {
        use std::io::{BufRead, BufReader, Write};
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let mut command = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            command.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
            command.extend_from_slice(word);
            command.extend_from_slice(b"\r\n");
        }
        stream.write_all(&command).unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}
