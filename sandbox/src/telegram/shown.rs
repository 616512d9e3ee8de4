//! How people, chats and messages look in the Bot API's JSON.

use serde_json::{Map, Value, json};

use super::files;
use super::memory::{Connection, number};
use crate::world::{Account, Message, Phone, Side, State};

/// Who speaks in a pretend group.
const MEMBER: (i64, &str) = (510_000_099, "Noor Haddad");

pub fn user(id: i64, name: &str, username: Option<&str>) -> Value {
    let (first, last) = name.split_once(' ').unwrap_or((name, ""));
    let mut user = json!({
        "id": id,
        "is_bot": false,
        "first_name": first,
        "language_code": "en",
    });
    if !last.is_empty() {
        user["last_name"] = json!(last);
    }
    if let Some(username) = username {
        user["username"] = json!(username);
    }
    user
}

pub fn bot(account: &Account) -> Value {
    json!({
        "id": account.id.parse::<i64>().unwrap_or_default(),
        "is_bot": true,
        "first_name": account.name,
        "username": account.handle,
    })
}

pub fn chat_id(phone: &Phone) -> i64 {
    phone.person.id.parse().unwrap_or_default()
}

/// Whoever holds the phone; in a group, one of its members.
pub fn person(phone: &Phone) -> Value {
    match chat_id(phone) {
        ..0 => user(MEMBER.0, MEMBER.1, None),
        id => user(id, &phone.person.name, phone.person.username.as_deref()),
    }
}

pub fn chat(phone: &Phone) -> Value {
    let id = chat_id(phone);
    if id < 0 {
        let kind = if id <= -1_000_000_000_000 { "supergroup" } else { "group" };
        return json!({ "id": id, "type": kind, "title": phone.person.name });
    }
    let mut chat = person(phone);
    if let Some(chat) = chat.as_object_mut() {
        chat.remove("is_bot");
        chat.remove("language_code");
        chat.insert("type".into(), json!("private"));
    }
    chat
}

/// A message that a customer wrote.
pub fn said(state: &State, phone: &Phone, message: &Message) -> Value {
    let mut shown = head(message, phone, person(phone));
    if state.telegram.connections.contains_key(&phone.account) {
        shown.insert("business_connection_id".into(), json!(phone.account));
    }
    reply(state, message, &mut shown);
    shown.extend(content(state, phone, message));
    Value::Object(shown)
}

/// A message of the bot, or of the owner of a connected account.
pub fn sent(
    state: &State,
    phone: &Phone,
    account: &Account,
    message: &Message,
    fields: Map<String, Value>,
) -> Value {
    let connection = state.telegram.connections.get(&phone.account);
    let from = connection.map_or_else(|| bot(account), owner);
    let mut shown = head(message, phone, from);
    if connection.is_some() {
        shown.insert("business_connection_id".into(), json!(phone.account));
        shown.insert("sender_business_bot".into(), bot(account));
    }
    reply(state, message, &mut shown);
    shown.extend(fields);
    Value::Object(shown)
}

pub fn owner(connection: &Connection) -> Value {
    user(connection.owner, &connection.owner_name, None)
}

fn head(message: &Message, phone: &Phone, from: Value) -> Map<String, Value> {
    let head = json!({
        "message_id": number(&message.id),
        "from": from,
        "chat": chat(phone),
        "date": message.at / 1000,
    });
    match head {
        Value::Object(head) => head,
        _ => Map::new(),
    }
}

/// Messages are shown one level deep: the answered one without what it answered itself.
fn reply(state: &State, message: &Message, shown: &mut Map<String, Value>) {
    let target = message.reply_to.as_ref().and_then(|id| state.telegram.message(id));
    if let Some(Value::Object(target)) = target {
        let mut target = target.clone();
        target.remove("reply_to_message");
        shown.insert("reply_to_message".into(), Value::Object(target));
    }
}

/// The members that hold what was said.
fn content(state: &State, phone: &Phone, message: &Message) -> Map<String, Value> {
    let mut fields = Map::new();
    for file in &message.media {
        let bot = state.telegram.bot_of(&phone.account);
        if let Some(media) = state.media(&file.media) {
            fields.extend(files::shown(&bot, media, &file.kind, file.name.as_deref()));
        }
    }
    if let Some(group) = message.card.get("media_group_id") {
        fields.insert("media_group_id".into(), group.clone());
    }
    let words = message.text.clone().unwrap_or_default();
    match message.kind.as_str() {
        "location" => fields.extend(place(&message.card)),
        "contacts" | "contact" => fields.extend(contact(&message.card)),
        "unsupported" => {
            fields.insert("future_content".into(), json!({ "kind": "unknown" }));
        }
        _ if message.media.is_empty() => {
            add_entities(&mut fields, "entities", &words);
            fields.insert("text".into(), json!(words));
        }
        "sticker" => {}
        _ if !words.is_empty() => {
            add_entities(&mut fields, "caption_entities", &words);
            fields.insert("caption".into(), json!(words));
        }
        _ => {}
    }
    fields
}

/// The entities that Telegram finds by itself: commands and addresses.
fn add_entities(fields: &mut Map<String, Value>, name: &str, words: &str) {
    let mut entities = vec![];
    let mut at = 0;
    for word in words.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        let kind = match bare {
            bare if at == 0 && bare.starts_with('/') && bare.len() > 1 => Some("bot_command"),
            bare if bare.starts_with("https://") || bare.starts_with("http://") => Some("url"),
            _ => None,
        };
        if let Some(kind) = kind {
            let length = super::text::units(bare);
            entities.push(json!({ "type": kind, "offset": at, "length": length }));
        }
        at += super::text::units(word);
    }
    if !entities.is_empty() {
        fields.insert(name.into(), Value::Array(entities));
    }
}

fn place(card: &Value) -> Map<String, Value> {
    let location = json!({ "latitude": card["latitude"], "longitude": card["longitude"] });
    let mut fields = Map::new();
    if let Some(name) = card["name"].as_str() {
        let address = card["address"].as_str().unwrap_or_default();
        let venue = json!({ "location": location, "title": name, "address": address });
        fields.insert("venue".into(), venue);
    }
    fields.insert("location".into(), location);
    fields
}

/// A contact: the first of the common world's list.
fn contact(card: &Value) -> Map<String, Value> {
    let first = card.get(0).unwrap_or(card);
    let name = first["name"]["formatted_name"].as_str().unwrap_or_default();
    let phone = first["phones"][0]["phone"].as_str().unwrap_or_default();
    let (given, family) = name.split_once(' ').unwrap_or((name, ""));
    let mut contact = json!({ "phone_number": phone, "first_name": given });
    if !family.is_empty() {
        contact["last_name"] = json!(family);
    }
    Map::from_iter([("contact".to_owned(), contact)])
}

/// Whether a message was sent by the business: only those can be changed by it.
pub fn is_own(message: &Message) -> bool {
    message.from == Side::Business
}
