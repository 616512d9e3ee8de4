//! The first steps of a number here, once someone has connected it.

use serde_json::json;

use crate::account::Credentials;
use crate::http::{Base, Body, Request};

/// Registers the number for the Cloud API, with the PIN that protects it from then on. Not for
/// numbers that stay in the WhatsApp Business app, and at most ten times in three days.
pub fn register(credentials: &Credentials) -> Option<Request> {
    let pin = credentials.pin.as_ref()?;
    let body = json!({ "messaging_product": "whatsapp", "pin": pin });
    let path = format!("/{}/register", credentials.id);
    Some(Request::post(Base::Graph, path, Body::Json(body)))
}

/// Asks for the address book and the last half year of a number that stays in the WhatsApp
/// Business app. Both come by webhook. Each can be asked for once, within a day of connecting.
pub fn bring_history(credentials: &Credentials) -> [Request; 2] {
    ["smb_app_state_sync", "history"].map(|kind| {
        let body = json!({ "messaging_product": "whatsapp", "sync_type": kind });
        let path = format!("/{}/smb_app_data", credentials.id);
        Request::post(Base::Graph, path, Body::Json(body))
    })
}
