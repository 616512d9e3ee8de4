//! How appends are committed: handed to Postgres in batches, told, and answered.

use std::time::{Duration, Instant};

use actix::prelude::*;
use switchboard_domain::Seq;
use switchboard_domain::trace::Trace;
use switchboard_store::journal::{Append, Outcome};
use tokio::sync::oneshot;

use super::journal::{Reply, Waiting};
use super::{Commit, Workspace};
use crate::bus::Hint;
use crate::rejection::Rejection;
use crate::replay::Told;
use crate::trace::{Kind, Open};

/// A commit that has not been answered by then is given up on.
const COMMIT_WITHIN: Duration = Duration::from_secs(10);

impl Handler<Commit> for Workspace {
    type Result = ResponseFuture<Reply>;

    fn handle(&mut self, commit: Commit, ctx: &mut Self::Context) -> Self::Result {
        if self.journal.is_full() {
            return Box::pin(async { Err(Rejection::unavailable()) });
        }
        let (reply, answer) = oneshot::channel();
        let stay = self.shared.journal.enter();
        let span = self.shared.tracer.part("journal.append", Kind::Internal, commit.trace);
        let Commit { mut append, drafts, .. } = commit;
        if let Some(outside) = &mut append.outside {
            outside.trace = span.trace();
        }
        self.journal.push((append, Waiting { drafts, reply, span }));
        self.pump(ctx);
        Box::pin(async move {
            let answer = answer.await;
            drop(stay);
            answer.unwrap_or_else(|_| Err(Rejection::unavailable()))
        })
    }
}

impl Workspace {
    /// Hands the next batch to Postgres.
    fn pump(&mut self, ctx: &mut Context<Self>) {
        let Some(batch) = self.journal.next_batch() else { return };
        let (shared, id) = (self.shared.clone(), self.id);
        let (appends, waiting): (Vec<Append>, Vec<Waiting>) = batch.into_iter().unzip();
        let recorded: Vec<Trace> = waiting.iter().filter_map(|w| w.span.trace()).collect();
        // One commit is part of many traces: of the first by descent, of the others by links.
        let mut span =
            shared.tracer.part("journal.commit", Kind::Internal, recorded.first().copied());
        span.link(&recorded);
        span.say("appends", appends.len());
        let commit = self.shared.store.writers.alongside(async move {
            let started = Instant::now();
            let append = switchboard_store::journal::append(&shared.store, id, &appends);
            // A database that is frozen answers nothing at all. Whether it committed is unknown,
            // as with a connection that broke.
            let result = tokio::time::timeout(COMMIT_WITHIN, append).await.unwrap_or_else(|_| {
                Err(switchboard_store::Error::Unavailable("a commit took too long".to_owned()))
            });
            metrics::histogram!("switchboard_journal_commit_seconds")
                .record(started.elapsed().as_secs_f64());
            if result.is_err() {
                span.fail();
            }
            drop(span);
            (appends, waiting, result)
        });
        ctx.spawn(commit.into_actor(self).map(|(appends, waiting, result), actor, ctx| {
            actor.journal.landed();
            match result {
                Ok(outcomes) => actor.landed(&appends, waiting, &outcomes, ctx),
                Err(error) => actor.failed(appends, waiting, error, ctx),
            }
            actor.pump(ctx);
        }));
    }

    fn landed(
        &mut self,
        appends: &[Append],
        waiting: Vec<Waiting>,
        outcomes: &[Outcome],
        ctx: &mut Context<Self>,
    ) {
        let mut told = Vec::new();
        let mut replies = Vec::with_capacity(waiting.len());
        let mut recorded = Vec::new();
        for ((append, waiting), outcome) in appends.iter().zip(waiting).zip(outcomes) {
            if let Outcome::Done { first } = *outcome {
                recorded.extend(waiting.span.trace());
                let last = Seq(first.0 + waiting.drafts.len().saturating_sub(1) as u64);
                let numbered = waiting.drafts.into_iter().zip((first.0..).map(Seq));
                told.extend(numbered.map(|(draft, seq)| draft.stamp(seq, last, append.at)));
            }
            replies.push((waiting.reply, *outcome));
        }
        let to_tell = (!told.is_empty() && !self.shared.bus.is_alone()).then(|| told.clone());
        self.deliver(told, &recorded, ctx);
        let spans = self.begin(&recorded, "bus.publish", Kind::Producer);
        if let Some(told) = to_tell {
            let traces = spans.iter().filter_map(Open::trace).collect();
            self.publish(Hint::Events { events: told.into(), traces });
        }
        drop(spans);
        for (reply, outcome) in replies {
            // Whoever asked may be gone; the effect stands.
            let _ = reply.send(Ok(outcome));
        }
    }

    /// Takes in what another node has committed, as a part of the traces that it is of there.
    pub(super) fn hear(&mut self, events: &[Told], traces: &[Trace], ctx: &mut Context<Self>) {
        let spans = self.begin(traces, "bus.receive", Kind::Consumer);
        let new = events.iter().filter(|event| event.seq > self.hub.last());
        let new: Vec<Told> = new.cloned().collect();
        // What was fetched before it was told is not delivered by this.
        let delivered = spans.iter().filter(|_| !new.is_empty()).filter_map(Open::trace);
        let delivered: Vec<Trace> = delivered.collect();
        self.deliver(new, &delivered, ctx);
    }

    /// Gives events to those who look, as a part of these traces.
    fn deliver(&mut self, told: Vec<Told>, traces: &[Trace], ctx: &mut Context<Self>) {
        let spans = self.begin(traces, "hub.deliver", Kind::Internal);
        self.ingest(told, ctx);
        drop(spans);
    }

    /// Begins the same part in several traces.
    fn begin(&self, recorded: &[Trace], name: &str, kind: Kind) -> Vec<Open> {
        let begin = |trace: &Trace| {
            let mut span = self.shared.tracer.part(name, kind, Some(*trace));
            span.say("seq", self.hub.last().to_string());
            span
        };
        recorded.iter().map(begin).collect()
    }

    /// A connection that broke may have committed or not: the hub looks, and whoever asked asks
    /// again under the same `ref`. A batch that Postgres refused is tried one by one.
    fn failed(
        &mut self,
        appends: Vec<Append>,
        waiting: Vec<Waiting>,
        error: switchboard_store::Error,
        ctx: &mut Context<Self>,
    ) {
        if !error.is_unavailable() && appends.len() > 1 {
            tracing::error!(workspace.id = %self.id, %error, "a batch was refused; trying one by one");
            self.journal.retry_alone(appends.into_iter().zip(waiting).collect());
            return;
        }
        let rejection = Rejection::from(error);
        for waiting in waiting {
            let _ = waiting.reply.send(Err(rejection.clone()));
        }
        self.fetch(ctx);
    }
}
