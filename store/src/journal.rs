//! The group commit: many conversations' appends in one transaction, one run of positions, one
//! flush.
//!
//! Two round trips. The first opens the transaction, locks the workspace's row (which orders all
//! its commits, from every node) and reads what the appends were decided on. Rust then settles
//! which hold. The second writes everything that holds, moves the position and commits, pipelined.
//! Whatever the caller believed, the rows read under the lock have the last word.

use std::collections::HashSet;

use jiff::Timestamp;
use switchboard_domain::{
    AttachmentId, Author, Conversation, DeliveryState, MessageId, MessageKind, Seq, TimerId,
    WorkspaceId,
};
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::Store;
use crate::contact::NewContact;
use crate::conversation::from_n;
use crate::error::{Error, Result};
use crate::event::{Kind, from_seq};
use crate::message::{Activity, Posted, Reaction};
use crate::seal::WorkspaceKeys;

mod look;
mod outside;
mod write;

pub(crate) use look::optional;
use look::{Found, look};

pub use outside::{CameFile, FileAsItCame, NewFile, Outside, PartDelivery};

/// The most appends in one transaction.
pub const BATCH_MAX: usize = 512;

/// What one command adds to one conversation. All of it takes effect, or none.
#[derive(Debug, Clone)]
pub struct Append {
    /// The state after the events.
    pub state: Conversation,
    /// The `rev` that the decision was made on; `None` for a conversation that is new.
    pub expected: Option<Seq>,
    /// When it was decided. Rows and frames carry this same moment.
    pub at: Timestamp,
    /// When the conversation was opened; kept from its first append.
    pub created_at: Timestamp,
    /// Stored with a new conversation.
    pub new_contact: Option<NewContact>,
    pub last_activity_at: Timestamp,
    pub preview: Option<MessageId>,
    /// At least one, but where only rows are written that no one is told of; then the
    /// conversation's own row stays as it is.
    pub events: Vec<NewEvent>,
    pub messages: Vec<NewMessage>,
    pub changes: Vec<MessageChange>,
    pub attachments: Vec<Attach>,
    pub timer: Option<TimerChange>,
    /// For a conversation that takes place elsewhere.
    pub outside: Option<Box<Outside>>,
}

#[derive(Debug, Clone, Copy)]
pub struct NewEvent {
    pub kind: Kind,
    pub message: Option<MessageId>,
}

#[derive(Debug, Clone)]
pub struct NewMessage {
    pub id: MessageId,
    /// Which of the append's events posts it.
    pub event: usize,
    pub n: Option<u32>,
    pub kind: MessageKind,
    pub author: Author,
    /// Sealed; see [`crate::message::seal_body`].
    pub body: Option<Vec<u8>>,
    pub words: Option<Vec<i64>>,
    pub reply_to: Option<MessageId>,
    pub activity: Option<Activity>,
    pub reference: Option<String>,
    pub beyond: Beyond,
}

/// What only messages of the channels have.
#[derive(Debug, Clone, Default)]
pub struct Beyond {
    /// Sealed; see [`crate::message::seal_extra`].
    pub extra: Option<Vec<u8>>,
    /// The platform's time.
    pub sent_at: Option<Timestamp>,
    pub delivery: Option<DeliveryState>,
    /// In how many calls it is sent.
    pub parts: Option<u16>,
}

#[derive(Debug, Clone)]
pub struct MessageChange {
    pub id: MessageId,
    pub event: usize,
    pub what: Change,
}

#[derive(Debug, Clone)]
pub enum Change {
    Edit {
        body: Option<Vec<u8>>,
        words: Option<Vec<i64>>,
        /// When its author changed it; absent where only something about it changed.
        at: Option<Timestamp>,
        /// Sealed, where that changed too.
        extra: Option<Vec<u8>>,
        /// Whether its files are replaced by new ones.
        drops_files: bool,
    },
    /// The text is destroyed; its files with it.
    Delete,
    Reactions(Vec<Reaction>),
    /// How far it has come; the failure is sealed.
    Delivery {
        state: DeliveryState,
        failure: Option<Vec<u8>>,
    },
    /// A file of it has come.
    File,
}

/// A file taken up by a message, its key wrapped by the contact's.
#[derive(Debug, Clone)]
pub struct Attach {
    pub id: AttachmentId,
    pub message: MessageId,
    pub position: i16,
    pub key: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
pub enum TimerChange {
    Set { id: TimerId, due_at: Timestamp },
    Clear,
}

/// What became of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Durable. The append's events have the positions from `first`.
    Done { first: Seq },
    /// The conversation is not what the decision was made on: load it and decide again.
    Clash,
    /// The author's `ref` was used before, by this message.
    Repeated(Posted),
    /// Another node speaks for the account by now, or it was disconnected.
    Fenced,
}

