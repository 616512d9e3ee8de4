//! What conversations that take place elsewhere are told: by platforms, and by whoever speaks for
//! the account.

use std::collections::HashMap;

use switchboard_channels::{Event, ExternalId, Thread};
use switchboard_domain::{
    AccountId, AccountKind, AttachmentId, AttachmentKind, Delivery, MessageId, SendId,
};
use switchboard_store::contact::Held;
use switchboard_store::conversation::Stored;
use switchboard_store::external::Known;
use switchboard_store::seal::Key;
use uuid::Uuid;

/// What a platform told of one conversation, in its order.
#[derive(Debug)]
pub struct Received {
    pub account: AccountId,
    pub kind: AccountKind,
    /// The platform's id of the account.
    pub account_external: String,
    /// Whether the account was found by that id, which must be its own still.
    pub routed: bool,
    pub thread: Thread,
    pub events: Vec<Event>,
    /// What was read before, for the whole of the webhook.
    pub before: Before,
}

/// What is known of what a platform told before its conversation hears of it. It is decided on
/// once; when that clashes, the conversation reads for itself.
#[derive(Debug, Default)]
pub enum Before {
    /// Nothing was read: all of it is likely news, and the conversation likely here.
    #[default]
    Nothing,
    Read(Box<Read>),
}

/// What was read of one conversation.
#[derive(Debug, Default)]
pub struct Read {
    /// `None` when there is none.
    pub stored: Option<Stored>,
    /// Names of messages that are known.
    pub names: HashMap<[u8; 32], Known>,
    /// What waits for those that are not: ids, and JSON.
    pub waiting: HashMap<[u8; 32], Vec<(Uuid, Vec<u8>)>>,
    /// Whose the thread's identities are.
    pub contact: Option<Held>,
}

/// What became of a call to the platform.
#[derive(Debug)]
pub struct Progress {
    pub send: SendId,
    pub account: AccountId,
    /// The epoch of the owner that made the call.
    pub epoch: u64,
    pub message: MessageId,
    pub part: u16,
    /// Whether it posts the message itself, or says something about it.
    pub posts: bool,
    /// Whether it is the last part of its message.
    pub last: bool,
    /// What the platform calls what was sent.
    pub ids: Vec<ExternalId>,
    pub delivery: Delivery,
    /// Whether the row stays: it is being sent, or nobody knows yet.
    pub keep: bool,
}

/// What became of a platform's file.
#[derive(Debug)]
pub struct FileProgress {
    pub account: AccountId,
    pub message: MessageId,
    pub file: AttachmentId,
    /// `None` when it cannot be had.
    pub came: Option<CameFile>,
}

/// A file that has come: its bytes are kept, sealed with its key.
#[derive(Debug, Clone)]
pub struct CameFile {
    pub key: Key,
    pub name: String,
    pub mime: String,
    pub kind: AttachmentKind,
    pub size: u64,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub has_thumbnail: bool,
}
