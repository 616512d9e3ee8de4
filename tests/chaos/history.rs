//! What everybody heard and was told in a round, as the rules read it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::rows::Rows;

/// A message that its author was told is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acked {
    /// Whoever wrote it one after another.
    pub writer: String,
    pub conversation: String,
    pub reference: String,
    pub message: String,
    /// The position that the author was told: the message's, or one that followed from it.
    pub seq: u64,
}

/// An author's tries to change a message, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    pub message: String,
    pub edits: Vec<Edit>,
    pub deleted: bool,
}

/// A text that was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub text: String,
    /// Whether it was asked for more than once: of a try that nobody answered it is not known when
    /// it takes effect.
    pub may_come_late: bool,
}

/// What one connection after another brought to a reader.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// Welcomed, after having asked for what comes after a position.
    Welcome {
        asked: Option<u64>,
        snapshot: bool,
    },
    Snapshot {
        seq: u64,
        rows: Value,
    },
    Event(Value),
    Beat(u64),
}

/// All that a reader heard, in order.
#[derive(Debug, Clone, Default)]
pub struct Log {
    pub name: String,
    /// Whose conversation it reads; the team reads all of them.
    pub visitor: bool,
    pub seen: Vec<Seen>,
}

impl Log {
    /// What was heard up to a position.
    pub fn until(mut self, last: u64) -> Log {
        let is_later = |seen: &Seen| match seen {
            Seen::Welcome { .. } => false,
            Seen::Snapshot { seq, .. } | Seen::Beat(seq) => *seq > last,
            Seen::Event(event) => event["seq"].as_u64().is_some_and(|seq| seq > last),
        };
        if let Some(end) = self.seen.iter().position(is_later) {
            self.seen.truncate(end);
        }
        self
    }
}

/// A node holds an account under a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    pub account: String,
    pub epoch: i64,
    pub node: String,
}

/// A round, as it is judged.
#[derive(Debug, Default)]
pub struct History {
    pub acked: Vec<Acked>,
    pub changed: Vec<Changed>,
    pub logs: Vec<Log>,
    /// Holds as they were looked at, in order.
    pub holds: Vec<Hold>,
    /// The positions of the events in Postgres, in order.
    pub positions: Vec<u64>,
    /// What the team fetches when all is over.
    pub fetched: Rows,
    /// What each visitor fetches then, by the name of its log.
    pub fetched_by: BTreeMap<String, Vec<Value>>,
}
