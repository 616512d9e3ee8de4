//! A conversation's state, the commands it takes and the events that follow.
//!
//! [`decide`] says what a command leads to and changes nothing; [`Conversation::apply`] changes
//! the state and cannot fail. An empty answer means that the command was already so.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::attachment::ATTACHMENTS_PER_MESSAGE;
use crate::business::Access;
use crate::channel::Venue;
use crate::delivery::{Delivery, DeliveryState};
use crate::id::{ContactId, ConversationId, LabelId, MemberId, MessageId};
use crate::message::{Author, MessageHead, Side};
use crate::text::MESSAGE_MAX_CHARS;
use crate::window::Form;

mod decide;
pub mod outside;

pub use decide::decide;

/// The most labels on one conversation.
pub const LABELS_MAX: usize = 20;
/// The most distinct (person, emoji) pairs on one message.
pub const REACTIONS_MAX: usize = 50;

/// Where a conversation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Status {
    /// Waits for the team.
    Open,
    /// Waits for the visitor or for something else outside.
    Pending,
    /// Out of sight until then.
    Snoozed { until: Timestamp },
    /// Done, until someone writes again.
    Resolved,
}

/// How far one side has come, as message numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Marks {
    pub delivered: u32,
    pub read: u32,
}

/// What rules know of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    pub id: ConversationId,
    pub contact: ContactId,
    /// Where it takes place.
    pub venue: Venue,
    pub status: Status,
    pub assignee: Option<MemberId>,
    pub labels: BTreeSet<LabelId>,
    /// The number of the newest public message; 0 before the first.
    pub last_n: u32,
    pub visitor: Marks,
    pub team: Marks,
    /// Public messages of the other side that this side has not read, but for those that were
    /// deleted.
    pub visitor_unread: u32,
    pub team_unread: u32,
    /// What the platform's clock says of the customer; empty on the website.
    pub peer: Peer,
}

/// What a platform tells of the customer, by its own clock. Each only moves forward, so it does
/// not matter in which order it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Peer {
    /// The newest message, or reaction, that lets the business write.
    pub wrote_at: Option<Timestamp>,
    /// All that was sent by then has been delivered, or read.
    pub delivered_at: Option<Timestamp>,
    pub read_at: Option<Timestamp>,
}

impl Conversation {
    /// A conversation before its first message.
    pub fn new(id: ConversationId, contact: ContactId) -> Self {
        Self {
            id,
            contact,
            venue: Venue::Web,
            status: Status::Open,
            assignee: None,
            labels: BTreeSet::new(),
            last_n: 0,
            visitor: Marks::default(),
            team: Marks::default(),
            visitor_unread: 0,
            team_unread: 0,
            peer: Peer::default(),
        }
    }

    pub fn marks(&self, side: Side) -> Marks {
        match side {
            Side::Visitor => self.visitor,
            Side::Team => self.team,
        }
    }
}

