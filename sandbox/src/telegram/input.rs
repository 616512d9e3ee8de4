//! Files that a call sends: by id, by address, or as bytes.

use std::time::Duration;

use bytes::Bytes;

use super::files::{named, size_of_image};
use super::params::Params;
use super::refused::{Answer, Refused};
use crate::world::{Platform, Side, State};

const PHOTO_MAX: usize = 10 * 1024 * 1024;
const FILE_MAX: usize = 50 * 1024 * 1024;
const PHOTO_URL_MAX: usize = 5 * 1024 * 1024;
const FILE_URL_MAX: usize = 20 * 1024 * 1024;
const VOICE_URL_MAX: usize = 1024 * 1024;
const SIDES_MAX: u32 = 10_000;
const RATIO_MAX: u32 = 20;
const FETCH: Duration = Duration::from_secs(10);

/// A file of a call, before it has an id.
#[derive(Debug, Clone)]
pub enum Input {
    Known { media: String },
    Fresh { name: Option<String>, mime: String, bytes: Bytes },
}

/// Takes up a file that a parameter or an item of an album names.
pub async fn take(params: &Params, bot: &str, kind: &str, value: &str) -> Answer<Input> {
    if let Some(name) = value.strip_prefix("attach://") {
        let missing = || Refused::bad(&format!("can't find attached file \"{name}\""));
        let upload = params.upload(name).ok_or_else(missing)?;
        return fresh(kind, Some(upload.name.clone()), upload.mime.clone(), upload.bytes.clone());
    }
    if value.starts_with("http://") || value.starts_with("https://") {
        return fetch(kind, value).await;
    }
    let Some((media, known)) = named(bot, value) else {
        return Err(Refused::bad("wrong file identifier/HTTP URL specified"));
    };
    if known != kind {
        return Err(Refused::bad(&format!("can't use file of type {known} as {kind}")));
    }
    Ok(Input::Known { media })
}

/// The file of the parameter with this name, uploaded under it or named by it.
pub async fn parameter(params: &Params, bot: &str, kind: &str, name: &str) -> Answer<Input> {
    if let Some(upload) = params.upload(name) {
        return fresh(kind, Some(upload.name.clone()), upload.mime.clone(), upload.bytes.clone());
    }
    let value = params.text(name).filter(|value| !value.is_empty());
    match value {
        Some(value) => take(params, bot, kind, &value).await,
        None => Err(Refused::bad(&format!("there is no {name} in the request"))),
    }
}

async fn fetch(kind: &str, url: &str) -> Answer<Input> {
    if kind == "video_note" {
        return Err(Refused::bad("wrong file identifier/HTTP URL specified"));
    }
    let failed = || Refused::bad("failed to get HTTP URL content");
    let client = reqwest::Client::builder().timeout(FETCH).build().map_err(|_| failed())?;
    let reply = client.get(url).send().await.map_err(|_| failed())?;
    if !reply.status().is_success() {
        return Err(failed());
    }
    let mime = reply.headers().get("content-type").and_then(|value| value.to_str().ok());
    let mime = mime.and_then(|mime| mime.split(';').next()).unwrap_or_default().to_owned();
    let bytes = reply.bytes().await.map_err(|_| failed())?;
    let (most, fits) = match kind {
        "image" => (PHOTO_URL_MAX, mime.starts_with("image/")),
        "voice" => (VOICE_URL_MAX, mime == "audio/ogg"),
        "document" => (
            FILE_URL_MAX,
            matches!(mime.as_str(), "image/gif" | "application/pdf" | "application/zip"),
        ),
        "video" => (FILE_URL_MAX, mime == "video/mp4"),
        _ => (FILE_URL_MAX, true),
    };
    if !fits {
        return Err(Refused::bad("wrong type of the web page content"));
    }
    if bytes.len() > most {
        return Err(Refused::bad("file is too big"));
    }
    let name = url.split('?').next().and_then(|path| path.rsplit('/').next());
    fresh(kind, name.map(ToOwned::to_owned), Some(mime), bytes)
}

/// Checks bytes as the platform does: photos have to be pictures of a sensible shape.
fn fresh(kind: &str, name: Option<String>, mime: Option<String>, bytes: Bytes) -> Answer<Input> {
    if bytes.is_empty() {
        return Err(Refused::bad("file must be non-empty"));
    }
    if bytes.len() > FILE_MAX {
        return Err(Refused::too_large());
    }
    let sniffed = infer::get(&bytes).map(|kind| kind.mime_type().to_owned());
    if kind == "image" {
        check_photo(&bytes)?;
    }
    if kind == "sticker"
        && !matches!(sniffed.as_deref(), Some("image/webp" | "video/webm" | "application/gzip"))
    {
        return Err(Refused::bad("STICKER_FILE_INVALID"));
    }
    let mime = sniffed.or(mime).unwrap_or_else(|| "application/octet-stream".into());
    Ok(Input::Fresh { name, mime, bytes })
}

fn check_photo(bytes: &[u8]) -> Answer<()> {
    if bytes.len() > PHOTO_MAX {
        return Err(Refused::bad("file is too big"));
    }
    let Some((width, height)) = size_of_image(bytes) else {
        return Err(Refused::bad("IMAGE_PROCESS_FAILED"));
    };
    let (short, long) = (width.min(height).max(1), width.max(height));
    if width + height > SIDES_MAX || long / short > RATIO_MAX {
        return Err(Refused::bad("PHOTO_INVALID_DIMENSIONS"));
    }
    Ok(())
}

impl Input {
    /// Puts the file into the store, and answers its name there and what it is shown as: not every
    /// file becomes what the method asked for.
    pub fn keep(self, state: &mut State, bot: &str, kind: &str) -> Answer<Kept> {
        let media = match self {
            Input::Known { media } => media,
            Input::Fresh { name, mime, bytes } => {
                state.add_media(Platform::Telegram, bot, Side::Business, &mime, name, bytes)
            }
        };
        let known = state.media(&media);
        let known =
            known.ok_or_else(|| Refused::bad("wrong file identifier/HTTP URL specified"))?;
        let mime = known.mime.as_str();
        let is_voice = matches!(
            mime,
            "audio/ogg" | "audio/mpeg" | "audio/mp4" | "audio/m4a" | "application/ogg"
        );
        let shown = match kind {
            "voice" if !is_voice => "document",
            "video" | "video_note" if mime != "video/mp4" => "document",
            "audio" if !mime.starts_with("audio/") => "document",
            kind => kind,
        };
        Ok(Kept { name: known.name.clone(), kind: shown.to_owned(), media })
    }
}

#[derive(Debug, Clone)]
pub struct Kept {
    pub media: String,
    pub kind: String,
    pub name: Option<String>,
}
