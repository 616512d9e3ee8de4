//! Conversations, messages, contacts, search and events for the team.

use serde::{Deserialize, Serialize};
use switchboard_domain::{AttachmentId, LabelId, MemberId, MessageId, PostKind, Seq, Status};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::agent::{AgentEvent, PostAs};
use crate::view;

/// Which status a list is restricted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusFilter {
    Open,
    Pending,
    Snoozed,
    Resolved,
    All,
}

/// Whose conversations a list is restricted to: `me`, `nobody`, or a member's id.
pub type AssigneeFilter = String;

/// `PATCH /api/v1/conversations/{id}`: what is present is set.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeConversation {
    #[ts(optional)]
    pub status: Option<Status>,
    /// `{"member": null}` unassigns.
    #[ts(optional)]
    pub assign: Option<AssignTo>,
    #[ts(optional, as = "Option<Vec<LabelId>>")]
    pub add_labels: Vec<LabelId>,
    #[ts(optional, as = "Option<Vec<LabelId>>")]
    pub remove_labels: Vec<LabelId>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignTo {
    pub member: Option<MemberId>,
}

/// `POST /api/v1/conversations/{id}/messages`. `ref`, or the header `Idempotency-Key`, makes a
/// repetition harmless.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostMessage {
    #[serde(rename = "ref", default)]
    #[ts(optional)]
    pub reference: Option<String>,
    #[serde(default = "public")]
    #[ts(optional, as = "Option<PostKind>")]
    pub kind: PostKind,
    #[serde(default)]
    #[ts(optional, as = "Option<String>")]
    pub text: String,
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<AttachmentId>>")]
    pub attachments: Vec<AttachmentId>,
    #[serde(default)]
    #[ts(optional)]
    pub reply_to: Option<MessageId>,
    /// What the channel carries beside text and files.
    #[serde(default, rename = "as")]
    #[ts(optional)]
    pub form: Option<PostAs>,
}

fn public() -> PostKind {
    PostKind::Public
}

/// `PATCH …/messages/{id}`
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditMessage {
    pub text: String,
}

/// `POST …/marks`
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Mark {
    pub delivered: u32,
    pub read: u32,
}

/// `POST …/typing`
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Typing {
    pub on: bool,
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub note: bool,
}

/// One hit of `GET /api/v1/search?q=`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct SearchHit {
    pub message: view::Message,
    pub conversation: view::Conversation,
}

/// `GET /api/v1/events?after=`: what a websocket would have resumed with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Events {
    pub epoch: String,
    pub events: Vec<NumberedEvent>,
    /// Whether there are more after these.
    pub more: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct NumberedEvent {
    pub seq: Seq,
    pub at: jiff::Timestamp,
    #[serde(flatten)]
    pub event: AgentEvent,
}

/// `PATCH /api/v1/contacts/{id}`: what is present is set; an empty text clears.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeContact {
    #[ts(optional)]
    pub name: Option<String>,
    #[ts(optional)]
    pub email: Option<String>,
    #[ts(optional)]
    pub phone: Option<String>,
    #[ts(optional)]
    pub remark: Option<String>,
}
