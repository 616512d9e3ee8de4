//! What people see of the things that are stored. Agents and visitors have different types:
//! a note has no way into a visitor's frame.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use switchboard_domain::{
    AccountId, AttachmentId, AttachmentKind, Author, Channel, ChannelLine, ContactId,
    ConversationId, Delivery, Extra, LabelId, Marks, MemberId, MessageId, MessageKind, Presence,
    Role, Seq, Status, Window, WorkspaceId, channel::Abilities,
};
use ts_rs::TS;
use utoipa::ToSchema;

/// A workspace as its members see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub name: String,
    pub created_at: Timestamp,
}

/// A person of the team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Member {
    pub id: MemberId,
    pub name: String,
    pub email: String,
    pub role: Role,
    /// False once removed; the name stays for the history.
    pub active: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Label {
    pub id: LabelId,
    pub name: String,
    /// `#rrggbb`
    pub color: String,
}

/// A customer as the team sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Contact {
    pub id: ContactId,
    /// What they are called; a pseudonym until they say.
    pub name: String,
    /// Whether the name was given by them, the business or an agent.
    pub named: bool,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// The business's own id of its signed-in user, vouched for by HMAC.
    pub user_id: Option<String>,
    /// BCP 47, as their browser asked.
    pub locale: Option<String>,
    /// The page they last wrote from.
    pub page_url: Option<String>,
    pub page_title: Option<String>,
    /// For example "Firefox on Android".
    pub browser: Option<String>,
    /// The team's own remark on them.
    pub remark: Option<String>,
    /// By what they are known on the channels, as people write it.
    pub handles: Vec<Handle>,
    /// The contact that this one was found to be.
    pub merged_into: Option<ContactId>,
    pub created_at: Timestamp,
    pub last_seen_at: Option<Timestamp>,
}

/// A name of a contact on a channel: `+1 650 555 0123`, `@ana`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Handle {
    pub channel: Channel,
    pub name: String,
}

/// Where a file is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// It is being fetched from the platform; `size` may be 0 and the links lead nowhere yet.
    Coming,
    Ready,
    /// It could not be had.
    Lost,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Attachment {
    pub id: AttachmentId,
    pub name: String,
    pub mime: String,
    pub kind: AttachmentKind,
    /// Bytes.
    #[ts(type = "number")]
    pub size: u64,
    /// Pixels, for images.
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// Signed; expires. `GET /api/v1/attachments/{id}` gives a new one.
    pub url: String,
    pub thumbnail_url: Option<String>,
    pub state: FileState,
    /// A recorded voice.
    pub voice: bool,
}

/// One emoji on a message and who put it there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Reaction {
    pub emoji: String,
    pub by: Vec<Author>,
}

/// The message that is answered, as far as a quotation needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Quote {
    pub id: MessageId,
    pub author: Author,
    /// The beginning of its text; empty when deleted or without text.
    pub excerpt: String,
}

/// What an activity line tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Activity {
    Status {
        status: Status,
    },
    Assigned {
        member: Option<MemberId>,
    },
    /// Something happened on the channel.
    Channel {
        #[serde(flatten)]
        line: ChannelLine,
    },
}

/// An entry of a conversation as the team sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Message {
    pub id: MessageId,
    pub conversation: ConversationId,
    /// The event that posted it. Messages are ordered by it.
    pub seq: Seq,
    /// The event that changed it last; of two copies the one with the higher `rev` is newer.
    pub rev: Seq,
    /// Its number among the public messages of the conversation, gapless from 1.
    pub n: Option<u32>,
    pub kind: MessageKind,
    pub author: Author,
    /// Empty when deleted.
    pub text: String,
    pub attachments: Vec<Attachment>,
    pub reply_to: Option<Quote>,
    pub reactions: Vec<Reaction>,
    pub activity: Option<Activity>,
    /// What it carries beside text and files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub extra: Option<Extra>,
    /// How far a message of the team has come on its way through a platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub delivery: Option<Delivery>,
    /// When it was written by the platform's clock, where that is not `created_at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub sent_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
    /// What its author's client called it.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
}

/// A line of the inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Conversation {
    pub id: ConversationId,
    /// The event that changed it last; of two copies the one with the higher `rev` is newer.
    pub rev: Seq,
    pub contact: ContactId,
    pub contact_name: String,
    pub channel: Channel,
    /// The account it is held with; absent on the website.
    pub account: Option<AccountId>,
    /// Through whose own account it runs: one of the account's `connections`, which says whether
    /// anything can be sent. Absent where it runs through none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub connection: Option<String>,
    /// Until when the team may write; absent where there is no limit.
    pub window: Option<Window>,
    /// What the team can do here beside writing.
    pub abilities: Abilities,
    /// Public comments, and not a private conversation.
    pub comments: bool,
    /// How far the customer has come, by the platform's clock. A message of the team that was
    /// sent by then is delivered, or read.
    pub peer_delivered_at: Option<Timestamp>,
    pub peer_read_at: Option<Timestamp>,
    pub status: Status,
    pub assignee: Option<MemberId>,
    pub labels: Vec<LabelId>,
    /// The number of the newest public message.
    pub last_n: u32,
    /// The newest message that is no activity, shortened.
    pub preview: Option<Preview>,
    /// How far the team and the visitor have come.
    pub team: Marks,
    pub visitor: Marks,
    /// Messages of the visitor that the team has not read.
    pub unread: u32,
    pub created_at: Timestamp,
    /// When someone last wrote. The inbox is ordered by it.
    pub last_activity_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Preview {
    pub message: MessageId,
    pub kind: MessageKind,
    pub author: Author,
    /// The beginning of its text; empty when deleted or without text.
    pub excerpt: String,
    /// How many files it carries.
    pub attachments: u32,
    pub deleted: bool,
}

/// How many conversations each view of the inbox holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS, ToSchema)]
pub struct Counts {
    pub open: u32,
    pub mine: u32,
    pub unassigned: u32,
    pub pending: u32,
    pub snoozed: u32,
    pub resolved: u32,
    /// Open conversations with something unread.
    pub unread: u32,
}

/// A member's or visitor's presence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct PresenceOf {
    pub who: Author,
    pub presence: Presence,
}

/// Who wrote a message, as a visitor sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum VisitorAuthor {
    /// The visitor.
    You,
    Agent {
        id: MemberId,
        name: String,
    },
    System,
}

/// A reaction as a visitor sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct VisitorReaction {
    pub emoji: String,
    pub count: u32,
    /// Whether the visitor is among them.
    pub yours: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct VisitorQuote {
    pub id: MessageId,
    pub author: VisitorAuthor,
    pub excerpt: String,
}

/// A public message as its visitor sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct VisitorMessage {
    pub id: MessageId,
    /// The event that posted it. Messages are ordered by it.
    pub seq: Seq,
    /// The event that changed it last.
    pub rev: Seq,
    /// Its number in the conversation, gapless from 1.
    pub n: u32,
    pub author: VisitorAuthor,
    pub text: String,
    pub attachments: Vec<Attachment>,
    pub reply_to: Option<VisitorQuote>,
    pub reactions: Vec<VisitorReaction>,
    pub created_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
    #[serde(rename = "ref")]
    pub reference: Option<String>,
}

/// The visitor's conversation as the visitor sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct VisitorConversation {
    pub id: ConversationId,
    pub last_n: u32,
    pub team: Marks,
    pub visitor: Marks,
    /// Messages of the team that the visitor has not read.
    pub unread: u32,
}
