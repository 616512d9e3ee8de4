//! Media of WhatsApp: uploads, addresses, and what a message may carry.

use actix_web::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::faults::Kind;
use crate::graph::{Answer, Call, Caller, GraphError, Upload};
use crate::world::{Media, Platform, Side, State, World, hex};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How long uploads can be used, and received files be resolved.
const UPLOADED_DAYS: i64 = 30;
const RECEIVED_DAYS: i64 = 7;
const MEGABYTE: usize = 1024 * 1024;

const IMAGES: &[&str] = &["image/jpeg", "image/png"];
const VIDEOS: &[&str] = &["video/mp4", "video/3gpp"];
const AUDIOS: &[&str] = &["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"];
const DOCUMENTS: &[&str] = &[
    "text/plain",
    "application/pdf",
    "application/vnd.ms-powerpoint",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
];

/// `POST /{phone-number-id}/media`
pub fn upload(world: &World, call: &Call, number: &str) -> Answer {
    if call.param("messaging_product") != Some("whatsapp") {
        return Err(GraphError::invalid("The parameter messaging_product is required"));
    }
    let announced = call.need_param("type")?;
    let Some(Upload { mime, name, bytes }) = call.file.clone() else {
        return Err(GraphError::invalid("The parameter file is required"));
    };
    if bare(&mime) != bare(announced) {
        let message = format!("Param file must be a file of type {announced}, but is {mime}");
        return Err(GraphError::invalid(message));
    }
    let known = [IMAGES, VIDEOS, AUDIOS, DOCUMENTS, &["image/webp"]].concat();
    if !known.contains(&bare(&mime)) {
        let message = format!(
            "Param file must be a file with one of the following types: {}. Received file of \
             type '{mime}'.",
            known.join(", ")
        );
        return Err(GraphError::invalid(message));
    }
    if bytes.is_empty() || bytes.len() > limit(kind_of(&mime)) {
        return Err(GraphError::whatsapp(
            131_053,
            "Media upload error",
            "File size is not allowed",
        ));
    }
    let mut state = world.lock();
    let id = state.add_media(Platform::Whatsapp, number, Side::Business, &mime, name, bytes);
    Ok(json!({ "id": id }))
}

/// `GET` and `DELETE /{media-id}`
pub fn media(world: &World, call: &Call, caller: &Caller, id: &str, rest: &[&str]) -> Answer {
    if !rest.is_empty() {
        return Err(GraphError::unknown_path(&rest.join("/")));
    }
    let expired = world.strike(Platform::Whatsapp, Kind::ExpiredMedia, "media").is_some();
    let mut state = world.lock();
    let media = alive(&mut state, id).filter(|_| !expired).cloned();
    let media = media.ok_or_else(|| GraphError::no_such_object(id))?;
    opens_neighbour(&state, caller, &media)?;
    if call.param("phone_number_id").is_some_and(|number| number != media.account) {
        return Err(GraphError::no_such_object(id));
    }
    match call.method {
        Method::GET => {
            let url = world.media_url(&mut state, id);
            Ok(json!({
                "messaging_product": "whatsapp",
                "url": url,
                "mime_type": media.mime,
                "sha256": hex(&Sha256::digest(&media.bytes)),
                "file_size": media.bytes.len().to_string(),
                "id": id,
            }))
        }
        Method::DELETE => Ok(json!({ "success": state.remove_media(id) })),
        _ => Err(GraphError::invalid("Unsupported request method")),
    }
}

/// Media can be used by all numbers of the same WABA.
fn opens_neighbour(state: &State, caller: &Caller, media: &Media) -> Result<(), GraphError> {
    let waba = state.account(media.platform, &media.account).map(|account| account.owner.clone());
    let mut numbers = state.accounts.iter().filter(|account| Some(&account.owner) == waba.as_ref());
    if numbers.any(|number| caller.opens(Platform::Whatsapp, &number.id).is_ok()) {
        Ok(())
    } else {
        Err(GraphError::no_such_object(&media.id))
    }
}

fn alive<'a>(state: &'a mut State, id: &str) -> Option<&'a Media> {
    let now = state.now();
    let media = state.media(id)?;
    let days = match media.from {
        Side::Business => UPLOADED_DAYS,
        Side::Customer => RECEIVED_DAYS,
    };
    (media.at + days * DAY_MS > now).then_some(media)
}

/// The file of a message by its id, if a message of this kind may carry it.
pub fn usable(
    state: &mut State,
    number: &str,
    kind: &str,
    id: &str,
    voice: bool,
) -> Result<Media, GraphError> {
    let waba = state.account(Platform::Whatsapp, number).map(|account| account.owner.clone());
    let media = alive(state, id).cloned();
    let media = media.filter(|media| {
        let owner = state.account(media.platform, &media.account).map(|one| one.owner.clone());
        owner == waba
    });
    let media = media.ok_or_else(|| {
        GraphError::whatsapp(
            131_009,
            "Parameter value is not valid",
            format!("Media {id} is not known"),
        )
    })?;
    check(kind, &media.mime, media.bytes.len(), voice)?;
    Ok(media)
}

/// Whether a message of this kind may carry a file of this type and size.
pub fn check(kind: &str, mime: &str, length: usize, voice: bool) -> Result<(), GraphError> {
    let wrong = |details: String| Err(GraphError::whatsapp(131_053, "Media upload error", details));
    let allowed = match kind {
        "image" => IMAGES.contains(&bare(mime)),
        "video" => VIDEOS.contains(&bare(mime)),
        "audio" | "voice" => AUDIOS.contains(&bare(mime)),
        "sticker" => bare(mime) == "image/webp",
        _ => true,
    };
    if !allowed {
        return wrong(format!("{mime} is not supported as {kind}"));
    }
    if voice && bare(mime) != "audio/ogg" {
        return wrong("Voice notes must be audio/ogg with the opus codec".into());
    }
    if length > limit(kind) {
        return wrong(format!("A {kind} may have at most {} bytes", limit(kind)));
    }
    Ok(())
}

fn limit(kind: &str) -> usize {
    match kind {
        "image" => 5 * MEGABYTE,
        "video" | "audio" | "voice" => 16 * MEGABYTE,
        "sticker" => 500 * 1024,
        _ => 100 * MEGABYTE,
    }
}

fn kind_of(mime: &str) -> &'static str {
    match bare(mime) {
        "image/webp" => "sticker",
        mime if mime.starts_with("image/") => "image",
        mime if mime.starts_with("video/") => "video",
        mime if mime.starts_with("audio/") => "audio",
        _ => "document",
    }
}

/// Without parameters such as `codecs=opus`.
pub fn bare(mime: &str) -> &str {
    mime.split(';').next().unwrap_or_default().trim()
}

/// A file as webhooks describe it.
pub fn described(world: &World, state: &mut State, id: &str) -> Value {
    let Some(media) = state.media(id).cloned() else { return json!({ "id": id }) };
    json!({
        "mime_type": media.mime,
        "sha256": STANDARD.encode(Sha256::digest(&media.bytes)),
        "id": id,
        "url": world.media_url(state, id),
    })
}
