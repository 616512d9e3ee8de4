//! `signed_request`: how Meta tells that a person removed the app, or wants their data deleted.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::Value;
use subtle::ConstantTimeEq;

use super::json::{id, time};
use super::signature::digest;

/// What was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// The app-scoped id of the person, known from when they connected an account: no PSID, no
    /// IGSID, no Page.
    pub user_id: String,
    pub issued_at: Option<Timestamp>,
    /// Absent when it does not end.
    pub expires: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadRequest {
    #[error("the signed request is malformed")]
    Malformed,
    #[error("the signed request is not signed by this app")]
    Signature,
    #[error("the signed request is signed in another way than HMAC-SHA256")]
    Algorithm,
}

/// Reads a form's `signed_request`, which one of the secrets must have signed. Compared in
/// constant time.
pub fn signed_request(secrets: &[&str], value: &str) -> Result<Payload, BadRequest> {
    let (signature, payload) = value.split_once('.').ok_or(BadRequest::Malformed)?;
    if signature.is_empty() || payload.is_empty() || payload.contains('.') {
        return Err(BadRequest::Malformed);
    }
    let signature = decode(signature).ok_or(BadRequest::Malformed)?;
    let mut signed = false;
    for secret in secrets {
        // What is signed is the text as it was sent, padding and all.
        signed |= bool::from(digest(secret, payload.as_bytes()).ct_eq(&signature));
    }
    if !signed {
        return Err(BadRequest::Signature);
    }
    let payload: Value = decode(payload)
        .and_then(|json| serde_json::from_slice(&json).ok())
        .ok_or(BadRequest::Malformed)?;
    let algorithm = payload.get("algorithm").and_then(Value::as_str).unwrap_or_default();
    if !algorithm.eq_ignore_ascii_case("HMAC-SHA256") {
        return Err(BadRequest::Algorithm);
    }
    Ok(Payload {
        user_id: id(&payload, "user_id").ok_or(BadRequest::Malformed)?,
        issued_at: time(&payload, "issued_at"),
        expires: time(&payload, "expires"),
    })
}

/// Base64 as in addresses; the padding is normally absent.
fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}
