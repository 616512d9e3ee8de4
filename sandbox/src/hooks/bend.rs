//! A lane of webhooks, and the faults that bend it: batches, wrong order, twice.

use actix_web::rt::time::timeout;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedReceiver;

use super::{Body, Deliverer, Hook};
use crate::faults::Kind;

/// At most as many entries as the Graph puts into one notification.
const ENTRIES_MAX: usize = 1000;

pub async fn lane(deliverer: Deliverer, mut hooks: UnboundedReceiver<Hook>) {
    let mut kept_back: Option<Hook> = None;
    while let Some(hook) = next(&mut kept_back, &mut hooks).await {
        let strikes = |kind| deliverer.world.strike(hook.platform, kind, "hook").is_some();
        let pause = deliverer.world.config().pace.batch;
        if strikes(Kind::BatchHooks) {
            let (batch, odd) = gather(hook, &mut hooks, pause).await;
            kept_back = odd;
            deliverer.deliver_as_told(batch).await;
        } else if strikes(Kind::ReorderHooks) {
            if let Ok(Some(later)) = timeout(pause, hooks.recv()).await {
                deliverer.deliver_as_told(later).await;
            }
            deliverer.deliver_as_told(hook).await;
        } else {
            deliverer.deliver_as_told(hook).await;
        }
    }
}

async fn next(kept_back: &mut Option<Hook>, hooks: &mut UnboundedReceiver<Hook>) -> Option<Hook> {
    match kept_back.take() {
        Some(hook) => Some(hook),
        None => hooks.recv().await,
    }
}

impl Deliverer {
    async fn deliver_as_told(&self, hook: Hook) {
        let twice = self.world.strike(hook.platform, Kind::DuplicateHooks, "hook").is_some();
        let again = twice.then(|| hook.clone());
        self.deliver(hook).await;
        if let Some(again) = again {
            self.deliver(again).await;
        }
    }
}

/// Puts what comes within the pause into the same notification. Answers it, and the first webhook
/// that would not go into it.
async fn gather(
    mut batch: Hook,
    hooks: &mut UnboundedReceiver<Hook>,
    pause: std::time::Duration,
) -> (Hook, Option<Hook>) {
    let Body::Entry { object, entry } = batch.body.clone() else { return (batch, None) };
    let mut entries = vec![entry];
    let mut odd = None;
    while entries.len() < ENTRIES_MAX {
        let Ok(Some(hook)) = timeout(pause, hooks.recv()).await else { break };
        match &hook.body {
            Body::Entry { object: same, entry }
                if *same == object && hook.url == batch.url && hook.sign == batch.sign =>
            {
                add(&mut entries, entry.clone());
            }
            _ => {
                odd = Some(hook);
                break;
            }
        }
    }
    batch.body = Body::Whole(serde_json::json!({ "object": object, "entry": entries }));
    (batch, odd)
}

/// Changes of one asset share an entry; messaging items have one each, as documented.
fn add(entries: &mut Vec<Value>, entry: Value) {
    let same =
        entries.iter_mut().find(|other| other["id"] == entry["id"] && other["changes"].is_array());
    match (same.and_then(|same| same["changes"].as_array_mut()), entry["changes"].as_array()) {
        (Some(changes), Some(more)) => changes.extend(more.iter().cloned()),
        _ => entries.push(entry),
    }
}
