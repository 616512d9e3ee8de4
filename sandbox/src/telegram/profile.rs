//! What a bot can ask about itself and about people.

use serde_json::{Value, json};

use super::params::Params;
use super::refused::{Answer, Done};
use super::shown::{self, chat_id};
use super::target;
use crate::world::{Account, World};

pub fn me(account: &Account) -> Answer<Done> {
    let mut me = shown::bot(account);
    for (name, can) in [
        ("can_join_groups", true),
        ("can_read_all_group_messages", false),
        ("supports_inline_queries", false),
        ("can_connect_to_business", true),
        ("has_main_web_app", false),
        ("has_topics_enabled", false),
    ] {
        me[name] = json!(can);
    }
    Ok(me.into())
}

pub fn chat(world: &World, bot: &str, params: &Params) -> Answer<Done> {
    let state = world.lock();
    let phone = target::phone(&state, bot, params)?;
    let mut chat = shown::chat(&phone);
    chat["accent_color_id"] = json!(3);
    chat["max_reaction_count"] = json!(11);
    if let Some(username) = &phone.person.username {
        chat["active_usernames"] = json!([username]);
    }
    Ok(Value::into(chat))
}

pub fn chat_member(world: &World, bot: &str, params: &Params) -> Answer<Done> {
    let state = world.lock();
    let phone = target::phone(&state, bot, params)?;
    let user = match params.number("user_id") {
        Some(id) if id == chat_id(&phone) || chat_id(&phone) < 0 => shown::person(&phone),
        _ => return Err(super::Refused::bad("PARTICIPANT_ID_INVALID")),
    };
    Ok(json!({ "status": "member", "user": user }).into())
}

/// Everyone hides their pictures.
pub fn photos() -> Answer<Done> {
    Ok(json!({ "total_count": 0, "photos": [] }).into())
}

pub fn connection(world: &World, bot: &str, params: &Params) -> Answer<Done> {
    let state = world.lock();
    let id = params.text("business_connection_id").unwrap_or_default();
    Ok(target::connection(&state, bot, &id)?.shown().into())
}
