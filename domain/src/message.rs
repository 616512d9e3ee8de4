//! What a message is to the rules: who wrote it, who may see it, whether it may still change.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::id::{ContactId, MemberId, MessageId};

/// How long a visitor may still change or withdraw a message.
pub const VISITOR_EDIT_WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// The two sides of a conversation. Receipts and unread counts are kept once per side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Visitor,
    Team,
}

impl Side {
    pub fn other(self) -> Side {
        match self {
            Side::Visitor => Side::Team,
            Side::Team => Side::Visitor,
        }
    }
}

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Author {
    Visitor(ContactId),
    Agent(MemberId),
    /// Switchboard itself, for example a snooze that ended.
    System,
    /// The business, but not from here: its phone, or another tool.
    Elsewhere,
}

impl Author {
    /// The side whose unread count this author does not raise.
    pub fn side(self) -> Side {
        match self {
            Author::Visitor(_) => Side::Visitor,
            Author::Agent(_) | Author::System | Author::Elsewhere => Side::Team,
        }
    }
}

/// What an entry of a conversation is, and thereby who may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// Seen by both sides; numbered.
    Public,
    /// A private note, seen by the team alone.
    Note,
    /// A line such as "Ana resolved this", seen by the team alone.
    Activity,
}

/// The part of an existing message that rules ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageHead {
    pub id: MessageId,
    pub kind: MessageKind,
    /// Its number, for a public message.
    pub n: Option<u32>,
    pub author: Author,
    pub created_at: Timestamp,
    pub deleted: bool,
    /// From before its account was connected: nobody is asked to read it.
    pub history: bool,
    /// Distinct (author, emoji) pairs on it.
    pub reactions: Vec<(Author, String)>,
    /// Whether it carries files, so that its text may be emptied.
    pub has_attachments: bool,
}

impl MessageHead {
    /// Whether `author` can know that this message exists.
    pub fn visible_to(&self, author: Author) -> bool {
        author.side() == Side::Team || self.kind == MessageKind::Public
    }
}
