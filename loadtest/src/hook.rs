//! Webhooks as Meta posts them: signed over the raw bytes, every message new.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

const PATIENCE: Duration = Duration::from_secs(60);
const TEXT: &str = "I ordered the blue one on Monday and have heard nothing since then.";

/// Posts to a server in the name of Meta. A copy shares everything with the original.
#[derive(Debug, Clone)]
pub struct Hook {
    http: reqwest::Client,
    url: String,
    secret: Arc<str>,
    /// Names that no message had before begin with this, and go on with how many there were.
    run: Arc<str>,
    sent: Arc<AtomicU64>,
}

impl Hook {
    /// `base` is the server's address; `secret` the one that the app shares with Meta.
    pub fn new(base: &str, secret: &str) -> Result<Hook> {
        let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
        let url = format!("{base}/hooks/whatsapp");
        let run = uuid::Uuid::now_v7().simple().to_string().into();
        Ok(Hook { http, url, secret: secret.into(), run, sent: Arc::default() })
    }

    /// Posts `each` messages of customers to a number in one webhook. A lone message is always of
    /// this client's one customer; those of a batch are of as many customers as a batch has.
    pub async fn post(&self, number: &str, client: usize, each: usize) -> Result<()> {
        let said = (0..each).map(|nth| (customer(client, nth), TEXT.to_owned())).collect();
        self.bring(number, said).await
    }

    /// Posts one message whose first word is `name`.
    pub async fn post_named(&self, number: &str, client: usize, name: &str) -> Result<()> {
        self.bring(number, vec![(customer(client, 0), format!("{name} {TEXT}"))]).await
    }

    async fn bring(&self, number: &str, said: Vec<(String, String)>) -> Result<()> {
        let body = self.body(number, said)?;
        let request = self.http.post(&self.url).header("content-type", "application/json");
        let signed = request.header("x-hub-signature-256", self.signature(&body)?);
        let answer = signed.body(body).send().await?;
        if !answer.status().is_success() {
            bail!("a webhook was answered {}: {}", answer.status(), answer.text().await?);
        }
        Ok(())
    }

    fn body(&self, number: &str, said: Vec<(String, String)>) -> Result<String> {
        #[expect(clippy::disallowed_methods, reason = "the driver is an edge; nothing tests by it")]
        let at = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs().to_string();
        let contacts: Vec<Value> = said
            .iter()
            .map(|(from, _)| json!({"wa_id": from, "profile": {"name": "Ida Berg"}}))
            .collect();
        let messages: Vec<Value> = said
            .into_iter()
            .map(|(from, text)| {
                let nth = self.sent.fetch_add(1, Ordering::Relaxed);
                json!({
                    "from": from, "id": format!("wamid.{}-{nth}", self.run),
                    "timestamp": at, "type": "text", "text": {"body": text},
                })
            })
            .collect();
        let body = json!({"object": "whatsapp_business_account", "entry": [{
            "id": "102290129340398",
            "changes": [{"field": "messages", "value": {
                "messaging_product": "whatsapp",
                "metadata": {"display_phone_number": "15550783881", "phone_number_id": number},
                "contacts": contacts, "messages": messages,
            }}],
        }]});
        Ok(body.to_string())
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
