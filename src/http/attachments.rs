//! Uploading a file, and fresh links to one.

use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::{self, Bytes, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Responder};
use futures_util::StreamExt;
use switchboard_actors::links::{Links, Variant};
use switchboard_actors::view::Viewing;
use switchboard_domain::attachment::{ATTACHMENT_MAX_BYTES, file_name};
use switchboard_domain::{AttachmentId, AttachmentKind, WorkspaceId};
use switchboard_store::attachment::{self, NewAttachment};
use switchboard_store::message::{File, FileState};
use switchboard_store::seal::Key;
use switchboard_wire::{Code, view};
use uuid::Uuid;

use super::admission::Person;
use super::problem::{Failure, Result};
use crate::blobs::{BlobId, Staged};
use crate::clock;
use crate::limits::{Kind, Who};
use crate::state::App;
use crate::uploads::picture::{self, Picture};
use crate::uploads::sniff::Sniffer;

/// What the frame around the file may take of a request's length.
const ENVELOPE_MAX_BYTES: u64 = 16 * 1024;
/// An upload that sends nothing for this long is given up.
const STALLED: Duration = Duration::from_secs(30);
/// No upload takes longer.
const UPLOAD_WITHIN: Duration = Duration::from_secs(15 * 60);
const BUSY_RETRY_SECONDS: u32 = 2;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/attachments").route(web::post().to(upload)))
        .service(web::resource("/attachments/{id}").route(web::get().to(show)));
}

/// Uploads a file.
///
/// It belongs to whoever uploaded it until a message carries it, and is removed after a day when
/// none does. Its type is judged by its bytes.
#[utoipa::path(
    post,
    path = "/api/v1/attachments",
    tag = "attachments",
    request_body(content_type = "multipart/form-data", description = "One part, named `file`."),
    responses(
        (status = 201, body = view::Attachment),
        (status = 413, body = switchboard_wire::Problem, description = "Larger than 25 MiB."),
        (status = 429, body = switchboard_wire::Problem, description = "Too many at once."),
    ),
    security(("session" = []), ("token" = []), ("visitor" = [])),
)]
pub async fn upload(
    app: web::Data<App>,
    person: Person,
    request: HttpRequest,
    mut form: Multipart,
) -> Result<HttpResponse> {
    if declared_length(&request).is_some_and(|n| n > ATTACHMENT_MAX_BYTES + ENVELOPE_MAX_BYTES) {
        return Err(too_large());
    }
    app.limits.check(Kind::Upload, Who::Id(author_id(&person)))?;
    let workspace = person.workspace();
    let _slot = app.uploads.slots.take(workspace).ok_or_else(|| {
        Failure::new(Code::RateLimited, "too many uploads at once; wait for one to finish")
            .retry_after(BUSY_RETRY_SECONDS)
    })?;
    let keys = app.store.keys(workspace).await?.ok_or_else(|| Failure::not_found("workspace"))?;
    let id = AttachmentId(Uuid::now_v7());
    let key = Key::random();
    let taken = tokio::time::timeout(UPLOAD_WITHIN, async {
        let field = file_field(&mut form).await?;
        take_in(&app, BlobId { workspace, attachment: id, variant: Variant::Full }, &key, field)
            .await
    });
    let taken = taken.await.map_err(|_| stalled())??;
    let taken = look_at(&app, &key, taken).await?;

    let thumbnail = match taken.picture.as_ref().and_then(|p| p.thumbnail.as_deref()) {
        None => None,
        Some(bytes) => Some(stage_thumbnail(&app, workspace, id, &key, bytes).await?),
    };
    let file = file_of(id, &taken, thumbnail.is_some());
    let new = NewAttachment { file, key, uploader: person.author() };
    // The row comes first: bytes without a row would never be found again, while a row without
    // bytes is cleared away with the uploads that nobody sent.
    let tx = app.store.writers.begin(workspace).await?;
    attachment::insert(&tx, &keys, workspace, &new, clock::now()).await?;
    tx.commit().await?;
    for staged in [Some(taken.staged), thumbnail].into_iter().flatten() {
        app.blobs.keep(staged).await.map_err(storage)?;
    }
    Ok(HttpResponse::Created().json(shown(&app.links, workspace, &new.file)))
}

/// A file with fresh links.
#[utoipa::path(
    get,
    path = "/api/v1/attachments/{id}",
    tag = "attachments",
    params(("id" = String, Path, description = "att_…")),
    responses(
        (status = 200, body = view::Attachment),
        (status = 404, body = switchboard_wire::Problem),
    ),
    security(("session" = []), ("token" = []), ("visitor" = [])),
)]
pub async fn show(
    app: web::Data<App>,
    person: Person,
    id: Path<AttachmentId>,
) -> Result<impl Responder> {
    let (workspace, id) = (person.workspace(), id.into_inner());
    let missing = || Failure::not_found("attachment");
    let keys = app.store.keys(workspace).await?.ok_or_else(missing)?;
    let tx = app.store.readers.begin(workspace).await?;
    let found = attachment::get(&tx, &keys, workspace, id).await?;
    let found = found.filter(|found| found.visible_to(person.author())).ok_or_else(missing)?;
    Ok(web::Json(shown(&app.links, workspace, &found.file)))
}

/// A file as it is shown, with links that live one to two hours.
fn shown(links: &Links, workspace: WorkspaceId, file: &File) -> view::Attachment {
    Viewing { workspace, links, now: clock::now() }.attachment(file)
}

