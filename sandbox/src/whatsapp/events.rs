//! The webhooks of WhatsApp.

use serde_json::{Value, json};

use super::files;
use super::templates::Template;
use crate::hooks::{Body, Hook, Sign};
use crate::world::{Button, Happening, Message, Phone, Platform, State, World};

/// Webhooks to one number go out in as many lanes, by person: WhatsApp promises no order.
const LANES: u64 = 8;

/// How far a message comes.
pub enum Receipt {
    Delivered,
    /// Reactions, and people who have blocked the number.
    SentOnly,
    /// The error of a status `failed`.
    Failed(Value),
}

/// Turns what a customer did into webhooks.
pub fn announce(
    world: &World,
    state: &mut State,
    phone: &Phone,
    happening: &Happening,
) -> Vec<Hook> {
    let message = match happening {
        Happening::Said(message) => said(world, state, phone, message),
        Happening::Edited(message) => {
            let mut inner = json!({ "context": { "id": "M0" }, "type": shown_kind(message) });
            put_content(world, state, &mut inner, message);
            let id = state.message_id(phone);
            let at = state.now();
            let mut event = envelope(phone, &id, at, "edit");
            event["edit"] = json!({ "original_message_id": message.id, "message": inner });
            event
        }
        Happening::Deleted(message) => {
            let id = state.message_id(phone);
            let at = state.now();
            let mut event = envelope(phone, &id, at, "revoke");
            event["revoke"] = json!({ "original_message_id": message.id });
            event
        }
        Happening::Reacted { message, emoji, .. } => {
            let id = state.message_id(phone);
            let at = state.now();
            let mut event = envelope(phone, &id, at, "reaction");
            event["reaction"] =
                json!({ "message_id": message.id, "emoji": emoji.clone().unwrap_or_default() });
            event
        }
        Happening::Tapped { message, button, said: Some(said) } => {
            tapped(state, phone, message, button, said)
        }
        Happening::Read(messages) => return read(world, state, phone, messages),
        Happening::Tapped { said: None, .. } | Happening::Typing | Happening::Blocked(_) => {
            return vec![];
        }
    };
    let value = value(state, phone, json!({ "contacts": [contact(phone)], "messages": [message] }));
    hook(world, state, phone, value).into_iter().collect()
}

/// The webhook that tells of a template's new status.
pub fn template_event(world: &World, state: &State, template: &Template, now: i64) -> Option<Hook> {
    let account = state
        .accounts
        .iter()
        .find(|account| account.platform == Platform::Whatsapp && account.owner == template.waba)?;
    let id: u64 = template.id.parse().ok()?;
    let value = json!({
        "event": template.status,
        "message_template_id": id,
        "message_template_name": template.name,
        "message_template_language": template.language,
        "reason": template.rejected_reason,
        "message_template_category": template.category,
    });
    let entry = json!({
        "id": template.waba, "time": now / 1000,
        "changes": [{ "field": "message_template_status_update", "value": value }],
    });
    // Account-level fields go to the app's address, whatever a number overrides.
    Some(made(world, &account.id, app_url(world, state), entry))
}

/// The webhook that ends what a number of the WhatsApp Business app hands over: it had no chats.
pub fn history_event(world: &World, state: &State, number: &str) -> Option<Hook> {
    let account = state.account(Platform::Whatsapp, number)?;
    if account.fields.is_empty() {
        return None;
    }
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": account.handle.replace(['+', ' '], ""),
            "phone_number_id": account.id },
        "history": [{ "metadata": { "phase": 2, "chunk_order": 1, "progress": 100 }, "threads": [] }],
    });
    let entry = json!({ "id": account.owner, "changes": [{ "value": value, "field": "history" }] });
    let url = account.hook_override.clone().unwrap_or_else(|| app_url(world, state));
    Some(made(world, &account.id, url, entry))
}

