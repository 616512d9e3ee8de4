//! The tokens of visitors: compact, signed, stored nowhere.
//!
//! A token is `base64url(payload).base64url(HMAC-SHA256)`. It carries the contact's id before
//! there is such a contact: nothing is stored until the first message, whose contact takes it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use switchboard_domain::{ContactId, WorkspaceId};
use switchboard_store::seal::Key;

/// How long a token is accepted. Each boot gives a new one.
const LIFETIME: SignedDuration = SignedDuration::from_hours(365 * 24);
/// The longest token that is looked at.
const TOKEN_MAX_BYTES: usize = 4_096;

/// What a token says of its visitor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    #[serde(rename = "w")]
    pub workspace: WorkspaceId,
    #[serde(rename = "c")]
    pub contact: ContactId,
    /// The business's own id of the person, vouched for by HMAC.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Unix seconds.
    #[serde(rename = "i")]
    pub issued_at: i64,
}

/// Makes and checks tokens.
#[derive(Debug, Clone)]
pub struct VisitorTokens {
    keys: Vec<Key>,
}

impl VisitorTokens {
    /// The first of `keys` signs; all of them are accepted. At least one is needed.
    pub fn new(keys: Vec<Key>) -> VisitorTokens {
        assert!(!keys.is_empty(), "tokens need a key to sign with");
        VisitorTokens { keys }
    }

    pub fn issue(&self, claims: &Claims) -> String {
        // Claims always serialize: they are texts and a number.
        let payload = BASE64URL.encode(serde_json::to_vec(claims).unwrap_or_default());
        let signature = BASE64URL.encode(self.keys[0].mac(payload.as_bytes()));
        format!("{payload}.{signature}")
    }

    /// What the token says, when it is ours and has not expired. Takes the same time wherever a
    /// forged signature differs.
    pub fn verify(&self, token: &str, now: Timestamp) -> Option<Claims> {
        if token.len() > TOKEN_MAX_BYTES {
            return None;
        }
        let (payload, signature) = token.split_once('.')?;
        let signature = BASE64URL.decode(signature).ok()?;
        let genuine = self.keys.iter().fold(subtle::Choice::from(0), |genuine, key| {
            genuine | key.mac(payload.as_bytes()).as_slice().ct_eq(&signature)
        });
        if !bool::from(genuine) {
            return None;
        }
        let claims: Claims = serde_json::from_slice(&BASE64URL.decode(payload).ok()?).ok()?;
        let issued = Timestamp::from_second(claims.issued_at).ok()?;
        (now.duration_since(issued) < LIFETIME).then_some(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn claims() -> Claims {
        Claims {
            workspace: Uuid::from_u128(1).into(),
            contact: Uuid::from_u128(2).into(),
            user_id: Some("42".into()),
            name: Some("Ana María".into()),
            email: None,
            phone: None,
            locale: Some("es".into()),
            issued_at: 1_000,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_token_says_what_was_put_into_it_for_a_year() {
        let tokens = VisitorTokens::new(vec![Key::random()]);
        let token = tokens.issue(&claims());
        assert_eq!(tokens.verify(&token, at(1_000)), Some(claims()));
        let year = 365 * 24 * 3_600;
        assert!(tokens.verify(&token, at(1_000 + year - 1)).is_some());
        assert!(tokens.verify(&token, at(1_000 + year)).is_none());
    }

    #[test]
    fn a_changed_or_foreign_token_is_refused() {
        let key = Key::random();
        let tokens = VisitorTokens::new(vec![key.clone()]);
        let token = tokens.issue(&claims());
        for at_byte in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at_byte] = if bytes[at_byte] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(tokens.verify(&changed, at(1_000)), None, "byte {at_byte}");
        }
        for bad in ["", ".", "a.b", &token[1..], &format!("{token}.{token}")] {
            assert_eq!(tokens.verify(bad, at(1_000)), None, "{bad}");
        }
        assert_eq!(VisitorTokens::new(vec![Key::random()]).verify(&token, at(1_000)), None);
        assert!(VisitorTokens::new(vec![Key::random(), key]).verify(&token, at(1_000)).is_some());
    }
}