/// Something a person, or a timer, wants of a conversation. Ids of what it may create are given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Post {
        message: MessageId,
        kind: PostKind,
        /// Characters of the cleaned text.
        text_chars: usize,
        attachments: usize,
        reply_to: Option<MessageHead>,
        /// What it is to windows, where it leaves through a platform.
        form: Form,
        /// Whether those through whose account it leaves allow it.
        access: Access,
    },
    Edit {
        target: MessageHead,
        text_chars: usize,
    },
    Delete {
        target: MessageHead,
        /// Whether the author's role lets it remove what others wrote.
        moderator: bool,
    },
    React {
        target: MessageHead,
        emoji: String,
        on: bool,
    },
    /// Reports how far the author's side has come. `unread` is how many messages of the other
    /// side lie beyond `read` and are there still.
    Mark {
        delivered: u32,
        read: u32,
        unread: u32,
    },
    SetStatus {
        status: Status,
        activity: MessageId,
    },
    Assign {
        member: Option<MemberId>,
        activity: MessageId,
    },
    Label {
        add: BTreeSet<LabelId>,
        remove: BTreeSet<LabelId>,
    },
    /// A snooze may have ended.
    Wake {
        activity: MessageId,
    },
    /// A platform brought a message, by the customer or by the business from elsewhere.
    Receive {
        message: MessageId,
        /// By the platform's clock.
        at: Timestamp,
        opens_window: bool,
        /// From before the account was connected, or brought later.
        history: bool,
    },
    /// A platform told that a text was changed. `prevails`: see [`outside::text_prevails`].
    ReceiveEdit {
        target: MessageHead,
        prevails: bool,
    },
    ReceiveDelete {
        target: MessageHead,
    },
    /// A platform told that the public sees a comment, or does not. `prevails`: whether that is
    /// news, and the last of what was told of it.
    ReceiveHiding {
        target: MessageHead,
        prevails: bool,
    },
    /// A platform told what is on a message. `changes`: see [`outside::reactions`]; `put_at`: when
    /// the customer put something there.
    ReceiveReaction {
        target: MessageHead,
        changes: bool,
        put_at: Option<Timestamp>,
    },
    /// All that was sent by then has come this far.
    Reach {
        delivered_at: Option<Timestamp>,
        read_at: Option<Timestamp>,
    },
    /// Something happened on the channel.
    Tell {
        activity: MessageId,
    },
    /// A message of ours has come this far.
    Advance {
        message: MessageId,
        from: Option<Delivery>,
        to: Delivery,
    },
    /// A file of a message has come, or will not.
    BringFile {
        message: MessageId,
    },
    /// Sends again what failed or may not have been sent.
    Resend {
        target: MessageHead,
        delivery: Option<DeliveryState>,
        form: Form,
        access: Access,
    },
}

/// What a person may post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PostKind {
    Public,
    Note,
}

/// Something that happened to a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Posted {
        message: MessageId,
        by: Author,
        post: PostKind,
        /// Its number, for a public message.
        n: Option<u32>,
    },
    Edited {
        message: MessageId,
    },
    Deleted {
        message: MessageId,
        by: Author,
        /// The side that had not read it, and is not asked to any more.
        unread_by: Option<Side>,
    },
    Reacted {
        message: MessageId,
        by: Author,
        emoji: String,
        on: bool,
    },
    Marked {
        side: Side,
        marks: Marks,
        unread: u32,
    },
    StatusChanged {
        status: Status,
        by: Author,
        /// The line in the conversation that tells of it.
        activity: MessageId,
    },
    Assigned {
        member: Option<MemberId>,
        by: Author,
        activity: MessageId,
    },
    Labelled {
        labels: BTreeSet<LabelId>,
    },
    Received {
        message: MessageId,
        by: Author,
        n: u32,
        at: Timestamp,
        opens_window: bool,
        history: bool,
    },
    /// What a platform says is on a message now.
    ReactionsTold {
        message: MessageId,
    },
    PeerMoved {
        peer: Peer,
    },
    ChannelTold {
        activity: MessageId,
    },
    Progressed {
        message: MessageId,
        delivery: Delivery,
    },
    FileBrought {
        message: MessageId,
    },
}

impl Event {
    /// The entry of the conversation that it concerns, or that tells of it.
    pub fn message(&self) -> Option<MessageId> {
        match self {
            Event::Posted { message, .. }
            | Event::Edited { message }
            | Event::Deleted { message, .. }
            | Event::Reacted { message, .. }
            | Event::Received { message, .. }
            | Event::ReactionsTold { message }
            | Event::Progressed { message, .. }
            | Event::FileBrought { message } => Some(*message),
            Event::StatusChanged { activity, .. }
            | Event::Assigned { activity, .. }
            | Event::ChannelTold { activity } => Some(*activity),
            Event::Marked { .. } | Event::Labelled { .. } | Event::PeerMoved { .. } => None,
        }
    }
}

