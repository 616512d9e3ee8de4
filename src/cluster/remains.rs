//! What an earlier server left when it was killed: a Postgres without an owner,
//! backends without a Postgres, lock files of processes long gone.
//!
//! Only the holder of the house's lock comes here, so whatever still runs in the
//! data folder belongs to nobody.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::error::Error;
use super::house::House;

/// How long each way of asking is given: to finish by itself or by the signal
/// that its owner's death sent, a fast shutdown, an immediate one, the axe.
const PATIENCE: [(Option<Signal>, Duration); 4] = [
    (None, Duration::from_millis(300)),
    (Some(Signal::SIGINT), Duration::from_secs(3)),
    (Some(Signal::SIGQUIT), Duration::from_secs(2)),
    (Some(Signal::SIGKILL), Duration::from_secs(2)),
];
const GLANCE: Duration = Duration::from_millis(10);

/// Ends every Postgres process that still runs in the data folder.
pub(super) fn clear(house: &House) -> Result<(), Error> {
    let files = [house.data.join("postmaster.pid"), house.sockets.join(".s.PGSQL.5432.lock")];
    let named = files.each_ref().map(|file| pid_in(file));
    if named.iter().all(Option::is_none) {
        return Ok(());
    }
    let postmaster = named[0];
    for (signal, patience) in PATIENCE {
        let left = processes_in(&house.data);
        if left.is_empty() {
            break;
        }
        if let Some(signal) = signal {
            tracing::warn!(pids = ?left, %signal, "stopping a Postgres that an earlier server left");
            // Backends do not outlive their postmaster for long; alone, SIGINT
            // would only cancel their query.
            for pid in &left {
                let asked = Some(*pid) == postmaster || signal != Signal::SIGINT;
                if asked {
                    let _ = kill(Pid::from_raw(*pid), signal);
                    // One that was stopped would otherwise never hear it.
                    let _ = kill(Pid::from_raw(*pid), Signal::SIGCONT);
                }
            }
        }
        wait_until_gone(&house.data, patience);
    }
    let left = processes_in(&house.data);
    if !left.is_empty() {
        return Err(Error::Start(format!("processes {left:?} of an earlier Postgres do not end")));
    }
    forget(&files);
    Ok(())
}

/// Postgres judges its lock files by whether the process they name lives, and
/// takes any other process that was given the number since for its own kind.
/// Files whose process is dead stay: Postgres checks shared memory by them.
fn forget(files: &[std::path::PathBuf]) {
    for file in files {
        if pid_in(file).is_some_and(lives) {
            tracing::warn!(file = %file.display(), "removing a lock file of a process long gone");
            let _ = fs::remove_file(file);
        }
    }
}

fn wait_until_gone(data: &Path, patience: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < patience && !processes_in(data).is_empty() {
        std::thread::sleep(GLANCE);
    }
}

/// The process a lock file of Postgres names, in its first line.
pub(super) fn pid_in(file: &Path) -> Option<i32> {
    let text = fs::read_to_string(file).ok()?;
    text.lines().next()?.trim().parse().ok()
}

fn lives(pid: i32) -> bool {
    kill(Pid::from_raw(pid), None) != Err(Errno::ESRCH)
}

/// The Postgres processes at work in this folder: it is where all of them stay.
pub(super) fn processes_in(data: &Path) -> Vec<i32> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let pids = entries.flatten().filter_map(|entry| {
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        let here = fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == data);
        let name = here.then(|| fs::read_to_string(entry.path().join("comm")).ok())??;
        (name.trim() == "postgres").then_some(pid)
    });
    pids.collect()
}
