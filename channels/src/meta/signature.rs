//! Signatures of what Meta posts, and of the calls that are made with a token.

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
    digest(secret, body).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Goes along with a token, and proves that who calls knows the app's secret.
pub fn appsecret_proof(secret: &str, token: &str) -> String {
    sign(secret, token.as_bytes())
}

/// HMAC-SHA256. Empty for a key that cannot be one, which there is none of.
pub(crate) fn digest(secret: &str, body: &[u8]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return vec![] };
    mac.update(body);
    mac.finalize().into_bytes().to_vec()
}
