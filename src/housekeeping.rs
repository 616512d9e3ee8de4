//! What a server does now and then: counts are tidied, uploads that nobody sent are removed, what
//! waited for messages that never came is forgotten, the months that events are kept in are made
//! and dropped, and what a process did not live to end is taken up again: deletions, and what
//! waited for accounts that were disconnected.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use switchboard_domain::attachment::ORPHAN_HOURS;
use switchboard_store::{attachment, backlog, parked, partition, postgres};
use tokio::time::MissedTickBehavior;

use crate::state::App;
use crate::{clock, forgetting, telemetry};

const METRICS_EVERY: Duration = Duration::from_secs(5);
/// How often what waits in the database is counted.
const BACKLOG_EVERY: Duration = Duration::from_secs(15);
/// An account changes its node within a hold, of 15 seconds; after twice that nobody speaks for it.
const UNHELD_AFTER_SECONDS: i32 = 30;
const ORPHANS_EVERY: Duration = Duration::from_secs(30 * 60);
const PARKED_EVERY: Duration = Duration::from_secs(3_600);
/// What platforms told of messages that never came is kept this long.
const PARKED_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
const DELETIONS_EVERY: Duration = Duration::from_secs(60);
const STRANDED_EVERY: Duration = Duration::from_secs(60);
const PARTITIONS_EVERY: Duration = Duration::from_secs(6 * 3_600);
/// Orphans removed in one go.
const ORPHANS_AT_ONCE: u32 = 200;

/// Runs until it is aborted.
pub async fn keep(app: Arc<App>, database: postgres::Address) {
    tokio::join!(keep_house(&app, database), fail_stranded(&app));
}

/// By itself: as much may be left as somebody has written, and the rest must not wait for it.
async fn fail_stranded(app: &App) {
    let mut stranded = tokio::time::interval(STRANDED_EVERY);
    stranded.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        stranded.tick().await;
        if let Err(error) = app.cast.fail_stranded().await {
            tracing::warn!(%error, "what waits for nobody was not looked for; later again");
        }
    }
}

async fn keep_house(app: &Arc<App>, database: postgres::Address) {
    let mut upkeep = tokio::time::interval(METRICS_EVERY);
    let mut backlog = tokio::time::interval(BACKLOG_EVERY);
    let mut counted = Backlog::default();
    let mut orphans = tokio::time::interval(ORPHANS_EVERY);
    let mut parked = tokio::time::interval(PARKED_EVERY);
    let mut partitions = tokio::time::interval(PARTITIONS_EVERY);
    let mut deletions = tokio::time::interval(DELETIONS_EVERY);
    loop {
        tokio::select! {
            _ = upkeep.tick() => {
                if let Some(counted) = telemetry::metrics() {
                    counted.run_upkeep();
                }
            }
            _ = backlog.tick() => {
                if let Err(error) = counted.count(app).await {
                    tracing::debug!(%error, "what waits was not counted; later again");
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
                if let Err(error) = forgetting::go_on(app).await {
                    tracing::warn!(%error, "open deletions were not looked for; later again");
                }
            }
            _ = orphans.tick() => {
                if let Err(error) = remove_orphans(app, clock::now()).await {
                    tracing::warn!(%error, "old uploads were not removed; later again");
                }
            }
        }
    }
}

/// What was counted of the outbox the last time: what is gone since is told as nothing.
#[derive(Debug, Default)]
struct Backlog(HashSet<(String, String)>);

impl Backlog {
    async fn count(&mut self, app: &App) -> switchboard_store::Result<()> {
        let sends = backlog::sends(&app.store).await?;
        let now: HashSet<_> =
            sends.iter().map(|row| (row.kind.clone(), row.state.clone())).collect();
        for (kind, state) in self.0.difference(&now) {
            tell_outbox(kind, state, 0.0, 0.0);
        }
        for row in &sends {
            tell_outbox(&row.kind, &row.state, row.how_many as f64, row.late_seconds);
        }
        self.0 = now;
        let unheld = backlog::unheld_accounts(&app.store, UNHELD_AFTER_SECONDS).await?;
        metrics::gauge!("switchboard_accounts_unheld").set(unheld as f64);
        Ok(())
    }
}

fn tell_outbox(kind: &str, state: &str, how_many: f64, late_seconds: f64) {
    let labels = [("kind", kind.to_owned()), ("state", state.to_owned())];
    metrics::gauge!("switchboard_outbox_sends", &labels).set(how_many);
    metrics::gauge!("switchboard_outbox_late_seconds", &labels).set(late_seconds);
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
