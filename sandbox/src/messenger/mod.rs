//! Messenger, and what Instagram has in common with it: sending, conversations, comments.

mod comments;
mod content;
mod events;
mod files;
mod history;
mod page;
mod send;
mod templates;

use std::collections::{HashMap, HashSet};

pub use comments::find as find_comment;
pub use events::{announce, files, reaction_name};
pub use files::attachments;
pub use history::conversations;
pub use page::{apps, described, fields, node, page};
pub use send::{messages, profile_edge};

use crate::world::Platform;

/// What the stand-ins for Messenger and Instagram remember beyond the common world.
#[derive(Debug, Default)]
pub struct Memory {
    /// Reusable attachments: their id, and the account and file.
    pub attachments: HashMap<String, (String, String)>,
    /// Instagram accounts whose webhooks come by their Page.
    pub by_page: HashSet<String>,
    /// When messages went out, by account, while rate limits are kept.
    pub sent: HashMap<String, Vec<i64>>,
    /// The Messenger profile of an account: ice breakers, menu, greeting.
    pub profiles: HashMap<String, serde_json::Map<String, serde_json::Value>>,
}

/// Where a message goes out: the account, and whether by the Page or by Instagram Login.
#[derive(Debug, Clone)]
pub struct Venue {
    pub platform: Platform,
    pub account: String,
    pub by_page: bool,
}
