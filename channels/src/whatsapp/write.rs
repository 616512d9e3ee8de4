//! The request of a part.

use serde_json::{Map, Value, json};
use switchboard_domain::extra::Offer;
use switchboard_domain::{Failure, FailureCode};

use super::media::Kind;
use super::parts::{Shape, numbered, shape};
use super::{errors, media, parameters, people};
use crate::http::{Base, Body, Reply, Request};
use crate::inbound::ExternalId;
use crate::meta::json::{id, list};
use crate::outgoing::{Action, Outcome, Part, PostFile, Sending};
use crate::platform::ActionTo;

/// The longest `biz_opaque_callback_data`.
const CORRELATION_MAX_CHARS: usize = 512;
/// What opens a list that has no words of its own, and the most characters of such words.
const LIST_TITLE: &str = "Choose";
const LIST_TITLE_MAX_CHARS: usize = 20;
/// WhatsApp's code for a bad value; of a reaction, its target is gone or too old.
const BAD_VALUE: i64 = 131_009;

/// Writes a part.
pub(super) fn write(sending: &Sending<'_>) -> Result<Request, Failure> {
    check_permit(sending)?;
    let (kind, object) = match sending.part {
        Part::Text { text, .. } => ("text", text_object(text)),
        Part::File { file, caption, .. } => file_object(sending, file, caption.as_deref())?,
        // Groups have text and files only.
        Part::Offer { text, offer, .. } if is_group(sending.thread) => {
            ("text", text_object(&numbered(text, &offer.options)))
        }
        Part::Offer { text, offer, .. } => match shape(offer) {
            Shape::Buttons => ("interactive", buttons(text, offer)),
            Shape::List => ("interactive", rows(text, offer)),
            Shape::Words => ("text", text_object(&numbered(text, &offer.options))),
        },
        Part::Template { name, language, components, values, file } => {
            let media = file.as_ref().map(|_| media::reference(sending, 0)).transpose()?;
            let components = parameters::fill(components, values, file.as_ref(), media)?;
            let mut template = json!({ "name": name, "language": { "code": language } });
            if !components.is_empty() {
                template["components"] = json!(components);
            }
            ("template", template)
        }
        Part::React { emoji, .. } => {
            let target = sending.targets.first().ok_or(Failure::new(FailureCode::TargetGone))?;
            let emoji = emoji.as_deref().unwrap_or_default();
            ("reaction", json!({ "message_id": target.0, "emoji": emoji }))
        }
        // WhatsApp has no way to change or withdraw what was sent, no albums and no comments.
        Part::Album { .. }
        | Part::CommentReply { .. }
        | Part::PrivateReply { .. }
        | Part::Edit { .. }
        | Part::Delete { .. } => return Err(Failure::new(FailureCode::NotPossible)),
    };
    let mut body = addressed(sending.thread)?;
    body.insert("type".to_owned(), json!(kind));
    body.insert(kind.to_owned(), object);
    let correlation: String = sending.correlation.chars().take(CORRELATION_MAX_CHARS).collect();
    if !correlation.is_empty() {
        body.insert("biz_opaque_callback_data".to_owned(), json!(correlation));
    }
    if let Some(target) = sending.targets.first().filter(|_| quotes(sending.part)) {
        body.insert("context".to_owned(), json!({ "message_id": target.0 }));
    }
    Ok(messages(&sending.credentials.id, Value::Object(body)))
}

fn check_permit(sending: &Sending<'_>) -> Result<(), Failure> {
    let is_permitted = match sending.part {
        Part::Template { .. } => sending.permit.is_template(),
        _ => sending.permit.is_free(),
    };
    is_permitted.then_some(()).ok_or(Failure::new(FailureCode::WindowClosed))
}

fn is_group(thread: &[String]) -> bool {
    thread.iter().any(|key| key.starts_with(people::GROUP))
}

fn quotes(part: &Part) -> bool {
    !matches!(part, Part::React { .. }) && part.target().is_some()
}

fn messages(number: &str, body: Value) -> Request {
    Request::post(Base::Graph, format!("/{number}/messages"), Body::Json(body))
}

