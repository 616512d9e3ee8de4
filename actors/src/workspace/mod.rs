//! One workspace on this node: its journal, its hub and who is there.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::prelude::*;
use switchboard_domain::trace::Trace;
use switchboard_domain::{ContactId, Seq, SessionId, WorkspaceId};
use switchboard_store::event::{self, Position};
use switchboard_store::journal::Append;
use switchboard_wire::BEAT_SECONDS;
use switchboard_wire::agent::AgentFrame;

use crate::Shared;
use crate::bus::{Heard, Hint, Topic};
use crate::clock;
use crate::queue::FrameQueue;
use crate::replay::{self, Told};

mod commit;
mod elsewhere;
pub mod hub;
mod join;
pub mod journal;
mod presence;

use elsewhere::Elsewhere;
pub use hub::Audience;
use hub::{Hub, encode};
use journal::{Draft, Journal, Reply};
pub use presence::{CloseSessions, SetPresence, TellTyping, Watch, WhoIsThere};

/// A workspace without sessions and appends retires after this long.
const IDLE: Duration = Duration::from_secs(60);
/// A person who reloads a page was never away.
const LINGER: Duration = Duration::from_secs(3);
/// What was missed while the bus was away is looked for within this long.
const LOOK_WITHIN: Duration = Duration::from_secs(1);
/// The most events fetched at once.
const FETCH: u32 = 500;
/// How long sockets get to read a full page of them before the next is fetched.
const BETWEEN_PAGES: Duration = Duration::from_millis(25);
/// Messages that wait in the mailbox beyond this make `try_send` fail.
const MAILBOX: usize = 16_384;

/// Commits an append and tells its events. Answered after it is durable.
#[derive(Message)]
#[rtype(result = "Reply")]
pub struct Commit {
    pub append: Append,
    pub drafts: Vec<Draft>,
    /// What it is part of.
    pub trace: Option<Trace>,
}

/// Events up to here were committed by someone else.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Poke(pub Seq);

/// A session wants in. It is welcomed through its queue.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Join {
    pub session: SessionId,
    pub audience: Audience,
    pub queue: Arc<FrameQueue>,
    /// The epoch and position of an earlier welcome.
    pub resume: Option<(String, Seq)>,
}

/// A session has ended, whatever ended it.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Leave(pub SessionId);

pub struct Workspace {
    id: WorkspaceId,
    shared: Arc<Shared>,
    epoch: String,
    /// Events after this one can be resumed from.
    first: Seq,
    hub: Hub,
    journal: Journal,
    /// Whether a fetch for the hub is under way, and whether another is wanted after it.
    fetching: bool,
    fetch_again: bool,
    team_online: bool,
    /// Who is there at other nodes.
    elsewhere: Elsewhere,
    /// Whether other nodes were asked for that.
    asked: bool,
    /// Which part of the visitors other nodes are told of next, where they are many.
    turn: u32,
    began: Instant,
    quiet_since: Option<Instant>,
    /// What of the figure of waiting bytes is ours.
    waiting_bytes: usize,
}

impl Workspace {
    pub fn new(id: WorkspaceId, shared: Arc<Shared>, position: Position) -> Workspace {
        Workspace {
            id,
            shared,
            epoch: position.epoch,
            first: position.first,
            hub: Hub::new(position.last),
            journal: Journal::default(),
            fetching: false,
            fetch_again: false,
            team_online: false,
            elsewhere: Elsewhere::default(),
            asked: false,
            turn: 0,
            began: Instant::now(),
            quiet_since: None,
            waiting_bytes: 0,
        }
    }

    fn publish(&self, hint: Hint) {
        self.shared.bus.publish(self.shared.node, Topic::Workspace(self.id), hint);
    }

    fn ingest(&mut self, told: Vec<Told>, ctx: &mut Context<Self>) {
        if told
            .iter()
            .any(|event| matches!(event.agents, switchboard_wire::agent::AgentEvent::Member { .. }))
        {
            self.shared.names.forget(self.id);
        }
        let (cut, gap) = self.hub.ingest(told);
        for session in cut {
            self.leave(session, ctx);
        }
        if gap {
            metrics::counter!("switchboard_hub_gaps_total").increment(1);
            self.fetch(ctx);
        }
    }

    /// Fetches what comes after the hub's position until nothing does.
    fn fetch(&mut self, ctx: &mut Context<Self>) {
        if self.fetching {
            self.fetch_again = true;
            return;
        }
        self.fetching = true;
        self.fetch_again = false;
        metrics::counter!("switchboard_hub_fetches_total").increment(1);
        let (shared, id, after) = (self.shared.clone(), self.id, self.hub.last());
        let fetched = async move {
            let now = clock::now();
            let (store, links) = (&shared.store, &shared.links);
            replay::since(store, links, &shared.names, now, id, after, FETCH).await
        };
        ctx.spawn(fetched.into_actor(self).map(move |result, actor, ctx| {
            actor.fetching = false;
            match result {
                Ok(told) => {
                    let full = told.len() == FETCH as usize;
                    actor.ingest(told, ctx);
                    if full {
                        // Sockets need a moment for what they were just given.
                        ctx.run_later(BETWEEN_PAGES, |actor, ctx| actor.fetch(ctx));
                    } else if std::mem::take(&mut actor.fetch_again) {
                        actor.fetch(ctx);
                    }
                }
                // The next beat looks again.
                Err(error) => {
                    tracing::warn!(workspace.id = %actor.id, %error, "missed events could not be fetched");
                }
            }
        }));
    }

