//! What an Instagram account sends.

use serde_json::{Value, json};
use switchboard_domain::{AttachmentKind, Failure, FailureCode};

use super::Instagram;
use super::mention::Mention;
use crate::account::Credentials;
use crate::http::{Body, Part as BodyPart, Request};
use crate::inbound::ExternalId;
use crate::meta::sending::{
    self, Rules, attachment_type, check_permit, is_public, not_possible, person, quick_replies,
    reply_to, target,
};
use crate::outgoing::{Part, PostFile, Sending};

/// Bytes of UTF-8, not characters.
const TEXT_MAX_BYTES: usize = 1_000;
const COMMENT_MAX_CHARS: usize = 2_200;
const IMAGE_MAX_BYTES: u64 = 8 * 1024 * 1024;
const FILE_MAX_BYTES: u64 = 25 * 1024 * 1024;
/// Images in one message.
const ALBUM_MAX: usize = 10;

pub(super) fn rules(kind: Instagram) -> Rules {
    Rules {
        text_max: TEXT_MAX_BYTES,
        measure: str::len,
        comment_max: COMMENT_MAX_CHARS,
        check_file,
        // Several images are possible by address; of uploads, each is a message.
        album_max: match kind {
            Instagram::Login => ALBUM_MAX,
            Instagram::Page => 1,
        },
    }
}

/// The types that Instagram takes, by the names under which files are sniffed.
fn check_file(file: &PostFile) -> Result<(), Failure> {
    let (types, max): (&[&str], u64) = match file.kind {
        AttachmentKind::Image => (&["image/png", "image/jpeg", "image/gif"], IMAGE_MAX_BYTES),
        AttachmentKind::Audio => (
            &["audio/aac", "audio/m4a", "audio/mp4", "audio/x-m4a", "audio/wav", "audio/x-wav"],
            FILE_MAX_BYTES,
        ),
        AttachmentKind::Video => (
            &["video/mp4", "video/ogg", "video/x-msvideo", "video/quicktime", "video/webm"],
            FILE_MAX_BYTES,
        ),
        AttachmentKind::File => (&["application/pdf"], FILE_MAX_BYTES),
    };
    let name = &file.name;
    if !types.contains(&file.mime.as_str()) {
        let detail = format!("{name}: {} is none of {}", file.mime, types.join(", "));
        return Err(Failure::because(FailureCode::FileRejected, detail));
    }
    if file.size > max {
        let detail = format!("{name}: {} bytes, at most {max}", file.size);
        return Err(Failure::because(FailureCode::FileRejected, detail));
    }
    Ok(())
}

/// Where an account's messages go.
pub(super) fn messages(kind: Instagram, credentials: &Credentials) -> String {
    format!("/{}/messages", kind.holder(credentials))
}

pub(super) fn write(kind: Instagram, sending: &Sending<'_>) -> Result<Request, Failure> {
    check_permit(sending)?;
    if is_public(sending.venue) {
        return write_public(kind, sending);
    }
    match sending.part {
        Part::Text { text, .. } => send(kind, sending, json!({ "text": text })),
        Part::Offer { text, offer, .. } => {
            let message = json!({ "text": text, "quick_replies": quick_replies(offer)? });
            send(kind, sending, message)
        }
        Part::File { file, caption: None, .. } => {
            let attachment = attachment(sending, 0, file)?;
            send(kind, sending, json!({ "attachment": attachment }))
        }
        Part::Album { files, caption: None, .. } => {
            let attachments: Result<Vec<Value>, Failure> = files
                .iter()
                .enumerate()
                .map(|(position, file)| attachment(sending, position, file))
                .collect();
            send(kind, sending, json!({ "attachments": attachments? }))
        }
        Part::React { emoji, .. } => react(kind, sending, emoji.as_deref()),
        _ => Err(not_possible("Instagram has no such thing")),
    }
}

