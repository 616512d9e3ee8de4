//! What we tell platforms: a post cut into parts, a part made into requests, a reply read.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use switchboard_domain::extra::{Offer, TemplateValues};
use switchboard_domain::{AttachmentId, AttachmentKind, Failure, MessageId, Permit, Venue};

use crate::account::Credentials;
use crate::http::{Reply, Request};
use crate::inbound::ExternalId;

/// What someone of the team wants to send, whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Post {
    pub text: String,
    pub files: Vec<PostFile>,
    pub reply_to: Option<MessageId>,
    pub form: PostForm,
}

#[derive(Debug, Clone, PartialEq)]
pub enum PostForm {
    Plain,
    Offer(Offer),
    /// `components` are the template's own, as the platform described it.
    Template {
        name: String,
        language: String,
        components: serde_json::Value,
        values: TemplateValues,
    },
    /// A private message to whoever wrote the comment that [`Post::reply_to`] names.
    PrivateReply,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostFile {
    pub id: AttachmentId,
    pub kind: AttachmentKind,
    /// As sniffed from its bytes.
    pub mime: String,
    pub name: String,
    pub size: u64,
    /// A recorded voice.
    #[serde(default)]
    pub voice: bool,
}

/// One call's worth of a post, or something else that is to be told to the platform. Stored
/// sealed until it was told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "part", rename_all = "snake_case")]
pub enum Part {
    Text {
        text: String,
        reply_to: Option<MessageId>,
    },
    File {
        file: PostFile,
        caption: Option<String>,
        reply_to: Option<MessageId>,
    },
    /// Several files as one message, where the platform can.
    Album {
        files: Vec<PostFile>,
        caption: Option<String>,
        reply_to: Option<MessageId>,
    },
    Offer {
        text: String,
        offer: Offer,
        reply_to: Option<MessageId>,
    },
    Template {
        name: String,
        language: String,
        components: serde_json::Value,
        values: TemplateValues,
        /// For a header that is a picture, video or document.
        file: Option<PostFile>,
    },
    /// A public answer to a comment.
    CommentReply {
        target: MessageId,
        text: String,
    },
    PrivateReply {
        target: MessageId,
        text: String,
    },
    /// `None` takes the reaction back.
    React {
        target: MessageId,
        emoji: Option<String>,
    },
    Edit {
        target: MessageId,
        text: String,
        /// The message is a file with a caption.
        caption: bool,
    },
    Delete {
        target: MessageId,
    },
}

impl Part {
    /// The message of ours or theirs that it concerns, whose external id the sender looks up.
    pub fn target(&self) -> Option<MessageId> {
        match self {
            Part::Text { reply_to, .. }
            | Part::File { reply_to, .. }
            | Part::Album { reply_to, .. }
            | Part::Offer { reply_to, .. } => *reply_to,
            Part::CommentReply { target, .. }
            | Part::PrivateReply { target, .. }
            | Part::React { target, .. }
            | Part::Edit { target, .. }
            | Part::Delete { target } => Some(*target),
            Part::Template { .. } => None,
        }
    }

    /// Whether it cannot be told at all without its target.
    pub fn needs_target(&self) -> bool {
        matches!(
            self,
            Part::CommentReply { .. }
                | Part::PrivateReply { .. }
                | Part::React { .. }
                | Part::Edit { .. }
                | Part::Delete { .. }
        )
    }

    pub fn files(&self) -> &[PostFile] {
        match self {
            Part::File { file, .. } => std::slice::from_ref(file),
            Part::Template { file: Some(file), .. } => std::slice::from_ref(file),
            Part::Album { files, .. } => files,
            _ => &[],
        }
    }
}

/// A part with everything its request needs.
#[derive(Debug, Clone)]
pub struct Sending<'a> {
    pub credentials: &'a Credentials,
    pub venue: Venue,
    /// The thread's keys, most stable first.
    pub thread: &'a [String],
    /// What [`crate::Peer::address`] brought.
    pub address: &'a serde_json::Map<String, serde_json::Value>,
    pub permit: Permit,
    pub part: &'a Part,
    /// What the platform calls the part's target: all its parts, first one first. Several when
    /// that message was sent in parts.
    pub targets: &'a [ExternalId],
    /// Whether the target was written by the customer.
    pub target_is_theirs: bool,
    /// Sent along where the platform gives it back, to know our own messages by.
    pub correlation: &'a str,
    /// What [`Platform::upload`](crate::Platform::upload) led to, one for each of the part's files.
    pub uploads: &'a [Option<String>],
    /// A public, signed, short-lived address of each of the part's files, for platforms that
    /// fetch. Absent where the server cannot be reached from outside.
    pub urls: &'a [Option<String>],
}

/// Something fleeting to tell. Not stored, not repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Typing {
        on: bool,
    },
    /// The team has read up to this message of the customer.
    Read {
        message: ExternalId,
    },
    /// Confirms a tap.
    Acknowledge {
        id: String,
    },
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The platform took it, under these names (an album has several; a reaction none).
    Sent { ids: Vec<ExternalId> },
    /// A file is there, under this name.
    Uploaded { handle: String },
    /// Not now. Without a time: by our own schedule.
    Retry { after: Option<u32>, why: Failure, scope: RetryScope },
    /// Never.
    Dead(Failure),
    /// The token is of no use any more: nothing of this account can be sent.
    Reconnect(Failure),
    /// The platform restricts the account: everything waits, people are told.
    Restricted(Failure),
    /// The thread goes on under another key (a Telegram group became a supergroup): note it, and
    /// send again.
    Moved { key: String },
}

/// Who waits while a call is retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryScope {
    Conversation,
    Account,
}

/// How fast an account may send. Zero: as fast as it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Messages in a second, of the account.
    pub per_second: u32,
    /// In one conversation: messages that may follow at once, …
    pub burst: u32,
    /// … and milliseconds that each of them costs.
    pub refill_ms: u32,
    /// Calls at the same time.
    pub concurrent: u32,
    /// Whether a message is held until the one before it in the same conversation was confirmed
    /// as sent by a receipt.
    pub awaits_receipt: bool,
}

/// What is asked of a reply.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub part: &'a Part,
    pub at: Timestamp,
}

/// A request to make before the part itself, for the file at this position; `None` when the part
/// carries the bytes itself, or has them fetched.
pub type Uploads = Vec<Option<Request>>;

/// Reads a reply that is one of success or an error of HTTP alone.
pub fn is_temporary(reply: &Reply) -> bool {
    reply.status == 408 || reply.status == 429 || reply.status >= 500
}
