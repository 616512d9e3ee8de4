//! Tells what waits, in its order, as soon as the database takes it.

use std::sync::Arc;
use std::time::Duration;

use switchboard_channels::read;
use switchboard_wire::Code;

use super::{Record, Spool};
use crate::state::App;

/// How often it is looked whether something waits.
const LOOK: Duration = Duration::from_millis(500);
/// How often a webhook is tried that the server itself cannot digest.
const TRIES: u32 = 5;

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
    let (mut asked, mut tries) = (0_u32, 0_u32);
    loop {
        let batch = read(record.hook, record.bot.as_deref(), &record.body);
        match app.cast.inbound(record.hook, batch).await {
            Ok(_) => {
                metrics::counter!("switchboard_spool_told_total").increment(1);
                return;
            }
            Err(rejection) => {
                let hook = record.hook.name();
                asked += 1;
                tries += u32::from(rejection.code != Code::Unavailable);
                if tries == TRIES {
                    metrics::counter!("switchboard_spool_lost_total").increment(1);
                    tracing::error!(hook, %rejection, "a webhook that waited is given up");
                    return;
                }
                // Not each time: the database may be away for hours.
                if asked.is_power_of_two() {
                    tracing::warn!(
                        hook, %rejection, asked,
                        "a webhook that waits on disk is tried again"
                    );
                }
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}
