//! A contact is one person with a set of identities.

use serde::{Deserialize, Serialize};

/// One way by which a contact is recognised. What it holds is personal: it is stored sealed,
/// and looked up by a keyed hash.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Identity {
    /// A browser that the widget ran in.
    Visitor(String),
    /// The id a business knows its signed-in user by, vouched for by HMAC.
    User(String),
    Email(String),
    Phone(String),
    /// A WhatsApp id: the digits of a phone number.
    Whatsapp(String),
    /// A person as one business portfolio knows them on WhatsApp (BSUID).
    WhatsappUser(String),
    /// A person as one Page knows them, as `page:psid`.
    Messenger(String),
    /// A person as one Instagram account knows them, as `account:igsid`.
    Instagram(String),
    /// A Telegram user or group.
    Telegram(String),
}

impl Identity {
    /// A stable name for the kind, stored beside the hash.
    pub fn kind(&self) -> &'static str {
        match self {
            Identity::Visitor(_) => "visitor",
            Identity::User(_) => "user",
            Identity::Email(_) => "email",
            Identity::Phone(_) => "phone",
            Identity::Whatsapp(_) => "whatsapp",
            Identity::WhatsappUser(_) => "whatsapp_user",
            Identity::Messenger(_) => "messenger",
            Identity::Instagram(_) => "instagram",
            Identity::Telegram(_) => "telegram",
        }
    }

    pub fn value(&self) -> &str {
        match self {
            Identity::Visitor(value)
            | Identity::User(value)
            | Identity::Email(value)
            | Identity::Phone(value)
            | Identity::Whatsapp(value)
            | Identity::WhatsappUser(value)
            | Identity::Messenger(value)
            | Identity::Instagram(value)
            | Identity::Telegram(value) => value,
        }
    }
}

/// The longest id by which a business knows its user, in bytes.
pub const USER_ID_MAX_BYTES: usize = 200;

const ADJECTIVES: [&str; 24] = [
    "Amber", "Bright", "Calm", "Clever", "Coral", "Crimson", "Eager", "Gentle", "Golden", "Happy",
    "Indigo", "Ivory", "Jade", "Kind", "Lively", "Lucky", "Mellow", "Merry", "Noble", "Olive",
    "Quiet", "Rosy", "Sunny", "Violet",
];
const ANIMALS: [&str; 24] = [
    "Badger", "Beaver", "Crane", "Dolphin", "Falcon", "Finch", "Fox", "Gazelle", "Heron", "Ibis",
    "Koala", "Lark", "Lynx", "Magpie", "Marten", "Otter", "Owl", "Panda", "Puffin", "Robin",
    "Seal", "Swan", "Tern", "Wren",
];

/// A name by which a team can tell visitors apart who have not given one.
pub fn pseudonym(seed: u128) -> String {
    let adjective = ADJECTIVES[(seed % 24) as usize];
    let animal = ANIMALS[(seed / 24 % 24) as usize];
    format!("{adjective} {animal}")
}
