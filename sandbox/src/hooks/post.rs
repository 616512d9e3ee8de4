//! One webhook: its bytes, its signature, its tries.

use actix_web::rt::{self, time::sleep};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Body, Deliverer, Hook, Sign};
use crate::faults::Kind;
use crate::world::{Platform, hex};

/// How long Messenger and Instagram bear with a server that takes no webhooks.
const UNSUBSCRIBE_MS: i64 = 60 * 60 * 1000;

impl Deliverer {
    /// Tries until the webhook is taken. One that is not ordered makes its later tries beside
    /// those that follow it, as WhatsApp and the Graph do.
    pub(super) async fn deliver(&self, hook: Hook) {
        if hook.is_stale(&self.world) || self.attempt(&hook).await {
            return;
        }
        if hook.ordered {
            self.retry(hook).await;
        } else {
            let deliverer = self.clone();
            rt::spawn(async move { deliverer.retry(hook).await });
        }
    }

    async fn retry(&self, hook: Hook) {
        let pace = self.world.config().pace;
        let since = self.world.now();
        for tries in 1..pace.tries {
            sleep(pace.retry * 2_u32.pow(tries.saturating_sub(1).min(6))).await;
            if hook.is_stale(&self.world) || self.attempt(&hook).await {
                return;
            }
            if self.world.now() - since >= UNSUBSCRIBE_MS && self.unsubscribe(&hook) {
                return;
            }
        }
        tracing::warn!(platform = hook.platform.name(), "a webhook was given up");
    }

    /// Messenger and Instagram give up on a server after an hour, and take the subscription away.
    fn unsubscribe(&self, hook: &Hook) -> bool {
        let entry = match &hook.body {
            Body::Entry { entry, .. } => entry,
            Body::Whole(whole) => &whole["entry"][0],
        };
        let id = entry["id"].as_str().unwrap_or_default();
        if !matches!(hook.platform, Platform::Messenger | Platform::Instagram) {
            return false;
        }
        if let Some(account) = self.world.lock().account_mut(hook.platform, id) {
            account.fields.clear();
        }
        tracing::warn!(platform = hook.platform.name(), "unsubscribed after an hour of failures");
        true
    }

    /// Whether it was taken.
    async fn attempt(&self, hook: &Hook) -> bool {
        if self.world.strike(hook.platform, Kind::HookDown, "hook").is_some() {
            tell(hook, None);
            return false;
        }
        let answer = self.post(hook).await;
        // The Graph takes 200 only; Telegram any success.
        let taken = answer.as_ref().is_some_and(|(status, _)| match hook.sign {
            Sign::Hub(_) => *status == 200,
            Sign::SecretToken(_) => (200..300).contains(status),
        });
        tell(hook, answer);
        taken
    }

    async fn post(&self, hook: &Hook) -> Option<(u16, Vec<u8>)> {
        if !self.world.config().allow_http_hooks && !hook.url.starts_with("https://") {
            return None;
        }
        let body = bytes(&hook.body);
        let mut request = self.client.post(&hook.url).header("Content-Type", "application/json");
        request = match &hook.sign {
            Sign::Hub(secret) => request
                .header("User-Agent", "facebookexternalua")
                .header("X-Hub-Signature-256", signature(secret, &body)),
            Sign::SecretToken(Some(token)) => {
                request.header("X-Telegram-Bot-Api-Secret-Token", token)
            }
            Sign::SecretToken(None) => request,
        };
        let answer = request.body(body).send().await.ok()?;
        let status = answer.status().as_u16();
        Some((status, answer.bytes().await.map(|bytes| bytes.to_vec()).unwrap_or_default()))
    }
}

fn tell(hook: &Hook, answer: Option<(u16, Vec<u8>)>) {
    if let Some(tried) = &hook.tried {
        tried(answer);
    }
}

fn bytes(body: &Body) -> Vec<u8> {
    match body {
        Body::Entry { object, entry } => ascii(&json!({ "object": object, "entry": [entry] })),
        Body::Whole(value) => ascii(value),
    }
}

/// JSON as Meta writes it: everything beyond ASCII as lowercase `\uXXXX`.
fn ascii(value: &Value) -> Vec<u8> {
    let mut text = String::new();
    for character in value.to_string().chars() {
        if character.is_ascii() {
            text.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    text.into_bytes()
}

fn signature(secret: &str, body: &[u8]) -> String {
    #[expect(clippy::expect_used, reason = "an HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key will do");
    mac.update(body);
    format!("sha256={}", hex(&mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_what_the_platform_signs() {
        let body = json!({"object":"page","entry":[{"id":"104771529900318","time":1795176000180_i64,
            "messaging":[{"sender":{"id":"7719020043315586"},"recipient":{"id":"104771529900318"},
            "timestamp":1795176000000_i64,"message":{"mid":"m_invented","text":"Café 👋"}}]}]});
        let text = String::from_utf8(ascii(&body)).unwrap();
        assert!(text.contains("Caf\\u00e9 \\ud83d\\udc4b"), "{text}");
        // A computed vector of the documentation, whose members have this order.
        let raw = r#"{"object":"page","entry":[{"id":"104771529900318","time":1795176000180,"messaging":[{"sender":{"id":"7719020043315586"},"recipient":{"id":"104771529900318"},"timestamp":1795176000000,"message":{"mid":"m_invented","text":"Caf\u00e9 \ud83d\udc4b"}}]}]}"#;
        assert_eq!(
            signature("3f9a1c77e0b24d5e8a6b90c1d2e3f405", raw.as_bytes()),
            "sha256=03d9a58bf4ec43e9f3332e2d22053c95e9a68ef4a666e2c16b1b28db8f400254"
        );
    }
}
