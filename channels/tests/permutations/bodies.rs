//! The same happenings as each platform tells them.

use serde_json::{Value, json};
use switchboard_channels::Hook;
use switchboard_domain::DeliveryState;

use super::fold::Side;
use super::history::{Deed, Happening};

pub const BOT: &str = "7310022841";
const OWNER: i64 = 4_900_123_456;
const CUSTOMER: i64 = 5_512_007_733;

/// A way by which a conversation is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Whatsapp,
    Messenger,
    Instagram,
    TelegramBot,
    TelegramBusiness,
}

impl Way {
    pub fn hook(self) -> Hook {
        match self {
            Way::Whatsapp => Hook::Whatsapp,
            Way::Messenger => Hook::Messenger,
            Way::Instagram => Hook::Instagram,
            Way::TelegramBot | Way::TelegramBusiness => Hook::Telegram,
        }
    }

    /// What the platform calls a message.
    pub fn name(self, number: usize) -> String {
        match self {
            Way::Whatsapp => format!("wamid.{number}"),
            Way::Messenger | Way::Instagram => format!("m_{number}"),
            Way::TelegramBot => format!("{CUSTOMER}:{}", 100 + number),
            Way::TelegramBusiness => format!("b:Bk1:{CUSTOMER}:{}", 100 + number),
        }
    }

    /// Whether the platform tells of it at all.
    pub fn tells(self, deed: &Deed) -> bool {
        use DeliveryState::{Delivered, Read};
        match (self, deed) {
            (Way::TelegramBot, Deed::Says { side, .. }) => *side == Side::Customer,
            (_, Deed::Says { .. }) => true,
            (Way::Messenger | Way::Instagram, Deed::Edits { side, .. }) => *side == Side::Customer,
            (_, Deed::Edits { .. }) => true,
            (way, Deed::Deletes { .. }) => !matches!(way, Way::Messenger | Way::TelegramBot),
            (way, Deed::Reacts { .. }) => way != Way::TelegramBusiness,
            (way, Deed::Receipt { state, .. }) => {
                way == Way::Whatsapp || way == Way::Messenger && *state == Delivered
            }
            (Way::Messenger, Deed::UpTo { .. }) => true,
            (Way::Instagram, Deed::UpTo { state, .. }) => *state == Read,
            (_, Deed::UpTo { .. }) => false,
        }
    }
}

/// The webhooks of a history, up to `batch` happenings in each.
pub fn of(way: Way, history: &[Happening], batch: usize) -> Vec<Vec<u8>> {
    let body = |happenings: &[Happening]| {
        let entries: Vec<Value> =
            happenings.iter().map(|happening| entry(way, happening)).collect();
        let body = match way {
            Way::Whatsapp => json!({ "object": "whatsapp_business_account", "entry": entries }),
            Way::Messenger => json!({ "object": "page", "entry": entries }),
            Way::Instagram => json!({ "object": "instagram", "entry": entries }),
            Way::TelegramBot | Way::TelegramBusiness => entries[0].clone(),
        };
        body.to_string().into_bytes()
    };
    history.chunks(batch).map(body).collect()
}

fn entry(way: Way, happening: &Happening) -> Value {
    match way {
        Way::Whatsapp => whatsapp(happening),
        Way::Messenger => network(way, "104771529900318", "7719020043315586", happening),
        Way::Instagram => network(way, "17841460001122334", "1789004455667788", happening),
        Way::TelegramBot | Way::TelegramBusiness => telegram(way, happening),
    }
}

fn whatsapp(Happening { at, what }: &Happening) -> Value {
    let name = |number: usize| Way::Whatsapp.name(number);
    let own = format!("wamid.of.{at}");
    let (side, id, content) = match what {
        Deed::Says { number, side, text } => {
            (*side, name(*number), json!({ "type": "text", "text": { "body": text } }))
        }
        Deed::Edits { number, side, text, .. } => {
            let message = json!({ "type": "text", "text": { "body": text } });
            let edit = json!({ "original_message_id": name(*number), "message": message });
            (*side, own, json!({ "type": "edit", "edit": edit }))
        }
        Deed::Deletes { number, side } => {
            let revoke = json!({ "original_message_id": name(*number) });
            (*side, own, json!({ "type": "revoke", "revoke": revoke }))
        }
        Deed::Reacts { number, emoji } => {
            let mut reaction = json!({ "message_id": name(*number) });
            if let Some(emoji) = emoji {
                reaction["emoji"] = (*emoji).into();
            }
            (Side::Customer, own, json!({ "type": "reaction", "reaction": reaction }))
        }
        Deed::Receipt { number, state } => {
            let mut status = json!({
                "id": name(*number), "status": state.name(), "recipient_id": "34655120987",
                "recipient_user_id": "ES.7Qm2", "timestamp": at.as_second().to_string(),
            });
            if *state == DeliveryState::Failed {
                status["errors"] = json!([{ "code": 131026, "title": "Message undeliverable" }]);
            }
            return change("messages", "statuses", status);
        }
        Deed::UpTo { .. } => unreachable!("WhatsApp has no watermarks"),
    };
    let mut message = content;
    message["id"] = id.into();
    message["timestamp"] = at.as_second().to_string().into();
    match side {
        Side::Customer => {
            message["from"] = "34655120987".into();
            message["from_user_id"] = "ES.7Qm2".into();
            change("messages", "messages", message)
        }
        Side::Business => {
            message["from"] = "4915735990017".into();
            message["to"] = "34655120987".into();
            message["to_user_id"] = "ES.7Qm2".into();
            change("smb_message_echoes", "message_echoes", message)
        }
    }
}

