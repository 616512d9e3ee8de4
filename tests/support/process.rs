//! A server in a process of its own, to be killed.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::socket::PATIENCE;

pub struct Process {
    child: Child,
    pub address: SocketAddr,
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Where the program is.
pub fn binary() -> OsString {
    let built = || env!("CARGO_BIN_EXE_switchboard").into();
    std::env::var_os("SWITCHBOARD_BIN").unwrap_or_else(built)
}

/// The program with this data folder, and nothing of what this process was told. It says nothing
/// unless it is listened to.
pub fn program(data: &Path) -> Command {
    program_by(Command::new(binary()), data)
}

/// The same by a command that leads to it.
pub fn program_by(mut command: Command, data: &Path) -> Command {
    for name in ["DATABASE_URL", "REDIS_URL", "RUST_LOG", "SWITCHBOARD_CONFIG", "SWITCHBOARD_FILES"]
    {
        command.env_remove(name);
    }
    for name in ["SWITCHBOARD_LISTEN", "SWITCHBOARD_MASTER_KEYS", "SWITCHBOARD_PUBLIC_URL"] {
        command.env_remove(name);
    }
    command.env("SWITCHBOARD_DATA", data).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// The processes of a private Postgres in this data folder; none while it is down.
pub fn of_postgres(data: &Path) -> Vec<Pid> {
    let folders = std::fs::read_dir(data.join("postgres")).unwrap();
    let mut files = folders.map(|entry| entry.unwrap().path().join("postmaster.pid"));
    let text = files.find_map(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
    let Some(postmaster) = text.lines().next().and_then(|line| line.parse::<i32>().ok()) else {
        return vec![];
    };
    // A file that a dead one left names whoever has the number now.
    let name = std::fs::read_to_string(format!("/proc/{postmaster}/comm")).unwrap_or_default();
    if !name.starts_with("postgres") {
        return vec![];
    }
    let children = format!("/proc/{postmaster}/task/{postmaster}/children");
    let children = std::fs::read_to_string(children).unwrap_or_default();
    let pids = children.split_whitespace().map(|pid| pid.parse().unwrap());
    std::iter::once(postmaster).chain(pids).map(Pid::from_raw).collect()
}

impl Process {
    /// Starts `switchboard serve` on this database and port, and waits until it answers.
    pub async fn serve(database: &str, keys: &str, data: &Path, port: u16) -> Process {
        let mut command = program(data);
        command.arg("serve").env("DATABASE_URL", database).env("SWITCHBOARD_MASTER_KEYS", keys);
        Process::start(command, port).await
    }

    /// Starts a server and waits until it answers.
    pub async fn start(command: Command, port: u16) -> Process {
        switchboard::server::choose_cryptography();
        let process = Process::begin(command, (Ipv4Addr::LOCALHOST, port).into());
        process.until_ready().await;
        process
    }

    /// Starts a server that may never answer.
    pub fn begin(mut command: Command, address: SocketAddr) -> Process {
        command.env("SWITCHBOARD_LISTEN", address.to_string());
        Process::spawn(command, address)
    }

    /// Starts any program that listens at this address.
    pub fn spawn(mut command: Command, address: SocketAddr) -> Process {
        let child = command.stdin(Stdio::null()).spawn().unwrap();
        Process { child, address }
    }

    /// Whether it ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Whether a server answers that all is well with it.
    pub async fn is_ready(&self, http: &reqwest::Client) -> bool {
        let asked = http.get(format!("http://{}/readyz", self.address));
        let answer = asked.timeout(Duration::from_secs(1)).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
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

impl Process {
    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id().try_into().unwrap());
        nix::sys::signal::kill(pid, signal).unwrap();
    }

    /// Asks the server to leave.
    pub fn terminate(&self) {
        self.signal(Signal::SIGTERM);
    }

    /// Lets the server do nothing, and notice nothing of it.
    pub fn freeze(&self) {
        self.signal(Signal::SIGSTOP);
    }

    pub fn thaw(&self) {
        self.signal(Signal::SIGCONT);
    }

    /// Waits until the server has left.
    pub async fn left(mut self) -> std::process::ExitStatus {
        let left = async {
            loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    return status;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, left).await.expect("the server leaves")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
