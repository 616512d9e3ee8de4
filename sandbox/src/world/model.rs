//! The people, accounts and messages of the pretend world.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    Whatsapp,
    Messenger,
    Instagram,
    Telegram,
}

impl Platform {
    pub fn name(self) -> &'static str {
        match self {
            Platform::Whatsapp => "whatsapp",
            Platform::Messenger => "messenger",
            Platform::Instagram => "instagram",
            Platform::Telegram => "telegram",
        }
    }
}

/// A business's presence on a platform.
#[derive(Debug, Clone, Serialize)]
pub struct Account {
    pub platform: Platform,
    /// Phone number id, Page id, Instagram professional account id, or bot id.
    pub id: String,
    pub name: String,
    /// Display phone number, or username.
    pub handle: String,
    /// The WABA of a phone number; the Page an Instagram account is linked to; else empty.
    pub owner: String,
    /// The app-scoped id of an Instagram account; else empty.
    pub app_scoped: String,
    /// The token that the preset or the control made for it.
    pub token: String,
    /// The webhook fields the app is subscribed to. Empty: no webhooks.
    pub fields: BTreeSet<String>,
    /// Where webhooks go instead of the app's address.
    pub hook_override: Option<String>,
    /// WhatsApp: registered for the Cloud API. The others always are.
    pub registered: bool,
}

/// A customer, as one account knows them.
#[derive(Debug, Clone, Serialize)]
pub struct Person {
    /// `wa_id`, PSID, IGSID, or Telegram user id.
    pub id: String,
    pub name: String,
    pub username: Option<String>,
    /// WhatsApp: the business-scoped user id.
    pub user_id: Option<String>,
}

/// A pretend phone: one customer's app, with its one thread with one account.
#[derive(Debug, Clone, Serialize)]
pub struct Phone {
    /// For example `whatsapp-ana`.
    pub id: String,
    pub platform: Platform,
    pub account: String,
    pub person: Person,
    pub thread: Vec<Message>,
    /// When the customer last did what opens the messaging window, in milliseconds.
    pub last_said_at: Option<i64>,
    /// Until when the business is shown as typing.
    pub typing_until: i64,
    /// The customer blocked the business.
    pub blocked: bool,
    /// The customer stopped marketing messages.
    pub no_marketing: bool,
}

impl Phone {
    pub fn message(&self, id: &str) -> Option<&Message> {
        self.thread.iter().rev().find(|message| message.id == id)
    }

    pub fn message_mut(&mut self, id: &str) -> Option<&mut Message> {
        self.thread.iter_mut().rev().find(|message| message.id == id)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Customer,
    Business,
}

/// How far a message of the business has come. Messages of customers are `Delivered` or `Read`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Accepted,
    Sent,
    Delivered,
    Read,
    Failed,
}

#[derive(Debug, Clone, Serialize)]
pub struct Message {
    /// The platform's id; Telegram's is `chat:message`.
    pub id: String,
    pub from: Side,
    /// `text`, `image`, `video`, `audio`, `voice`, `document`, `sticker`, `location`, `contacts`,
    /// `template`, `interactive`, `comment`, `postback`, `story_reply`, `story_mention`,
    /// `unsupported`…
    pub kind: String,
    pub text: Option<String>,
    pub media: Vec<Attachment>,
    /// Id of the message it answers.
    pub reply_to: Option<String>,
    pub reactions: Vec<Reaction>,
    pub edited: bool,
    pub edits: u32,
    pub deleted: bool,
    /// Milliseconds.
    pub at: i64,
    pub status: Status,
    /// Name and language of the template it was made of.
    pub template: Option<Value>,
    pub buttons: Vec<Button>,
    /// Whatever else the platform's kind of message holds: a location, contacts, a story…
    pub card: Value,
    pub comment: Option<Comment>,
    /// What the business asked to get back with receipts and echoes.
    pub opaque: Option<String>,
}

impl Message {
    pub fn new(id: impl Into<String>, from: Side, kind: impl Into<String>, at: i64) -> Message {
        Message {
            id: id.into(),
            from,
            kind: kind.into(),
            text: None,
            media: vec![],
            reply_to: None,
            reactions: vec![],
            edited: false,
            edits: 0,
            deleted: false,
            at,
            status: match from {
                Side::Customer => Status::Delivered,
                Side::Business => Status::Accepted,
            },
            template: None,
            buttons: vec![],
            card: Value::Null,
            comment: None,
            opaque: None,
        }
    }
}

/// A file of a message: the name of something in the media store.
#[derive(Debug, Clone, Serialize)]
pub struct Attachment {
    pub media: String,
    /// `image`, `video`, `audio`, `voice`, `document`, `sticker`…
    pub kind: String,
    pub name: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Reaction {
    pub by: Side,
    pub emoji: String,
}

/// Something on a message of the business that the customer can tap.
#[derive(Debug, Clone, Serialize)]
pub struct Button {
    /// `reply`, `row`, `quick_reply`, `postback`, `template`, `callback`, `keyboard`, `url`…
    pub kind: String,
    pub title: String,
    /// What comes back when it is tapped; of a `url`, the address.
    pub payload: String,
    /// Rows of lists have one.
    pub description: Option<String>,
}

/// The place of a comment.
#[derive(Debug, Clone, Serialize)]
pub struct Comment {
    pub post: String,
    pub parent: Option<String>,
    pub hidden: bool,
    /// A private reply has been made; the platforms allow one.
    pub answered: bool,
}

/// Bytes that travel with messages.
#[derive(Debug, Clone)]
pub struct Media {
    pub id: String,
    pub platform: Platform,
    /// The account it was uploaded to, or that received it.
    pub account: String,
    pub mime: String,
    pub name: Option<String>,
    pub bytes: Bytes,
    pub at: i64,
    pub from: Side,
}
