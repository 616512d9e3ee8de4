//! One run of Postgres, from spawning it to collecting its exit.

use std::fs;
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

use super::error::{Context, Error};
use super::house::House;
use super::log::{self, Tail};

/// Recovery after a crash reads up to `max_wal_size` back; a slow disk may need
/// this long for it.
const READY_WITHIN: Duration = Duration::from_secs(180);
const GLANCE: Duration = Duration::from_millis(5);

/// For one busy server on a small machine. Durability is not for sale here:
/// what we acknowledge is on the disk.
const SETTINGS: &[(&str, &str)] = &[
    ("listen_addresses", ""),
    ("port", "5432"),
    ("unix_socket_permissions", "0700"),
    ("cluster_name", "switchboard"),
    ("shared_buffers", "128MB"),
    ("fsync", "on"),
    ("synchronous_commit", "on"),
    ("full_page_writes", "on"),
    ("wal_compression", "on"),
    ("max_wal_size", "1GB"),
    ("checkpoint_timeout", "15min"),
    ("random_page_cost", "1.1"),
    ("jit", "off"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    // The log goes to us, and no statement, value or row ever into it.
    ("logging_collector", "off"),
    ("log_destination", "stderr"),
    ("log_min_messages", "warning"),
    ("log_checkpoints", "off"),
    ("log_statement", "none"),
    ("log_min_error_statement", "panic"),
    ("log_error_verbosity", "terse"),
    ("log_parameter_max_length_on_error", "0"),
];

pub(super) struct Server {
    child: Child,
    tail: Tail,
}

impl Server {
    /// Spawns Postgres, tied to the calling thread.
    pub(super) fn spawn(house: &House) -> Result<Server, Error> {
        use std::os::unix::process::CommandExt;

        let program = house.binaries.postgres();
        let opened = house.account.open(&house.data)?;
        let sockets = match house.sockets == house.data {
            true => &opened.path,
            false => &house.sockets,
        };
        let sockets = setting("unix_socket_directories", &sockets.to_string_lossy());
        let mut command = house.account.command(&program, true);
        command.arg("-D").arg(&opened.path).arg("-c").arg(sockets);
        command.arg("-c").arg(setting("max_connections", &house.connections.to_string()));
        for (name, value) in SETTINGS {
            command.arg("-c").arg(setting(name, value));
        }
        // A group of its own: Ctrl-C in a terminal is for us, who then drain first.
        let mut child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("run", &program)?;
        let tail = match child.stderr.take() {
            Some(stderr) => log::drain(stderr, &house.log),
            None => Ok(Tail::default()),
        };
        match tail {
            Ok(tail) => Ok(Server { child, tail }),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(error)
            }
        }
    }

    pub(super) fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// Waits until Postgres takes connections. It writes so into the last line
    /// of its pid file, which is cheaper to ask than the socket.
    pub(super) fn ready(&mut self, data: &Path) -> Result<(), Error> {
        let begun = Instant::now();
        while begun.elapsed() < READY_WITHIN {
            if self.has_exited() {
                // Its last words may still be on their way to us.
                std::thread::sleep(GLANCE * 4);
                return Err(Error::Start(self.tail.text()));
            }
            if says_ready(&data.join("postmaster.pid"), self.pid()) {
                return Ok(());
            }
            std::thread::sleep(GLANCE);
        }
        Err(Error::Slow { after: READY_WITHIN, said: self.tail.text() })
    }

    /// Whether it has ended. It stays uncollected, so its number is still its own.
    fn has_exited(&self) -> bool {
        let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT | WaitPidFlag::WNOHANG;
        !matches!(waitid(Id::Pid(self.pid()), flags), Ok(WaitStatus::StillAlive))
    }

    /// Blocks until it has ended, and leaves it uncollected.
    pub(super) fn await_exit(&self) {
        let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT;
        while waitid(Id::Pid(self.pid()), flags) == Err(Errno::EINTR) {}
    }

    /// Collects the exit. From here on the number may be somebody else's.
    pub(super) fn collect(mut self) -> (Option<ExitStatus>, Tail) {
        (self.child.wait().ok(), self.tail)
    }

    pub(super) fn kill(&mut self) {
        let _ = self.child.kill();
    }
}

fn setting(name: &str, value: &str) -> String {
    format!("{name}={value}")
}

fn says_ready(file: &Path, pid: Pid) -> bool {
    let Ok(text) = fs::read_to_string(file) else {
        return false;
    };
    let mut lines = text.lines();
    let ours = lines.next().is_some_and(|line| line.trim() == pid.to_string());
    ours && lines.nth(6).is_some_and(|line| line.trim() == "ready")
}
