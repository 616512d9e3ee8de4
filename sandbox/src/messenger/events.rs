//! The webhooks of Messenger, and those of Instagram's comments and echoes by way of it.

use serde_json::{Value, json};

use crate::hooks::{Body, Hook, Sign};
use crate::instagram;
use crate::world::{Attachment, Happening, Message, Phone, Platform, Side, State, World};

/// Meta names few reactions; the rest are `other`.
pub fn reaction_name(emoji: &str) -> &'static str {
    match emoji.trim_end_matches('\u{fe0f}') {
        "😆" | "😂" | "😀" => "smile",
        "😠" | "😡" => "angry",
        "😢" => "sad",
        "😮" => "wow",
        "❤" | "😍" => "love",
        "👍" => "like",
        "👎" => "dislike",
        _ => "other",
    }
}

/// Turns what a customer did into webhooks.
pub fn announce(
    world: &World,
    state: &mut State,
    phone: &Phone,
    happening: &Happening,
) -> Vec<Hook> {
    let (field, item) = match happening {
        Happening::Said(message) if message.comment.is_some() => {
            return commented(world, state, phone, message, "add");
        }
        Happening::Edited(message) if message.comment.is_some() => {
            return commented(world, state, phone, message, "edited");
        }
        Happening::Deleted(message) if message.comment.is_some() => {
            return commented(world, state, phone, message, "remove");
        }
        Happening::Said(message) => {
            ("messages", json!({ "message": said(world, state, phone, message) }))
        }
        Happening::Edited(message) => (
            "message_edits",
            json!({ "message_edit": { "mid": message.id, "text": message.text, "num_edit": message.edits } }),
        ),
        Happening::Reacted { message, emoji, before } => {
            let shown = emoji.as_ref().or(before.as_ref()).cloned().unwrap_or_default();
            let action = if emoji.is_some() { "react" } else { "unreact" };
            (
                "message_reactions",
                json!({ "reaction": {
                "reaction": reaction_name(&shown), "emoji": shown, "action": action, "mid": message.id,
            } }),
            )
        }
        Happening::Tapped { button, said: Some(said), .. } if button.kind == "postback" => (
            "messaging_postbacks",
            json!({ "postback": { "mid": said.id, "title": button.title, "payload": button.payload } }),
        ),
        Happening::Tapped { button, said: Some(said), .. } => (
            "messages",
            json!({ "message": { "mid": said.id, "text": button.title, "quick_reply": { "payload": button.payload } } }),
        ),
        Happening::Read(messages) => match messages.last() {
            Some(_) => ("message_reads", json!({ "read": { "watermark": state.now() } })),
            None => return vec![],
        },
        // Nobody is told of these.
        Happening::Deleted(_)
        | Happening::Tapped { said: None, .. }
        | Happening::Typing
        | Happening::Blocked(_) => {
            return vec![];
        }
    };
    from_customer(world, state, phone, field, item).into_iter().collect()
}

fn said(world: &World, state: &mut State, phone: &Phone, message: &Message) -> Value {
    let mut shown = json!({ "mid": message.id });
    if let Some(text) = &message.text {
        shown["text"] = text.clone().into();
    }
    if let Some(answered) = &message.reply_to {
        let own = state
            .phone(&phone.id)
            .and_then(|phone| phone.message(answered))
            .is_some_and(|answered| answered.from == Side::Customer);
        shown["reply_to"] = json!({ "mid": answered, "is_self_reply": own });
    }
    let mut attachments = files(world, state, &message.media);
    if message.kind == "location" {
        attachments.push(json!({ "type": "location", "payload": { "coordinates": {
            "lat": message.card["latitude"], "long": message.card["longitude"] } } }));
    }
    if message.card["referral"].is_object() {
        shown["referral"] = message.card["referral"].clone();
    }
    if !attachments.is_empty() {
        shown["attachments"] = attachments.into();
    }
    shown
}

/// Attachments as webhooks describe them.
pub fn files(world: &World, state: &mut State, media: &[Attachment]) -> Vec<Value> {
    media.iter().map(|file| {
        let url = world.media_url(state, &file.media);
        match file.kind.as_str() {
            "sticker" => json!({ "type": "sticker", "payload": { "sticker_id": "842488328414943", "url": url } }),
            "document" => json!({ "type": "file", "payload": { "url": url } }),
            "voice" => json!({ "type": "audio", "payload": { "url": url } }),
            kind => json!({ "type": kind, "payload": { "url": url } }),
        }
    }).collect()
}