/// An upload whose bytes are all on the disk, still without a name.
struct Taken {
    staged: Staged,
    name: String,
    sniffer: Sniffer,
    picture: Option<Picture>,
}

fn file_of(id: AttachmentId, taken: &Taken, has_thumbnail: bool) -> File {
    let media = taken.sniffer.media_type();
    let picture = taken.picture.as_ref();
    // Browsers show more kinds of pictures than we decode; a broken one of ours is a plain file.
    let decodable = media.kind != AttachmentKind::Image || media.mime == "image/avif";
    let kind = if decodable || picture.is_some() { media.kind } else { AttachmentKind::File };
    File {
        id,
        name: taken.name.clone(),
        mime: media.mime.to_owned(),
        kind,
        size: taken.sniffer.size(),
        width: picture.map(|picture| picture.width),
        height: picture.map(|picture| picture.height),
        has_thumbnail,
        state: FileState::Ready,
        voice: false,
    }
}

/// The part that holds the file.
async fn file_field(form: &mut Multipart) -> Result<Field> {
    let next = tokio::time::timeout(STALLED, form.next()).await.map_err(|_| stalled())?;
    match next {
        Some(Ok(field)) if field.name() == Some("file") => Ok(field),
        Some(Err(error)) => Err(bad_form(&error)),
        _ => Err(Failure::field("file", "send one part with the name `file`")),
    }
}

/// Seals a file onto the disk while it arrives.
async fn take_in(app: &App, id: BlobId, key: &Key, mut field: Field) -> Result<Taken> {
    let offered = offered_name(&field);
    let mut staging = app.blobs.stage(id, key.clone()).await.map_err(storage)?;
    let mut sniffer = Sniffer::default();
    while let Some(bytes) = next_bytes(&mut field).await? {
        if sniffer.size() + bytes.len() as u64 > ATTACHMENT_MAX_BYTES {
            return Err(too_large());
        }
        sniffer.see(&bytes);
        staging.write(&bytes).await.map_err(storage)?;
    }
    if sniffer.size() == 0 {
        return Err(Failure::field("file", "this file is empty"));
    }
    let staged = staging.finish().await.map_err(storage)?;
    let name = file_name(&offered);
    Ok(Taken { staged, name, sniffer, picture: None })
}

fn offered_name(field: &Field) -> String {
    let Some(disposition) = field.content_disposition() else { return String::new() };
    match disposition.get_filename_ext() {
        Some(extended) => String::from_utf8_lossy(&extended.value).into_owned(),
        // Browsers write these three so, and nothing else (HTML, multipart/form-data encoding).
        None => disposition
            .get_filename()
            .unwrap_or_default()
            .replace("%22", "\"")
            .replace("%0D", "")
            .replace("%0A", ""),
    }
}

async fn next_bytes(field: &mut Field) -> Result<Option<Bytes>> {
    let next = tokio::time::timeout(STALLED, field.next()).await.map_err(|_| stalled())?;
    next.transpose().map_err(|error| bad_form(&error))
}

/// Decodes what claims to be a picture, off the event loop and few at a time.
async fn look_at(app: &App, key: &Key, mut taken: Taken) -> Result<Taken> {
    let media = taken.sniffer.media_type();
    if media.kind != AttachmentKind::Image {
        return Ok(taken);
    }
    let turn = app.uploads.decoders.clone().acquire_owned().await.map_err(Failure::internal)?;
    let key = key.clone();
    web::block(move || {
        let _turn = turn;
        let bytes = taken.staged.read_blocking(&key)?;
        taken.picture = picture::look(&bytes, media.mime);
        Ok(taken)
    })
    .await?
    .map_err(storage)
}

async fn stage_thumbnail(
    app: &App,
    workspace: WorkspaceId,
    attachment: AttachmentId,
    key: &Key,
    bytes: &[u8],
) -> Result<Staged> {
    let id = BlobId { workspace, attachment, variant: Variant::Thumbnail };
    let mut staging = app.blobs.stage(id, key.clone()).await.map_err(storage)?;
    staging.write(bytes).await.map_err(storage)?;
    staging.finish().await.map_err(storage)
}

fn author_id(person: &Person) -> Uuid {
    match person {
        Person::Agent(agent) => agent.member.into(),
        Person::Visitor(visitor) => visitor.contact.into(),
    }
}

fn declared_length(request: &HttpRequest) -> Option<u64> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large() -> Failure {
    Failure::too_large(format!("a file holds at most {} MiB", ATTACHMENT_MAX_BYTES / 1024 / 1024))
}

fn stalled() -> Failure {
    Failure::invalid("the upload took too long")
}

fn bad_form(error: &MultipartError) -> Failure {
    match error {
        MultipartError::ContentTypeMissing
        | MultipartError::ContentTypeParse
        | MultipartError::ContentTypeIncompatible
        | MultipartError::BoundaryMissing => {
            Failure::new(Code::UnsupportedMedia, "send the file as multipart/form-data")
        }
        other => Failure::invalid(format!("the form could not be read: {other}")),
    }
}

/// The disk is full, gone or read-only: nothing the client can mend.
pub(super) fn storage(error: std::io::Error) -> Failure {
    tracing::error!(%error, "a file could not be stored or read");
    Failure::unavailable()
}
