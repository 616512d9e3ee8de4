//! What the widget asks before and beside its websocket.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::settings::WidgetLook;
use crate::view::{VisitorConversation, VisitorMessage};
use crate::visitor::{Page, VisitorEvent};
use switchboard_domain::{AttachmentId, MessageId, Seq};

/// `POST /api/v1/widget/boot`. Stores nothing: a visitor who never writes leaves no trace.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Boot {
    /// The public key of the snippet.
    pub key: String,
    /// The token of an earlier boot, to be the same visitor.
    #[serde(default)]
    #[ts(optional)]
    pub token: Option<String>,
    #[serde(default)]
    #[ts(optional)]
    pub identity: Option<Identify>,
    /// BCP 47.
    #[serde(default)]
    #[ts(optional)]
    pub locale: Option<String>,
    #[serde(default)]
    #[ts(optional)]
    pub page: Option<Page>,
}

/// The business vouches for its signed-in user.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Identify {
    pub user_id: String,
    /// HMAC-SHA256 of `user_id` under the workspace's identity secret, in hex, made by the
    /// business's server.
    pub hash: String,
    #[serde(default)]
    #[ts(optional)]
    pub name: Option<String>,
    #[serde(default)]
    #[ts(optional)]
    pub email: Option<String>,
    #[serde(default)]
    #[ts(optional)]
    pub phone: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Booted {
    /// Authorises `/ws/visitor` and `/api/v1/visitor/…`. Valid for a year, renewed by each boot.
    pub token: String,
    /// Says whose token it is, so that a client knows when it became another visitor.
    pub visitor: String,
    pub config: WidgetConfig,
    pub conversation: Option<VisitorConversation>,
}

/// `GET /api/v1/widget/config?key=`: public and cacheable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct WidgetConfig {
    pub workspace: String,
    pub look: WidgetLook,
    pub require_identity: bool,
    /// Bytes.
    #[ts(type = "number")]
    pub attachment_max_bytes: u64,
    /// Whether anyone of the team is there.
    pub online: bool,
}

/// `POST /api/v1/visitor/messages`
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitorPost {
    #[serde(rename = "ref", default)]
    #[ts(optional)]
    pub reference: Option<String>,
    #[serde(default)]
    #[ts(optional, as = "Option<String>")]
    pub text: String,
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<AttachmentId>>")]
    pub attachments: Vec<AttachmentId>,
    #[serde(default)]
    #[ts(optional)]
    pub reply_to: Option<MessageId>,
}

/// `GET /api/v1/visitor/conversation`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct VisitorThread {
    pub conversation: Option<VisitorConversation>,
    pub messages: Vec<VisitorMessage>,
    pub more: bool,
}

/// `GET /api/v1/visitor/events?after=`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct VisitorEvents {
    pub epoch: String,
    /// Everything up to here is in `events`.
    pub seq: Seq,
    pub events: Vec<NumberedVisitorEvent>,
    pub more: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct NumberedVisitorEvent {
    pub seq: Seq,
    pub at: jiff::Timestamp,
    #[serde(flatten)]
    pub event: VisitorEvent,
}
