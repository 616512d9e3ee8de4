//! What a Page sends.

use serde_json::{Value, json};
use switchboard_domain::extra::Offer;
use switchboard_domain::{Failure, FailureCode};

use crate::account::Credentials;
use crate::http::{Base, Body, Part as BodyPart, Request};
use crate::meta::sending::{
    self, Rules, attachment_type, buttons, check_permit, is_public, not_possible, person,
    quick_replies, reply_to, target,
};
use crate::outgoing::{Part, PostFile, Sending};

/// A text must have fewer than 2000 characters.
const TEXT_MAX_CHARS: usize = 1_999;
const COMMENT_MAX_CHARS: usize = 8_000;
const FILE_MAX_BYTES: u64 = 25 * 1024 * 1024;
/// More options are quick replies. Buttons stay in the conversation, quick replies go.
const BUTTONS_MAX: usize = 3;
const BUTTONS_TEXT_MAX_CHARS: usize = 640;
const METADATA_MAX_CHARS: usize = 999;

pub(super) const RULES: Rules = Rules {
    text_max: TEXT_MAX_CHARS,
    measure: |text| text.chars().count(),
    comment_max: COMMENT_MAX_CHARS,
    check_file,
    // Several images in one message are possible by address only, and bytes always arrive.
    album_max: 1,
};

fn check_file(file: &PostFile) -> Result<(), Failure> {
    match file.size {
        ..=FILE_MAX_BYTES => Ok(()),
        size => {
            let detail = format!("{}: {size} bytes, at most {FILE_MAX_BYTES}", file.name);
            Err(Failure::because(FailureCode::FileRejected, detail))
        }
    }
}

/// Where a Page's messages go.
pub(super) fn messages(credentials: &Credentials) -> String {
    format!("/{}/messages", credentials.id)
}

pub(super) fn write(sending: &Sending<'_>) -> Result<Request, Failure> {
    check_permit(sending)?;
    if is_public(sending.venue) { write_public(sending) } else { write_private(sending) }
}

fn write_private(sending: &Sending<'_>) -> Result<Request, Failure> {
    match sending.part {
        Part::Text { text, .. } => send(sending, json!({ "text": text })),
        Part::Offer { text, offer, .. } => send(sending, offered(text, offer)?),
        Part::File { file, caption: None, .. } => send_file(sending, file),
        Part::React { emoji, .. } => {
            let gone = || Failure::new(FailureCode::TargetGone);
            let target = sending.targets.first().ok_or_else(gone)?;
            let body = sending::reaction(sending.thread, target, emoji.as_deref())?;
            Ok(post(messages(sending.credentials), body))
        }
        _ => Err(not_possible("Messenger has no such thing")),
    }
}

fn write_public(sending: &Sending<'_>) -> Result<Request, Failure> {
    match sending.part {
        Part::CommentReply { text, .. } => {
            Ok(post(format!("/{}/comments", target(sending)?), json!({ "message": text })))
        }
        Part::PrivateReply { text, .. } => {
            let target = target(sending)?;
            // The id of a visitor's post begins with the Page's, that of a comment with its post's.
            let page = format!("{}_", sending.credentials.id);
            let kind = if target.starts_with(&page) { "post_id" } else { "comment_id" };
            let message = known(sending, json!({ "text": text }));
            let body = json!({ "recipient": { kind: target }, "message": message });
            Ok(post(messages(sending.credentials), body))
        }
        Part::Edit { text, .. } => {
            Ok(post(format!("/{}", target(sending)?), json!({ "message": text })))
        }
        Part::Delete { .. } => Ok(Request::delete(Base::Graph, format!("/{}", target(sending)?))),
        _ => Err(not_possible("comments have no such thing")),
    }
}

fn post(path: String, body: Value) -> Request {
    Request::post(Base::Graph, path, Body::Json(body))
}

fn send(sending: &Sending<'_>, message: Value) -> Result<Request, Failure> {
    let body = envelope(sending, message)?;
    Ok(post(messages(sending.credentials), body))
}

fn envelope(sending: &Sending<'_>, message: Value) -> Result<Value, Failure> {
    let to = person(sending.thread)?;
    let message = known(sending, message);
    Ok(sending::message(to, sending.permit, Some("RESPONSE"), message, reply_to(sending)))
}

/// With what the platform gives back in the echo.
fn known(sending: &Sending<'_>, mut message: Value) -> Value {
    let correlation = sending.correlation;
    if !correlation.is_empty() && correlation.chars().count() <= METADATA_MAX_CHARS {
        message["metadata"] = json!(correlation);
    }
    message
}

fn offered(text: &str, offer: &Offer) -> Result<Value, Failure> {
    let few = (1..=BUTTONS_MAX).contains(&offer.options.len());
    if few && text.chars().count() <= BUTTONS_TEXT_MAX_CHARS {
        let buttons = buttons(offer)?;
        let payload = json!({ "template_type": "button", "text": text, "buttons": buttons });
        return Ok(json!({ "attachment": { "type": "template", "payload": payload } }));
    }
    Ok(json!({ "text": text, "quick_replies": quick_replies(offer)? }))
}

/// The members of a message stand in parts of their own, as JSON, beside the file's bytes.
fn send_file(sending: &Sending<'_>, file: &PostFile) -> Result<Request, Failure> {
    check_file(file)?;
    let kind = attachment_type(file.kind);
    let body = envelope(sending, json!({ "attachment": { "type": kind, "payload": {} } }))?;
    let members = body.as_object().into_iter().flatten();
    let mut parts: Vec<BodyPart> = members
        .map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            BodyPart::Text { name: name.clone(), value }
        })
        .collect();
    parts.push(BodyPart::File {
        name: "filedata".to_owned(),
        attachment: file.id,
        file_name: file.name.clone(),
        mime: file.mime.clone(),
    });
    Ok(Request::post(Base::Graph, messages(sending.credentials), Body::Multipart(parts)))
}