/// Commits `appends`. An error concerns all of them; whether they took effect is then not known
/// unless the error says that the database refused.
pub async fn append(
    store: &Store,
    workspace: WorkspaceId,
    appends: &[Append],
) -> Result<Vec<Outcome>> {
    debug_assert!(appends.len() <= BATCH_MAX);
    let keys = store
        .keys(workspace)
        .await?
        .ok_or_else(|| Error::Corrupt(format!("appends for {workspace}, which does not exist")))?;
    let tx = store.writers.unopened().await?;
    let found = look(&tx, &keys, workspace, appends).await?;
    let outcomes = settle(appends, &found, &keys);
    let held: Vec<(&Append, Seq)> = appends
        .iter()
        .zip(&outcomes)
        .filter_map(|(append, outcome)| match outcome {
            Outcome::Done { first } => Some((append, *first)),
            Outcome::Clash | Outcome::Repeated(_) | Outcome::Fenced => None,
        })
        .collect();
    if !held.is_empty() {
        write::write(tx, &keys, workspace, &held).await?;
    }
    Ok(outcomes)
}

/// The author and `ref` under which an append posts.
fn reference(append: &Append) -> Option<(Uuid, String)> {
    append.messages.iter().find_map(|message| {
        let (_, author) = crate::message::author_columns(message.author);
        Some((author?, message.reference.clone()?))
    })
}

fn identity_kinds(append: &Append) -> impl Iterator<Item = &'static str> {
    let identities = append.new_contact.iter().flat_map(|contact| &contact.identities);
    identities.map(|identity| identity.kind())
}

fn identity_hashes(keys: &WorkspaceKeys, append: &Append) -> Vec<Vec<u8>> {
    let identities = append.new_contact.iter().flat_map(|contact| &contact.identities);
    identities.map(|i| keys.identity_hash(i.kind(), i.value()).to_vec()).collect()
}

/// Says which appends hold, and gives those their positions.
fn settle(appends: &[Append], found: &Found, keys: &WorkspaceKeys) -> Vec<Outcome> {
    let mut next = found.last.next();
    let mut touched: HashSet<Uuid> = HashSet::new();
    let mut references: HashSet<(Uuid, String)> = HashSet::new();
    let mut taken: HashSet<Vec<u8>> = HashSet::new();
    let mut files: HashSet<AttachmentId> = HashSet::new();
    let mut names = outside::Names::default();
    let mut outcomes = Vec::with_capacity(appends.len());
    for append in appends {
        let reference = reference(append);
        if let Some(posted) = reference.as_ref().and_then(|key| found.posted.get(key)) {
            outcomes.push(Outcome::Repeated(*posted));
            continue;
        }
        if outside::is_fenced(append, &found.outside) {
            outcomes.push(Outcome::Fenced);
            continue;
        }
        let hashes = identity_hashes(keys, append);
        // What another append of this batch has just changed clashes too: it decides again.
        let holds = is_current(append, found)
            && !touched.contains(&append.state.id.into())
            && (append.expected.is_some() || !touched.contains(&append.state.contact.into()))
            && outside::holds(append, &found.outside, &names)
            && reference.as_ref().is_none_or(|key| !references.contains(key))
            && hashes.iter().all(|h| !found.identities.contains(h) && !taken.contains(h))
            && append
                .attachments
                .iter()
                .all(|file| found.free_files.contains(&file.id) && !files.contains(&file.id));
        if !holds {
            outcomes.push(Outcome::Clash);
            continue;
        }
        touched.extend([Uuid::from(append.state.id), Uuid::from(append.state.contact)]);
        references.extend(reference);
        names.add(append);
        taken.extend(hashes);
        files.extend(append.attachments.iter().map(|file| file.id));
        outcomes.push(Outcome::Done { first: next });
        next = Seq(next.0 + append.events.len() as u64);
    }
    outcomes
}

fn is_current(append: &Append, found: &Found) -> bool {
    match append.expected {
        Some(rev) => found.revs.get(&append.state.id) == Some(&rev),
        None => {
            let has_one = found.with_conversation.contains(&append.state.contact);
            !found.revs.contains_key(&append.state.id) && (append.outside.is_some() || !has_one)
        }
    }
}

/// The position of an append's event.
fn at(first: Seq, event: usize) -> i64 {
    from_seq(Seq(first.0 + event as u64))
}

/// The position of an append's last event.
fn last(append: &Append, first: Seq) -> i64 {
    at(first, append.events.len().saturating_sub(1))
}

/// A list as Postgres writes an array of numbers or ids, since arrays of arrays must be square.
fn array_text<T: std::fmt::Display>(items: impl Iterator<Item = T>) -> String {
    let joined: Vec<String> = items.map(|item| item.to_string()).collect();
    format!("{{{}}}", joined.join(","))
}

/// Wraps a value for a `jsonb` column.
fn json<T: serde::Serialize>(value: &Option<T>) -> Result<Option<Json<serde_json::Value>>> {
    value
        .as_ref()
        .map(|value| serde_json::to_value(value).map(Json))
        .transpose()
        .map_err(|error| Error::Corrupt(error.to_string()))
}

/// A number as its column holds it.
fn column_n(n: Option<u32>) -> Option<i32> {
    n.map(from_n)
}
