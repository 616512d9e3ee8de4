//! Durable timers: claims what is due and wakes its owner. The work's own commit removes the
//! timer; one that was not finished is claimed again.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use switchboard_domain::Author;
use switchboard_store::timer::{self, Due};

use crate::Cast;
use crate::conversation::{Act, Order};

/// How often due timers are looked for.
const EVERY: Duration = Duration::from_secs(1);

pub struct Alarm {
    cast: Cast,
    /// Whether the timers claimed last are still being worked on.
    busy: bool,
}

impl Alarm {
    pub fn new(cast: Cast) -> Alarm {
        Alarm { cast, busy: false }
    }
}

impl Actor for Alarm {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(EVERY, |alarm, ctx| {
            if std::mem::replace(&mut alarm.busy, true) {
                return;
            }
            let cast = alarm.cast.clone();
            let ring = async move { ring(&cast).await };
            ctx.spawn(ring.into_actor(alarm).map(|(), alarm, _| alarm.busy = false));
        });
    }
}

async fn ring(cast: &Cast) {
    let shared: &Arc<crate::Shared> = cast.shared();
    match timer::claim(&shared.store).await {
        Ok(due) => {
            for due in due {
                wake(cast, due).await;
            }
        }
        // A database that is away is noticed, and said, by those who need it now.
        Err(error) => tracing::debug!(%error, "due timers could not be claimed"),
    }
}

async fn wake(cast: &Cast, due: Due) {
    let act = Act { author: Author::System, order: Order::Wake, newcomer: None };
    match cast.act(due.workspace, due.conversation, act).await {
        // It was no longer snoozed, so no commit has removed the timer.
        Ok(done) if done.seq.is_none() => {
            if let Err(error) = timer::clear(&cast.shared().store, &due).await {
                tracing::debug!(%error, "a timer could not be removed");
            }
        }
        Ok(_) => {}
        Err(rejection) => {
            tracing::warn!(conversation.id = %due.conversation, %rejection, "a snooze could not end yet");
        }
    }
}
