//! Files: their ids, what messages show of them, and their download.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::params::Params;
use super::refused::{Answer, Done, Refused};
use crate::faults::Kind;
use crate::world::{Media, Platform, World};

/// File ids begin alike.
const ID_START: &str = "AgACAgQAAxkB";
const DOWNLOAD_MAX: usize = 20 * 1024 * 1024;
const PATH_MS: i64 = 60 * 60 * 1000;
const UNAVAILABLE: &str = "wrong file_id or the file is temporarily unavailable";

/// The id by which a bot names a file. It works for this bot alone, and for this kind of message.
pub fn file_id(bot: &str, media: &str, kind: &str) -> String {
    format!("{ID_START}{}", URL_SAFE_NO_PAD.encode(format!("{bot}/{media}/{kind}")))
}

/// The file behind an id of this bot, and its kind.
pub fn named(bot: &str, file_id: &str) -> Option<(String, String)> {
    let inner = URL_SAFE_NO_PAD.decode(file_id.strip_prefix(ID_START)?).ok()?;
    let inner = String::from_utf8(inner).ok()?;
    let mut parts = inner.splitn(3, '/');
    let (owner, media, kind) = (parts.next()?, parts.next()?, parts.next()?);
    (owner == bot).then(|| (media.to_owned(), kind.to_owned()))
}

pub fn size_of_image(bytes: &[u8]) -> Option<(u32, u32)> {
    let reader = image::ImageReader::new(std::io::Cursor::new(bytes));
    reader.with_guessed_format().ok()?.into_dimensions().ok()
}

/// The member of a message that shows a file of this kind.
pub fn shown(bot: &str, media: &Media, kind: &str, name: Option<&str>) -> Map<String, Value> {
    let file_id = file_id(bot, &media.id, kind);
    let mut file = json!({
        "file_id": file_id,
        "file_unique_id": format!("AQAD{}", URL_SAFE_NO_PAD.encode(&media.id)),
        "file_size": media.bytes.len(),
    });
    let (width, height) = size_of_image(&media.bytes).unwrap_or((640, 480));
    let mut fields = Map::new();
    let member = match kind {
        "image" => {
            file["width"] = json!(width);
            file["height"] = json!(height);
            fields.insert("photo".into(), json!([small(&file), file]));
            return fields;
        }
        "voice" => {
            file["duration"] = json!(3);
            "voice"
        }
        "sticker" => {
            let sticker = json!({
                "type": "regular", "width": 512, "height": 512,
                "is_animated": false, "is_video": false, "emoji": "🏺",
            });
            add(&mut file, sticker);
            return Map::from_iter([("sticker".to_owned(), file)]);
        }
        "audio" => {
            file["duration"] = json!(3);
            "audio"
        }
        "video" | "animation" | "video_note" => {
            add(&mut file, json!({ "width": 640, "height": 480, "duration": 5 }));
            kind
        }
        _ => "document",
    };
    file["mime_type"] = json!(media.mime);
    if let Some(name) = name.or(media.name.as_deref()).filter(|_| kind != "voice") {
        file["file_name"] = json!(name);
    }
    if kind == "animation" {
        fields.insert("document".into(), file.clone());
    }
    fields.insert(member.into(), file);
    fields
}

fn add(file: &mut Value, more: Value) {
    if let (Some(file), Value::Object(more)) = (file.as_object_mut(), more) {
        file.extend(more);
    }
}

/// The preview that precedes the photo in its list of sizes.
fn small(photo: &Value) -> Value {
    let mut small = photo.clone();
    let side = |name: &str| photo[name].as_u64().unwrap_or_default().div_ceil(4);
    add(&mut small, json!({ "width": side("width"), "height": side("height") }));
    small["file_unique_id"] =
        json!(format!("{}s", photo["file_unique_id"].as_str().unwrap_or_default()));
    small["file_size"] = json!(photo["file_size"].as_u64().unwrap_or_default().div_ceil(8));
    small
}

pub fn get(world: &World, bot: &str, params: &Params) -> Answer<Done> {
    let file_id = params.text("file_id").unwrap_or_default();
    if world.strike(Platform::Telegram, Kind::ExpiredMedia, "getFile").is_some() {
        return Err(Refused::bad(UNAVAILABLE));
    }
    let mut state = world.lock();
    let media = named(bot, &file_id).and_then(|(id, _)| state.media(&id).cloned());
    let Some(media) = media else { return Err(Refused::bad("invalid file_id")) };
    if media.bytes.len() > DOWNLOAD_MAX {
        return Err(Refused::bad("file is too big"));
    }
    let folder = match media.mime.split('/').next().unwrap_or_default() {
        "image" => "photos",
        "video" => "videos",
        "audio" => "voice",
        _ => "documents",
    };
    let number = state.number();
    let path = format!("{folder}/file_{number}.{}", extension(&media.mime));
    let until = state.now() + PATH_MS;
    state.telegram.paths.insert(path.clone(), (media.id.clone(), until));
    Ok(json!({
        "file_id": file_id,
        "file_unique_id": format!("AQAD{}", URL_SAFE_NO_PAD.encode(&media.id)),
        "file_size": media.bytes.len(),
        "file_path": path,
    })
    .into())
}

fn extension(mime: &str) -> &'static str {
    match mime {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/webp" => "webp",
        "audio/ogg" => "oga",
        "video/mp4" => "mp4",
        "application/pdf" => "pdf",
        _ => "bin",
    }
}

/// `GET /file/bot<token>/<path>`. As of the platform, the bytes say nothing about their type.
pub async fn download(world: Data<World>, path: Path<(String, String)>) -> HttpResponse {
    let (token, path) = path.into_inner();
    match find(&world, &token, &path) {
        Ok(bytes) => HttpResponse::Ok().content_type("application/octet-stream").body(bytes),
        Err(refused) => refused.response(),
    }
}

fn find(world: &World, token: &str, path: &str) -> Answer<bytes::Bytes> {
    if world.strike(Platform::Telegram, Kind::Broken, "file").is_some() {
        return Err(Refused::broken());
    }
    let bot = super::bot_of_token(world, token)?;
    let mut state = world.lock();
    let now = state.now();
    let known = state.telegram.paths.get(path).filter(|(_, until)| now < *until).cloned();
    let (media, _) = known.ok_or_else(Refused::not_found)?;
    let media = state.media(&media).ok_or_else(Refused::not_found)?;
    if state.telegram.bot_of(&media.account) != bot.id {
        return Err(Refused::not_found());
    }
    Ok(media.bytes.clone())
}
