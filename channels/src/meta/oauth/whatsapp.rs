//! Embedded Signup: the numbers of a WhatsApp Business Account that was just shared.
//!
//! In this order, the first within 30 seconds:
//! [`exchange_code`](super::facebook::exchange_code) without a redirect,
//! [`inspect`](super::facebook::inspect), the subscription, [`phone_numbers`], [`register`].
//! What the browser says was chosen is a hint; [`shared`] says what was granted.

use serde_json::{Value, json};
use switchboard_domain::{Failure, FailureCode};

use super::facebook::Inspection;
use crate::http::{Base, Body, Reply, Request};
use crate::meta::error::{self, GraphError};
use crate::meta::json::{flag, id, list, title};

/// What the token must be granted, both for the account that the browser named.
pub const SCOPES: [&str; 2] = ["whatsapp_business_management", "whatsapp_business_messaging"];

/// The WhatsApp Business Accounts that a token of our app speaks for, under every scope that it
/// needs.
pub fn shared(inspection: &Inspection, app_id: &str) -> Result<Vec<String>, Failure> {
    let denied = |words: String| Err(Failure::because(FailureCode::Permission, words));
    if !inspection.is_valid || inspection.app_id.as_deref() != Some(app_id) {
        let why = inspection.problem.as_deref().unwrap_or("it is not of this app");
        return denied(format!("the token cannot be used: {why}"));
    }
    let granted = |scope: &&str| inspection.scopes.iter().any(|known| known == scope);
    let missing: Vec<&str> = SCOPES.into_iter().filter(|scope| !granted(scope)).collect();
    if !missing.is_empty() {
        return denied(format!("this was not granted: {}", missing.join(", ")));
    }
    let [manage, message] = SCOPES.map(|scope| inspection.assets(scope));
    // A scope that names no assets is for all of them: the other one says which.
    let also = |waba: &&String| message.is_empty() || message.contains(waba);
    let named = if manage.is_empty() { message } else { manage };
    Ok(named.iter().filter(also).cloned().collect())
}

pub fn phone_numbers(waba: &str) -> Request {
    Request::get(Base::Graph, format!("/{waba}/phone_numbers")).query("limit", "100").query(
        "fields",
        "id,display_phone_number,verified_name,code_verification_status,quality_rating,\
         platform_type,is_on_biz_app,status,name_status",
    )
}

/// A number of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneNumber {
    pub id: String,
    /// "+1 555 078 3881".
    pub display: String,
    pub verified_name: Option<String>,
    pub status: Option<String>,
    pub quality: Option<String>,
    /// `CLOUD_API` once it is registered.
    pub platform: Option<String>,
    /// It stays in the WhatsApp Business app too, and must not be registered.
    pub is_on_phone: bool,
}

pub fn read_phone_numbers(reply: &Reply) -> Result<Vec<PhoneNumber>, Failure> {
    let body = error::success(reply)?;
    Ok(list(&body, "data").iter().filter_map(phone_number).collect())
}

fn phone_number(number: &Value) -> Option<PhoneNumber> {
    Some(PhoneNumber {
        id: id(number, "id")?,
        display: title(number, "display_phone_number").unwrap_or_default(),
        verified_name: title(number, "verified_name"),
        status: title(number, "status"),
        quality: title(number, "quality_rating"),
        platform: title(number, "platform_type"),
        is_on_phone: flag(number, "is_on_biz_app"),
    })
}

/// Registers a number for sending. The PIN is needed again for each later registration; ten
/// attempts in 72 hours.
pub fn register(phone_number: &str, pin: &str) -> Request {
    let body = json!({ "messaging_product": "whatsapp", "pin": pin });
    Request::post(Base::Graph, format!("/{phone_number}/register"), Body::Json(body))
}

/// Whether [`register`] was heeded. What a person can do about the two usual reasons is said.
pub fn read_registered(reply: &Reply) -> Result<(), Failure> {
    let Err(failure) = error::success(reply) else { return Ok(()) };
    let Some(error) = GraphError::read(reply) else { return Err(failure) };
    let advice = match error.code {
        133_005 => {
            "The number has a PIN from elsewhere: turn two-step verification off in WhatsApp \
             Manager, then connect it again."
        }
        133_016 => "It was registered too often: connect it again after three days.",
        _ => return Err(failure),
    };
    Err(Failure::because(failure.code, format!("{} {advice}", error.detail())))
}
