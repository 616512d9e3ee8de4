//! The Send API, where Messenger and Instagram speak it alike.

mod accounts;
mod parts;

use serde_json::{Value, json};
use switchboard_domain::extra::Offer;
use switchboard_domain::window::Tag;
use switchboard_domain::{AttachmentKind, Failure, FailureCode, Permit, Venue};

use super::error;
use super::json::id;
use super::network::COMMENTS;
use crate::http::{Base, Body, Reply, Request};
use crate::inbound::{ExternalId, Media, Source};
use crate::outgoing::{Action, Outcome, Part, Sending};
use crate::platform::{ActionTo, Fetch};

pub(crate) use accounts::Connection;
pub(crate) use parts::{Rules, parts};

/// The most quick replies under a message, and the longest title and payload of a button.
const QUICK_REPLIES_MAX: usize = 13;
const BUTTON_TITLE_MAX_CHARS: usize = 20;
const PAYLOAD_MAX_CHARS: usize = 1_000;

pub(crate) fn not_possible(why: &str) -> Failure {
    Failure::because(FailureCode::NotPossible, why)
}

/// Whether the permit is for what is to be sent.
pub(crate) fn check_permit(sending: &Sending<'_>) -> Result<(), Failure> {
    let permitted = match sending.part {
        Part::PrivateReply { .. } => sending.permit.is_private_reply(),
        Part::Template { .. } => sending.permit.is_template(),
        _ => sending.permit.is_free(),
    };
    if permitted { Ok(()) } else { Err(Failure::new(FailureCode::WindowClosed)) }
}

/// Whether it is a conversation of comments.
pub(crate) fn is_public(venue: Venue) -> bool {
    matches!(venue, Venue::FacebookComments | Venue::InstagramComments)
}

/// The person of a private conversation.
pub(crate) fn person(thread: &[String]) -> Result<Value, Failure> {
    let person = thread.iter().find(|key| !key.starts_with(COMMENTS));
    let person = person.ok_or_else(|| not_possible("nobody is named whom it could go to"))?;
    Ok(json!({ "id": person }))
}

/// What the part is about, as a segment of a path.
pub(crate) fn target<'a>(sending: &Sending<'a>) -> Result<&'a str, Failure> {
    let gone = || Failure::new(FailureCode::TargetGone);
    let ExternalId(target) = sending.targets.first().ok_or_else(gone)?;
    let is_segment = target.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_segment && !target.is_empty() { Ok(target) } else { Err(gone()) }
}

/// What the Send API calls a kind of file. Meta's words, whatever ours come to be.
pub(crate) fn attachment_type(kind: AttachmentKind) -> &'static str {
    match kind {
        AttachmentKind::Image => "image",
        AttachmentKind::Audio => "audio",
        AttachmentKind::Video => "video",
        AttachmentKind::File => "file",
    }
}

/// The body of a message to a person. `messaging_type` is left out where `ordinary` is none.
pub(crate) fn message(
    to: Value,
    permit: Permit,
    ordinary: Option<&str>,
    message: Value,
    reply_to: Option<&ExternalId>,
) -> Value {
    let mut body = json!({ "recipient": to, "message": message });
    match permit.tag() {
        Some(Tag::HumanAgent) => {
            body["messaging_type"] = json!("MESSAGE_TAG");
            body["tag"] = json!("HUMAN_AGENT");
        }
        None => {
            if let Some(ordinary) = ordinary {
                body["messaging_type"] = json!(ordinary);
            }
        }
    }
    if let Some(ExternalId(mid)) = reply_to {
        body["reply_to"] = json!({ "mid": mid });
    }
    body
}

/// What a part answers; nothing when the platform never named that message.
pub(crate) fn reply_to<'a>(sending: &Sending<'a>) -> Option<&'a ExternalId> {
    sending.part.target().and_then(|_| sending.targets.first())
}

