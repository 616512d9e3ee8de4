//! The example file of a new template with a picture, video or document on top. It is uploaded to
//! the app, in two calls, and leads to a handle that goes into the template's
//! `example.header_handle`. Handles end after a while: they are made just before they are used.

use switchboard_domain::{Failure, FailureCode};

use super::errors;
use crate::http::{Auth, Base, Body, Reply, Request};
use crate::meta::json::id;
use crate::outgoing::PostFile;

/// What can be an example.
const TYPES: [&str; 4] = ["application/pdf", "image/jpeg", "image/png", "video/mp4"];

/// Begins the upload of a file to this app.
pub fn begin(app: &str, file: &PostFile) -> Result<Request, Failure> {
    if !TYPES.contains(&file.mime.as_str()) || file.size == 0 {
        let why = "an example is a JPEG, a PNG, an MP4 or a PDF";
        return Err(Failure::because(FailureCode::FileRejected, why));
    }
    let request = Request::post(Base::Graph, format!("/{app}/uploads"), Body::Empty);
    Ok(request
        .query("file_name", &file.name)
        .query("file_length", file.size.to_string())
        .query("file_type", &file.mime))
}

/// The call that carries the bytes, from the reply to [`begin`].
pub fn carry(begun: &Reply, file: &PostFile) -> Result<Request, Failure> {
    let session = told(begun, "id")?;
    // The name of a session can bring its signature along, as a query.
    let (path, query) = session.split_once('?').unwrap_or((&session, ""));
    let body = Body::File { attachment: file.id, mime: file.mime.clone() };
    let mut request = Request::post(Base::Graph, format!("/{path}"), body).auth(Auth::OAuth);
    request.headers.push(("file_offset", "0".to_owned()));
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        request = request.query(name, value);
    }
    Ok(request)
}

/// The handle, from the reply to [`carry`].
pub fn handle(carried: &Reply) -> Result<String, Failure> {
    told(carried, "h")
}

fn told(reply: &Reply, member: &str) -> Result<String, Failure> {
    if !reply.is_success() {
        return Err(errors::failure(reply));
    }
    let told = reply.json().and_then(|body| id(&body, member));
    told.ok_or_else(|| Failure::because(FailureCode::Refused, "the reply names no upload"))
}
