//! Connected accounts: what is needed to speak for one, and what it says of itself.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use switchboard_domain::AccountKind;

use crate::inbound::Routed;

/// What is needed to act for an account. Stored sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    pub kind: AccountKind,
    /// The id that webhooks name: phone number id, Page id, Instagram professional account, bot.
    pub id: String,
    /// Another id of the same account in webhooks: the app-scoped one of Instagram Login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_id: Option<String>,
    /// What it belongs to: the WhatsApp Business Account; the Page of an Instagram account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    pub token: String,
    /// When the token ends by itself; most do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_expires_at: Option<Timestamp>,
    /// When it was given, or renewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_given_at: Option<Timestamp>,
    /// The app-scoped id of the person who connected it: deauthorise callbacks name them so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connected_by: Option<String>,
    /// What a Telegram webhook must carry in its secret header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hook_secret: Option<String>,
    /// The PIN of a WhatsApp number's registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("kind", &self.kind)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// What an account says of itself when it is connected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountInfo {
    pub id: String,
    pub other_id: Option<String>,
    pub parent: Option<String>,
    /// "Kiln & Clay", "+1 555 078 3881".
    pub name: String,
    /// `@kilnandclay`, `+1 555 078 3881`.
    pub handle: Option<String>,
    pub picture: Option<String>,
}

/// How an account is, by asking the platform.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// What is wrong, in words a person can act on, worst first. Empty when all is well.
    pub problems: Vec<Problem>,
    /// For example quality and limits: name and value, for people.
    pub facts: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub kind: ProblemKind,
    pub words: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    Token,
    Permission,
    /// The platform does not send us what happens. The server subscribes again by itself.
    NotSubscribed,
    Quality,
    Restricted,
    Payment,
    Other,
}

/// What a platform tells of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    pub name: Option<String>,
    pub username: Option<String>,
    pub locale: Option<String>,
    pub picture: Option<String>,
}

/// A step of bringing an account's history.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HistoryPage {
    pub events: Vec<Routed>,
    /// Conversations of this page, which have pages of their own.
    pub threads: Vec<String>,
    /// Where the next page begins.
    pub next: Option<String>,
}
