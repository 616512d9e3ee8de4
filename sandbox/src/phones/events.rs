//! Tells the page which phones show something new, as server-sent events.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use futures_util::{Stream, stream};
use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;

use crate::world::World;

/// A stream that says nothing for longer is cut by proxies.
const QUIET: Duration = Duration::from_secs(15);

pub async fn stream(world: Data<World>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(events(world.watch()))
}

fn events(changes: Receiver<String>) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    stream::unfold((changes, true), |(mut changes, first)| async move {
        if first {
            return Some((Ok(Bytes::from_static(b": hello\n\n")), (changes, false)));
        }
        let event = match timeout(QUIET, changes.recv()).await {
            Err(_) => ": still here\n\n".to_owned(),
            Ok(Ok(phone)) => format!("data: {}\n\n", json!({ "changed": phone })),
            // Too many changes at once: whoever watches looks at everything again.
            Ok(Err(RecvError::Lagged(_))) => "data: {}\n\n".to_owned(),
            Ok(Err(RecvError::Closed)) => return None,
        };
        Some((Ok(Bytes::from(event)), (changes, false)))
    })
}
