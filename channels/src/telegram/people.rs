//! Who is in a chat, and which of them wrote.

use serde_json::Value;
use switchboard_domain::Identity;

use super::json;
use crate::inbound::{Direction, Peer};

/// Whom the conversation is with. Names change at any time; ids do not.
pub fn peer(holder: &Value) -> Peer {
    let chat = &holder["chat"];
    let person =
        json::object(holder, "direct_messages_topic").and_then(|topic| json::object(topic, "user"));
    if let Some(user) = person {
        return self::person(user);
    }
    let writer = json::object(holder, "from").or_else(|| json::object(holder, "user"));
    match json::raw(chat, "type") {
        Some("group" | "supergroup" | "channel") => group(chat),
        _ => match writer.filter(|writer| json::id(writer, "id") == json::id(chat, "id")) {
            Some(writer) => self::person(writer),
            None => self::person(chat),
        },
    }
}

/// A person, from a user or from the private chat with them.
pub fn person(user: &Value) -> Peer {
    Peer {
        identities: identity(user),
        name: full_name(user),
        username: json::title(user, "username"),
        locale: json::title(user, "language_code"),
        ..Peer::default()
    }
}

fn group(chat: &Value) -> Peer {
    Peer {
        identities: identity(chat),
        name: json::title(chat, "title"),
        username: json::title(chat, "username"),
        is_group: true,
        ..Peer::default()
    }
}

fn identity(value: &Value) -> Vec<Identity> {
    json::id(value, "id").map(|id| Identity::Telegram(id.to_string())).into_iter().collect()
}

/// "Marek Duda". Deleted accounts have none.
pub fn full_name(user: &Value) -> Option<String> {
    let names = [json::raw(user, "first_name"), json::raw(user, "last_name")];
    json::label(&names.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

/// Who of several wrote a message. Anonymous administrators and whoever writes as a chat come
/// with a placeholder for a user; then it is the chat that wrote.
pub fn sender(message: &Value, group: bool) -> Option<String> {
    if !group {
        return None;
    }
    match json::object(message, "sender_chat") {
        Some(chat) => {
            json::title(message, "author_signature").or_else(|| json::title(chat, "title"))
        }
        None => full_name(message.get("from")?),
    }
}

/// Which side wrote. `bot` is ourselves.
pub fn direction(message: &Value, bot: &str) -> Direction {
    match business_tool(message, bot) {
        Some(via) => Direction::Business { via, correlation: None },
        None => Direction::Customer,
    }
}

/// Through what the business wrote a message, if it was the business. `Some(None)`: through us.
fn business_tool(message: &Value, bot: &str) -> Option<Option<String>> {
    let phone = || Some(Some("phone".to_owned()));
    if let Some(tool) = json::object(message, "sender_business_bot") {
        let ours = json::id(tool, "id").is_some_and(|id| id.to_string() == bot);
        let name = json::title(tool, "username").or_else(|| full_name(tool));
        return Some(if ours { None } else { name });
    }
    if json::flag(message, "is_automatic_forward") {
        // A post of the channel that the group belongs to.
        return Some(Some("channel".to_owned()));
    }
    let from = message.get("from").and_then(|from| json::id(from, "id"));
    if let Some(topic) = json::object(message, "direct_messages_topic") {
        let asked = topic.get("user").and_then(|user| json::id(user, "id"));
        return if asked.is_some() && asked != from { phone() } else { None };
    }
    // A chat of a connection has the customer's id: who else writes there is its owner.
    json::raw(message, "business_connection_id")?;
    match from == json::id(&message["chat"], "id") {
        true => None,
        false if json::flag(message, "is_from_offline") => Some(Some("automatic".to_owned())),
        false => phone(),
    }
}
