//! Where webhooks wait while the database is away: sealed, on disk before they are acknowledged,
//! told in their order when the database is back.
//!
//! A segment is a file of records, each its length and then its sealed bytes. What a crash left of
//! a record at the end of a segment was never acknowledged. A segment goes when all of it was
//! told; told again after a crash, it changes nothing.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use switchboard_channels::Hook;
use switchboard_domain::trace::Trace;
use switchboard_store::seal::{Key, MasterKeys, Place};

mod drain;

pub use drain::keep;

/// All that waits is no more than this.
const BYTES_MAX: u64 = 256 * 1024 * 1024;
/// A segment that has reached this is followed by another.
const SEGMENT_BYTES: u64 = 8 * 1024 * 1024;
/// Records of which it is known what they are part of.
const TRACES_MAX: usize = 1_024;
/// What stands before a record.
const LENGTH_BYTES: usize = 4;

/// A webhook that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub hook: Hook,
    /// The account that the address of a Telegram webhook names, by its id there.
    pub bot: Option<String>,
    pub body: Vec<u8>,
    /// What it is part of, if that is recorded. Known to the process that took it, and not on
    /// disk: the format stays the one that the version before reads.
    pub trace: Option<Trace>,
}

#[derive(Debug, Clone)]
pub struct Spool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    /// The current key first.
    keys: Vec<Key>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Numbers of the segments that are not told yet, oldest first.
    segments: Vec<u64>,
    /// The segment that is being written, the last of them.
    writing: Option<(File, u64)>,
    bytes: u64,
    /// By the segment and the place in it of the records that they are of.
    traces: HashMap<(u64, u64), Trace>,
}

/// Why a webhook cannot wait.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    #[error("the spool is full")]
    Full,
    #[error("the spool cannot be written: {0}")]
    Io(#[from] io::Error),
}

impl Spool {
    /// Opens the folder and what an earlier process left in it.
    pub fn open(data: &Path, master: &MasterKeys) -> io::Result<Spool> {
        let folder = data.join("spool");
        fs::create_dir_all(&folder)?;
        let mut state = State::default();
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let number = name.to_str().and_then(|name| name.strip_suffix(".log")?.parse().ok());
            let Some(number) = number else { continue };
            state.segments.push(number);
            state.bytes += entry.metadata()?.len();
        }
        state.segments.sort_unstable();
        let keys = master.derive_all("spool");
        Ok(Spool(Arc::new(Inner { folder, keys, state: Mutex::new(state) })))
    }

    pub fn is_empty(&self) -> bool {
        self.0.state.lock().segments.is_empty()
    }

    pub fn bytes(&self) -> u64 {
        self.0.state.lock().bytes
    }

    /// Keeps a webhook if others wait before it, which keeps their order. Whether it did.
    pub fn follow(&self, record: &Record) -> Result<bool, SpoolError> {
        let mut state = self.0.state.lock();
        if state.segments.is_empty() {
            return Ok(false);
        }
        self.0.append(&mut state, record)?;
        Ok(true)
    }

    /// Keeps a webhook. When this returns it is on disk.
    pub fn append(&self, record: &Record) -> Result<(), SpoolError> {
        self.0.append(&mut self.0.state.lock(), record)
    }

    /// The oldest segment, read whole. What is appended from now on goes to a later one.
    fn oldest(&self) -> io::Result<Option<(u64, Vec<Record>)>> {
        let number = {
            let mut state = self.0.state.lock();
            let Some(number) = state.segments.first().copied() else { return Ok(None) };
            if state.segments.len() == 1 {
                state.writing = None;
            }
            number
        };
        let bytes = fs::read(self.0.path(number))?;
        Ok(Some((number, self.0.records(number, &bytes))))
    }

    /// A segment was told.
    fn done(&self, number: u64) -> io::Result<()> {
        let mut state = self.0.state.lock();
        let path = self.0.path(number);
        let bytes = fs::metadata(&path).map(|found| found.len()).unwrap_or_default();
        fs::remove_file(path)?;
        state.segments.retain(|other| *other != number);
        state.traces.retain(|(segment, _), _| *segment != number);
        state.bytes = state.bytes.saturating_sub(bytes);
        Ok(())
    }
}