/// A body with its recipient: a group, a number with its country (without `+` our own would be put
/// before it), or the id of someone who hides the number.
fn addressed(thread: &[String]) -> Result<Map<String, Value>, Failure> {
    let of = |prefix: &str| thread.iter().find_map(|key| key.strip_prefix(prefix));
    let (kind, name, value) = match (of(people::GROUP), of("w:"), of("u:")) {
        (Some(group), _, _) => ("group", "to", group.to_owned()),
        (None, Some(number), _) => ("individual", "to", format!("+{number}")),
        (None, None, Some(user)) => ("individual", "recipient", user.to_owned()),
        (None, None, None) => {
            return Err(Failure::because(FailureCode::Unreachable, "no address is known"));
        }
    };
    let mut body = Map::new();
    body.insert("messaging_product".to_owned(), json!("whatsapp"));
    body.insert("recipient_type".to_owned(), json!(kind));
    body.insert(name.to_owned(), json!(value));
    Ok(body)
}

fn text_object(text: &str) -> Value {
    // WhatsApp shows the first address only when it is told to.
    let has_address = text.contains("https://") || text.contains("http://");
    json!({ "body": text, "preview_url": has_address })
}

fn file_object(
    sending: &Sending<'_>,
    file: &PostFile,
    caption: Option<&str>,
) -> Result<(&'static str, Value), Failure> {
    let kind = Kind::of(file)?;
    let mut object = media::reference(sending, 0)?;
    if let Some(caption) = caption.filter(|_| kind.takes_caption()) {
        object.insert("caption".to_owned(), json!(caption));
    }
    if kind == Kind::Voice {
        object.insert("voice".to_owned(), json!(true));
    }
    if kind == Kind::Document {
        object.insert("filename".to_owned(), json!(file.name));
    }
    Ok((kind.name(), Value::Object(object)))
}

fn buttons(text: &str, offer: &Offer) -> Value {
    let button =
        |title: &str, id: &str| json!({ "type": "reply", "reply": { "id": id, "title": title } });
    let buttons: Vec<Value> =
        offer.options.iter().map(|option| button(option.title.trim(), &option.payload)).collect();
    json!({ "type": "button", "body": { "text": text }, "action": { "buttons": buttons } })
}

fn rows(text: &str, offer: &Offer) -> Value {
    let row = |title: &str, id: &str| json!({ "id": id, "title": title });
    let rows: Vec<Value> =
        offer.options.iter().map(|option| row(option.title.trim(), &option.payload)).collect();
    let title = offer.list_title.as_deref().unwrap_or_default().trim();
    let title: String = match title.is_empty() {
        true => LIST_TITLE.to_owned(),
        false => title.chars().take(LIST_TITLE_MAX_CHARS).collect(),
    };
    let action = json!({ "button": title, "sections": [{ "rows": rows }] });
    json!({ "type": "list", "body": { "text": text }, "action": action })
}

/// What the reply to a part says. A success means that WhatsApp took it; whether it arrives is told
/// by statuses.
pub(super) fn outcome(sending: &Sending<'_>, reply: &Reply) -> Outcome {
    let is_reaction = matches!(sending.part, Part::React { .. });
    if reply.is_success() {
        let body = reply.json().unwrap_or_default();
        let ids = list(&body, "messages").iter().filter_map(|message| id(message, "id"));
        let ids = ids.filter(|_| !is_reaction).map(ExternalId).collect();
        return Outcome::Sent { ids };
    }
    let told = reply.json().and_then(|body| body.get("error").map(errors::Told::of));
    match errors::outcome(reply) {
        Outcome::Dead(failure)
            if is_reaction && told.is_some_and(|told| told.code == Some(BAD_VALUE)) =>
        {
            Outcome::Dead(Failure { code: FailureCode::TargetGone, ..failure })
        }
        outcome => outcome,
    }
}

/// Marks as read; or shows that someone types, which WhatsApp does under a message alone, marks
/// as read along with it and ends by itself after 25 seconds.
pub(super) fn action(to: &ActionTo<'_>, action: &Action) -> Option<Request> {
    let (message, types) = match action {
        Action::Read { message } => (message, false),
        Action::Typing { on: true } => (to.newest?, true),
        Action::Typing { on: false } | Action::Acknowledge { .. } => return None,
    };
    let mut body = json!({
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": message.0,
    });
    if types {
        body["typing_indicator"] = json!({ "type": "text" });
    }
    Some(messages(&to.credentials.id, body))
}
