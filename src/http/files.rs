//! The bytes of a file, for whoever holds a link that we signed.

use actix_web::body::SizedStream;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::{self, Bytes, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::Stream;
use serde::Deserialize;
use switchboard_actors::links::{Claim, Variant};
use switchboard_domain::attachment::media_type;
use switchboard_domain::{AttachmentId, WorkspaceId};
use switchboard_store::attachment::{self, Attachment};

use super::attachments::storage;
use super::problem::{Failure, Result};
use crate::blobs::{Blob, BlobId};
use crate::clock;
use crate::state::App;

/// Whatever a file holds, a browser that opens it runs none of it.
const FILE_CSP: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; media-src 'self'";

/// Outside the scope whose answers are compressed: a range counts the bytes that are stored.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(
        web::resource("/api/v1/files/{id}").route(web::get().to(file)).route(web::head().to(file)),
    );
}

/// The parameters of a signed link.
#[derive(Debug, Deserialize)]
pub struct Link {
    w: WorkspaceId,
    v: String,
    e: i64,
    s: String,
}

/// The bytes of a file.
///
/// The address comes from an attachment's `url` or `thumbnail_url`; it is signed and expires.
#[utoipa::path(
    get,
    path = "/api/v1/files/{id}",
    tag = "attachments",
    params(
        ("id" = String, Path, description = "att_…"),
        ("w" = String, Query, description = "wsp_…"),
        ("v" = String, Query, description = "full or thumb"),
        ("e" = i64, Query, description = "When it expires, in Unix seconds."),
        ("s" = String, Query, description = "The signature."),
        ("Range" = Option<String>, Header, description = "One range of bytes."),
    ),
    responses(
        (status = 200, content_type = "application/octet-stream"),
        (status = 206, content_type = "application/octet-stream"),
        (status = 403, body = switchboard_wire::Problem, description = "Not ours, or expired."),
        (status = 416, body = switchboard_wire::Problem),
    ),
)]
pub async fn file(
    app: web::Data<App>,
    request: HttpRequest,
    id: Path<AttachmentId>,
    link: Query<Link>,
) -> Result<HttpResponse> {
    let (attachment, link) = (id.into_inner(), link.into_inner());
    let variant = Variant::parse(&link.v).ok_or_else(|| Failure::not_found("file"))?;
    let Link { w: workspace, e: expires, s: signature, .. } = link;
    let claim = Claim { workspace, attachment, variant, expires, signature: &signature };
    let now = clock::now();
    if !app.links.verify(now, claim) {
        return Err(Failure::forbidden("this link is not valid, or no longer"));
    }
    let missing = || Failure::not_found("file");
    let keys = app.store.keys(workspace).await?.ok_or_else(missing)?;
    let tx = app.store.readers.begin(workspace).await?;
    let found = attachment::get(&tx, &keys, workspace, attachment).await?.ok_or_else(missing)?;
    drop(tx);
    let blob_id = BlobId { workspace, attachment, variant };
    let blob = app.blobs.read(blob_id, found.key.clone()).await.map_err(storage)?;
    let blob = blob.ok_or_else(missing)?;
    answer(&request, &found, variant, blob, expires - now.as_second()).await
}

async fn answer(
    request: &HttpRequest,
    found: &Attachment,
    variant: Variant,
    mut blob: Blob,
    lives: i64,
) -> Result<HttpResponse> {
    // The bytes under an id never change.
    let etag = format!("\"{}-{}\"", found.file.id, variant.name());
    let asked = request.headers();
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::ETAG, etag.clone()))
        .insert_header((header::CACHE_CONTROL, format!("private, max-age={lives}, immutable")))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, FILE_CSP))
        .insert_header(("Cross-Origin-Resource-Policy", "cross-origin"))
        .insert_header(("Access-Control-Allow-Origin", "*"));
    if header_text(asked, "if-none-match")
        .is_some_and(|known| known == "*" || known.contains(&etag))
    {
        return Ok(response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
    }
    let size = blob.size();
    let condition = header_text(asked, "if-range").is_none_or(|known| known == etag);
    let range = header_text(asked, "range").filter(|_| condition);
    let (first, end) = match range.map_or(Ranged::Whole, |range| parse_range(range, size)) {
        Ranged::Whole => (0, size),
        Ranged::Part(first, end) => {
            response.status(actix_web::http::StatusCode::PARTIAL_CONTENT).insert_header((
                header::CONTENT_RANGE,
                format!("bytes {first}-{}/{size}", end - 1),
            ));
            (first, end)
        }
        Ranged::Outside => {
            let mut refused = actix_web::ResponseError::error_response(&Failure::invalid(
                "the range lies outside the file",
            ));
            *refused.status_mut() = actix_web::http::StatusCode::RANGE_NOT_SATISFIABLE;
            if let Ok(value) = format!("bytes */{size}").parse() {
                refused.headers_mut().insert(header::CONTENT_RANGE, value);
            }
            return Ok(refused);
        }
    };
    // Read before the head is sent, so that a damaged file is an error and not half an answer.
    let beginning = Bytes::from(blob.read_at(first).await.map_err(storage)?);
    let (mime, disposition) = match variant {
        Variant::Full => presentation(found),
        Variant::Thumbnail => (thumbnail_mime(&mut blob).await?, "inline".to_owned()),
    };
    response
        .insert_header((header::CONTENT_TYPE, mime))
        .insert_header((header::CONTENT_DISPOSITION, disposition));
    Ok(response.body(SizedStream::new(end - first, bytes(blob, beginning, first, end))))
}

