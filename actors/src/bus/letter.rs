//! How a hint travels: sealed, so that whoever reaches the servers in between can neither read nor
//! forge one.
//!
//! ```text
//! format (1) | node (16) | number (8) | sealed: kind (1) | body, JSON
//! ```
//!
//! Nodes of several versions stand side by side during an upgrade. What one of them does not know
//! (a format, a kind, an event) costs it a look into Postgres, or nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use switchboard_domain::{Seq, WorkspaceId};
use switchboard_store::seal::{Key, MasterKeys, Place};
use switchboard_wire::CloseCode;
use uuid::Uuid;

use super::{Hint, NodeId, Topic, carrier};
use crate::replay::Told;
use crate::signed_in::SignedOut;

/// The version of the format, which is part of every channel's name as well.
pub const FORMAT: u8 = 1;
const HEAD_BYTES: usize = 1 + 16 + 8;
/// A batch of events that is larger is told by its position.
const EVENTS_MAX_BYTES: usize = 32 * 1024;
/// No letter is larger.
pub const LETTER_MAX_BYTES: usize = 512 * 1024;
/// A key seals this many letters. Nonces are random, and must not meet.
const ERA_LETTERS_LOG2: u32 = 28;
/// Keys of other nodes kept at hand.
const KEYS_MAX: usize = 1_024;

/// Why a letter is not for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// Of another format, or not a letter at all.
    Format,
    /// Not sealed by a node of ours for this place, or damaged.
    Forged,
    /// From a node that says what we do not know.
    Unknown,
}

/// Who a letter says it is from, and which of that node's it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub from: NodeId,
    pub number: u64,
}

impl Head {
    /// Reads it without believing it.
    pub fn read(letter: &[u8]) -> Option<Head> {
        let head = letter.get(..HEAD_BYTES)?;
        let (format, rest) = head.split_first()?;
        let (node, number) = rest.split_at(16);
        (*format == FORMAT && letter.len() <= LETTER_MAX_BYTES).then_some(())?;
        Some(Head {
            from: Uuid::from_slice(node).ok()?,
            number: u64::from_be_bytes(number.try_into().ok()?),
        })
    }
}

/// Seals what this node tells and opens what others tell.
pub struct Letters {
    node: NodeId,
    /// One for each master key, current first.
    ring: Vec<Key>,
    next: AtomicU64,
    own: Mutex<Option<(u64, Key)>>,
    others: Mutex<HashMap<(NodeId, u64), Key>>,
}

impl Letters {
    pub fn new(master: &MasterKeys, node: NodeId) -> Letters {
        Letters {
            node,
            ring: master.derive_all("bus"),
            next: AtomicU64::new(1),
            own: Mutex::new(None),
            others: Mutex::new(HashMap::new()),
        }
    }

    /// `None` for what concerns this node alone.
    pub fn seal(&self, topic: Topic, hint: &Hint) -> Option<Vec<u8>> {
        let plain = encode(hint)?;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let key = self.own_key(number >> ERA_LETTERS_LOG2);
        let sealed = in_place(topic, number, |place| key.seal(place, &plain));
        let mut letter = Vec::with_capacity(HEAD_BYTES + sealed.len());
        letter.push(FORMAT);
        letter.extend_from_slice(self.node.as_bytes());
        letter.extend_from_slice(&number.to_be_bytes());
        letter.extend_from_slice(&sealed);
        Some(letter)
    }

    pub fn open(&self, topic: Topic, head: Head, letter: &[u8]) -> Result<Hint, Unreadable> {
        let sealed = letter.get(HEAD_BYTES..).ok_or(Unreadable::Format)?;
        decode(&self.unseal(topic, head, sealed).ok_or(Unreadable::Forged)?)
    }

    fn unseal(&self, topic: Topic, head: Head, sealed: &[u8]) -> Option<Vec<u8>> {
        let era = (head.from, head.number >> ERA_LETTERS_LOG2);
        let known = self.others.lock().get(&era).cloned();
        in_place(topic, head.number, |place| {
            if let Some(key) = known {
                return key.open(place, sealed).ok();
            }
            let keys = self.ring.iter().map(|master| era_key(master, era.0, era.1));
            let (key, plain) = keys
                .into_iter()
                .find_map(|key| Some((key.clone(), key.open(place, sealed).ok()?)))?;
            // Only what a letter has proved is kept: strangers cannot fill this.
            let mut others = self.others.lock();
            if others.len() >= KEYS_MAX {
                others.clear();
            }
            others.insert(era, key);
            Some(plain)
        })
    }

    fn own_key(&self, era: u64) -> Key {
        let mut own = self.own.lock();
        match &*own {
            Some((known, key)) if *known == era => key.clone(),
            _ => {
                let key = era_key(&self.ring[0], self.node, era);
                *own = Some((era, key.clone()));
                key
            }
        }
    }
}

fn era_key(master: &Key, node: NodeId, era: u64) -> Key {
    master.derive(&format!("{node}/{era}"))
}

