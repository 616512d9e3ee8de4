//! The app's own edges: its webhook subscriptions, and resumable uploads.

use std::collections::HashMap;

use actix_web::http::Method;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::call::{Call, Scheme};
use super::error::GraphError;
use super::{Answer, Caller};
use crate::hooks::handshake;
use crate::world::World;

/// An upload on its way.
#[derive(Debug, Clone)]
pub struct Session {
    pub length: usize,
    pub mime: String,
    pub bytes: Vec<u8>,
}

impl Memory {
    /// Where the app wants the webhooks of an object, if it has said so.
    pub fn callback(&self, object: &str) -> Option<String> {
        let one = self.subscriptions.iter().find(|one| one["object"] == object)?;
        one["callback_url"].as_str().map(str::to_owned)
    }
}

/// What the app's edges remember.
#[derive(Debug, Default)]
pub struct Memory {
    pub uploads: HashMap<String, Session>,
    /// Handles that have been given out for uploaded files.
    pub handles: Vec<String>,
    pub subscriptions: Vec<Value>,
}

const MIMES: [&str; 5] = ["application/pdf", "image/jpeg", "image/jpg", "image/png", "video/mp4"];

pub async fn of_app(world: &World, call: &Call, caller: &Caller, edge: &str) -> Answer {
    match (&call.method, edge) {
        (&Method::POST, "uploads") => begin(world, call),
        (_, "subscriptions") if !matches!(caller, Caller::App) => {
            Err(GraphError::permission(15, "This method must be called with an app access_token"))
        }
        (&Method::GET, "subscriptions") => {
            Ok(json!({ "data": world.lock().uploads.subscriptions }))
        }
        (&Method::POST, "subscriptions") => subscribe(world, call).await,
        (&Method::DELETE, "subscriptions") => {
            let object = call.param("object").map(str::to_owned);
            world
                .lock()
                .uploads
                .subscriptions
                .retain(|one| object.as_deref().is_some_and(|object| one["object"] != object));
            Ok(json!({ "success": true }))
        }
        _ => Err(GraphError::unknown_path(edge)),
    }
}

async fn subscribe(world: &World, call: &Call) -> Answer {
    let object = call.need_param("object")?;
    if !["page", "instagram", "whatsapp_business_account"].contains(&object) {
        return Err(GraphError::invalid("object is not one that can be subscribed to"));
    }
    let callback = call.need_param("callback_url")?;
    let verify_token = call.need_param("verify_token")?;
    handshake::check(world, callback, verify_token).await?;
    let fields: Vec<Value> = call
        .need_param("fields")?
        .split(',')
        .map(|name| json!({ "name": name, "version": world.config().graph_version }))
        .collect();
    let mut state = world.lock();
    state.uploads.subscriptions.retain(|one| one["object"] != object);
    state.uploads.subscriptions.push(json!({
        "object": object, "callback_url": callback, "active": true, "fields": fields,
    }));
    Ok(json!({ "success": true }))
}

fn begin(world: &World, call: &Call) -> Answer {
    let length = call.need_param("file_length")?.parse::<usize>();
    let length = length.map_err(|_| GraphError::invalid("file_length must be a number"))?;
    let mime = call.need_param("file_type")?;
    if !MIMES.contains(&mime) {
        return Err(GraphError::invalid(format!("file_type {mime} is not supported")));
    }
    let mut state = world.lock();
    let id = format!("upload:{}", URL_SAFE_NO_PAD.encode(state.random()));
    let session = Session { length, mime: mime.to_owned(), bytes: vec![] };
    state.uploads.uploads.insert(id.clone(), session);
    Ok(json!({ "id": id }))
}

pub fn of_session(world: &World, call: &Call, id: &str) -> Answer {
    if call.scheme != Scheme::OAuth {
        return Err(GraphError::token(None, "Uploads take the header Authorization: OAuth"));
    }
    let mut state = world.lock();
    let random = state.random();
    let session =
        state.uploads.uploads.get_mut(id).ok_or_else(|| GraphError::no_such_object(id))?;
    if call.method == Method::GET {
        return Ok(json!({ "id": id, "file_offset": session.bytes.len() }));
    }
    let offset = call.file_offset.as_deref().and_then(|offset| offset.parse::<usize>().ok());
    if offset != Some(session.bytes.len()) {
        return Err(GraphError::invalid("file_offset is missing or wrong"));
    }
    session.bytes.extend_from_slice(&call.raw);
    if session.bytes.len() != session.length {
        return Err(GraphError::invalid("The file is not of the announced length"));
    }
    let handle = format!("4::{}", URL_SAFE_NO_PAD.encode(random));
    state.uploads.handles.push(handle.clone());
    Ok(json!({ "h": handle }))
}
