//! What the phones show, as JSON.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::world::{
    Account, Attachment, Button, Message, Phone, Platform, Side, State, Status, World,
};

const WINDOW_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Deserialize)]
pub struct Wanted {
    /// One phone only.
    phone: Option<String>,
}

/// `GET /phones/api/state`.
pub async fn state(world: Data<World>, wanted: Query<Wanted>) -> HttpResponse {
    let mut state = world.lock();
    let now = state.now();
    let phones: Vec<Value> = state
        .phones()
        .iter()
        .filter(|phone| wanted.phone.as_ref().is_none_or(|id| *id == phone.id))
        .map(|phone| shown(&world, &state, phone, now))
        .collect();
    HttpResponse::Ok().json(json!({ "now": now, "phones": phones }))
}

fn shown(world: &World, state: &State, phone: &Phone, now: i64) -> Value {
    let account = state.account(phone.platform, &phone.account);
    let seen = phone.thread.iter().filter(|message| message.status != Status::Failed);
    let thread: Vec<Value> =
        seen.map(|message| message_shown(world, state, phone.platform, message)).collect();
    let until = phone.last_said_at.map(|at| at + WINDOW_MS);
    let mut shown = json!({
        "id": phone.id,
        "platform": phone.platform,
        "account": phone.account,
        "business": business(state, phone, account),
        "person": {
            "id": phone.person.id,
            "name": phone.person.name,
            "username": phone.person.username,
        },
        "thread": thread,
        "window_open_until": until.filter(|_| phone.platform != Platform::Telegram),
        "typing": phone.typing_until > now,
        "blocked": phone.blocked,
    });
    // What the person whose own account it is lets the bot do.
    if let Some(connection) = state.telegram.connections.get(&phone.account) {
        shown["connection"] = json!({
            "id": connection.id,
            "enabled": connection.enabled,
            "can_reply": connection.can_reply,
        });
    }
    shown
}

/// The name that the customer sees: the account's, or of whom a connected account belongs to.
fn business(state: &State, phone: &Phone, account: Option<&Account>) -> String {
    let connection = state.telegram.connections.get(&phone.account);
    let owner = connection.map(|connection| connection.owner_name.clone());
    owner.or(account.map(|account| account.name.clone())).unwrap_or_default()
}

fn message_shown(world: &World, state: &State, platform: Platform, message: &Message) -> Value {
    let card = &message.card;
    let mut shown = json!({
        "id": message.id,
        "from": message.from,
        "kind": message.kind,
        "text": message.text,
        "media": message.media.iter().map(|file| file_shown(world, state, file)).collect::<Vec<_>>(),
        "reply_to": message.reply_to,
        "reactions": message.reactions,
        "edited": message.edited,
        "deleted": message.deleted,
        "at": message.at,
        "status": status(message),
        "template": message.template,
        "buttons": buttons(platform, message),
        "comment": message.comment,
    });
    for name in ["header", "footer"] {
        if let Some(text) = card[name]["text"].as_str() {
            shown[name] = json!(text);
        }
    }
    // What opens the rows of a list.
    if let Some(title) = card["action"]["button"].as_str() {
        shown["list"] = json!(title);
    }
    match message.kind.as_str() {
        "location" => shown["location"] = card.clone(),
        "contacts" | "contact" => {
            let first = card.get(0).unwrap_or(card);
            shown["contact"] = json!({
                "name": first["name"]["formatted_name"],
                "phone": first["phones"][0]["phone"],
            });
        }
        "story_reply" | "story_mention" => shown["story"] = card["story"].clone(),
        _ => {}
    }
    if message.deleted {
        shown["text"] = Value::Null;
        shown["media"] = json!([]);
    }
    shown
}

/// A customer sees that their message was sent; what the business saw of it, once it says so.
fn status(message: &Message) -> &'static str {
    match (message.from, message.status) {
        (_, Status::Read) => "read",
        (Side::Customer, _) | (_, Status::Delivered) => "delivered",
        _ => "sent",
    }
}

fn file_shown(world: &World, state: &State, file: &Attachment) -> Value {
    let media = state.media(&file.media);
    json!({
        "url": world.phone_media_url(&file.media),
        "kind": file.kind,
        "name": file.name.as_ref().or(media.and_then(|media| media.name.as_ref())),
        "size": media.map(|media| media.bytes.len()),
        "mime": media.map(|media| &media.mime),
    })
}

/// The buttons, with the row that each is in where the platform has rows.
fn buttons(platform: Platform, message: &Message) -> Vec<Value> {
    let rows = message.card["rows"].as_array().into_iter().flatten();
    let rows: Vec<usize> = rows
        .enumerate()
        .flat_map(|(row, length)| {
            std::iter::repeat_n(row, length.as_u64().unwrap_or_default() as usize)
        })
        .collect();
    let shown = |(at, button): (usize, &Button)| {
        let url = (button.kind == "url").then_some(&button.payload);
        json!({
            "title": button.title,
            "payload": button.payload,
            "description": button.description,
            "form": button.kind,
            "url": url,
            "row": rows.get(at).filter(|_| platform == Platform::Telegram),
        })
    };
    message.buttons.iter().enumerate().map(shown).collect()
}
