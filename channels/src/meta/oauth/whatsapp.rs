//! Embedded Signup: the numbers of a WhatsApp Business Account that was just shared.
//!
//! In this order, the first within 30 seconds:
//! [`exchange_code`](super::facebook::exchange_code) without a redirect,
//! [`inspect`](super::facebook::inspect), the subscription, [`phone_numbers`], [`register`].

use serde_json::{Value, json};
use switchboard_domain::Failure;

use crate::http::{Base, Body, Reply, Request};
use crate::meta::error;
use crate::meta::json::{flag, id, list, title};

/// What the token must be granted, both for the account that the browser named.
pub const SCOPES: [&str; 2] = ["whatsapp_business_management", "whatsapp_business_messaging"];

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
