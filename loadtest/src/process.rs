//! What a process has used, from `/proc`; and how many files this one may open.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// The unit of times in `/proc/<pid>/stat`. It is 100 Hz on every Linux that is not of another
/// age: the kernel converts to it.
const TICKS_PER_SECOND: f64 = 100.0;

/// Processor time of a process since it began, all its threads and system calls included.
pub fn cpu(pid: u32) -> Result<Duration> {
    let path = format!("/proc/{pid}/stat");
    let stat = std::fs::read_to_string(&path).with_context(|| format!("{path} is not readable"))?;
    let stat = Stat::read(&stat).with_context(|| format!("{path} is odd"))?;
    Ok(Duration::from_secs_f64(stat.own / TICKS_PER_SECOND))
}

/// Processor time of a process and its children, those included that have ended: Postgres has a
/// process for each connection.
pub fn cpu_with_children(pid: u32) -> Result<Duration> {
    let (mut found, mut ticks) = (false, 0.0);
    for entry in std::fs::read_dir("/proc").context("/proc is not readable")?.flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // One that ended meanwhile is among what its parent has waited for.
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        match Stat::read(&stat) {
            Some(stat) if id == pid => {
                found = true;
                ticks += stat.own + stat.ended;
            }
            Some(stat) if stat.parent == pid => ticks += stat.own + stat.ended,
            _ => {}
        }
    }
    match found {
        true => Ok(Duration::from_secs_f64(ticks / TICKS_PER_SECOND)),
        false => bail!("the process {pid} is gone"),
    }
}

/// Of a line of `/proc/<pid>/stat`: the parent, and times in ticks.
struct Stat {
    parent: u32,
    own: f64,
    /// Of children that have ended.
    ended: f64,
}

impl Stat {
    fn read(line: &str) -> Option<Stat> {
        // The name of the program stands in parentheses and may contain anything.
        let fields: Vec<&str> = line.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
        Some(Stat {
            parent: fields.get(1)?.parse().ok()?,
            own: ticks(11)? + ticks(12)?,
            ended: ticks(13)? + ticks(14)?,
        })
    }
}

/// Resident memory of a process, in MiB.
pub fn rss_mib(pid: u32) -> Result<f64> {
    memory_mib(pid, "VmRSS:")
}

/// The most that it has ever been.
pub fn peak_rss_mib(pid: u32) -> Result<f64> {
    memory_mib(pid, "VmHWM:")
}

fn memory_mib(pid: u32, name: &str) -> Result<f64> {
    let path = format!("/proc/{pid}/status");
    let status =
        std::fs::read_to_string(&path).with_context(|| format!("{path} is not readable"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.map(|kib| kib / 1024.0).with_context(|| format!("{path} names no resident memory"))
}

/// Lets this process open as many files as it may, more where the machine's owner asks. Answers
/// with how many that are.
pub fn raise_file_limit(wanted: u64) -> u64 {
    let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return 1_024 };
    let most = hard.max(wanted);
    // Only root may raise the hard limit; the server inherits whatever comes of it.
    for limit in [most, hard] {
        if setrlimit(Resource::RLIMIT_NOFILE, limit, limit).is_ok() {
            return limit;
        }
    }
    getrlimit(Resource::RLIMIT_NOFILE).map_or(1_024, |(soft, _)| soft)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_used_something() {
        assert!(rss_mib(std::process::id()).unwrap() > 0.5);
        let begun = std::time::Instant::now();
        while begun.elapsed() < Duration::from_millis(60) {}
        assert!(cpu(std::process::id()).unwrap() > Duration::ZERO);
    }

    #[test]
    fn what_children_used_counts_also_once_they_have_ended() {
        let busy = "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done";
        let own = cpu(std::process::id()).unwrap();
        let child = std::process::Command::new("sh").args(["-c", busy]).status().unwrap();
        assert!(child.success());
        let all = cpu_with_children(std::process::id()).unwrap();
        assert!(all > own, "{all:?} is no more than {own:?}");
        assert!(cpu_with_children(u32::MAX).is_err());
    }

    #[test]
    fn a_name_with_parentheses_does_not_confuse() {
        let line = "7 (a) b (c)) S 3 7 7 0 -1 0 1 2 3 4 50 6 70 8 20 0 1";
        let stat = Stat::read(line).unwrap();
        assert_eq!((stat.parent, stat.own, stat.ended), (3, 56.0, 78.0));
    }
}