pub(crate) fn quick_replies(offer: &Offer) -> Result<Value, Failure> {
    if offer.options.is_empty() || offer.options.len() > QUICK_REPLIES_MAX {
        return Err(not_possible("there can be 1 to 13 quick replies"));
    }
    let replies: Result<Vec<Value>, Failure> = offer
        .options
        .iter()
        .map(|option| {
            let title = button_title(&option.title)?;
            let payload = payload(&option.payload)?;
            Ok(json!({ "content_type": "text", "title": title, "payload": payload }))
        })
        .collect();
    replies.map(Value::Array)
}

pub(crate) fn buttons(offer: &Offer) -> Result<Value, Failure> {
    let buttons: Result<Vec<Value>, Failure> = offer
        .options
        .iter()
        .map(|option| {
            let title = button_title(&option.title)?;
            let payload = payload(&option.payload)?;
            Ok(json!({ "type": "postback", "title": title, "payload": payload }))
        })
        .collect();
    buttons.map(Value::Array)
}

/// Cut to what fits on a button.
fn button_title(title: &str) -> Result<String, Failure> {
    super::json::cleaned(title.trim(), BUTTON_TITLE_MAX_CHARS)
        .ok_or_else(|| not_possible("a button has no title"))
}

fn payload(payload: &str) -> Result<&str, Failure> {
    match payload.chars().count() {
        1..=PAYLOAD_MAX_CHARS => Ok(payload),
        _ => Err(not_possible("a button's payload is empty or longer than 1000 characters")),
    }
}

/// A reaction, or its withdrawal. Nothing else may stand in the request.
pub(crate) fn reaction(
    thread: &[String],
    target: &ExternalId,
    reaction: Option<&str>,
) -> Result<Value, Failure> {
    let to = person(thread)?;
    let payload = match reaction {
        Some(reaction) => json!({ "message_id": target.0, "reaction": reaction }),
        None => json!({ "message_id": target.0 }),
    };
    let action = if reaction.is_some() { "react" } else { "unreact" };
    Ok(json!({ "recipient": to, "sender_action": action, "payload": payload }))
}

/// Something fleeting. Confirming taps is not known here, and comments know nothing fleeting.
pub(crate) fn action(
    base: Base,
    path: String,
    to: &ActionTo<'_>,
    action: &Action,
) -> Option<Request> {
    let name = match action {
        _ if is_public(to.venue) => return None,
        Action::Typing { on: true } => "typing_on",
        Action::Typing { on: false } => "typing_off",
        Action::Read { .. } => "mark_seen",
        Action::Acknowledge { .. } => return None,
    };
    let body = json!({ "recipient": person(to.thread).ok()?, "sender_action": name });
    Some(Request::post(base, path, Body::Json(body)))
}

/// What the reply to a part says.
pub(crate) fn outcome(part: &Part, reply: &Reply) -> Outcome {
    let body = match error::success(reply) {
        Ok(body) => body,
        // Accepted is accepted, whatever it was said with.
        Err(_) if reply.is_success() && reply.json().is_none() => Value::Null,
        Err(_) => return error::outcome(reply),
    };
    let name = match part {
        Part::CommentReply { .. } => "id",
        Part::React { .. } | Part::Edit { .. } | Part::Delete { .. } => {
            return Outcome::Sent { ids: vec![] };
        }
        _ => "message_id",
    };
    Outcome::Sent { ids: id(&body, name).map(ExternalId).into_iter().collect() }
}

/// What the reply to an upload says.
pub(crate) fn upload_outcome(reply: &Reply) -> Outcome {
    let Ok(body) = error::success(reply) else { return error::outcome(reply) };
    match id(&body, "attachment_id") {
        Some(handle) => Outcome::Uploaded { handle },
        None => Outcome::Dead(Failure::because(FailureCode::Refused, "no attachment_id")),
    }
}

/// Files are at signed addresses that need no token and expire.
pub(crate) fn fetch(media: &Media) -> Fetch {
    let failed = |why: &str| Fetch::Failed {
        retry: false,
        failure: Failure::because(FailureCode::FileRejected, why),
    };
    match &media.source {
        Source::Url { url } => {
            let request = Request::get(Base::Given(url.clone()), "");
            Fetch::Bytes(request.auth(crate::http::Auth::None))
        }
        Source::Id { .. } => failed("the file has no address"),
        Source::Gone { why } => failed(why),
    }
}
