//! What a server does now and then: counts are tidied, uploads that nobody sent are removed, what
//! waited for messages that never came is forgotten, the months that events are kept in are made
//! and dropped, and deletions that a process did not live to end are taken up again.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use switchboard_domain::attachment::ORPHAN_HOURS;
use switchboard_store::{PostgresConfig, attachment, parked, partition};

use crate::state::App;
use crate::{clock, forgetting, telemetry};

const METRICS_EVERY: Duration = Duration::from_secs(5);
const ORPHANS_EVERY: Duration = Duration::from_secs(30 * 60);
const PARKED_EVERY: Duration = Duration::from_secs(3_600);
/// What platforms told of messages that never came is kept this long.
const PARKED_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
const DELETIONS_EVERY: Duration = Duration::from_secs(60);
const PARTITIONS_EVERY: Duration = Duration::from_secs(6 * 3_600);
/// Orphans removed in one go.
const ORPHANS_AT_ONCE: u32 = 200;

/// Runs until it is aborted.
pub async fn keep(app: Arc<App>, database: PostgresConfig) {
    let mut metrics = tokio::time::interval(METRICS_EVERY);
    let mut orphans = tokio::time::interval(ORPHANS_EVERY);
    let mut parked = tokio::time::interval(PARKED_EVERY);
    let mut partitions = tokio::time::interval(PARTITIONS_EVERY);
    let mut deletions = tokio::time::interval(DELETIONS_EVERY);
    loop {
        tokio::select! {
            _ = metrics.tick() => {
                if let Some(counted) = telemetry::metrics() {
                    counted.run_upkeep();
                }
            }
            _ = partitions.tick() => {
                match partition::maintain(&database, clock::now()).await {
                    Ok(0) => {}
                    Ok(dropped) => tracing::info!(dropped, "old months of events were dropped"),
                    Err(error) => {
                        tracing::warn!(%error, "the months of events were not kept; later again");
                    }
                }
            }
            _ = parked.tick() => {
                match parked::forget(&app.store, clock::now() - PARKED_FOR).await {
                    Ok(0) => {}
                    Ok(gone) => tracing::info!(gone, "what waited for messages was forgotten"),
                    Err(error) => tracing::warn!(%error, "old notes were kept; later again"),
                }
            }
            _ = deletions.tick() => {
                if let Err(error) = forgetting::go_on(&app).await {
                    tracing::warn!(%error, "open deletions were not looked for; later again");
                }
            }
            _ = orphans.tick() => {
                if let Err(error) = remove_orphans(&app, clock::now()).await {
                    tracing::warn!(%error, "old uploads were not removed; later again");
                }
            }
        }
    }
}

/// Removes uploads that no message took up within a day. How many there were.
pub async fn remove_orphans(app: &App, now: Timestamp) -> anyhow::Result<usize> {
    let before = now - SignedDuration::from_hours(ORPHAN_HOURS);
    let mut removed = 0;
    loop {
        let orphans = attachment::find_orphans(&app.store, before, ORPHANS_AT_ONCE).await?;
        if orphans.is_empty() {
            return Ok(removed);
        }
        for (workspace, id) in orphans {
            let tx = app.store.writers.begin(workspace).await?;
            if attachment::remove_orphan(&tx, workspace, id).await? {
                // The bytes go first: a row without bytes is found again, bytes without are not.
                app.blobs.remove(workspace, id).await?;
                tx.commit().await?;
                removed += 1;
            }
        }
    }
}
