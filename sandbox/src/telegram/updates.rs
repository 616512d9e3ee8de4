//! Updates: made, kept for a day, fetched with `getUpdates` or delivered to a webhook.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use super::memory::{self, Bot};
use super::params::Params;
use super::refused::{Answer, Done, Refused};
use crate::hooks::{Body, Hook, Sign};
use crate::world::{Platform, State, World};

const KEPT_MS: i64 = 24 * 60 * 60 * 1000;
const LONGEST_POLL_SECONDS: i64 = 50;
const BATCH_MAX: i64 = 100;
/// What a bot gets only when it lists it.
const UNLISTED: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

const ACTIVE_WEBHOOK: &str = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
const OTHER_POLLER: &str =
    "terminated by other getUpdates request; make sure that only one bot instance is running";

/// An update that nobody has confirmed yet.
#[derive(Debug, Clone)]
pub struct Pending {
    pub id: i64,
    pub at: i64,
    /// What keeps it in order with others: one queue per chat, per tapping person, and so on.
    pub queue: String,
    pub update: Value,
    /// The webhook that is being told already.
    pub told: Option<String>,
}

/// Makes an update of a kind, unless the bot does not want it.
pub fn add(
    world: &World,
    state: &mut State,
    bot: &str,
    kind: &str,
    value: Value,
    queue: &str,
) -> Vec<Hook> {
    let wanted = match &state.telegram.bot(bot).allowed {
        Some(allowed) => allowed.contains(kind),
        None => !UNLISTED.contains(&kind),
    };
    if !wanted {
        return vec![];
    }
    let id = match state.telegram.bot(bot).last_update {
        Some(last) => last + 1,
        None => memory::begin(state) as i64 + 1,
    };
    let at = state.now();
    let update = json!({ "update_id": id, kind: value });
    let memory = state.telegram.bot(bot);
    memory.last_update = Some(id);
    memory.pending.push_back(Pending { id, at, queue: queue.into(), update, told: None });
    memory.arrived.notify_waiters();
    tell(world, state, bot)
}

/// The webhooks for what a bot's webhook has not been told yet.
pub fn tell(world: &World, state: &mut State, bot: &str) -> Vec<Hook> {
    let memory = state.telegram.bot(bot);
    let Some(webhook) = memory.webhook.clone() else { return vec![] };
    let untold = memory.pending.iter_mut().filter(|one| one.told.as_ref() != Some(&webhook.url));
    untold
        .map(|pending| {
            pending.told = Some(webhook.url.clone());
            Hook {
                platform: Platform::Telegram,
                lane: format!("telegram:{bot}:{}", pending.queue),
                url: webhook.url.clone(),
                body: Body::Whole(pending.update.clone()),
                sign: Sign::SecretToken(webhook.secret.clone()),
                ordered: true,
                after: Duration::ZERO,
                tried: Some(hears(world, bot, pending.id, &webhook.url)),
                epoch: 0,
            }
        })
        .collect()
}

/// Forgets an accepted update; remembers why another was not.
fn hears(world: &World, bot: &str, id: i64, url: &str) -> crate::hooks::Tried {
    let (world, bot, url) = (world.clone(), bot.to_owned(), url.to_owned());
    Arc::new(move |answer| {
        let mut state = world.lock();
        let now = state.now() / 1000;
        let memory = state.telegram.bot(&bot);
        if let Some((200..300, _)) = answer {
            memory.pending.retain(|pending| pending.id != id);
            return;
        }
        let why = match answer {
            Some((status, _)) => format!("Wrong response from the webhook: {}", reason(status)),
            None => "Connection timed out".to_owned(),
        };
        if let Some(webhook) = memory.webhook.as_mut().filter(|webhook| webhook.url == url) {
            webhook.last_error = Some((now, why));
        }
    })
}

fn reason(status: u16) -> String {
    let known = actix_web::http::StatusCode::from_u16(status).ok();
    let reason = known.and_then(|status| status.canonical_reason()).unwrap_or_default();
    format!("{status} {reason}").trim_end().to_owned()
}

/// Takes over which kinds of updates are wanted from now on.
pub fn allow(state: &mut State, bot: &str, params: &Params) -> Answer<()> {
    let Some(kinds) = params.list("allowed_updates")? else { return Ok(()) };
    let kinds: HashSet<String> =
        kinds.iter().filter_map(|kind| Some(kind.as_str()?.to_owned())).collect();
    state.telegram.bot(bot).allowed = (!kinds.is_empty()).then_some(kinds);
    Ok(())
}

pub fn expire(state: &mut State, bot: &str) {
    let since = state.now() - KEPT_MS;
    state.telegram.bot(bot).pending.retain(|pending| pending.at >= since);
}

/// `getUpdates`: waits for the first update, up to the asked time.
pub async fn get(world: &World, bot: &str, params: &Params) -> Answer<Done> {
    let limit = params.number("limit").unwrap_or(BATCH_MAX).clamp(1, BATCH_MAX) as usize;
    let seconds = params.number("timeout").unwrap_or(0).clamp(0, LONGEST_POLL_SECONDS);
    let until = Instant::now() + Duration::from_secs(seconds as u64);
    let (mine, arrived) = {
        let mut state = world.lock();
        if state.telegram.bot(bot).webhook.is_some() {
            return Err(Refused::conflict(ACTIVE_WEBHOOK));
        }
        allow(&mut state, bot, params)?;
        expire(&mut state, bot);
        let memory = state.telegram.bot(bot);
        confirm(memory, params.number("offset").unwrap_or(0));
        memory.poller += 1;
        // Whoever waits learns that another came.
        memory.arrived.notify_waiters();
        (memory.poller, memory.arrived.clone())
    };
    loop {
        let heard = arrived.notified();
        tokio::pin!(heard);
        heard.as_mut().enable();
        {
            let mut state = world.lock();
            let memory = state.telegram.bot(bot);
            if memory.poller != mine {
                return Err(Refused::conflict(OTHER_POLLER));
            }
            if memory.webhook.is_some() {
                return Err(Refused::conflict("terminated by setWebhook request"));
            }
            if !memory.pending.is_empty() {
                return Ok(batch(memory, limit).into());
            }
        }
        if timeout_at(until, heard).await.is_err() {
            return Ok(json!([]).into());
        }
    }
}

/// Deletes what lies before a positive offset, or all but the last few for a negative one.
fn confirm(memory: &mut Bot, offset: i64) {
    if offset >= 0 {
        memory.pending.retain(|pending| pending.id >= offset);
        return;
    }
    let kept = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
    let gone = memory.pending.len().saturating_sub(kept);
    memory.pending.drain(..gone);
}

fn batch(memory: &Bot, limit: usize) -> Value {
    memory.pending.iter().take(limit).map(|pending| pending.update.clone()).collect()
}
