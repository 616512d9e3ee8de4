//! What the stand-in for Telegram remembers beyond the common world.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Notify;

use super::updates::Pending;
use crate::world::{Phone, State};

#[derive(Debug, Default)]
pub struct Memory {
    bots: HashMap<String, Bot>,
    /// Every message as the Bot API shows it, by `chat:message`.
    messages: HashMap<String, Value>,
    pub connections: HashMap<String, Connection>,
    /// Taps that can still be answered, and until when.
    pub queries: HashMap<String, i64>,
    /// Paths that `getFile` gave out: the file, and until when.
    pub paths: HashMap<String, (String, i64)>,
    /// Groups that became supergroups, with their new id.
    pub migrated: HashMap<i64, i64>,
    last_message: Option<u64>,
}

/// One bot's updates and webhook.
#[derive(Debug, Default)]
pub struct Bot {
    pub webhook: Option<Webhook>,
    /// The kinds of updates it asked for; None: the default ones.
    pub allowed: Option<HashSet<String>>,
    pub pending: VecDeque<Pending>,
    pub last_update: Option<i64>,
    /// Counts calls of `getUpdates`: the newest one wins.
    pub poller: u64,
    pub arrived: Arc<Notify>,
    /// When it sent what to whom lately, for the rate limits.
    pub sent: VecDeque<(i64, i64)>,
}

#[derive(Debug, Clone)]
pub struct Webhook {
    pub url: String,
    pub secret: Option<String>,
    pub max_connections: i64,
    pub ip_address: Option<String>,
    pub certificate: bool,
    /// In seconds, with the words.
    pub last_error: Option<(i64, String)>,
}

/// A person's own account that answers through a bot.
#[derive(Debug, Clone)]
pub struct Connection {
    pub id: String,
    pub bot: String,
    pub owner: i64,
    pub owner_name: String,
    pub date: i64,
    pub can_reply: bool,
    pub can_read: bool,
    pub can_delete: bool,
    pub enabled: bool,
}

impl Connection {
    pub fn shown(&self) -> Value {
        let rights = [
            ("can_reply", self.can_reply),
            ("can_read_messages", self.can_read),
            ("can_delete_sent_messages", self.can_delete),
            ("can_delete_all_messages", self.can_delete),
        ];
        let rights: serde_json::Map<String, Value> = rights
            .into_iter()
            .filter(|(_, has)| *has)
            .map(|(name, has)| (name.to_owned(), json!(has)))
            .collect();
        json!({
            "id": self.id,
            "user": super::shown::user(self.owner, &self.owner_name, None),
            "user_chat_id": self.owner,
            "date": self.date,
            "rights": rights,
            "is_enabled": self.enabled,
        })
    }
}

impl Memory {
    pub fn bot(&mut self, id: &str) -> &mut Bot {
        self.bots.entry(id.to_owned()).or_default()
    }

    pub fn message(&self, id: &str) -> Option<&Value> {
        self.messages.get(id)
    }

    pub fn message_mut(&mut self, id: &str) -> Option<&mut Value> {
        self.messages.get_mut(id)
    }

    pub fn keep(&mut self, id: &str, message: Value) {
        self.messages.insert(id.to_owned(), message);
    }

    pub fn forget(&mut self, id: &str) {
        self.messages.remove(id);
    }

    /// The bot behind an account of the world: itself, or the one that serves the connection.
    pub fn bot_of(&self, account: &str) -> String {
        let connection = self.connections.get(account);
        connection.map_or_else(|| account.to_owned(), |connection| connection.bot.clone())
    }
}

/// The id of a new message: `chat:message`. The numbers begin somewhere, so that a sandbox started
/// again does not repeat them.
pub fn message_id(state: &mut State, phone: &Phone) -> String {
    let number = match state.telegram.last_message {
        Some(last) => last + 1,
        None => begin(state),
    };
    state.telegram.last_message = Some(number);
    format!("{}:{number}", phone.person.id)
}

/// A number below 2^30 that follows from the seed.
pub fn begin(state: &mut State) -> u64 {
    let bytes = state.random();
    u64::from(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) >> 2)
}

/// The message's number within its chat.
pub fn number(id: &str) -> i64 {
    id.rsplit_once(':').and_then(|(_, number)| number.parse().ok()).unwrap_or_default()
}