fn change(field: &str, list: &str, item: Value) -> Value {
    let metadata =
        json!({ "display_phone_number": "4915735990017", "phone_number_id": "598213347710462" });
    let contact = json!({
        "profile": { "name": "Nerea" }, "wa_id": "34655120987", "user_id": "ES.7Qm2",
    });
    let value = json!({
        "messaging_product": "whatsapp", "metadata": metadata, "contacts": [contact], list: [item],
    });
    json!({ "id": "310428876512904", "changes": [{ "field": field, "value": value }] })
}

/// Messenger and Instagram.
fn network(way: Way, account: &str, person: &str, Happening { at, what }: &Happening) -> Value {
    let mid = |number: &usize| way.name(*number);
    let now = at.as_millisecond();
    let echo = |side: &Side| *side == Side::Business;
    let (is_echo, mut item) = match what {
        Deed::Says { number, side, text } => {
            (echo(side), json!({ "message": { "mid": mid(number), "text": text } }))
        }
        Deed::Edits { number, text, .. } => {
            let edit = json!({ "mid": mid(number), "text": text, "num_edit": 1 });
            (false, json!({ "message_edit": edit }))
        }
        Deed::Deletes { number, side } => {
            (echo(side), json!({ "message": { "mid": mid(number), "is_deleted": true } }))
        }
        Deed::Reacts { number, emoji: Some(emoji) } => {
            let (mid, emoji) = (mid(number), *emoji);
            let reaction =
                json!({ "mid": mid, "action": "react", "reaction": "other", "emoji": emoji });
            (false, json!({ "reaction": reaction }))
        }
        Deed::Reacts { number, emoji: None } => {
            (false, json!({ "reaction": { "mid": mid(number), "action": "unreact" } }))
        }
        Deed::Receipt { number, .. } => (false, json!({ "delivery": { "mids": [mid(number)] } })),
        Deed::UpTo { state: DeliveryState::Delivered, .. } => {
            (false, json!({ "delivery": { "watermark": now } }))
        }
        Deed::UpTo { last, .. } => match way {
            Way::Instagram => (false, json!({ "read": { "mid": mid(last) } })),
            _ => (false, json!({ "read": { "watermark": now } })),
        },
    };
    let (sender, recipient) = if is_echo { (account, person) } else { (person, account) };
    if is_echo {
        item["message"]["is_echo"] = true.into();
    }
    item["sender"] = json!({ "id": sender });
    item["recipient"] = json!({ "id": recipient });
    item["timestamp"] = now.into();
    json!({ "id": account, "time": now + 180, "messaging": [item] })
}

fn telegram(way: Way, Happening { at, what }: &Happening) -> Value {
    let now = at.as_second();
    let chat = json!({ "id": CUSTOMER, "first_name": "Marek", "type": "private" });
    let customer = json!({ "id": CUSTOMER, "first_name": "Marek", "is_bot": false });
    let is_business = way == Way::TelegramBusiness;
    let message = |number: usize, side: Side, text: &str, date: i64| {
        let mut message = json!({
            "message_id": 100 + number, "chat": chat, "from": customer, "date": date, "text": text,
        });
        if side == Side::Business {
            message["from"] = json!({ "id": OWNER, "first_name": "Sofia", "is_bot": false });
        }
        if is_business {
            message["business_connection_id"] = "Bk1".into();
        }
        message
    };
    let (kind, value) = match what {
        Deed::Says { number, side, text } => {
            let kind = if is_business { "business_message" } else { "message" };
            (kind, message(*number, *side, text, now))
        }
        Deed::Edits { number, side, text, said_at } => {
            let kind = if is_business { "edited_business_message" } else { "edited_message" };
            let mut message = message(*number, *side, text, said_at.as_second());
            message["edit_date"] = now.into();
            (kind, message)
        }
        Deed::Deletes { number, .. } => {
            let ids = [100 + number];
            let deleted =
                json!({ "business_connection_id": "Bk1", "chat": chat, "message_ids": ids });
            ("deleted_business_messages", deleted)
        }
        Deed::Reacts { number, emoji } => {
            let new: Vec<Value> =
                emoji.iter().map(|emoji| json!({ "type": "emoji", "emoji": emoji })).collect();
            let reaction = json!({
                "chat": chat, "message_id": 100 + number, "user": customer, "date": now,
                "old_reaction": [], "new_reaction": new,
            });
            ("message_reaction", reaction)
        }
        Deed::Receipt { .. } | Deed::UpTo { .. } => unreachable!("Telegram has no receipts"),
    };
    json!({ "update_id": now, kind: value })
}
