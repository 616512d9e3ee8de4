//! What WhatsApp, Messenger and Instagram share: signatures, the handshake, signed requests,
//! errors, tokens.

pub(crate) mod json;
pub(crate) mod split;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Whether `header` (`X-Hub-Signature-256`) signs `body` with one of the apps' secrets. Compared
/// in constant time.
pub fn verify(secrets: &[&str], header: Option<&str>, body: &[u8]) -> bool {
    let Some(hex) = header.and_then(|header| header.strip_prefix("sha256=")) else { return false };
    let mut matched = false;
    for secret in secrets {
        matched |=
            bool::from(sign(secret, body).as_bytes().ct_eq(hex.to_ascii_lowercase().as_bytes()));
    }
    matched
}

/// The hexadecimal signature of a body.
pub fn sign(secret: &str, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(body);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}
