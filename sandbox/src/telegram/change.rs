//! What is done to messages that are there: edits, deletions, reactions, answers to taps.

use serde_json::{Value, json};

use super::markup;
use super::memory::number;
use super::params::Params;
use super::refused::{Answer, Done, Refused};
use super::shown::is_own;
use super::{target, text};
use crate::world::{Message, Phone, Reaction, Side, State, World};

const DELETE_MS: i64 = 48 * 60 * 60 * 1000;
const DELETE_MOST: usize = 100;
const NOTICE_MAX: usize = 200;
const TYPING_MS: i64 = 5000;
const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply \
    markup are exactly the same as a current content and reply markup of the message";
const OLD_QUERY: &str = "query is too old and response timeout expired or query ID is invalid";

const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

/// The emoji that the platform has as reactions.
const REACTIONS: &str = "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 \
    ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 \
    💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡";

/// A message that a call names, with its phone.
fn find(state: &State, bot: &str, params: &Params, what: &str) -> Answer<(Phone, Message)> {
    let phone = target::phone(state, bot, params)?;
    let missing = || Refused::bad(&format!("message to {what} not found"));
    let number = params.number("message_id").ok_or_else(missing)?;
    let id = format!("{}:{number}", phone.person.id);
    let message = state.phone(&phone.id).and_then(|phone| phone.message(&id));
    let message = message.filter(|message| !message.deleted).cloned().ok_or_else(missing)?;
    Ok((phone, message))
}

/// `editMessageText`, `editMessageCaption` and `editMessageReplyMarkup`.
pub fn edit(world: &World, bot: &str, method: &str, params: &Params) -> Answer<Done> {
    let markup = markup::read(params)?;
    let mut state = world.lock();
    let (phone, message) = find(&state, bot, params, "edit")?;
    if state.telegram.connections.get(&phone.account).is_some_and(|through| !through.can_reply) {
        return Err(target::not_allowed());
    }
    if !is_own(&message) {
        return Err(Refused::bad("message can't be edited"));
    }
    let mut shown = state.telegram.message(&message.id).cloned().unwrap_or(Value::Null);
    let before = shown.clone();
    let mut text = message.text.clone();
    match method {
        "editMessageText" if shown.get("text").is_none() => {
            return Err(Refused::bad("there is no text in the message to edit"));
        }
        "editMessageText" => {
            let new = text::message_text(params)?;
            set(&mut shown, "entities", &new.entities);
            shown["text"] = json!(new.text);
            text = Some(new.text);
        }
        "editMessageCaption" if message.media.is_empty() => {
            return Err(Refused::bad("there is no caption in the message to edit"));
        }
        "editMessageCaption" => {
            let new = text::caption(params)?.unwrap_or_default();
            set(&mut shown, "caption_entities", &new.entities);
            shown["caption"] = json!(new.text);
            text = Some(new.text).filter(|text| !text.is_empty());
        }
        _ => {}
    }
    match (&markup.shown, shown.as_object_mut()) {
        (Some(keyboard), _) => shown["reply_markup"] = keyboard.clone(),
        // An edit without a keyboard takes the keyboard away.
        (None, Some(shown)) => drop(shown.remove("reply_markup")),
        _ => {}
    }
    if shown == before {
        return Err(Refused::bad(NOT_MODIFIED));
    }
    shown["edit_date"] = json!(state.now() / 1000);
    state.telegram.keep(&message.id, shown.clone());
    state.note(&phone.id, Some(message.id.clone()), method, params.log());
    let rows = (!markup.rows.is_empty()).then(|| json!({ "rows": markup.rows }));
    change(&mut state, &phone, &message.id, |message| {
        message.edited |= method != "editMessageReplyMarkup";
        message.edits += 1;
        message.text = text;
        message.buttons = markup.buttons;
        message.card = rows.unwrap_or(Value::Null);
    });
    drop(state);
    world.changed(&phone.id);
    Ok(shown.into())
}

fn set(shown: &mut Value, name: &str, entities: &[Value]) {
    if let Some(shown) = shown.as_object_mut() {
        shown.remove(name);
        if !entities.is_empty() {
            shown.insert(name.into(), json!(entities));
        }
    }
}

fn change(state: &mut State, phone: &Phone, id: &str, change: impl FnOnce(&mut Message)) {
    if let Some(message) = state.phone_mut(&phone.id).and_then(|phone| phone.message_mut(id)) {
        change(message);
    }
}

pub fn delete(world: &World, bot: &str, params: &Params) -> Answer<Done> {
    let mut state = world.lock();
    let (phone, message) = find(&state, bot, params, "delete")?;
    if state.now() - message.at > DELETE_MS {
        return Err(Refused::bad("message can't be deleted"));
    }
    take_away(&mut state, &phone, &message.id);
    state.note(&phone.id, Some(message.id), "deleteMessage", params.log());
    drop(state);
    world.changed(&phone.id);
    Done::yes()
}

fn take_away(state: &mut State, phone: &Phone, id: &str) {
    change(state, phone, id, |message| message.deleted = true);
    state.telegram.forget(id);
}

