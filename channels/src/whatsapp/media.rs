//! Files: as what WhatsApp takes them, sending them there, and fetching what customers sent.

use serde_json::{Value, json};
use switchboard_domain::{Failure, FailureCode};

use super::errors;
use crate::account::Credentials;
use crate::http::{Auth, Base, Body, Part as BodyPart, Reply, Request};
use crate::inbound::{Media, Source};
use crate::meta::json::{id, url};
use crate::outgoing::{Outcome, PostFile, RetryScope, Sending, is_temporary};
use crate::platform::Fetch;

// WhatsApp's documentation does not say which megabyte it means, so it is the smaller one: what is
// too large for a picture still goes as a document.
const MEGABYTE: u64 = 1_000_000;
const IMAGE_MAX_BYTES: u64 = 5 * MEGABYTE;
const AUDIO_VIDEO_MAX_BYTES: u64 = 16 * MEGABYTE;
const DOCUMENT_MAX_BYTES: u64 = 100 * MEGABYTE;

/// What a file is to WhatsApp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Image,
    Video,
    Audio,
    /// A recorded voice, shown with its wave.
    Voice,
    Document,
}

impl Kind {
    /// As what a file is sent. Pictures, films and sounds that WhatsApp does not show are documents.
    pub fn of(file: &PostFile) -> Result<Kind, Failure> {
        let kind = match mime(file) {
            "image/jpeg" | "image/png" if file.size <= IMAGE_MAX_BYTES => Kind::Image,
            "video/mp4" | "video/3gpp" if file.size <= AUDIO_VIDEO_MAX_BYTES => Kind::Video,
            // A voice note has to be Opus in Ogg; other recordings are sounds.
            "audio/ogg" if file.voice && file.size <= AUDIO_VIDEO_MAX_BYTES => Kind::Voice,
            "audio/aac" | "audio/amr" | "audio/mpeg" | "audio/mp4" | "audio/ogg"
                if file.size <= AUDIO_VIDEO_MAX_BYTES =>
            {
                Kind::Audio
            }
            _ => Kind::Document,
        };
        let why = match file.size {
            0 => "The file is empty.",
            size if size > DOCUMENT_MAX_BYTES => "WhatsApp takes files of up to 100 MB.",
            _ => return Ok(kind),
        };
        Err(Failure::because(FailureCode::FileRejected, why))
    }

    /// The name of its type, and of the object that describes it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Image => "image",
            Kind::Video => "video",
            Kind::Audio | Kind::Voice => "audio",
            Kind::Document => "document",
        }
    }

    pub fn takes_caption(self) -> bool {
        matches!(self, Kind::Image | Kind::Video | Kind::Document)
    }
}

/// The name that WhatsApp has for a type, where it is another than ours.
fn mime(file: &PostFile) -> &str {
    let mime = file.mime.split(';').next().unwrap_or_default().trim();
    match mime {
        "audio/m4a" | "audio/x-m4a" => "audio/mp4",
        "audio/opus" => "audio/ogg",
        mime => mime,
    }
}

/// Sends the file there beforehand: an id can be sent again, and needs no address of ours.
pub(super) fn upload(sending: &Sending<'_>, position: usize) -> Option<Request> {
    let file = sending.part.files().get(position)?;
    let text =
        |name: &str, value: &str| BodyPart::Text { name: name.to_owned(), value: value.to_owned() };
    let parts = vec![
        text("messaging_product", "whatsapp"),
        text("type", mime(file)),
        BodyPart::File {
            name: "file".to_owned(),
            attachment: file.id,
            file_name: file.name.clone(),
            mime: mime(file).to_owned(),
        },
    ];
    let path = format!("/{}/media", sending.credentials.id);
    Some(Request::post(Base::Graph, path, Body::Multipart(parts)))
}

pub(super) fn upload_outcome(reply: &Reply) -> Outcome {
    if !reply.is_success() {
        return errors::outcome(reply);
    }
    match reply.json().and_then(|body| id(&body, "id")) {
        Some(handle) => Outcome::Uploaded { handle },
        None => Outcome::Retry {
            after: None,
            why: Failure::because(FailureCode::PlatformDown, "an upload without an id"),
            scope: RetryScope::Conversation,
        },
    }
}

/// The object that names a file in a message: by what its upload led to, else by its address.
pub(super) fn reference(
    sending: &Sending<'_>,
    position: usize,
) -> Result<serde_json::Map<String, Value>, Failure> {
    let at = |given: &[Option<String>]| given.get(position).cloned().flatten();
    let (name, value) = match (at(sending.uploads), at(sending.urls)) {
        (Some(handle), _) => ("id", handle),
        (None, Some(url)) => ("link", url),
        (None, None) => {
            let why = "the file was neither uploaded nor can it be fetched";
            return Err(Failure::because(FailureCode::FileRejected, why));
        }
    };
    let mut reference = serde_json::Map::new();
    reference.insert(name.to_owned(), json!(value));
    Ok(reference)
}

/// The way to a customer's file. The address of the webhook lives five minutes; its id can be
/// resolved to a new one for seven days. All of them want the token.
pub(super) fn fetch(credentials: &Credentials, media: &Media, resolved: Option<&Reply>) -> Fetch {
    let (media_id, direct) = match &media.source {
        Source::Id { id, url, .. } => (id, url),
        Source::Url { url } => {
            return Fetch::Bytes(Request::get(Base::Given(url.clone()), "").auth(Auth::None));
        }
        Source::Gone { why } => {
            let failure = Failure::because(FailureCode::FileRejected, why);
            return Fetch::Failed { retry: false, failure };
        }
    };
    let resolve =
        Request::get(Base::Graph, format!("/{media_id}")).query("phone_number_id", &credentials.id);
    let Some(reply) = resolved else {
        return match direct {
            Some(url) => Fetch::Bytes(Request::get(Base::Given(url.clone()), "")),
            None => Fetch::Ask(resolve),
        };
    };
    let body = reply.json();
    if reply.is_success() {
        return match body.and_then(|body| url(&body, "url")) {
            Some(url) => Fetch::Bytes(Request::get(Base::Given(url), "")),
            None => {
                let failure =
                    Failure::because(FailureCode::FileRejected, "no address for the file");
                Fetch::Failed { retry: true, failure }
            }
        };
    }
    // The file's server has no words; the Graph API, asked for the id, has. A dead address is
    // asked for anew.
    let is_graph = body.is_some_and(|body| body.get("error").is_some());
    if !is_graph && !is_temporary(reply) && direct.is_some() {
        return Fetch::Ask(resolve);
    }
    let retry = matches!(errors::outcome(reply), Outcome::Retry { .. } | Outcome::Reconnect(_));
    Fetch::Failed { retry, failure: errors::failure(reply) }
}
