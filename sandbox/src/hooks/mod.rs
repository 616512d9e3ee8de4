//! The delivery of webhooks: signed, in lanes, tried again when refused, and bent by faults.

mod bend;
pub mod handshake;
mod post;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::{self, time::sleep};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::faults::Kind;
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

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sign {
    /// `X-Hub-Signature-256` with this app secret.
    Hub(String),
    /// `X-Telegram-Bot-Api-Secret-Token`, if the bot has set one.
    SecretToken(Option<String>),
}

impl Hook {
    /// Of an older world than this one: nobody waits for it any more.
    fn is_stale(&self, world: &World) -> bool {
        world.lock().epoch != self.epoch
    }
}

/// What delivers: cheap to clone.
#[derive(Clone)]
struct Deliverer {
    world: World,
    client: reqwest::Client,
}

/// Delivers for as long as the sandbox runs.
pub async fn run(world: World, mut received: UnboundedReceiver<Hook>) {
    let client = reqwest::Client::builder()
        .timeout(world.config().pace.answer)
        .redirect(reqwest::redirect::Policy::none())
        .build();
    let client = match client {
        Ok(client) => client,
        Err(error) => return tracing::error!(%error, "no webhooks: cannot make a client"),
    };
    let deliverer = Deliverer { world, client };
    let mut lanes: HashMap<String, UnboundedSender<Hook>> = HashMap::new();
    while let Some(hook) = received.recv().await {
        let lane = lanes.entry(hook.lane.clone()).or_insert_with(|| deliverer.open_lane());
        let delay = hook.after + deliverer.delay(&hook);
        let lane = lane.clone();
        if delay.is_zero() {
            // Its receiver lives as long as this loop.
            let _ = lane.send(hook);
        } else {
            rt::spawn(async move {
                sleep(delay).await;
                let _ = lane.send(hook);
            });
        }
    }
}

impl Deliverer {
    fn open_lane(&self) -> UnboundedSender<Hook> {
        let (sender, receiver) = unbounded_channel();
        rt::spawn(bend::lane(self.clone(), receiver));
        sender
    }

    fn delay(&self, hook: &Hook) -> Duration {
        let fault = self.world.strike(hook.platform, Kind::DelayHooks, "hook");
        fault.map_or(Duration::ZERO, |fault| {
            Duration::from_secs(u64::from(fault.seconds.unwrap_or(2)))
        })
    }
}
