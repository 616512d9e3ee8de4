//! One connected account: sends what waits for it, in turn, and sees to everything else that
//! concerns it. On one node at a time.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use jiff::Timestamp;
use switchboard_domain::{AccountId, AccountKind, AccountStatus, Seq, Venue, WorkspaceId};
use switchboard_store::send::{self, State};

use super::chores;
use super::pace::{Bucket, Circuit, Passage, Rate};
use super::polling;
use super::queue::{Item, Queue};
use super::sending::{self, Ready};
use super::settling::{self, Next, Standing};
use super::speaking::Speaking;
use crate::bus::Topic;
use crate::{Shared, clock};

mod notices;
mod tending;

pub use notices::{Noticed, Retire};

/// Rows of which the actor knows at once; more wait in Postgres.
const KNOWN_MAX: usize = 20_000;
/// Rows read at once.
const PAGE: u32 = 1_000;
/// How often what may have been sent is looked for.
const LOOK: Duration = Duration::from_secs(1);
/// How long the next message of a conversation waits for a receipt of the one before it, where
/// the platform keeps the order only so.
const RECEIPT_WITHIN: Duration = Duration::from_secs(5);
/// How often it is looked whether a chore is due.
const CHORES: Duration = Duration::from_secs(60);
/// Notices that wait beyond this are lost; the rows they tell of are found without them.
const MAILBOX: usize = 256;

pub struct Account {
    shared: Arc<Shared>,
    workspace: WorkspaceId,
    id: AccountId,
    epoch: u64,
    /// `None` until it is loaded.
    it: Option<Arc<Speaking>>,
    loading: bool,
    load_again: bool,
    queue: Queue,
    /// Up to where rows were read, and whether more are being read.
    read_to: (Seq, u16),
    reading: bool,
    read_again: bool,
    calls: u32,
    bucket: Bucket,
    circuit: Circuit,
    held_until: Option<Timestamp>,
    alarm: Option<(Timestamp, SpawnHandle)>,
    fetches: u32,
    chores: chores::Diary,
    retiring: bool,
}

impl Account {
    pub fn new(shared: Arc<Shared>, workspace: WorkspaceId, id: AccountId, epoch: u64) -> Account {
        Account {
            shared,
            workspace,
            id,
            epoch,
            it: None,
            loading: false,
            load_again: false,
            queue: Queue::default(),
            read_to: (Seq(0), 0),
            reading: false,
            read_again: false,
            calls: 0,
            bucket: Bucket::default(),
            circuit: Circuit::default(),
            held_until: None,
            alarm: None,
            fetches: 0,
            chores: chores::Diary::default(),
            retiring: false,
        }
    }

    /// The account, when it is loaded and may work.
    fn working(&self) -> Option<Arc<Speaking>> {
        let it = self.it.as_ref().filter(|it| it.row.status == AccountStatus::Active)?;
        (!self.retiring).then(|| it.clone())
    }

    fn load(&mut self, ctx: &mut Context<Self>) {
        if std::mem::replace(&mut self.loading, true) {
            self.load_again = true;
            return;
        }
        let (shared, workspace, id, epoch) =
            (self.shared.clone(), self.workspace, self.id, self.epoch);
        let load = async move { Speaking::load(&shared, workspace, id, epoch).await };
        ctx.spawn(load.into_actor(self).map(|loaded, actor, ctx| {
            actor.loading = false;
            if std::mem::take(&mut actor.load_again) {
                return actor.load(ctx);
            }
            match loaded {
                Ok(Some(it)) => {
                    actor.it = Some(Arc::new(it));
                    actor.look_around(ctx);
                }
                Ok(None) => ctx.stop(),
                Err(error) => {
                    tracing::warn!(account.id = %actor.id, %error, "an account was not loaded");
                    ctx.run_later(LOOK, |actor, ctx| actor.load(ctx));
                }
            }
        }));
    }

    fn look_around(&mut self, ctx: &mut Context<Self>) {
        self.read(ctx);
        self.fetch(ctx);
        self.do_chores(ctx);
    }