/// The type a file is served as, and whether it is shown or saved.
fn presentation(found: &Attachment) -> (String, String) {
    let media = media_type(&found.file.mime);
    let mime = match media.mime {
        "text/plain" => "text/plain; charset=utf-8",
        other => other,
    };
    let how = if media.inline { "inline" } else { "attachment" };
    (mime.to_owned(), content_disposition(how, &found.file.name))
}

/// Thumbnails are ours, in one of two forms.
async fn thumbnail_mime(blob: &mut Blob) -> Result<String> {
    let jpeg = blob.read_at(0).await.map_err(storage)?.starts_with(b"\xff\xd8");
    Ok(if jpeg { "image/jpeg" } else { "image/png" }.to_owned())
}

/// RFC 6266: a plain name for old clients and the true one in UTF-8.
fn content_disposition(how: &str, name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| match c {
            '"' | '\\' | '%' | ';' => '_',
            c if c.is_ascii_graphic() || c == ' ' => c,
            _ => '_',
        })
        .collect();
    let encoded = name.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    });
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[derive(Debug, PartialEq, Eq)]
enum Ranged {
    Whole,
    /// From the first byte up to, and without, the second.
    Part(u64, u64),
    Outside,
}

/// One range (RFC 9110). Several at once, or another unit, get the whole, which is allowed.
fn parse_range(text: &str, size: u64) -> Ranged {
    let Some((first, last)) = text.strip_prefix("bytes=").and_then(|range| range.split_once('-'))
    else {
        return Ranged::Whole;
    };
    let number = |text: &str| text.trim().parse::<u64>();
    match (first.trim(), last.trim()) {
        ("", last) => match number(last) {
            Err(_) => Ranged::Whole,
            Ok(0) => Ranged::Outside,
            Ok(_) if size == 0 => Ranged::Outside,
            Ok(tail) => Ranged::Part(size.saturating_sub(tail), size),
        },
        (first, last) => match (number(first), last.is_empty(), number(last)) {
            (Ok(first), _, _) if first >= size => Ranged::Outside,
            (Ok(first), true, _) => Ranged::Part(first, size),
            (Ok(first), false, Ok(last)) if last >= first => {
                Ranged::Part(first, size.min(last.saturating_add(1)))
            }
            _ => Ranged::Whole,
        },
    }
}

/// Opens chunk after chunk, as fast as the client reads and no faster.
fn bytes(
    blob: Blob,
    beginning: Bytes,
    first: u64,
    end: u64,
) -> impl Stream<Item = std::io::Result<Bytes>> {
    let state = (blob, Some(beginning), first);
    futures_util::stream::try_unfold(state, move |(mut blob, ready, at)| async move {
        if at >= end {
            return Ok(None);
        }
        let mut part = match ready {
            Some(ready) => ready,
            None => Bytes::from(blob.read_at(at).await?),
        };
        part.truncate(usize::try_from(end - at).unwrap_or(usize::MAX));
        if part.is_empty() {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof));
        }
        let next = at + part.len() as u64;
        Ok(Some((part, (blob, None, next))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_understood_or_ignored_or_outside() {
        for (text, expected) in [
            ("bytes=0-", Ranged::Part(0, 100)),
            ("bytes=10-19", Ranged::Part(10, 20)),
            ("bytes=90-1000", Ranged::Part(90, 100)),
            ("bytes=-5", Ranged::Part(95, 100)),
            ("bytes=-500", Ranged::Part(0, 100)),
            ("bytes=100-", Ranged::Outside),
            ("bytes=-0", Ranged::Outside),
            ("bytes=5-4", Ranged::Whole),
            ("bytes=0-1,5-6", Ranged::Whole),
            ("lines=0-1", Ranged::Whole),
            ("bytes=x-y", Ranged::Whole),
            ("bytes=0-18446744073709551615", Ranged::Part(0, 100)),
        ] {
            assert_eq!(parse_range(text, 100), expected, "{text}");
        }
        assert_eq!(parse_range("bytes=0-", 0), Ranged::Outside);
    }

    #[test]
    fn a_name_cannot_leave_its_header() {
        let header = content_disposition("attachment", "a\"; x=\r\nSet-Cookie: é.pdf");
        assert!(header.is_ascii() && !header.contains(['\r', '\n']));
        assert_eq!(header.matches('"').count(), 2);
        assert!(header.ends_with("%C3%A9.pdf"));
    }
}