impl Inner {
    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:020}.log"))
    }

    fn append(&self, state: &mut State, record: &Record) -> Result<(), SpoolError> {
        let Some(key) = self.keys.first() else { return Err(SpoolError::Full) };
        let sealed = key.seal(&PLACE, &encode(record));
        let size = (LENGTH_BYTES + sealed.len()) as u64;
        if state.bytes + size > BYTES_MAX {
            return Err(SpoolError::Full);
        }
        let length = u32::try_from(sealed.len()).map_err(|_| SpoolError::Full)?;
        let fits = |writing: &(File, u64)| writing.1 < SEGMENT_BYTES;
        if !state.writing.as_ref().is_some_and(fits) {
            let number = state.segments.last().map_or(0, |last| last + 1);
            let file = OpenOptions::new().create_new(true).append(true).open(self.path(number))?;
            File::open(&self.folder)?.sync_all()?;
            state.segments.push(number);
            state.writing = Some((file, 0));
        }
        let number = state.segments.last().copied().unwrap_or_default();
        let Some((file, written)) = &mut state.writing else { return Err(SpoolError::Full) };
        let place = (number, *written);
        let bytes = [length.to_le_bytes().as_slice(), &sealed].concat();
        let kept = file.write_all(&bytes).and_then(|()| file.sync_data());
        *written += size;
        state.bytes += size;
        if kept.is_err() {
            // What is half written ends its segment.
            state.writing = None;
        }
        kept?;
        if let Some(trace) = record.trace.filter(|_| state.traces.len() < TRACES_MAX) {
            state.traces.insert(place, trace);
        }
        Ok(())
    }

    /// The records of a segment, up to where it was torn.
    fn records(&self, number: u64, mut bytes: &[u8]) -> Vec<Record> {
        let mut records = Vec::new();
        let all = bytes.len();
        while let Some((length, rest)) = bytes.split_first_chunk::<LENGTH_BYTES>() {
            let length = u32::from_le_bytes(*length) as usize;
            let Some((sealed, rest)) = rest.split_at_checked(length) else { break };
            let place = (number, (all - bytes.len()) as u64);
            let trace = self.state.lock().traces.get(&place).copied();
            bytes = rest;
            let opened = self.keys.iter().find_map(|key| key.open(&PLACE, sealed).ok());
            match opened.as_deref().and_then(decode) {
                Some(record) => records.push(Record { trace, ..record }),
                None => {
                    metrics::counter!("switchboard_spool_lost_total").increment(1);
                    tracing::error!(
                        "a webhook that waited cannot be read: its master key is not in the ring, or it is damaged"
                    );
                }
            }
        }
        records
    }
}

const PLACE: Place<'static> =
    Place { workspace: uuid::Uuid::nil(), column: "spool", row: uuid::Uuid::nil() };

fn encode(record: &Record) -> Vec<u8> {
    let head = format!("{} {}\n", record.hook.name(), record.bot.as_deref().unwrap_or_default());
    [head.as_bytes(), &record.body].concat()
}

fn decode(bytes: &[u8]) -> Option<Record> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (hook, bot) = std::str::from_utf8(&bytes[..end]).ok()?.split_once(' ')?;
    let hooks = [Hook::Whatsapp, Hook::Messenger, Hook::Instagram, Hook::Telegram];
    Some(Record {
        hook: hooks.into_iter().find(|known| known.name() == hook)?,
        bot: Some(bot.to_owned()).filter(|bot| !bot.is_empty()),
        body: bytes[end + 1..].to_vec(),
        trace: None,
    })
}

#[cfg(test)]
mod tests;
