//! What the operating system says of this process, under the names that Prometheus' own clients use.

use std::fmt::Write;

use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage};
use nix::sys::time::TimeValLike;

/// What a process uses at a moment. What is not known is left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Process {
    pub cpu_seconds: Option<f64>,
    pub resident_bytes: Option<u64>,
    pub virtual_bytes: Option<u64>,
    pub open_files: Option<u64>,
    pub open_files_max: Option<u64>,
    pub threads: Option<u64>,
}

impl Process {
    pub fn now() -> Process {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        Process {
            cpu_seconds: getrusage(UsageWho::RUSAGE_SELF).ok().map(|usage| {
                let used = usage.user_time() + usage.system_time();
                used.num_microseconds() as f64 / 1e6
            }),
            resident_bytes: field(&status, "VmRSS:").map(|kib| kib * 1024),
            virtual_bytes: field(&status, "VmSize:").map(|kib| kib * 1024),
            threads: field(&status, "Threads:"),
            // The folder that is being read is one of them.
            open_files: std::fs::read_dir("/proc/self/fd")
                .ok()
                .map(|open| (open.count() as u64).saturating_sub(1)),
            open_files_max: getrlimit(Resource::RLIMIT_NOFILE).ok().map(|(soft, _)| soft),
        }
    }

    /// In the words of Prometheus.
    pub fn render(&self) -> String {
        let mut text = String::new();
        let whole = |value: Option<u64>| value.map(|value| value as f64);
        for (name, kind, help, value) in [
            ("cpu_seconds_total", "counter", "Processor time used.", self.cpu_seconds),
            ("resident_memory_bytes", "gauge", "Memory held.", whole(self.resident_bytes)),
            ("virtual_memory_bytes", "gauge", "Address space.", whole(self.virtual_bytes)),
            ("open_fds", "gauge", "Open files and connections.", whole(self.open_files)),
            ("max_fds", "gauge", "The most open files allowed.", whole(self.open_files_max)),
            ("threads", "gauge", "Threads.", whole(self.threads)),
        ] {
            if let Some(value) = value {
                // Writing to a string cannot fail.
                let _ = write!(
                    text,
                    "# HELP process_{name} {help}\n# TYPE process_{name} {kind}\n\
                     process_{name} {value}\n\n"
                );
            }
        }
        text
    }
}

/// The number after a name, one a line.
fn field(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_known_in_all_respects() {
        let now = Process::now();
        assert!(now.resident_bytes.unwrap() > 1024 * 1024, "{now:?}");
        assert!(now.virtual_bytes >= now.resident_bytes);
        assert!(now.threads.unwrap() >= 1 && now.open_files.unwrap() >= 3, "{now:?}");
        assert!(now.open_files_max >= now.open_files);
        assert_eq!(now.render().matches("# TYPE process_").count(), 6);
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let process = Process { threads: Some(7), ..Process::default() };
        let text = "# HELP process_threads Threads.\n# TYPE process_threads gauge\n\
                    process_threads 7\n\n";
        assert_eq!(process.render(), text);
        assert_eq!(field("VmRSS:\t  120 kB\nThreads:\t7\n", "Threads:"), Some(7));
        assert_eq!(field("VmRSS:\tmany kB\n", "VmRSS:"), None);
    }
}
