//! The agents' websocket, `/ws/agent`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use switchboard_domain::extra::{Offer, TemplateValues};
use switchboard_domain::{
    AccountId, AttachmentId, Author, ConversationId, LabelId, MemberId, MessageId, PostKind,
    Presence, Seq, SessionId, Status, TemplateId,
};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::problem::Code;
use crate::rest::channels;
use crate::view;

/// What a client sends first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum AgentHello {
    Hello {
        /// A personal API token; absent where the session cookie speaks.
        #[serde(default)]
        #[ts(optional)]
        token: Option<String>,
        /// The epoch of an earlier `welcome`, to resume.
        #[serde(default)]
        #[ts(optional)]
        epoch: Option<String>,
        /// The last `seq` the client has, to resume. Without it the answer is a snapshot.
        #[serde(default)]
        #[ts(optional)]
        after: Option<Seq>,
    },
}

/// A command with the number by which it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AgentRequest {
    /// Chosen by the client, unique among its unanswered commands.
    pub id: u32,
    #[serde(flatten)]
    pub command: AgentCommand,
}

/// What an agent's client asks for. Each is answered once, `ok` or `no`, after it is durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AgentCommand {
    /// Writes a message or a note. The same `ref` again gives the same answer and no second message.
    Post {
        conversation: ConversationId,
        #[serde(rename = "ref")]
        reference: String,
        kind: PostKind,
        #[serde(default)]
        text: String,
        #[serde(default)]
        #[ts(optional, as = "Option<Vec<AttachmentId>>")]
        attachments: Vec<AttachmentId>,
        #[serde(default)]
        #[ts(optional)]
        reply_to: Option<MessageId>,
        /// What the channel carries beside text and files.
        #[serde(default, rename = "as")]
        #[ts(optional)]
        form: Option<PostAs>,
    },
    /// Sends a message again that failed, or that may not have been sent. Nothing is sent twice
    /// of a message that is known to have been sent.
    Resend {
        conversation: ConversationId,
        message: MessageId,
    },
    Edit {
        conversation: ConversationId,
        message: MessageId,
        text: String,
    },
    Delete {
        conversation: ConversationId,
        message: MessageId,
    },
    React {
        conversation: ConversationId,
        message: MessageId,
        emoji: String,
        on: bool,
    },
    /// Says how far this side has come, as message numbers. They only move forward.
    Mark {
        conversation: ConversationId,
        #[serde(default)]
        #[ts(optional, as = "Option<u32>")]
        delivered: u32,
        #[serde(default)]
        #[ts(optional, as = "Option<u32>")]
        read: u32,
    },
    SetStatus {
        conversation: ConversationId,
        status: Status,
    },
    Assign {
        conversation: ConversationId,
        member: Option<MemberId>,
    },
    Label {
        conversation: ConversationId,
        #[serde(default)]
        #[ts(optional, as = "Option<Vec<LabelId>>")]
        add: Vec<LabelId>,
        #[serde(default)]
        #[ts(optional, as = "Option<Vec<LabelId>>")]
        remove: Vec<LabelId>,
    },
    /// Ephemeral. Repeat every few seconds while typing; it fades by itself.
    Typing {
        conversation: ConversationId,
        on: bool,
        /// Typing a note is shown to the team alone.
        #[serde(default)]
        #[ts(optional, as = "Option<bool>")]
        note: bool,
    },
    /// Which conversation is on screen, so that its typing and presence arrive.
    Watch {
        conversation: Option<ConversationId>,
    },
    /// Ephemeral: `online` or `away`.
    SetPresence {
        presence: Presence,
    },
}

/// What a post is, where it is more than text and files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum PostAs {
    /// An approved template. `text` is empty; a file is for its header.
    Template { template: TemplateId, values: TemplateValues },
    /// Buttons or a list under the text.
    Offer { offer: Offer },
    /// A private message to whoever wrote the comment that `reply_to` names.
    PrivateReply,
}

/// What an agent's client receives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "frames are made one at a time and encoded at once")]
pub enum AgentFrame {
    /// The answer to `hello`. What was missed, or a `snapshot`, follows.
    Welcome {
        session: SessionId,
        epoch: String,
        /// The position of the workspace when the session joined.
        seq: Seq,
        me: MemberId,
        /// Whether a `snapshot` follows instead of the missed events.
        snapshot: bool,
    },
    /// All a console needs to start; it replaces whatever the client had.
    Snapshot { seq: Seq, snapshot: Box<AgentSnapshot> },
    /// The command with this id is done and durable.
    Ok {
        id: u32,
        #[serde(flatten)]
        done: Done,
    },
    /// The command with this id was not done. Without an id: a frame that could not be understood.
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
    /// The server's position. A client that is behind it has a gap: it should reconnect and resume.
    Beat { seq: Seq },
    /// Something that happened; carries the rows as they are after it.
    Event {
        seq: Seq,
        at: Timestamp,
        #[serde(flatten)]
        event: AgentEvent,
    },
    /// Ephemeral; fades after six seconds.
    Typing { conversation: ConversationId, who: Author, on: bool, note: bool },
    /// Ephemeral.
    Presence(view::PresenceOf),
    /// Ephemeral: which colleagues have this conversation on screen.
    Viewers { conversation: ConversationId, members: Vec<MemberId> },
}

/// What a done command led to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Done {
    /// The position of the last event of the command; absent when it was already so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub seq: Option<Seq>,
    /// The message that was posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub message: Option<MessageId>,
    /// The conversation it was posted to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub conversation: Option<ConversationId>,
    /// Its number, for a public message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub n: Option<u32>,
}

/// An event as agents see it. Applying one is replacing rows by id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum AgentEvent {
    /// A message was posted, edited, deleted or reacted to.
    Message {
        change: MessageChange,
        message: view::Message,
        conversation: view::Conversation,
    },
    /// A conversation's status, assignment, labels or marks changed. `activity` is the line in
    /// the conversation that tells of it.
    Conversation {
        conversation: view::Conversation,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        activity: Option<view::Message>,
    },
    /// A contact changed. Its conversations carry its name, so they changed with this event,
    /// whose `seq` is their new `rev`.
    Contact {
        contact: view::Contact,
    },
    Member {
        member: view::Member,
    },
    Label {
        label: view::Label,
    },
    /// Take it off the conversations that carry it: they changed with this event, whose `seq` is
    /// their new `rev`.
    LabelRemoved {
        label: LabelId,
    },
    Workspace {
        workspace: view::Workspace,
    },
    /// An account was connected, or is otherwise than before.
    Account {
        account: channels::Account,
    },
    /// Templates of an account changed: those who show them read them again.
    Templates {
        account: AccountId,
    },
    /// A row of this event is gone since; there is nothing left to show.
    Gone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageChange {
    Posted,
    Edited,
    Deleted,
    Reacted,
    /// A file has come, or the message came further on its way.
    Progressed,
}

/// All a console needs to start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct AgentSnapshot {
    pub me: view::Member,
    pub workspace: view::Workspace,
    pub members: Vec<view::Member>,
    pub labels: Vec<view::Label>,
    pub accounts: Vec<channels::Account>,
    pub counts: view::Counts,
    /// The newest open conversations, first page. `GET /api/v1/conversations` has the rest.
    pub conversations: Vec<view::Conversation>,
    pub next: Option<String>,
    /// Who is not offline.
    pub presence: Vec<view::PresenceOf>,
}

/// The contact of a conversation that is opened, beside its newest messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct ConversationDetail {
    pub conversation: view::Conversation,
    pub contact: view::Contact,
    /// Whether the visitor has the widget connected now.
    pub online: bool,
}