fn envelope(phone: &Phone, id: &str, at: i64, kind: &str) -> Value {
    let mut message = json!({ "id": id, "timestamp": (at / 1000).to_string(), "type": kind });
    if let Some(user_id) = &phone.person.user_id {
        message["from_user_id"] = user_id.clone().into();
    }
    // Who has a username hides the number: the members are left out, not empty.
    if phone.person.username.is_none() {
        message["from"] = phone.person.id.clone().into();
    }
    message
}

fn contact(phone: &Phone) -> Value {
    let person = &phone.person;
    let mut contact = json!({ "profile": { "name": person.name } });
    match &person.username {
        Some(username) => contact["profile"]["username"] = username.clone().into(),
        None => contact["wa_id"] = person.id.clone().into(),
    }
    if let Some(user_id) = &person.user_id {
        contact["user_id"] = user_id.clone().into();
    }
    contact
}

/// The type under which WhatsApp tells of a kind of message.
fn shown_kind(message: &Message) -> &str {
    match message.kind.as_str() {
        "voice" => "audio",
        "story_reply" | "postback" => "text",
        kind => kind,
    }
}

fn said(world: &World, state: &mut State, phone: &Phone, message: &Message) -> Value {
    let mut event = envelope(phone, &message.id, message.at, shown_kind(message));
    if let Some(quoted) = &message.reply_to {
        event["context"] = context(state, phone, quoted);
    }
    if message.kind == "text" && message.card["referral"].is_object() {
        event["referral"] = message.card["referral"].clone();
    }
    put_content(world, state, &mut event, message);
    event
}

fn context(state: &State, phone: &Phone, quoted: &str) -> Value {
    let ours = state
        .phone(&phone.id)
        .and_then(|phone| phone.message(quoted))
        .is_none_or(|message| message.from == crate::world::Side::Business);
    let from = if ours { display(state, phone) } else { phone.person.id.clone() };
    json!({ "from": from, "id": quoted })
}

/// Puts the object into `event` that its type names.
fn put_content(world: &World, state: &mut State, event: &mut Value, message: &Message) {
    let kind = shown_kind(message).to_owned();
    event[&kind] = match kind.as_str() {
        "text" => json!({ "body": message.text.clone().unwrap_or_default() }),
        "unsupported" => {
            event["errors"] = json!([{
                "code": 131_051, "title": "Message type unknown", "message": "Message type unknown",
                "error_data": { "details": "Message type is currently not supported." },
            }]);
            json!({ "type": message.card["type"].as_str().unwrap_or("unknown") })
        }
        "location" | "contacts" | "order" => message.card.clone(),
        _ => {
            let Some(file) = message.media.first() else { return };
            let mut described = files::described(world, state, &file.media);
            match kind.as_str() {
                "audio" => described["voice"] = (message.kind == "voice").into(),
                "sticker" => described["animated"] = false.into(),
                "document" => {
                    let name = file.name.clone().or_else(|| state.media(&file.media)?.name.clone());
                    described["filename"] = name.unwrap_or_else(|| "document".into()).into();
                }
                _ => {}
            }
            if let Some(caption) = &message.text {
                described["caption"] = caption.clone().into();
            }
            described
        }
    };
}

fn tapped(
    state: &State,
    phone: &Phone,
    message: &Message,
    button: &Button,
    said: &Message,
) -> Value {
    let kind = if button.kind == "template" { "button" } else { "interactive" };
    let mut event = envelope(phone, &said.id, said.at, kind);
    event["context"] = json!({ "from": display(state, phone), "id": message.id });
    event[kind] = match button.kind.as_str() {
        "template" => json!({ "payload": button.payload, "text": button.title }),
        "row" => {
            let mut row = json!({ "id": button.payload, "title": button.title });
            if let Some(description) = &button.description {
                row["description"] = description.clone().into();
            }
            json!({ "type": "list_reply", "list_reply": row })
        }
        _ => {
            json!({ "type": "button_reply", "button_reply": { "id": button.payload, "title": button.title } })
        }
    };
    event
}

