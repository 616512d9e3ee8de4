//! The files of a message.

use serde_json::Value;
use switchboard_domain::AttachmentKind;
use switchboard_domain::attachment::media_type;

use super::json;
use crate::inbound::{Media, Source};

/// The largest file that a bot can fetch.
pub const FETCH_MAX: u64 = 20 * 1024 * 1024;

/// The members that hold one file, and the type of those that name none. An animation fills
/// `document` as well, so it comes first.
const KINDS: [(&str, AttachmentKind, Option<&str>); 7] = [
    ("animation", AttachmentKind::Video, Some("video/mp4")),
    ("video", AttachmentKind::Video, Some("video/mp4")),
    ("video_note", AttachmentKind::Video, Some("video/mp4")),
    ("voice", AttachmentKind::Audio, Some("audio/ogg")),
    ("audio", AttachmentKind::Audio, Some("audio/mpeg")),
    ("sticker", AttachmentKind::Image, Some("image/webp")),
    ("document", AttachmentKind::File, None),
];

/// All files that a message carries.
pub fn of(message: &Value) -> Vec<Media> {
    if let Some(paid) = message.get("paid_media") {
        // A preview has no file until it is paid for.
        return json::list(paid, "paid_media").iter().flat_map(of).collect();
    }
    let photo = json::list(message, "photo")
        .last()
        .and_then(|size| file(size, AttachmentKind::Image, Some("image/jpeg".to_owned())));
    let single = KINDS.iter().find_map(|(name, kind, mime)| {
        let value = message.get(name)?;
        let mime = json::title(value, "mime_type").or_else(|| mime.map(str::to_owned));
        match *name {
            "sticker" => sticker(value),
            "document" => {
                let kind = mime.as_deref().map_or(*kind, |mime| media_type(mime).kind);
                file(value, kind, mime)
            }
            _ => file(value, *kind, mime),
        }
    });
    // The still picture of a live photo is in `photo`.
    let live = message
        .get("live_photo")
        .and_then(|live| file(live, AttachmentKind::Video, json::title(live, "mime_type")));
    photo.into_iter().chain(single).chain(live).collect()
}

/// WEBP, WEBM or gzipped Lottie.
fn sticker(value: &Value) -> Option<Media> {
    let (kind, mime) = match (json::flag(value, "is_animated"), json::flag(value, "is_video")) {
        (true, _) => (AttachmentKind::File, "application/x-tgsticker"),
        (_, true) => (AttachmentKind::Video, "video/webm"),
        _ => (AttachmentKind::Image, "image/webp"),
    };
    file(value, kind, Some(mime.to_owned()))
}

fn file(value: &Value, kind: AttachmentKind, mime: Option<String>) -> Option<Media> {
    let id = json::raw(value, "file_id")?.to_owned();
    let size = json::id(value, "file_size").and_then(|size| u64::try_from(size).ok());
    let source = match size.is_some_and(|size| size > FETCH_MAX) {
        true => Source::Gone {
            why: "Telegram hands out files of up to 20 MB. Open it in the Telegram app.".to_owned(),
        },
        false => Source::Id { id, url: None, sha256: None },
    };
    Some(Media { kind, mime, name: json::title(value, "file_name"), size, source })
}