/// Why a command is refused. An answer, not a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the message is empty")]
    Empty,
    #[error("the message is longer than {MESSAGE_MAX_CHARS} characters")]
    TooLong,
    #[error("a message carries at most {ATTACHMENTS_PER_MESSAGE} files")]
    TooManyAttachments,
    #[error("there is no such message in this conversation")]
    NoSuchMessage,
    #[error("the message was deleted")]
    MessageDeleted,
    #[error("only its author may change this message")]
    NotYours,
    #[error("the message can no longer be changed")]
    TooLate,
    #[error("a reaction is a single emoji")]
    NotAnEmoji,
    #[error("the message has reached its limit of {REACTIONS_MAX} reactions")]
    TooManyReactions,
    #[error("a conversation carries at most {LABELS_MAX} labels")]
    TooManyLabels,
    #[error("a snooze must end in the future")]
    SnoozeInThePast,
    #[error("only the team may do this")]
    TeamOnly,
    #[error(
        "the customer has not written lately enough for a free message: \
         send an approved template, or wait for them to write"
    )]
    WindowClosed,
    #[error(
        "this conversation runs through somebody's own account, for which this account is switched \
         off: ask them to switch it on again in the business settings of their app"
    )]
    SwitchedOff,
    #[error(
        "this conversation runs through somebody's own account, for which this account may not \
         answer: ask them to allow it in the business settings of their app"
    )]
    MayNotReply,
    #[error("this channel has no way to do that")]
    NotOnThisChannel,
}

impl Conversation {
    /// Makes `event` so.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Posted { n: Some(n), by, .. } => self.posted(*n, *by),
            Event::Posted { n: None, .. }
            | Event::Edited { .. }
            | Event::Reacted { .. }
            | Event::ReactionsTold { .. }
            | Event::ChannelTold { .. }
            | Event::Progressed { .. }
            | Event::FileBrought { .. } => {}
            Event::Deleted { unread_by, .. } => self.taken_back(*unread_by),
            Event::Received { by, n, at, opens_window, history, .. } => {
                self.received(*n, *by, *at, *opens_window, *history);
            }
            Event::PeerMoved { peer } => self.peer = *peer,
            Event::Marked { side: Side::Visitor, marks, unread } => {
                self.visitor = *marks;
                self.visitor_unread = *unread;
            }
            Event::Marked { side: Side::Team, marks, unread } => {
                self.team = *marks;
                self.team_unread = *unread;
            }
            Event::StatusChanged { status, .. } => self.status = *status,
            Event::Assigned { member, .. } => self.assignee = *member,
            Event::Labelled { labels } => self.labels = labels.clone(),
        }
    }

    /// A visitor's message reopens what was set aside; the team's leaves the status alone.
    fn posted(&mut self, n: u32, by: Author) {
        self.last_n = n;
        match by.side() {
            Side::Visitor => {
                self.team_unread += 1;
                self.status = Status::Open;
            }
            Side::Team => self.visitor_unread += 1,
        }
    }

    /// What is gone waits to be read no longer.
    fn taken_back(&mut self, unread_by: Option<Side>) {
        let unread = match unread_by {
            Some(Side::Visitor) => &mut self.visitor_unread,
            Some(Side::Team) => &mut self.team_unread,
            None => return,
        };
        *unread = unread.saturating_sub(1);
    }

    /// What is history neither reopens nor waits to be read. The window follows the platform's
    /// clock, so it does not matter when it was told.
    fn received(&mut self, n: u32, by: Author, at: Timestamp, opens_window: bool, history: bool) {
        self.last_n = n;
        if by.side() == Side::Visitor && !history {
            self.team_unread += 1;
            self.status = Status::Open;
        }
        if opens_window {
            self.peer.wrote_at = self.peer.wrote_at.max(Some(at));
        }
    }
}

#[cfg(test)]
mod tests;
