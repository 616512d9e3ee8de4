//! Webhooks as Meta posts them: signed over the raw bytes, every message new.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::server::Server;

const PATIENCE: Duration = Duration::from_secs(60);
const TEXT: &str = "I ordered the blue one on Monday and have heard nothing since then.";

/// Posts to a server in the name of Meta.
#[derive(Debug, Clone)]
pub struct Hook {
    http: reqwest::Client,
    url: String,
    secret: Arc<str>,
    /// The number of the newest message, for names that no message had before.
    sent: Arc<AtomicU64>,
}

impl Hook {
    pub fn new(server: &Server, secret: &str) -> Result<Hook> {
        let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
        let url = server.url("/hooks/whatsapp");
        Ok(Hook { http, url, secret: secret.into(), sent: Arc::default() })
    }

    /// Posts `each` messages of customers in one webhook. A lone message is always of this
    /// client's one customer; those of a batch are of as many customers as a batch has.
    pub async fn post(&mut self, account: &str, client: usize, each: usize) -> Result<()> {
        #[expect(clippy::disallowed_methods, reason = "the driver is an edge; nothing tests by it")]
        let at = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs().to_string();
        let messages: Vec<Value> = (0..each)
            .map(|nth| {
                let number = self.sent.fetch_add(1, Ordering::Relaxed);
                json!({
                    "from": customer(client, nth), "id": format!("wamid.bench{number:016}"),
                    "timestamp": at, "type": "text", "text": {"body": TEXT},
                })
            })
            .collect();
        let contacts: Vec<Value> = (0..each)
            .map(|nth| json!({"wa_id": customer(client, nth), "profile": {"name": "Ida Berg"}}))
            .collect();
        let body = json!({"object": "whatsapp_business_account", "entry": [{
            "id": "102290129340398",
            "changes": [{"field": "messages", "value": {
                "messaging_product": "whatsapp",
                "metadata": {"display_phone_number": "15550783881", "phone_number_id": account},
                "contacts": contacts, "messages": messages,
            }}],
        }]})
        .to_string();
        let request = self.http.post(&self.url).header("content-type", "application/json");
        let signed = request.header("x-hub-signature-256", self.signature(&body)?);
        let answer = signed.body(body).send().await?;
        if !answer.status().is_success() {
            bail!("a webhook was answered {}: {}", answer.status(), answer.text().await?);
        }
        Ok(())
    }

    fn signature(&self, body: &str) -> Result<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes())?;
        mac.update(body.as_bytes());
        let hex =
            mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect::<String>();
        Ok(format!("sha256={hex}"))
    }
}

fn customer(client: usize, nth: usize) -> String {
    format!("1650{:04}{:03}", client % 10_000, nth % 1_000)
}
