//! The visitors' websocket, `/ws/visitor`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use switchboard_domain::{AttachmentId, MemberId, MessageId, Seq, SessionId};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::agent::{Done, MessageChange};
use crate::problem::Code;
use crate::view::{VisitorConversation, VisitorMessage};

/// What a widget sends first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum VisitorHello {
    Hello {
        /// The visitor token that `POST /api/v1/widget/boot` gave.
        token: String,
        #[serde(default)]
        #[ts(optional)]
        epoch: Option<String>,
        #[serde(default)]
        #[ts(optional)]
        after: Option<Seq>,
        /// The page that carries the widget, shown to the team.
        #[serde(default)]
        #[ts(optional)]
        page: Option<Page>,
    },
}

/// Where a visitor is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Page {
    pub url: String,
    #[serde(default)]
    #[ts(optional)]
    pub title: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VisitorRequest {
    /// Chosen by the client, unique among its unanswered commands.
    pub id: u32,
    #[serde(flatten)]
    pub command: VisitorCommand,
}

/// What a visitor's client asks for. It always concerns the visitor's own conversation, which
/// the first `post` creates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum VisitorCommand {
    /// Writes a message. The same `ref` again gives the same answer and no second message.
    Post {
        #[serde(rename = "ref")]
        reference: String,
        #[serde(default)]
        text: String,
        #[serde(default)]
        #[ts(optional, as = "Option<Vec<AttachmentId>>")]
        attachments: Vec<AttachmentId>,
        #[serde(default)]
        #[ts(optional)]
        reply_to: Option<MessageId>,
    },
    Edit {
        message: MessageId,
        text: String,
    },
    Delete {
        message: MessageId,
    },
    React {
        message: MessageId,
        emoji: String,
        on: bool,
    },
    Mark {
        #[serde(default)]
        #[ts(optional, as = "Option<u32>")]
        delivered: u32,
        #[serde(default)]
        #[ts(optional, as = "Option<u32>")]
        read: u32,
    },
    Typing {
        on: bool,
    },
    /// The visitor went to another page.
    Visit {
        page: Page,
    },
}

/// What a visitor's client receives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum VisitorFrame {
    Welcome {
        session: SessionId,
        epoch: String,
        seq: Seq,
        snapshot: bool,
    },
    Snapshot {
        seq: Seq,
        snapshot: Box<VisitorSnapshot>,
    },
    Ok {
        id: u32,
        #[serde(flatten)]
        done: Done,
    },
    No {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        id: Option<u32>,
        code: Code,
        message: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        retry_after: Option<u32>,
    },
    /// Everything up to `seq` that concerns this visitor has been sent.
    Beat {
        seq: Seq,
    },
    Event {
        seq: Seq,
        at: Timestamp,
        #[serde(flatten)]
        event: VisitorEvent,
    },
    /// Ephemeral; fades after six seconds.
    Typing {
        member: MemberId,
        name: String,
        on: bool,
    },
    /// Ephemeral: whether anyone of the team is there.
    Presence {
        online: bool,
    },
}

/// An event as the visitor sees it. Applying one is replacing rows by id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum VisitorEvent {
    Message {
        change: MessageChange,
        message: Box<VisitorMessage>,
        conversation: VisitorConversation,
    },
    /// Marks changed.
    Conversation { conversation: VisitorConversation },
}

/// All a widget needs to start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct VisitorSnapshot {
    /// Absent until the first message.
    pub conversation: Option<VisitorConversation>,
    /// The newest messages, oldest first. `GET /api/v1/visitor/messages` has the rest.
    pub messages: Vec<VisitorMessage>,
    /// Whether there are older ones.
    pub more: bool,
    /// Whether anyone of the team is there.
    pub online: bool,
}
