//! What Postgres says, kept in a file of bounded size beside its data.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::error::{Context, Error};

/// At this size the file becomes `postgres.log.1`, and the one before is gone.
const LARGEST: u64 = 4 << 20;
/// How many of the last lines an error quotes.
const TAIL: usize = 8;
/// Longer lines are cut; Postgres has no reason to write them.
const LONGEST_LINE: u64 = 16 << 10;

/// The last lines of one run.
#[derive(Clone, Default)]
pub(super) struct Tail(Arc<Mutex<VecDeque<String>>>);

impl Tail {
    fn push(&self, line: String) {
        let mut lines = self.0.lock();
        if lines.len() == TAIL {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    pub(super) fn text(&self) -> String {
        let lines = self.0.lock();
        match lines.is_empty() {
            true => "it said nothing".to_owned(),
            false => Vec::from_iter(lines.iter().map(String::as_str)).join(" | "),
        }
    }
}

/// Drains `from` until it closes, on a thread of its own: were it not drained,
/// Postgres would block on its own log.
pub(super) fn drain(from: impl Read + Send + 'static, file: &Path) -> Result<Tail, Error> {
    let tail = Tail::default();
    let mut log = Log::open(file)?;
    let lines = tail.clone();
    let thread = std::thread::Builder::new().name("postgres-log".to_owned());
    let run = move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        loop {
            line.clear();
            match (&mut from).take(LONGEST_LINE).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => break,
                Ok(_) => log.write(&line),
            }
            lines.push(String::from_utf8_lossy(&line).trim_end().to_owned());
        }
    };
    thread.spawn(run).context("start a thread for", file)?;
    Ok(tail)
}

struct Log {
    path: PathBuf,
    file: File,
    size: u64,
}

impl Log {
    fn open(path: &Path) -> Result<Log, Error> {
        let file = append(path).context("open", path)?;
        let size = file.metadata().context("look at", path)?.len();
        Ok(Log { path: path.to_owned(), file, size })
    }

    /// A log that cannot be written (a full disk) must not stop the database.
    fn write(&mut self, line: &[u8]) {
        if self.size >= LARGEST {
            let _ = std::fs::rename(&self.path, self.path.with_extension("log.1"));
            if let Ok(file) = append(&self.path) {
                self.file = file;
                self.size = 0;
            }
        }
        if self.file.write_all(line).is_ok() {
            self.size += line.len() as u64;
        }
    }
}

fn append(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_never_outgrows_its_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("postgres.log");
        let mut log = Log::open(&path).unwrap();
        let line = [b'x'; 64 << 10];
        for _ in 0..200 {
            log.write(&line);
        }
        let size = |path: &Path| path.metadata().unwrap().len();
        assert!(size(&path) <= LARGEST + line.len() as u64);
        assert!(size(&folder.path().join("postgres.log.1")) <= LARGEST + line.len() as u64);
    }
}