/// A letter opens in its topic and under its number alone.
fn in_place<T>(topic: Topic, number: u64, then: impl FnOnce(&Place<'_>) -> T) -> T {
    let (kind, workspace, row) = match topic {
        Topic::Nodes => ("nodes", Uuid::nil(), Uuid::nil()),
        Topic::Workspace(workspace) => ("workspace", workspace.into(), workspace.into()),
        Topic::Account(workspace, account) => ("account", workspace.into(), account.into()),
    };
    then(&Place { workspace, column: &format!("bus/{kind}/{number}"), row })
}

/// What opens a letter, before its body. Numbers are never used for anything else.
mod kind {
    pub const POSITION: u8 = 1;
    pub const EVENTS: u8 = 2;
    pub const TYPING: u8 = 3;
    pub const PRESENT: u8 = 4;
    pub const WHO_IS_THERE: u8 = 5;
    pub const ACCOUNT: u8 = 6;
    pub const FREE: u8 = 7;
    pub const SIGNED_OUT: u8 = 8;
    pub const FORGET: u8 = 9;
}

#[derive(Serialize, Deserialize)]
struct Events {
    last: Seq,
    events: Box<RawValue>,
    /// For [`carrier::extract`]. Kept apart, so that what is wrong with it concerns nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    traceparents: Option<Box<RawValue>>,
}

fn encode(hint: &Hint) -> Option<Vec<u8>> {
    match hint {
        Hint::Gap => None,
        Hint::Position(seq) => body(kind::POSITION, seq),
        Hint::Events { events, traces } => {
            let last = events.last()?.seq;
            let raw = serde_json::value::to_raw_value(&**events).ok()?;
            if raw.get().len() > EVENTS_MAX_BYTES {
                return body(kind::POSITION, &last);
            }
            let traceparents = carrier::inject(traces);
            body(kind::EVENTS, &Events { last, events: raw, traceparents })
        }
        Hint::Typing(typing) => body(kind::TYPING, typing),
        Hint::Present(present) => body(kind::PRESENT, present),
        Hint::WhoIsThere => body(kind::WHO_IS_THERE, &()),
        Hint::Account(notice) => body(kind::ACCOUNT, notice),
        Hint::Free => body(kind::FREE, &()),
        Hint::SignedOut { who, code } => body(kind::SIGNED_OUT, &(who, code)),
        Hint::Forget(forget) => body(kind::FORGET, forget),
    }
}

fn body<T: Serialize>(kind: u8, value: &T) -> Option<Vec<u8>> {
    let mut bytes = vec![kind];
    match serde_json::to_writer(&mut bytes, value) {
        Ok(()) => Some(bytes),
        Err(error) => {
            tracing::error!(%error, kind, "a hint could not be encoded");
            None
        }
    }
}

fn decode(plain: &[u8]) -> Result<Hint, Unreadable> {
    let (kind, body) = plain.split_first().ok_or(Unreadable::Unknown)?;
    match *kind {
        kind::POSITION => read(body).map(Hint::Position),
        kind::EVENTS => {
            let Events { last, events, traceparents } = read(body)?;
            let carried = traceparents.as_deref().map(RawValue::get);
            // Events of another version are read from Postgres.
            Ok(match serde_json::from_str::<Vec<Told>>(events.get()) {
                Ok(events) => Hint::Events {
                    events: Arc::from(events),
                    traces: carried.map(carrier::extract).unwrap_or_default(),
                },
                Err(_) => Hint::Position(last),
            })
        }
        kind::TYPING => read(body).map(Hint::Typing),
        kind::PRESENT => read(body).map(Hint::Present),
        kind::WHO_IS_THERE => Ok(Hint::WhoIsThere),
        kind::ACCOUNT => read(body).map(Hint::Account),
        kind::FREE => Ok(Hint::Free),
        kind::SIGNED_OUT => {
            let (who, code): (SignedOut, CloseCode) = read(body)?;
            Ok(Hint::SignedOut { who, code })
        }
        kind::FORGET => read(body).map(Hint::Forget),
        _ => Err(Unreadable::Unknown),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    serde_json::from_slice(body).map_err(|_| Unreadable::Unknown)
}

/// The channel of a topic.
pub fn channel(topic: Topic) -> String {
    match topic {
        Topic::Nodes => format!("switchboard:{FORMAT}:nodes"),
        Topic::Workspace(workspace) => format!("switchboard:{FORMAT}:{workspace}"),
        Topic::Account(workspace, account) => {
            format!("switchboard:{FORMAT}:{workspace}:{account}")
        }
    }
}

/// The topic of a channel.
pub fn topic(channel: &str) -> Option<Topic> {
    let (format, rest) = channel.strip_prefix("switchboard:")?.split_once(':')?;
    (format.parse() == Ok(FORMAT)).then_some(())?;
    if rest == "nodes" {
        return Some(Topic::Nodes);
    }
    match rest.split_once(':') {
        None => rest.parse::<WorkspaceId>().ok().map(Topic::Workspace),
        Some((workspace, account)) => {
            Some(Topic::Account(workspace.parse().ok()?, account.parse().ok()?))
        }
    }
}

#[cfg(test)]
mod tests;
