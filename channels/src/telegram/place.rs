//! Where something happens: which chat, of whom, and the names that chat and its messages have
//! for us.

use serde_json::{Map, Value};
use switchboard_domain::Venue;

use super::json;
use crate::inbound::{CONNECTION, ExternalId, Peer, Thread};

/// A chat with the bot, or one of a person who lets the bot answer for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub chat: i64,
    /// Chats of a business connection have the ids of their customers, and so do chats with the
    /// bot: only this tells them apart.
    pub connection: Option<String>,
    pub topic: Option<Topic>,
}

/// A conversation of its own within a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// Of a forum, or of a private chat that has topics.
    Forum(i64),
    /// One person's messages to a channel.
    Direct(i64),
}

/// Ids of supergroups and channels are no higher; those of groups are.
const SUPERGROUPS: i64 = -1_000_000_000_000;

const FORUM: &str = "message_thread_id";
const DIRECT: &str = "direct_messages_topic_id";

impl Place {
    /// The chat that an update, or a part of one, names.
    pub fn of(value: &Value) -> Result<Place, String> {
        let chat = value.get("chat").and_then(|chat| json::id(chat, "id")).ok_or("no chat id")?;
        let connection = json::raw(value, CONNECTION).map(str::to_owned);
        Ok(Place { chat, connection, topic: topic(value) })
    }

    /// A chat with the bot.
    pub fn private(user: i64) -> Place {
        Place { chat: user, connection: None, topic: None }
    }

    /// The chat of a conversation that is known by its keys and its address. A group that became
    /// a supergroup may have both keys; only the new one can be written to.
    pub fn find(keys: &[String], address: &Map<String, Value>) -> Option<Place> {
        let places = || keys.iter().filter_map(|key| Place::parse(key, address));
        places().find(|place| place.chat <= SUPERGROUPS).or_else(|| places().next())
    }

    fn parse(key: &str, address: &Map<String, Value>) -> Option<Place> {
        if let Some(rest) = key.strip_prefix("b:") {
            let (connection, chat) = rest.rsplit_once(':')?;
            let connection = Some(connection.to_owned());
            return Some(Place { chat: chat.parse().ok()?, connection, topic: None });
        }
        let Some((chat, topic)) = key.split_once(':') else {
            return Some(Place::private(key.parse().ok()?));
        };
        let topic = topic.parse().ok()?;
        let topic = match address.contains_key(DIRECT) {
            true => Topic::Direct(topic),
            false => Topic::Forum(topic),
        };
        Some(Place { chat: chat.parse().ok()?, connection: None, topic: Some(topic) })
    }

    /// By what its conversation is found.
    pub fn key(&self) -> String {
        match (&self.connection, self.topic) {
            (Some(connection), _) => format!("b:{connection}:{}", self.chat),
            (None, Some(Topic::Forum(topic) | Topic::Direct(topic))) => {
                format!("{}:{topic}", self.chat)
            }
            (None, None) => self.chat.to_string(),
        }
    }

    /// The name of a message. Message ids are unique within a chat alone, and a chat of a
    /// connection may have the id of one with the bot.
    pub fn message(&self, id: i64) -> ExternalId {
        ExternalId(match &self.connection {
            Some(connection) => format!("b:{connection}:{}:{id}", self.chat),
            None => format!("{}:{id}", self.chat),
        })
    }

    /// The id that a message of this place has within its chat. Messages of another one, as of
    /// the group that a supergroup was, and taps, have none here.
    pub fn local(&self, name: &ExternalId) -> Option<i64> {
        let id = name.0.rsplit_once(':')?.1.parse().ok()?;
        (self.message(id) == *name).then_some(id)
    }

    pub fn venue(&self) -> Venue {
        match self.connection {
            Some(_) => Venue::TelegramBusiness,
            None => Venue::TelegramBot,
        }
    }

    pub fn thread(&self, peer: Peer) -> Thread {
        Thread {
            keys: vec![self.key()],
            venue: self.venue(),
            peer: Peer { address: self.address(), ..peer },
        }
    }

    /// The parameters by which calls name it, beside `chat_id`.
    pub fn address(&self) -> Map<String, Value> {
        let mut address = Map::new();
        if let Some(connection) = &self.connection {
            address.insert(CONNECTION.to_owned(), connection.as_str().into());
        }
        match self.topic {
            Some(Topic::Forum(topic)) => address.insert(FORUM.to_owned(), topic.into()),
            Some(Topic::Direct(topic)) => address.insert(DIRECT.to_owned(), topic.into()),
            None => None,
        };
        address
    }
}

/// `message_thread_id` alone says little: ordinary supergroups put it on threads of replies.
fn topic(value: &Value) -> Option<Topic> {
    let direct = value.get("direct_messages_topic").and_then(|topic| json::id(topic, "topic_id"));
    direct.map(Topic::Direct).or_else(|| {
        let id = json::id(value, FORUM).filter(|_| json::flag(value, "is_topic_message"))?;
        Some(Topic::Forum(id))
    })
}
