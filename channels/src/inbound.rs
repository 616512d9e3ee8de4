//! What platforms tell us, in one vocabulary.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use switchboard_domain::{
    AttachmentKind, BusinessConnection, ChannelLine, Delivery, DeliveryState, Extra, Identity,
    Venue,
};

/// The deepest nesting of a webhook that is read.
pub const DEPTH_MAX: usize = 64;
/// The longest text kept of an inbound message, in characters; the rest is cut with an ellipsis.
pub const TEXT_MAX_CHARS: usize = 32_768;

/// The time of an event of which the platform tells none (Telegram's taps and deletions). Whoever
/// has a clock puts the time of arrival in its place.
pub const UNTIMED: Timestamp = Timestamp::UNIX_EPOCH;

/// [`UNTIMED`], with what tells this event from others of its kind: two of them an instant apart
/// are two things that happened, and the same one again is a repetition.
pub fn untimed(number: u32) -> Timestamp {
    UNTIMED + jiff::SignedDuration::from_micros(i64::from(number))
}

/// Whether that is no time of a platform. The numbers of [`untimed`] take an hour and a half.
pub fn is_untimed(at: Timestamp) -> bool {
    at < UNTIMED + jiff::SignedDuration::from_hours(2)
}

/// Which address a webhook came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hook {
    Whatsapp,
    Messenger,
    Instagram,
    Telegram,
}

impl Hook {
    pub fn name(self) -> &'static str {
        match self {
            Hook::Whatsapp => "whatsapp",
            Hook::Messenger => "messenger",
            Hook::Instagram => "instagram",
            Hook::Telegram => "telegram",
        }
    }
}

/// Reads the body of a webhook. What cannot be read at all is one [`Unreadable`]; an item of a
/// batch that cannot be read does not keep the others from being read. Never panics.
///
/// `bot` is the account of a Telegram webhook, which its address names.
pub fn read(hook: Hook, bot: Option<&str>, body: &[u8]) -> Batch {
    match hook {
        Hook::Whatsapp => crate::whatsapp::read(body),
        Hook::Messenger => crate::messenger::read(body),
        Hook::Instagram => crate::instagram::read(body),
        Hook::Telegram => crate::telegram::read(bot.unwrap_or_default(), body),
    }
}

/// Everything one webhook held, in its order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    pub events: Vec<Routed>,
    /// Kept as dead letters, for people to look at and to try again.
    pub unreadable: Vec<Unreadable>,
}

/// An event and whose it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Routed {
    pub route: Route,
    pub event: Event,
}

/// By what an event finds its account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Route {
    /// The id of the account: phone number id, Page, Instagram account (either of its two ids),
    /// bot.
    Account(String),
    /// All accounts below it: a WhatsApp Business Account.
    Parent(String),
    /// A number as it is displayed, digits only, of a WhatsApp Business Account: some events name
    /// nothing better.
    Number { parent: String, digits: String },
}

/// An item that could not be read, by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Whose it is, as far as that could be read.
    pub route: Option<Route>,
    pub why: String,
    /// A body that [`read`] would take: the item alone, in its envelope.
    pub body: Vec<u8>,
}

/// The platform's name of a message, unique within its account. Telegram: `chat:message`, and
/// `b:connection:chat:message` for a business connection, whose chats have the same ids as those
/// of the bot; a tap is `callback:id`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExternalId(pub String);

/// Something that happened on a platform.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When, by the platform's clock. Of a batch's events without a time: that of their envelope;
    /// [`UNTIMED`] where that has none either.
    pub at: Timestamp,
    /// In which conversation; absent for what concerns the account.
    pub thread: Option<Thread>,
    pub what: What,
}

/// One person's, or group's, conversation with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// Names by which the conversation is found, most stable first; never empty. An event may
    /// know only some of them: a conversation has all that ever came together.
    pub keys: Vec<String>,
    pub venue: Venue,
    pub peer: Peer,
}

/// Under what [`Peer::address`] says through whose own account a thread runs.
pub const CONNECTION: &str = "business_connection_id";

/// The business connection that a thread with this address runs through, if it does.
pub fn connection_of(address: &serde_json::Map<String, serde_json::Value>) -> Option<&str> {
    address.get(CONNECTION).and_then(serde_json::Value::as_str)
}

