//! What a process has used, from `/proc`; and how many files this one may open.

use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// The unit of times in `/proc/<pid>/stat`. It is 100 Hz on every Linux that is not of another
/// age: the kernel converts to it.
const TICKS_PER_SECOND: f64 = 100.0;

/// Processor time of a process since it began, all its threads and system calls included.
pub fn cpu(pid: u32) -> Result<Duration> {
    let path = format!("/proc/{pid}/stat");
    let stat = std::fs::read_to_string(&path).with_context(|| format!("{path} is not readable"))?;
    // The name of the program stands in parentheses and may contain anything.
    let fields: Vec<&str> = stat
        .rsplit_once(')')
        .map(|(_, rest)| rest.split_whitespace().collect())
        .unwrap_or_default();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok());
    let (user, system) = ticks(11).zip(ticks(12)).with_context(|| format!("{path} is odd"))?;
    Ok(Duration::from_secs_f64((user + system) / TICKS_PER_SECOND))
}

/// Resident memory of a process, in MiB.
pub fn rss_mib(pid: u32) -> Result<f64> {
    let path = format!("/proc/{pid}/status");
    let status =
        std::fs::read_to_string(&path).with_context(|| format!("{path} is not readable"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
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
}
