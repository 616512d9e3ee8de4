//! Messages, and what they become when they are edited.

use serde_json::Value;
use switchboard_domain::extra::Referral;
use switchboard_domain::{Card, Extra};

use super::place::Place;
use super::{cards, files, json, people, service, text};
use crate::inbound::{Direction, Event, ExternalId, InMessage, Peer, What};

/// A new message, or what it tells of its chat.
pub fn written(message: &Value, bot: &str) -> Result<Event, String> {
    let place = Place::of(message)?;
    let id = id(message, &place)?;
    let at = json::time(message, "date").ok_or("no date")?;
    if let Some(event) = service::read(message, &place, at) {
        return Ok(event);
    }
    let direction = people::direction(message, bot);
    let (text, extra) = content(message, &direction);
    let what = What::Message(Box::new(InMessage {
        id,
        opens_window: direction == Direction::Customer,
        direction,
        text,
        media: files::of(message),
        extra,
        reply_to: answered(message, &place),
        acknowledge: None,
    }));
    Ok(Event { at, thread: Some(place.thread(peer(message))), what })
}

/// A message as it is after an edit; also where a live location has come to.
pub fn edited(message: &Value, bot: &str) -> Result<Event, String> {
    let place = Place::of(message)?;
    let target = id(message, &place)?;
    let at = json::time(message, "edit_date").or_else(|| json::time(message, "date"));
    let (text, extra) = content(message, &people::direction(message, bot));
    // Telegram does not say what was changed, so the files are always told.
    let media = Some(files::of(message)).filter(|files| !files.is_empty());
    let extra = Some(Box::new(extra)).filter(|extra| !extra.is_empty());
    let what = What::Edited { target, text: Some(text), media, extra };
    Ok(Event { at: at.ok_or("no date")?, thread: Some(place.thread(peer(message))), what })
}

fn id(message: &Value, place: &Place) -> Result<ExternalId, String> {
    Ok(place.message(json::id(message, "message_id").ok_or("no message id")?))
}

/// Whom it is with, and their number if they shared their own.
fn peer(message: &Value) -> Peer {
    let mut peer = people::peer(message);
    if let Some(contact) = json::object(message, "contact") {
        let from = message.get("from").and_then(|from| json::id(from, "id"));
        let own = from.is_some() && json::id(contact, "user_id") == from && !peer.is_group;
        if own && from == json::id(&message["chat"], "id") {
            peer.phone = cards::phone(contact);
        }
    }
    peer
}

/// Words, and everything that is neither words nor files.
fn content(message: &Value, direction: &Direction) -> (String, Extra) {
    let mut words = text::of(message);
    let mut extra = Extra {
        card: cards::of(message),
        sender: people::sender(message, people::peer(message).is_group),
        via: match direction {
            Direction::Business { via, .. } => via.clone(),
            Direction::Customer => None,
        },
        forwarded: json::has(message, "forward_origin"),
        album: json::title(message, "media_group_id"),
        answers_unknown: json::has(message, "external_reply"),
        ..Extra::default()
    };
    if let Some(("/start", payload)) = text::command(message) {
        // People see "/start" alone; what follows was put into the link by the business.
        words = "/start".to_owned();
        extra.referral = json::label(payload).map(|payload| Referral {
            kind: "link".to_owned(),
            reference: Some(payload),
            ..Referral::default()
        });
    }
    if let Some(blocks) = json::object(message, "rich_message") {
        words = json::body(&rich(blocks));
    }
    if words.is_empty() && extra.card.is_none() && files::of(message).is_empty() {
        extra.card = Some(Card::Unsupported { kind: unknown(message) });
    }
    (words, extra)
}

/// The words of a rich message, block by block.
fn rich(value: &Value) -> String {
    let mut lines = vec![];
    collect(value, &mut lines);
    lines.join("\n")
}

fn collect<'a>(value: &'a Value, lines: &mut Vec<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, lines)),
        Value::Object(members) => members.iter().for_each(|(name, member)| match member {
            Value::String(text) if name == "text" => lines.push(text),
            member => collect(member, lines),
        }),
        _ => {}
    }
}

/// The message that this one answers. In a topic, whatever answers nothing answers the message
/// that opened the topic.
fn answered(message: &Value, place: &Place) -> Option<ExternalId> {
    let answered = json::object(message, "reply_to_message")?;
    let id = json::id(answered, "message_id")?;
    (!json::has(answered, "forum_topic_created")).then(|| place.message(id))
}

/// Members that say something about a message, but not what it is.
const ABOUT: [&str; 37] = [
    "message_id",
    "message_thread_id",
    "direct_messages_topic",
    "from",
    "sender_chat",
    "sender_boost_count",
    "sender_business_bot",
    "sender_tag",
    "date",
    "business_connection_id",
    "guest_query_id",
    "chat",
    "forward_origin",
    "is_topic_message",
    "is_automatic_forward",
    "is_paid_post",
    "is_from_offline",
    "reply_to_message",
    "reply_to_checklist_task_id",
    "reply_to_story",
    "external_reply",
    "quote",
    "via_bot",
    "edit_date",
    "has_protected_content",
    "media_group_id",
    "author_signature",
    "paid_star_count",
    "suggested_post_info",
    "text",
    "entities",
    "caption",
    "caption_entities",
    "link_preview_options",
    "effect_id",
    "show_caption_above_media",
    "reply_markup",
];

/// What Telegram calls a content that is not known here.
fn unknown(message: &Value) -> String {
    let names = message.as_object().into_iter().flat_map(|members| members.keys());
    let unknown = names.into_iter().find(|name| !ABOUT.contains(&name.as_str()));
    unknown.and_then(|name| json::label(name)).unwrap_or_else(|| "empty".to_owned())
}