    /// Reads the rows that have come since.
    fn read(&mut self, ctx: &mut Context<Self>) {
        let Some(it) = self.working() else { return };
        if self.reading {
            self.read_again = true;
            return;
        }
        if self.queue.len() >= KNOWN_MAX {
            return self.pump(ctx);
        }
        self.reading = true;
        self.read_again = false;
        let after = self.read_to;
        let read = async move {
            let tx = it.shared.store.readers.begin(it.workspace).await?;
            send::after(&tx, it.workspace, it.id, after, PAGE).await
        };
        ctx.spawn(read.into_actor(self).map(|rows, actor, ctx| {
            actor.reading = false;
            match rows {
                Ok(rows) => {
                    let full = rows.len() == PAGE as usize;
                    actor.take(rows);
                    if full || actor.read_again {
                        actor.read(ctx);
                    }
                }
                Err(error) => tracing::debug!(%error, "what is to be sent could not be read"),
            }
            actor.pump(ctx);
        }));
    }

    fn take(&mut self, rows: Vec<send::Waiting>) {
        let Some(it) = &self.it else { return };
        let now = clock::now();
        let grace = now + it.shared.accounts.platforms.uncertain_grace;
        for row in rows {
            self.read_to = (row.seq, row.part);
            let limits = it.platform.limits(row.venue);
            let rate = match limits.refill_ms {
                0 => Rate::per_second(limits.per_second),
                ms => Rate { burst: limits.burst.max(1), cost: Duration::from_millis(ms.into()) },
            };
            // Whoever began it is gone, and with it what the platform answered.
            let (due_at, uncertain) = match row.state {
                State::Waiting => (row.due_at, false),
                State::Sending { .. } => (grace, true),
                State::Uncertain => (row.due_at, true),
            };
            let item = Item {
                id: row.id,
                conversation: row.conversation,
                seq: row.seq,
                part: row.part,
                due_at,
                uncertain,
                awaits_receipt: limits.awaits_receipt,
                rate,
            };
            self.queue.push(item, now);
        }
    }

    /// Begins as many calls as may be under way.
    fn pump(&mut self, ctx: &mut Context<Self>) {
        let Some(it) = self.working() else { return };
        let now = clock::now();
        let limits = it.platform.limits(venue(it.row.kind));
        let rate = Rate::per_second(limits.per_second);
        let mut batch = Vec::new();
        let mut wake_at = None;
        while self.calls < limits.concurrent.max(1) {
            if let Some(until) = self.waits(rate, now) {
                wake_at = until;
                break;
            }
            let probe = self.circuit.passage(now) == Passage::Probe;
            let Some(item) = self.queue.next(now) else {
                wake_at = self.queue.next_due();
                break;
            };
            self.calls += 1;
            if item.uncertain {
                self.give_up(&it, item, ctx);
                continue;
            }
            self.bucket.take(rate, now);
            batch.push(item);
            if probe {
                self.circuit.begin_probe();
            }
        }
        if !batch.is_empty() {
            self.begin(it, batch, ctx);
        }
        if let Some(at) = wake_at {
            self.wake_at(at, now, ctx);
        }
    }

    /// Whether nothing may be sent now, and until when as far as that is known.
    fn waits(&self, rate: Rate, now: Timestamp) -> Option<Option<Timestamp>> {
        if let Some(until) = self.held_until.filter(|until| *until > now) {
            return Some(Some(until));
        }
        if let Passage::Closed(until) = self.circuit.passage(now) {
            return Some(until);
        }
        self.bucket.ready_at(rate, now).map(Some)
    }

    fn wake_at(&mut self, at: Timestamp, now: Timestamp, ctx: &mut Context<Self>) {
        if let Some((set, handle)) = self.alarm.take() {
            if set > now && set <= at {
                self.alarm = Some((set, handle));
                return;
            }
            ctx.cancel_future(handle);
        }
        let wait = at.duration_since(now).try_into().unwrap_or(Duration::ZERO);
        let handle = ctx.run_later(wait, |actor, ctx| {
            actor.alarm = None;
            actor.pump(ctx);
        });
        self.alarm = Some((at, handle));
    }

    fn begin(&mut self, it: Arc<Speaking>, items: Vec<Item>, ctx: &mut Context<Self>) {
        let begin = async move {
            let begun = sending::begin(&it, &items).await;
            (it, items, begun)
        };
        ctx.spawn(begin.into_actor(self).map(|(it, items, begun), actor, ctx| match begun {
            Ok(Some(ready)) => actor.send(&it, &items, ready, ctx),
            Ok(None) => actor.lost(ctx),
            // One that cannot be read must not keep the others from being sent.
            Err(error) if items.len() > 1 && !error.is_unavailable() => {
                for item in items {
                    actor.begin(it.clone(), vec![item], ctx);
                }
            }
            Err(error) => {
                tracing::warn!(account.id = %actor.id, %error, "calls could not be begun");
                actor.circuit.unmade();
                for item in items {
                    let again = Next::Again { at: clock::now() + LOOK, uncertain: false };
                    actor.ended(item, again, None, ctx);
                }
            }
        }));
    }