/// Who is at the other end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peer {
    /// Most stable first. Empty where the platform names nobody: then the thread's keys stand in.
    pub identities: Vec<Identity>,
    pub name: Option<String>,
    /// Without `@`.
    pub username: Option<String>,
    /// As the platform shows it, `+` and digits.
    pub phone: Option<String>,
    /// BCP 47.
    pub locale: Option<String>,
    pub is_group: bool,
    /// Addressing that only the platform needs to answer, for example [`CONNECTION`],
    /// `message_thread_id`; kept with the conversation, newest wins.
    pub address: serde_json::Map<String, serde_json::Value>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum What {
    Message(Box<InMessage>),
    /// The text, and files where they changed, as they are after the edit. [`Event::at`] is the
    /// time of the edit: of two, the later one holds.
    Edited {
        target: ExternalId,
        text: Option<String>,
        media: Option<Vec<Media>>,
        extra: Option<Box<Extra>>,
    },
    Deleted {
        targets: Vec<ExternalId>,
    },
    /// The public does not see a comment from now on, or sees it again. Of two, the later one
    /// holds.
    Hidden {
        target: ExternalId,
        hidden: bool,
    },
    /// What one side's reactions to a message are from now on; empty when taken back.
    Reacted {
        target: ExternalId,
        emoji: Vec<String>,
        by: Direction,
    },
    /// How far one message of ours has come.
    Receipt {
        target: ExternalId,
        delivery: Delivery,
        /// What we sent along to know it by.
        correlation: Option<String>,
    },
    /// All that we sent up to [`Event::at`] has come this far.
    Watermark {
        state: DeliveryState,
    },
    /// The customer writes.
    Typing {
        on: bool,
    },
    Line(ChannelLine),
    /// The thread's person is known by these identities from now on; `was` are the former keys.
    Renamed {
        was: Vec<String>,
    },
    Account(AccountEvent),
    /// Someone lets the account answer for them, changed what it may do, or took it back.
    Connection(Box<BusinessConnection>),
    /// Understood and of no consequence for anyone here. Counted, not shown.
    Ignored {
        kind: String,
    },
}

/// Who wrote or reacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Direction {
    Customer,
    /// The business: through us, from its phone, or through another tool.
    Business {
        /// The tool, as far as the platform tells: `phone`, `inbox`, an app's id.
        via: Option<String>,
        /// What we sent along to know our own messages by.
        correlation: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct InMessage {
    pub id: ExternalId,
    pub direction: Direction,
    pub text: String,
    pub media: Vec<Media>,
    pub extra: Extra,
    pub reply_to: Option<ExternalId>,
    /// Whether it lets the business write freely for a while.
    pub opens_window: bool,
    /// A tap that the platform wants confirmed (Telegram's `callback_query.id`).
    pub acknowledge: Option<String>,
}

/// A file that is to be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    pub kind: AttachmentKind,
    pub mime: Option<String>,
    pub name: Option<String>,
    /// Bytes, where told.
    pub size: Option<u64>,
    pub source: Source,
}

/// Where a file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum Source {
    /// A signed address that needs no token.
    Url { url: String },
    /// An id to resolve with the account's token; `url` may be tried first, with the token.
    Id {
        id: String,
        url: Option<String>,
        /// Base64 of the SHA-256 of the bytes.
        sha256: Option<String>,
    },
    /// It cannot be fetched: too large, or taken back. People are told why.
    Gone { why: String },
}

/// Something about the account itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountEvent {
    /// Look at the account's health again. `notice` is what the platform said.
    Changed { notice: Option<Notice> },
    /// The platform restricts or bans it.
    Restricted { notice: String },
    /// Its owner took our access away.
    Revoked,
    /// This template, or all when absent, is to be read again.
    TemplateChanged { template: Option<String> },
    /// Messages from before it was connected follow, this many percent done.
    HistoryProgress { percent: u32 },
}

/// What a platform said of an account, in words for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub words: String,
    /// Whether someone should do something about it, or at least know what is wrong.
    pub is_problem: bool,
}

impl Notice {
    pub fn problem(words: impl Into<String>) -> Notice {
        Notice { words: words.into(), is_problem: true }
    }

    /// Good to know, and no more than that.
    pub fn news(words: impl Into<String>) -> Notice {
        Notice { words: words.into(), is_problem: false }
    }
}