    /// States the position, looks for a lost tail and retires when there is nothing to do.
    fn beat(&mut self, ctx: &mut Context<Self>) {
        self.expire_elsewhere();
        let frame = encode(&AgentFrame::Beat { seq: self.hub.last() });
        for session in self.hub.beat(&frame) {
            self.leave(session, ctx);
        }
        self.tell_waiting(self.hub.waiting_bytes());
        if self.hub.is_empty() && self.journal.is_idle() {
            let since = *self.quiet_since.get_or_insert_with(Instant::now);
            if since.elapsed() >= IDLE {
                self.shared.directory.retire_workspace(self.id, &ctx.address());
                ctx.stop();
            }
            return;
        }
        self.quiet_since = None;
        self.state_presence();
        self.look(ctx);
    }

    /// Looks whether Postgres is ahead.
    fn look(&mut self, ctx: &mut Context<Self>) {
        let (shared, id) = (self.shared.clone(), self.id);
        let look = async move {
            let tx = shared.store.readers.begin(id).await?;
            event::position(&tx, id).await
        };
        ctx.spawn(look.into_actor(self).map(|found, actor, ctx| {
            if let Ok(Some(position)) = found {
                actor.first = position.first;
                if position.last > actor.hub.last() {
                    actor.fetch(ctx);
                }
            }
        }));
    }

    /// Brings the figure of what sockets have not taken up to date.
    fn tell_waiting(&mut self, bytes: usize) {
        let before = std::mem::replace(&mut self.waiting_bytes, bytes);
        metrics::gauge!("switchboard_sessions_waiting_bytes")
            .increment(bytes as f64 - before as f64);
    }

    fn leave(&mut self, session: SessionId, ctx: &mut Context<Self>) {
        let Some((audience, watched)) = self.hub.leave(session) else { return };
        metrics::gauge!("switchboard_sessions", "kind" => audience.kind()).decrement(1.0);
        if let Some(conversation) = watched {
            self.tell_viewers(conversation);
        }
        ctx.run_later(LINGER, move |actor, _| actor.tell_presence(audience));
        if let Audience::Visitor(contact) = audience
            && !self.hub.is_visitor_online(contact)
        {
            let (shared, id) = (self.shared.clone(), self.id);
            actix::spawn(async move { seen(&shared, id, contact).await });
        }
    }
}

/// Notes when a visitor was last there. Losing it costs nothing but that.
async fn seen(shared: &Shared, workspace: WorkspaceId, contact: ContactId) {
    let noted = async {
        let tx = shared.store.readers.begin(workspace).await?;
        switchboard_store::contact::seen(&tx, workspace, contact, clock::now()).await?;
        tx.commit().await
    };
    if let Err(error) = noted.await {
        tracing::debug!(%error, "a visitor's last visit was not noted");
    }
}

impl Actor for Workspace {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        let topic = Topic::Workspace(self.id);
        self.shared.bus.subscribe(self.shared.node, topic, ctx.address().recipient());
        ctx.run_interval(Duration::from_secs(BEAT_SECONDS), |actor, ctx| actor.beat(ctx));
        metrics::gauge!("switchboard_workspaces_active").increment(1.0);
    }

    fn stopped(&mut self, ctx: &mut Self::Context) {
        let me = ctx.address().recipient();
        self.shared.bus.unsubscribe(self.shared.node, Topic::Workspace(self.id), &me);
        self.tell_waiting(0);
        metrics::gauge!("switchboard_workspaces_active").decrement(1.0);
    }
}

impl Handler<Poke> for Workspace {
    type Result = ();

    fn handle(&mut self, Poke(seq): Poke, ctx: &mut Self::Context) {
        if seq > self.hub.last() {
            self.fetch(ctx);
        }
        self.publish(Hint::Position(seq));
    }
}

impl Handler<Heard> for Workspace {
    type Result = ();

    fn handle(&mut self, Heard { from, hint }: Heard, ctx: &mut Self::Context) {
        match hint {
            Hint::Position(seq) if seq > self.hub.last() => self.fetch(ctx),
            Hint::Position(_) => {}
            Hint::Events { events, traces } => self.hear(&events, &traces, ctx),
            Hint::Gap if !std::mem::replace(&mut self.asked, true) => {
                self.look(ctx);
                self.publish(Hint::WhoIsThere);
                self.state_presence();
            }
            Hint::Gap => {
                // All workspaces are told at once; Postgres is not to be asked by all at once.
                ctx.run_later(LOOK_WITHIN.mul_f64(clock::chance()), |actor, ctx| actor.look(ctx));
                self.state_presence();
            }
            fleeting => self.hear_fleeting(from, fleeting),
        }
    }
}

impl Handler<Leave> for Workspace {
    type Result = ();

    fn handle(&mut self, Leave(session): Leave, ctx: &mut Self::Context) {
        self.leave(session, ctx);
    }
}
