//! What tests command of Telegram beyond the common control: connected accounts, groups, and
//! updates of any kind.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use super::memory::Connection;
use super::{shown, updates};
use crate::world::{Message, Person, Platform, Side, Status, World};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connect {
    bot: String,
    connection: String,
    owner: i64,
    owner_name: String,
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default = "yes")]
    can_reply: bool,
    #[serde(default = "yes")]
    can_read: bool,
    #[serde(default = "yes")]
    can_delete: bool,
}

fn yes() -> bool {
    true
}

/// `POST /control/telegram/connection`: connects a person's own account to a bot, or changes the
/// connection. Its customers are made with `/phones/api/people`, with its id as the account.
pub async fn connect(world: Data<World>, asked: Json<Connect>) -> HttpResponse {
    let asked = asked.into_inner();
    let mut state = world.lock();
    let connection = Connection {
        id: asked.connection,
        bot: asked.bot,
        owner: asked.owner,
        owner_name: asked.owner_name,
        date: state.now() / 1000,
        can_reply: asked.can_reply,
        can_read: asked.can_read,
        can_delete: asked.can_delete,
        enabled: asked.enabled,
    };
    let (bot, shown) = (connection.bot.clone(), connection.shown());
    let queue = format!("connection:{}", connection.id);
    state.telegram.connections.insert(connection.id.clone(), connection);
    let hooks =
        updates::add(&world, &mut state, &bot, "business_connection", shown.clone(), &queue);
    world.push_all(&state, hooks);
    HttpResponse::Ok().json(shown)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnerSays {
    phone: String,
    text: String,
}

/// `POST /control/telegram/owner`: the owner of a connected account writes from their own phone.
pub async fn owner_says(world: Data<World>, asked: Json<OwnerSays>) -> HttpResponse {
    let mut state = world.lock();
    let phone = state.phone(&asked.phone).map(crate::world::Phone::face);
    let connection =
        phone.as_ref().and_then(|phone| state.telegram.connections.get(&phone.account).cloned());
    let Some((phone, connection)) = phone.zip(connection) else {
        return HttpResponse::NotFound().json(json!({ "error": "no such phone of a connection" }));
    };
    let (id, now) = (state.message_id(&phone), state.now());
    let message = Message {
        text: Some(asked.text.clone()),
        status: Status::Delivered,
        ..Message::new(id.clone(), Side::Business, "text", now)
    };
    let mut shown = shown::said(&state, &phone, &message);
    shown["from"] = shown::owner(&connection);
    state.telegram.keep(&id, shown.clone());
    if let Some(phone) = state.phone_mut(&phone.id) {
        phone.thread.push(message);
    }
    let queue = format!("chat:{}:{}", phone.account, phone.person.id);
    let hooks =
        updates::add(&world, &mut state, &connection.bot, "business_message", shown, &queue);
    world.push_all(&state, hooks);
    drop(state);
    world.changed(&phone.id);
    HttpResponse::Ok().json(json!({ "id": id }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    bot: String,
    chat: i64,
    title: String,
}

/// `POST /control/telegram/group`: a group that the bot is in, with a phone of its own.
pub async fn group(world: Data<World>, asked: Json<Group>) -> HttpResponse {
    let id = format!("telegram-group{}", asked.chat);
    let mut state = world.lock();
    if asked.chat >= 0 || state.phone(&id).is_some() {
        return HttpResponse::BadRequest().json(json!({ "error": "not a new group" }));
    }
    let person = Person {
        id: asked.chat.to_string(),
        name: asked.title.clone(),
        username: None,
        user_id: None,
    };
    state.add_phone(id.clone(), Platform::Telegram, &asked.bot, person);
    drop(state);
    world.changed(&id);
    HttpResponse::Ok().json(json!({ "id": id }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Migrate {
    from: i64,
    to: i64,
}

/// `POST /control/telegram/migrate`: sends to the group are answered with its new id.
pub async fn migrate(world: Data<World>, asked: Json<Migrate>) -> HttpResponse {
    world.lock().telegram.migrated.insert(asked.from, asked.to);
    HttpResponse::Ok().json(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inject {
    bot: String,
    kind: String,
    value: Value,
}

/// `POST /control/telegram/update`: an update of any kind, numbered and delivered as others are.
pub async fn inject(world: Data<World>, asked: Json<Inject>) -> HttpResponse {
    let asked = asked.into_inner();
    let mut state = world.lock();
    let queue = format!("injected:{}", asked.kind);
    let hooks = updates::add(&world, &mut state, &asked.bot, &asked.kind, asked.value, &queue);
    world.push_all(&state, hooks);
    HttpResponse::Ok().json(json!({}))
}
