//! The webhooks of Instagram.

use serde_json::{Value, json};

use crate::hooks::{Body, Hook, Sign};
use crate::messenger::{files, reaction_name};
use crate::world::{Happening, Message, Phone, Platform, Side, State, World};

/// Turns what a customer did into webhooks.
pub fn announce(
    world: &World,
    state: &mut State,
    phone: &Phone,
    happening: &Happening,
) -> Vec<Hook> {
    let (field, item) = match happening {
        Happening::Said(message) if message.comment.is_some() => {
            return commented(world, state, phone, message).into_iter().collect();
        }
        // Nobody is told when a comment changes.
        Happening::Edited(message) | Happening::Deleted(message) if message.comment.is_some() => {
            return vec![];
        }
        Happening::Said(message) => ("messages", json!({ "message": said(world, state, message) })),
        Happening::Edited(message) => (
            "message_edit",
            json!({ "message_edit": { "mid": message.id, "text": message.text, "num_edit": message.edits } }),
        ),
        Happening::Deleted(message) => {
            ("messages", json!({ "message": { "mid": message.id, "is_deleted": true } }))
        }
        Happening::Reacted { message, emoji: Some(emoji), .. } => {
            let name = if reaction_name(emoji) == "love" { "love" } else { "other" };
            (
                "message_reactions",
                json!({ "reaction": {
                "mid": message.id, "action": "react", "reaction": name, "emoji": emoji,
            } }),
            )
        }
        Happening::Reacted { message, emoji: None, .. } => {
            ("message_reactions", json!({ "reaction": { "mid": message.id, "action": "unreact" } }))
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
            Some(last) => ("messaging_seen", json!({ "read": { "mid": last.id } })),
            None => return vec![],
        },
        Happening::Tapped { said: None, .. } | Happening::Typing | Happening::Blocked(_) => {
            return vec![];
        }
    };
    let (sender, recipient) = (&phone.person.id, &phone.account);
    messaging(world, state, phone, field, sender, recipient, item).into_iter().collect()
}

fn said(world: &World, state: &mut State, message: &Message) -> Value {
    let mut shown = json!({ "mid": message.id });
    if message.kind == "unsupported" {
        shown["is_unsupported"] = true.into();
        return shown;
    }
    if let Some(text) = &message.text {
        shown["text"] = text.clone().into();
    }
    let story = &message.card["story"];
    match (&message.reply_to, story.is_object() && message.kind == "story_reply") {
        (_, true) => shown["reply_to"] = json!({ "story": story }),
        (Some(answered), false) => shown["reply_to"] = json!({ "mid": answered }),
        (None, false) => {}
    }
    if message.card["referral"].is_object() {
        shown["referral"] = message.card["referral"].clone();
    }
    let mut attachments = files(world, state, &message.media);
    if message.kind == "story_mention" {
        match attachments.first_mut() {
            Some(first) => first["type"] = "story_mention".into(),
            None => attachments
                .push(json!({ "type": "story_mention", "payload": { "url": story["url"] } })),
        }
    }
    if !attachments.is_empty() {
        shown["attachments"] = attachments.into();
    }
    shown
}

/// The echo of a message of the business. Instagram's carry no metadata.
pub fn echo(world: &World, state: &mut State, phone: &Phone, message: &Message) -> Option<Hook> {
    let mut echo = json!({ "mid": message.id, "is_echo": true });
    let mut attachments = files(world, state, &message.media);
    if message.card["template_type"].is_string() {
        let kind = message.card["template_type"].as_str().unwrap_or("generic");
        let elements = match &message.card["elements"] {
            Value::Null => json!([{ "title": message.text, "buttons": message.card["buttons"] }]),
            elements => elements.clone(),
        };
        let shown = if kind == "button" { "generic" } else { kind };
        attachments
            .push(json!({ "type": "template", "payload": { shown: { "elements": elements } } }));
    } else if let Some(text) = &message.text {
        echo["text"] = text.clone().into();
    }
    if !attachments.is_empty() {
        echo["attachments"] = attachments.into();
    }
    let item = json!({ "message": echo });
    messaging(world, state, phone, "messages", &phone.account, &phone.person.id, item)
}

/// A new comment, as Instagram Login tells of it.
pub fn commented(
    world: &World,
    state: &mut State,
    phone: &Phone,
    message: &Message,
) -> Option<Hook> {
    let place = message.comment.as_ref()?;
    let (id, username) = match message.from {
        Side::Customer => (phone.person.id.clone(), phone.person.username.clone()),
        Side::Business => {
            let account = state.account(Platform::Instagram, &phone.account)?;
            (account.id.clone(), Some(account.handle.clone()))
        }
    };
    let mut value = json!({
        "id": message.id, "from": { "id": id, "username": username }, "text": message.text,
        "media": { "id": place.post, "media_product_type": "FEED" },
    });
    if let Some(parent) = &place.parent {
        value["parent_id"] = parent.clone().into();
    }
    let entry = json!({
        "id": phone.account, "time": state.now() / 1000,
        "changes": [{ "field": "comments", "value": value }],
    });
    made(world, state, phone, "comments", entry)
}

fn messaging(
    world: &World,
    state: &mut State,
    phone: &Phone,
    field: &str,
    sender: &str,
    recipient: &str,
    item: Value,
) -> Option<Hook> {
    let mut whole = json!({
        "sender": { "id": sender }, "recipient": { "id": recipient }, "timestamp": state.now(),
    });
    if let (Some(whole), Some(item)) = (whole.as_object_mut(), item.as_object()) {
        whole.extend(item.clone());
    }
    let entry = json!({ "time": state.now(), "id": phone.account, "messaging": [whole] });
    made(world, state, phone, field, entry)
}

fn made(world: &World, state: &State, phone: &Phone, field: &str, entry: Value) -> Option<Hook> {
    let account = state.account(Platform::Instagram, &phone.account)?;
    let config = world.config();
    let secret = match state.messenger.by_page.contains(&account.id) {
        true => &config.app_secret,
        false => &config.instagram_app_secret,
    };
    account.fields.contains(field).then(|| Hook {
        platform: Platform::Instagram,
        lane: format!("instagram:{}", account.id),
        url: state
            .uploads
            .callback("instagram")
            .unwrap_or_else(|| format!("{}/hooks/instagram", config.meta_hook_base)),
        body: Body::Entry { object: "instagram", entry },
        sign: Sign::Hub(secret.clone()),
        ordered: false,
        after: std::time::Duration::ZERO,
        tried: None,
        epoch: 0,
    })
}
