//! The handshake that Meta makes when the address of a webhook is saved.

use subtle::ConstantTimeEq;

use super::query;

/// The challenge that answers it, exactly as it came; `None` is answered with 403. `query` is the
/// raw query string, for some parsers rewrite names with dots. Compared in constant time.
pub fn handshake(query: &str, verify_token: &str) -> Option<String> {
    let token = query::value(query, "hub.verify_token")?;
    let known = bool::from(token.as_bytes().ct_eq(verify_token.as_bytes()));
    let subscribes = query::value(query, "hub.mode").as_deref() == Some("subscribe");
    // An empty token would let everyone in.
    (known && subscribes && !verify_token.is_empty())
        .then(|| query::value(query, "hub.challenge"))
        .flatten()
}
