//! What customers do, as updates.

use serde_json::{Value, json};

use super::memory::number;
use super::{shown, updates};
use crate::hooks::Hook;
use crate::world::{Button, Happening, Message, Phone, Platform, State, World};

/// How long a tap waits for its answer.
const QUERY_MS: i64 = 150 * 1000;

/// Turns what a customer did into updates, and those into webhooks where a webhook is set. Runs
/// while the world is locked, so updates get their numbers in order.
pub fn announce(
    world: &World,
    state: &mut State,
    phone: &Phone,
    happening: &Happening,
) -> Vec<Hook> {
    let chat = format!("chat:{}:{}", phone.account, phone.person.id);
    let business = state.telegram.connections.contains_key(&phone.account);
    let (kind, value, queue) = match happening {
        Happening::Said(message) => {
            let shown = keep(state, phone, message);
            (if business { "business_message" } else { "message" }, shown, chat)
        }
        Happening::Edited(message) => {
            let mut shown = keep(state, phone, message);
            shown["edit_date"] = json!(state.now() / 1000);
            (if business { "edited_business_message" } else { "edited_message" }, shown, chat)
        }
        // Deletions are told of business chats alone.
        Happening::Deleted(message) if business => {
            state.telegram.forget(&message.id);
            ("deleted_business_messages", deleted(phone, message), chat)
        }
        Happening::Reacted { message, emoji, before } if !business => {
            let value = reacted(state, phone, message, emoji.as_deref(), before.as_deref());
            ("message_reaction", value, format!("reaction:{}", phone.person.id))
        }
        Happening::Tapped { button, message, said } => {
            match tapped(state, phone, message, button, said.as_deref()) {
                Some(("message", value)) => ("message", value, chat),
                Some((kind, value)) => (kind, value, format!("tap:{}", phone.person.id)),
                None => return vec![],
            }
        }
        Happening::Blocked(blocked) if !business => {
            let value = member(state, phone, *blocked);
            ("my_chat_member", value, format!("member:{}", phone.person.id))
        }
        _ => return vec![],
    };
    let bot = state.telegram.bot_of(&phone.account);
    updates::add(world, state, &bot, kind, value, &queue)
}

fn keep(state: &mut State, phone: &Phone, message: &Message) -> Value {
    let shown = shown::said(state, phone, message);
    state.telegram.keep(&message.id, shown.clone());
    shown
}

fn deleted(phone: &Phone, message: &Message) -> Value {
    json!({
        "business_connection_id": phone.account,
        "chat": shown::chat(phone),
        "message_ids": [number(&message.id)],
    })
}

fn reacted(
    state: &mut State,
    phone: &Phone,
    message: &Message,
    emoji: Option<&str>,
    before: Option<&str>,
) -> Value {
    let list = |emoji: Option<&str>| match emoji {
        Some(emoji) => json!([{ "type": "emoji", "emoji": emoji.trim_end_matches('\u{fe0f}') }]),
        None => json!([]),
    };
    json!({
        "chat": shown::chat(phone),
        "message_id": number(&message.id),
        "user": shown::person(phone),
        "date": state.now() / 1000,
        "old_reaction": list(before),
        "new_reaction": list(emoji),
    })
}

/// A button below a message asks; a button of a keyboard says its own title.
fn tapped(
    state: &mut State,
    phone: &Phone,
    message: &Message,
    button: &Button,
    said: Option<&Message>,
) -> Option<(&'static str, Value)> {
    if let Some(said) = said {
        // It is no answer to the message that brought the keyboard.
        let plain = Message { reply_to: None, ..said.clone() };
        let shown = state.phone_mut(&phone.id).and_then(|phone| phone.message_mut(&said.id));
        if let Some(shown) = shown {
            shown.reply_to = None;
        }
        return Some(("message", keep(state, phone, &plain)));
    }
    if button.kind != "callback" {
        return None;
    }
    let id = state.decimal_id("2367");
    let until = state.now() + QUERY_MS;
    state.telegram.queries.insert(id.clone(), until);
    let shown = state.telegram.message(&message.id).cloned().unwrap_or_else(
        || json!({ "chat": shown::chat(phone), "message_id": number(&message.id), "date": 0 }),
    );
    let query = json!({
        "id": id,
        "from": shown::person(phone),
        "message": shown,
        "chat_instance": format!("-33{}", phone.person.id),
        "data": button.payload,
    });
    Some(("callback_query", query))
}

fn member(state: &mut State, phone: &Phone, blocked: bool) -> Value {
    let bot = state.account(Platform::Telegram, &phone.account).map(shown::bot);
    let status = |blocked: bool| match blocked {
        true => json!({ "user": bot, "status": "kicked", "until_date": 0 }),
        false => json!({ "user": bot, "status": "member" }),
    };
    json!({
        "chat": shown::chat(phone),
        "from": shown::person(phone),
        "date": state.now() / 1000,
        "old_chat_member": status(!blocked),
        "new_chat_member": status(blocked),
    })
}