fn read(world: &World, state: &mut State, phone: &Phone, messages: &[Message]) -> Vec<Hook> {
    let at = state.now();
    let statuses: Vec<Value> =
        messages.iter().map(|message| status(phone, message, "read", at)).collect();
    let hooks = statuses.into_iter().filter_map(|status| {
        let value =
            value(state, phone, json!({ "contacts": [contact(phone)], "statuses": [status] }));
        hook(world, state, phone, value)
    });
    hooks.collect()
}

/// The statuses that follow a message.
pub fn receipts(
    world: &World,
    state: &mut State,
    phone: &Phone,
    message: &Message,
    category: String,
    receipt: Receipt,
) -> Vec<Hook> {
    let steps: &[&str] = match receipt {
        Receipt::Delivered => &["sent", "delivered"],
        Receipt::SentOnly => &["sent"],
        Receipt::Failed(_) => &["failed"],
    };
    let pace = world.config().pace.receipt;
    let mut hooks = vec![];
    for (step, after) in steps.iter().zip(1_u32..) {
        let at =
            message.at + i64::try_from(pace.as_millis()).unwrap_or_default() * i64::from(after);
        let mut status = status(phone, message, step, at);
        let mut value_of = json!({});
        if let Receipt::Failed(error) = &receipt {
            status["errors"] = json!([error]);
        } else {
            status["pricing"] = json!({
                "billable": true, "pricing_model": "PMP", "type": "regular", "category": category,
            });
            value_of["contacts"] = json!([contact(phone)]);
        }
        value_of["statuses"] = json!([status]);
        let value = value(state, phone, value_of);
        hooks.extend(
            hook(world, state, phone, value).map(|hook| Hook { after: pace * after, ..hook }),
        );
    }
    hooks
}

fn status(phone: &Phone, message: &Message, step: &str, at: i64) -> Value {
    let mut status = json!({
        "id": message.id, "status": step, "timestamp": (at / 1000).to_string(),
    });
    if phone.person.username.is_none() {
        status["recipient_id"] = phone.person.id.clone().into();
    }
    if let Some(user_id) = &phone.person.user_id {
        status["recipient_user_id"] = user_id.clone().into();
    }
    if let Some(opaque) = &message.opaque {
        status["biz_opaque_callback_data"] = opaque.clone().into();
    }
    status
}

/// Digits only, as webhooks have it.
fn display(state: &State, phone: &Phone) -> String {
    let handle =
        state.account(Platform::Whatsapp, &phone.account).map_or("", |account| &account.handle);
    handle.chars().filter(char::is_ascii_digit).collect()
}

fn value(state: &State, phone: &Phone, rest: Value) -> Value {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": display(state, phone), "phone_number_id": phone.account },
    });
    if let (Some(value), Some(rest)) = (value.as_object_mut(), rest.as_object()) {
        value.extend(rest.clone());
    }
    value
}

fn app_url(world: &World, state: &State) -> String {
    let said = state.uploads.callback("whatsapp_business_account");
    said.unwrap_or_else(|| format!("{}/hooks/whatsapp", world.config().meta_hook_base))
}

fn hook(world: &World, state: &State, phone: &Phone, value: Value) -> Option<Hook> {
    let account = state.account(Platform::Whatsapp, &phone.account)?;
    if !account.fields.contains("messages") {
        return None;
    }
    let url = account.hook_override.clone().unwrap_or_else(|| app_url(world, state));
    let entry =
        json!({ "id": account.owner, "changes": [{ "value": value, "field": "messages" }] });
    let lane =
        phone.person.id.bytes().fold(0_u64, |sum, byte| sum * 31 % 1_000_003 + u64::from(byte))
            % LANES;
    Some(made(world, &format!("{}:{lane}", account.id), url, entry))
}

fn made(world: &World, lane: &str, url: String, entry: Value) -> Hook {
    Hook {
        platform: Platform::Whatsapp,
        lane: format!("whatsapp:{lane}"),
        url,
        body: Body::Entry { object: "whatsapp_business_account", entry },
        sign: Sign::Hub(world.config().app_secret.clone()),
        ordered: false,
        after: std::time::Duration::ZERO,
        tried: None,
        epoch: 0,
    }
}