    fn send(
        &mut self,
        it: &Arc<Speaking>,
        items: &[Item],
        ready: Vec<Ready>,
        ctx: &mut Context<Self>,
    ) {
        let mut gone = items.to_vec();
        for ready in ready {
            let Some(position) = gone.iter().position(|item| item.id == ready.id()) else {
                continue;
            };
            let item = gone.swap_remove(position);
            let sent = sending::send(it.clone(), ready);
            ctx.spawn(sent.into_actor(self).map(move |(next, standing), actor, ctx| {
                actor.ended(item, next, Some(standing), ctx);
            }));
        }
        if !gone.is_empty() {
            self.circuit.unmade();
        }
        for item in gone {
            self.ended(item, Next::Done, None, ctx);
        }
    }

    fn give_up(&mut self, it: &Arc<Speaking>, item: Item, ctx: &mut Context<Self>) {
        let given_up = settling::give_up(it.clone(), item);
        ctx.spawn(given_up.into_actor(self).map(move |next, actor, ctx| {
            actor.ended(item, next, None, ctx);
        }));
    }

    /// A call has ended: puts its row where it belongs, and goes on.
    fn ended(
        &mut self,
        item: Item,
        next: Next,
        standing: Option<Standing>,
        ctx: &mut Context<Self>,
    ) {
        let now = clock::now();
        self.calls -= 1;
        match next {
            Next::Sent if item.awaits_receipt => {
                self.queue.hold(item.conversation, now + RECEIPT_WITHIN, now);
                self.queue.done(item.conversation, item.id, now);
            }
            Next::Sent | Next::Done => self.queue.done(item.conversation, item.id, now),
            Next::Again { at, uncertain } => {
                self.queue.again(item.conversation, item.id, at, uncertain, now);
            }
            Next::Lost => return self.lost(ctx),
        }
        match standing {
            Some(Standing::Fine) => self.circuit.answered(),
            Some(Standing::Failing { until }) => {
                self.circuit.failed(now, clock::chance());
                self.held_until = self.held_until.max(Some(until));
            }
            Some(Standing::Stopped) => {
                self.circuit.answered();
                self.load(ctx);
            }
            None => {}
        }
        if self.retiring && self.calls == 0 {
            return ctx.stop();
        }
        self.pump(ctx);
    }

    fn lost(&mut self, ctx: &mut Context<Self>) {
        tracing::info!(account.id = %self.id, "an account is another node's by now");
        ctx.stop();
    }
}

impl Actor for Account {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        metrics::gauge!("switchboard_accounts_active").increment(1.0);
        let topic = Topic::Account(self.workspace, self.id);
        self.shared.bus.subscribe(self.shared.node, topic, ctx.address().recipient());
        self.load(ctx);
        ctx.run_interval(LOOK, |actor, ctx| actor.look_for_signs(ctx));
        ctx.run_interval(CHORES, |actor, ctx| {
            actor.queue.tidy(clock::now());
            // Somebody at another node may have changed it without our having heard.
            actor.load(ctx);
        });
        let poll = polling::poll(self.shared.clone(), self.workspace, self.id, self.epoch);
        ctx.spawn(poll.into_actor(self));
    }

    fn stopped(&mut self, ctx: &mut Self::Context) {
        let topic = Topic::Account(self.workspace, self.id);
        let me = ctx.address().recipient();
        self.shared.bus.unsubscribe(self.shared.node, topic, &me);
        metrics::gauge!("switchboard_accounts_active").decrement(1.0);
    }
}

/// Where most of an account's messages are exchanged: its limits are the account's.
fn venue(kind: AccountKind) -> Venue {
    match kind {
        AccountKind::WhatsappNumber => Venue::Whatsapp,
        AccountKind::FacebookPage => Venue::Messenger,
        AccountKind::InstagramLogin | AccountKind::InstagramPage => Venue::Instagram,
        AccountKind::TelegramBot => Venue::TelegramBot,
    }
}