fn write_public(kind: Instagram, sending: &Sending<'_>) -> Result<Request, Failure> {
    match sending.part {
        Part::CommentReply { text, .. } => reply_publicly(kind, sending, text),
        Part::PrivateReply { text, .. } => {
            let recipient = json!({ "comment_id": target(sending)? });
            let body = json!({ "recipient": recipient, "message": { "text": text } });
            Ok(post(kind, messages(kind, sending.credentials), body))
        }
        Part::Delete { .. } => Ok(Request::delete(kind.base(), format!("/{}", target(sending)?))),
        _ => Err(not_possible("comments have no such thing")),
    }
}

/// As a form: text in an address would end in logs.
fn reply_publicly(kind: Instagram, sending: &Sending<'_>, text: &str) -> Result<Request, Failure> {
    let form = |mut members: Vec<(String, String)>| {
        members.push(("message".to_owned(), text.to_owned()));
        Body::Form(members)
    };
    let mention = sending.targets.first().and_then(|ExternalId(id)| Mention::parse(id));
    let Some(mention) = mention else {
        let path = format!("/{}/replies", target(sending)?);
        return Ok(Request::post(kind.base(), path, form(vec![])));
    };
    let mut members = vec![("media_id".to_owned(), mention.media)];
    members.extend(mention.comment.map(|comment| ("comment_id".to_owned(), comment)));
    let path = format!("/{}/mentions", sending.credentials.id);
    Ok(Request::post(kind.base(), path, form(members)))
}

fn post(kind: Instagram, path: String, body: Value) -> Request {
    Request::post(kind.base(), path, Body::Json(body))
}

fn send(kind: Instagram, sending: &Sending<'_>, message: Value) -> Result<Request, Failure> {
    let to = person(sending.thread)?;
    let body = sending::message(to, sending.permit, None, message, reply_to(sending));
    Ok(post(kind, messages(kind, sending.credentials), body))
}

/// Through a Page only a heart can be given.
fn react(kind: Instagram, sending: &Sending<'_>, emoji: Option<&str>) -> Result<Request, Failure> {
    let reaction = match (kind, emoji) {
        (_, Some("❤" | "❤️")) => Some("love"),
        (Instagram::Page, Some(_)) => {
            return Err(not_possible("this account can react with a heart only"));
        }
        (_, emoji) => emoji,
    };
    let gone = || Failure::new(FailureCode::TargetGone);
    let target = sending.targets.first().ok_or_else(gone)?;
    let body = sending::reaction(sending.thread, target, reaction)?;
    Ok(post(kind, messages(kind, sending.credentials), body))
}

/// A file that was uploaded, or that Instagram fetches.
fn attachment(sending: &Sending<'_>, position: usize, file: &PostFile) -> Result<Value, Failure> {
    check_file(file)?;
    let at = |names: &[Option<String>]| names.get(position).cloned().flatten();
    let payload = match (at(sending.uploads), at(sending.urls)) {
        (Some(handle), _) => json!({ "attachment_id": handle }),
        (None, Some(url)) => json!({ "url": url }),
        (None, None) => {
            let detail = "Instagram fetches files, and this server cannot be reached from outside";
            return Err(Failure::because(FailureCode::FileRejected, detail));
        }
    };
    Ok(json!({ "type": attachment_type(file.kind), "payload": payload }))
}

/// Through a Page, a file's bytes are handed over beforehand.
pub(super) fn upload(kind: Instagram, sending: &Sending<'_>, position: usize) -> Option<Request> {
    let Instagram::Page = kind else { return None };
    let file = sending.part.files().get(position)?;
    let payload = json!({ "is_reusable": true });
    let message =
        json!({ "attachment": { "type": attachment_type(file.kind), "payload": payload } });
    let text = |name: &str, value: String| BodyPart::Text { name: name.to_owned(), value };
    let parts = vec![
        text("platform", "instagram".to_owned()),
        text("message", message.to_string()),
        BodyPart::File {
            name: "filedata".to_owned(),
            attachment: file.id,
            file_name: file.name.clone(),
            mime: file.mime.clone(),
        },
    ];
    let path = format!("/{}/message_attachments", kind.holder(sending.credentials));
    Some(Request::post(kind.base(), path, Body::Multipart(parts)))
}
