//! What tests command of Telegram beyond the common control: connected accounts, groups, and
//! updates of any kind.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use super::memory::Connection;
use super::{shown, updates};
use crate::world::{Message, Person, Platform, Side, State, Status, World};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connect {
    connection: String,
    bot: Option<String>,
    owner: Option<i64>,
    owner_name: Option<String>,
    enabled: Option<bool>,
    can_reply: Option<bool>,
    can_read: Option<bool>,
    can_delete: Option<bool>,
    /// Whether the bot is told: an update may be lost on its way.
    #[serde(default = "yes")]
    told: bool,
}

fn yes() -> bool {
    true
}

impl Connect {
    /// The connection as it is from now on. What is not said stays as it was, and its date too; a
    /// new one allows everything.
    fn onto(self, known: Option<&Connection>, now: i64) -> Option<Connection> {
        let or = |said: Option<bool>, of: fn(&Connection) -> bool| said.or(known.map(of));
        Some(Connection {
            bot: self.bot.or(known.map(|known| known.bot.clone()))?,
            owner: self.owner.or(known.map(|known| known.owner))?,
            owner_name: self.owner_name.or(known.map(|known| known.owner_name.clone()))?,
            date: known.map_or(now / 1000, |known| known.date),
            can_reply: or(self.can_reply, |known| known.can_reply).unwrap_or(true),
            can_read: or(self.can_read, |known| known.can_read).unwrap_or(true),
            can_delete: or(self.can_delete, |known| known.can_delete).unwrap_or(true),
            enabled: or(self.enabled, |known| known.enabled).unwrap_or(true),
            id: self.connection,
        })
    }
}

/// `POST /control/telegram/connection`: connects a person's own account to a bot, or changes the
/// connection. Its customers are made with `/phones/api/people`, with its id as the account.
pub async fn connect(world: Data<World>, asked: Json<Connect>) -> HttpResponse {
    let asked = asked.into_inner();
    let mut state = world.lock();
    let (told, now) = (asked.told, state.now());
    let known = state.telegram.connections.get(&asked.connection);
    let Some(connection) = asked.onto(known, now) else {
        let error = "a new connection needs a bot, an owner and an owner_name";
        return HttpResponse::BadRequest().json(json!({ "error": error }));
    };
    let (id, bot, shown) = (connection.id.clone(), connection.bot.clone(), connection.shown());
    state.telegram.connections.insert(id.clone(), connection);
    if told {
        let queue = format!("connection:{id}");
        let hooks =
            updates::add(&world, &mut state, &bot, "business_connection", shown.clone(), &queue);
        world.push_all(&state, hooks);
    }
    let phones: Vec<String> = through(&state, &id);
    drop(state);
    phones.iter().for_each(|phone| world.changed(phone));
    HttpResponse::Ok().json(shown)
}

/// The phones whose chats run through a connection.
fn through(state: &State, id: &str) -> Vec<String> {
    let phones = state.phones().iter().filter(|phone| phone.account == id);
    phones.map(|phone| phone.id.clone()).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forget {
    connection: String,
}

/// `DELETE /control/telegram/connection`: the platform does not know it any more, and tells nobody.
pub async fn forget(world: Data<World>, asked: Json<Forget>) -> HttpResponse {
    world.lock().telegram.connections.remove(&asked.connection);
    HttpResponse::Ok().json(json!({}))
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