/// `deleteMessages` and `deleteBusinessMessages`: those that are not there are passed over.
pub fn delete_all(world: &World, bot: &str, method: &str, params: &Params) -> Answer<Done> {
    let numbers = params.list("message_ids")?.unwrap_or_default();
    if numbers.is_empty() || numbers.len() > DELETE_MOST {
        return Err(Refused::bad("there must be 1-100 message identifiers"));
    }
    let mut state = world.lock();
    let phones: Vec<Phone> = match params.text("business_connection_id") {
        Some(id) => {
            if !target::enabled(&state, bot, &id)?.can_delete {
                return Err(target::not_allowed());
            }
            state.phones().iter().filter(|phone| phone.account == id).map(Phone::face).collect()
        }
        None => vec![target::phone(&state, bot, params)?],
    };
    let since = state.now() - DELETE_MS;
    for phone in &phones {
        let wanted = |message: &&Message| {
            message.at >= since && numbers.contains(&json!(number(&message.id)))
        };
        let thread = state.phone(&phone.id).map(|phone| phone.thread.as_slice());
        let ids: Vec<String> = thread
            .unwrap_or_default()
            .iter()
            .filter(wanted)
            .map(|message| message.id.clone())
            .collect();
        for id in ids {
            take_away(&mut state, phone, &id);
            state.note(&phone.id, Some(id), method, params.log());
        }
    }
    drop(state);
    phones.iter().for_each(|phone| world.changed(&phone.id));
    Done::yes()
}

pub fn react(world: &World, bot: &str, params: &Params) -> Answer<Done> {
    let given = params.list("reaction")?.unwrap_or_default();
    if given.len() > 1 {
        return Err(Refused::bad("REACTIONS_TOO_MANY"));
    }
    let emoji = match given.first() {
        None => None,
        Some(reaction) => Some(known_reaction(reaction)?),
    };
    // Messages of connected accounts cannot be reacted to: the method does not know connections.
    if params.has("business_connection_id") {
        return Err(Refused::bad("message to react not found"));
    }
    let mut state = world.lock();
    let (phone, message) = find(&state, bot, params, "react")?;
    change(&mut state, &phone, &message.id, |message| {
        message.reactions.retain(|reaction| reaction.by != Side::Business);
        message.reactions.extend(emoji.map(|emoji| Reaction { by: Side::Business, emoji }));
    });
    state.note(&phone.id, Some(message.id), "setMessageReaction", params.log());
    drop(state);
    world.changed(&phone.id);
    Done::yes()
}

fn known_reaction(reaction: &Value) -> Answer<String> {
    let emoji = reaction["emoji"].as_str().unwrap_or_default();
    let bare = emoji.trim_end_matches('\u{fe0f}');
    let known =
        REACTIONS.split_whitespace().any(|known| known.trim_end_matches('\u{fe0f}') == bare);
    if reaction["type"] == json!("emoji") && known {
        return Ok(emoji.to_owned());
    }
    Err(Refused::bad("REACTION_INVALID"))
}

pub fn action(world: &World, bot: &str, params: &Params) -> Answer<Done> {
    let action = params.text("action").unwrap_or_default();
    if !ACTIONS.contains(&action.as_str()) {
        return Err(Refused::bad("wrong parameter action in request"));
    }
    let mut state = world.lock();
    let target = target::phone(&state, bot, params)?;
    if target.blocked {
        return Err(Refused::forbidden("bot was blocked by the user"));
    }
    let until = state.now() + TYPING_MS;
    if let Some(phone) = state.phone_mut(&target.id) {
        phone.typing_until = until;
    }
    drop(state);
    world.changed(&target.id);
    Done::yes()
}

pub fn answer_query(world: &World, _bot: &str, params: &Params) -> Answer<Done> {
    if params.text("text").is_some_and(|text| text.chars().count() > NOTICE_MAX) {
        return Err(Refused::bad("MESSAGE_TOO_LONG"));
    }
    let id = params.text("callback_query_id").unwrap_or_default();
    let mut state = world.lock();
    let now = state.now();
    match state.telegram.queries.get(&id) {
        Some(until) if now < *until => Done::yes(),
        _ => Err(Refused::bad(OLD_QUERY)),
    }
}

/// `readBusinessMessage`: everything up to it counts as read.
pub fn read_business(world: &World, bot: &str, params: &Params) -> Answer<Done> {
    let mut state = world.lock();
    let id = params.text("business_connection_id").unwrap_or_default();
    if !target::enabled(&state, bot, &id)?.can_read {
        return Err(target::not_allowed());
    }
    let (phone, read) = find(&state, bot, params, "read")?;
    let phone_id = phone.id;
    if let Some(phone) = state.phone_mut(&phone_id) {
        let theirs = phone.thread.iter_mut().filter(|message| message.from == Side::Customer);
        for message in theirs.filter(|message| message.at <= read.at) {
            message.status = crate::world::Status::Read;
        }
    }
    state.note(&phone_id, Some(read.id), "readBusinessMessage", params.log());
    drop(state);
    world.changed(&phone_id);
    Done::yes()
}
