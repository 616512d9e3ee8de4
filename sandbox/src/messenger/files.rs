//! Files of messages: fetched, uploaded, used again.

use serde_json::json;

use super::Venue;
use super::content::{self, File, Source};
use crate::graph::{Answer, Call, Fields, GraphError, Upload};
use crate::media::fetch;
use crate::world::{Attachment, Platform, Side, World};

const MEGABYTE: usize = 1024 * 1024;

/// A file that has been had.
pub struct Got {
    pub shown: Attachment,
    /// Its id for use in other messages, if that was asked for.
    pub attachment: Option<String>,
}

/// The file, or why it cannot be had.
pub async fn get(
    world: &World,
    call: &Call,
    venue: &Venue,
    file: &File,
) -> Result<Got, GraphError> {
    let shown = |media: String, name: Option<String>| Attachment {
        media,
        kind: if file.kind == "file" { "document".into() } else { file.kind.clone() },
        name,
    };
    let upload = match &file.source {
        Source::Uploaded(id) => {
            let state = world.lock();
            let known = state.messenger.attachments.get(id);
            // Uploads belong to the Page, under which Instagram's are made as well.
            let known = known.filter(|(account, _)| {
                *account == venue.account
                    || state
                        .account(venue.platform, &venue.account)
                        .is_some_and(|own| own.owner == *account)
            });
            let (_, media) = known.ok_or_else(|| {
                GraphError::invalid("Param attachment_id is not an attachment of this Page")
                    .subcode(2_018_074)
            })?;
            return Ok(Got { shown: shown(media.clone(), None), attachment: None });
        }
        Source::Url(url) => fetch(world, url).await.ok_or_else(|| {
            GraphError::invalid("Failed to fetch the file from the url").subcode(2_018_008)
        })?,
        Source::Here => call.file.clone().ok_or_else(|| {
            GraphError::invalid("The attachment has no url, attachment_id or filedata")
        })?,
    };
    check_file(venue, file, &upload)?;
    let mut state = world.lock();
    let media = state.add_media(
        venue.platform,
        &venue.account,
        Side::Business,
        &upload.mime,
        upload.name.clone(),
        upload.bytes,
    );
    let attachment = file.reusable.then(|| {
        let id = state.decimal_id("18");
        state.messenger.attachments.insert(id.clone(), (venue.account.clone(), media.clone()));
        id
    });
    Ok(Got { shown: shown(media, upload.name), attachment })
}

fn check_file(venue: &Venue, file: &File, upload: &Upload) -> Result<(), GraphError> {
    let mime = upload.mime.split(';').next().unwrap_or_default().trim();
    let instagram = venue.platform == Platform::Instagram;
    let fits = match file.kind.as_str() {
        "image" if instagram => ["image/png", "image/jpeg", "image/gif"].contains(&mime),
        "audio" if instagram => {
            ["audio/aac", "audio/m4a", "audio/x-m4a", "audio/wav", "audio/x-wav", "audio/mp4"]
                .contains(&mime)
        }
        "video" if instagram => {
            ["video/mp4", "video/ogg", "video/x-msvideo", "video/quicktime", "video/webm"]
                .contains(&mime)
        }
        "file" if instagram => mime == "application/pdf",
        "file" => true,
        kind => mime.starts_with(&format!("{kind}/")),
    };
    if !fits {
        let message = format!("The attachment is {mime}, which is no {} here", file.kind);
        return Err(GraphError::invalid(message).subcode(2_018_047));
    }
    let by_url = matches!(file.source, Source::Url(_));
    let limit = if file.kind == "image" && (instagram || by_url) { 8 } else { 25 };
    if upload.bytes.len() > limit * MEGABYTE {
        return Err(GraphError::invalid("The attachment is too large").subcode(2_018_109));
    }
    Ok(())
}

/// `POST /{page-id}/message_attachments`
pub async fn attachments(world: &World, call: &Call, venue: &Venue) -> Answer {
    let body = Fields::of(&call.json, "", &["message", "platform"])?;
    let message = body.object("message", &["attachment"])?;
    let content = content::attachment(venue, message.need("attachment")?)?;
    let [file] = &content.files[..] else {
        return Err(GraphError::invalid("Only files can be uploaded"));
    };
    let file = File { reusable: true, ..file.clone() };
    let got = get(world, call, venue, &file).await?;
    Ok(json!({ "attachment_id": got.attachment }))
}