/// The echo of a message of the business, and its delivery.
pub fn after_send(
    world: &World,
    state: &mut State,
    phone: &Phone,
    message: &Message,
    silent: bool,
) -> Vec<Hook> {
    if phone.platform == Platform::Instagram {
        return instagram::echo(world, state, phone, message).into_iter().collect();
    }
    let mut echo = json!({ "mid": message.id, "is_echo": true });
    echo["app_id"] = world.config().app_id.parse::<u64>().unwrap_or_default().into();
    if let Some(metadata) = &message.opaque {
        echo["metadata"] = metadata.clone().into();
    }
    if let Some(text) = &message.text {
        echo["text"] = text.clone().into();
    }
    let mut attachments = files(world, state, &message.media);
    if message.card["template_type"].is_string() {
        echo["text"] = "".into();
        attachments.push(json!({
            "type": "template", "title": message.text, "url": null, "payload": message.card,
        }));
    }
    if !attachments.is_empty() {
        echo["attachments"] = attachments.into();
    }
    let item = json!({
        "sender": { "id": phone.account }, "recipient": { "id": phone.person.id },
        "timestamp": message.at, "message": echo,
    });
    let pace = world.config().pace.receipt;
    let mut hooks: Vec<Hook> =
        hook(world, state, phone, "message_echoes", item).into_iter().collect();
    if !silent {
        let item = json!({ "delivery": { "mids": [message.id], "watermark": message.at } });
        let delivery = from_customer(world, state, phone, "message_deliveries", item);
        hooks.extend(delivery.map(|hook| Hook { after: pace, ..hook }));
    }
    hooks
}

fn from_customer(
    world: &World,
    state: &mut State,
    phone: &Phone,
    field: &str,
    item: Value,
) -> Option<Hook> {
    let mut whole = json!({
        "sender": { "id": phone.person.id }, "recipient": { "id": phone.account },
        "timestamp": state.now(),
    });
    if let (Some(whole), Some(item)) = (whole.as_object_mut(), item.as_object()) {
        whole.extend(item.clone());
    }
    hook(world, state, phone, field, whole)
}

fn hook(world: &World, state: &mut State, phone: &Phone, field: &str, item: Value) -> Option<Hook> {
    let time = state.now();
    let entry = json!({ "id": phone.account, "time": time, "messaging": [item] });
    made(world, state, phone, field, entry)
}

/// A comment, or what became of it.
pub fn commented(
    world: &World,
    state: &mut State,
    phone: &Phone,
    message: &Message,
    verb: &str,
) -> Vec<Hook> {
    if phone.platform == Platform::Instagram {
        // Nobody is told of edits, hiding or removal.
        return match verb {
            "add" => instagram::commented(world, state, phone, message).into_iter().collect(),
            _ => vec![],
        };
    }
    let Some(place) = &message.comment else { return vec![] };
    let now = state.now();
    let from = match message.from {
        Side::Customer => json!({ "id": phone.person.id, "name": phone.person.name }),
        Side::Business => {
            let name =
                state.account(phone.platform, &phone.account).map(|account| account.name.clone());
            json!({ "id": phone.account, "name": name })
        }
    };
    let mut value = json!({
        "from": from,
        "post": {
            "status_type": "added_photos", "is_published": true,
            "updated_time": super::history::iso(now), "promotion_status": "inactive",
            "permalink_url": format!("https://www.facebook.com/{}", place.post), "id": place.post,
        },
        "post_id": place.post, "comment_id": message.id, "created_time": message.at / 1000,
        "item": "comment", "verb": verb,
        "parent_id": place.parent.clone().unwrap_or_else(|| place.post.clone()),
    });
    if verb != "remove"
        && let Some(text) = &message.text
    {
        value["message"] = text.clone().into();
    }
    if let Some(photo) = message.media.iter().find(|file| file.kind == "image") {
        value["photo"] = world.media_url(state, &photo.media).into();
    }
    let entry = json!({
        "id": phone.account, "time": now / 1000, "changes": [{ "field": "feed", "value": value }],
    });
    made(world, state, phone, "feed", entry).into_iter().collect()
}

fn made(world: &World, state: &State, phone: &Phone, field: &str, entry: Value) -> Option<Hook> {
    let account = state.account(Platform::Messenger, &phone.account)?;
    account.fields.contains(field).then(|| Hook {
        platform: Platform::Messenger,
        lane: format!("messenger:{}", account.id),
        url: state
            .uploads
            .callback("page")
            .unwrap_or_else(|| format!("{}/hooks/messenger", world.config().meta_hook_base)),
        body: Body::Entry { object: "page", entry },
        sign: Sign::Hub(world.config().app_secret.clone()),
        ordered: false,
        after: std::time::Duration::ZERO,
        tried: None,
        epoch: 0,
    })
}
