//! Tells what waits, in its order, as soon as the database takes it.

use std::sync::Arc;
use std::time::Duration;

use switchboard_actors::trace::{self, Kind};
use switchboard_channels::read;
use switchboard_store::Scope;
use switchboard_wire::Code;

use super::{Record, Spool};
use crate::state::App;

/// How often it is looked whether something waits, and how long after a try comes the next.
const LOOK: Duration = Duration::from_millis(500);
/// How often a webhook is tried that the server itself cannot digest.
const TRIES: u32 = 5;
/// After so many tries, a minute of them, while the database answers all the same, a webhook goes
/// to the end of the line: it must not hold up all others.
const TRIES_IN_FRONT: u32 = 120;

/// Tells what waits, for as long as the server lives.
pub async fn keep(app: Arc<App>) {
    loop {
        tokio::time::sleep(LOOK).await;
        metrics::gauge!("switchboard_spool_bytes").set(app.spool.bytes() as f64);
        match app.spool.oldest() {
            Ok(None) => {}
            Ok(Some((number, records))) => {
                for record in records {
                    tell(&app, &record).await;
                }
                finish(&app.spool, number);
            }
            Err(error) => tracing::error!(%error, "the spool cannot be read"),
        }
    }
}

fn finish(spool: &Spool, number: u64) {
    if let Err(error) = spool.done(number) {
        tracing::error!(%error, "a segment that was told cannot be removed");
    }
}

async fn tell(app: &App, record: &Record) {
    let hook = record.hook.name();
    let mut span = app.cast.shared().tracer.part("spool.drain", Kind::Consumer, record.trace);
    span.say("hook", hook);
    let (mut asked, mut tries) = (0_u32, 0);
    loop {
        let batch = read(record.hook, record.bot.as_deref(), &record.body);
        let telling = trace::within(span.trace(), app.cast.inbound(record.hook, batch));
        let Err(rejection) = telling.await else {
            metrics::counter!("switchboard_spool_drained_total").increment(1);
            return;
        };
        asked += 1;
        if rejection.code != Code::Unavailable {
            tries += 1;
            if tries == TRIES {
                metrics::counter!("switchboard_spool_lost_total").increment(1);
                tracing::error!(hook, %rejection, "a webhook that waited is given up");
                return;
            }
        } else if asked.is_multiple_of(TRIES_IN_FRONT)
            && database_answers(app).await
            && app.spool.append(record).is_ok()
        {
            tracing::error!(hook, %rejection, "a webhook that waits goes to the end of the line");
            return;
        }
        // Not each time: the database may be away for hours.
        if asked.is_power_of_two() {
            tracing::warn!(hook, %rejection, asked, "a webhook that waits on disk is tried again");
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn database_answers(app: &App) -> bool {
    let asked = async {
        let tx = app.store.readers.begin(Scope::default()).await?;
        tx.commit().await
    };
    asked.await.is_ok()
}
