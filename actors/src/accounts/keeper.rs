//! Keeps the accounts of this node: takes its share of those that nobody holds, renews its hold,
//! gives up what exceeds its share when nodes join, gives back what it has lost or when it leaves,
//! and wakes those that have something to do.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::prelude::*;
use switchboard_domain::{AccountId, WorkspaceId};
use switchboard_store::lease::{self, Held};
use switchboard_store::node;
use tokio::sync::Mutex;

use super::actor::{Account, Noticed, Retire};
use super::share;
use crate::Shared;
use crate::bus::{Hint, Notice};

/// How often a hold is renewed while it lasts: one attempt may fail, and the next be late.
const RENEWALS: u32 = 3;
/// How often accounts that have something to do are looked for: notices may be lost.
const LOOK: Duration = Duration::from_secs(1);
/// How often it is looked whether an account that was told to retire has.
const LEAVE_STEP: Duration = Duration::from_millis(25);
/// How long a leaving node waits for the calls under way.
const LEAVE_WITHIN: Duration = Duration::from_secs(5);
/// How long those of an account that is given up may take: as long as the longest call.
const GIVE_UP_WITHIN: Duration = Duration::from_secs(150);
/// Accounts that are being given up at once.
const GIVING_UP_MAX: usize = 32;

type Key = (WorkspaceId, AccountId);

/// An account may be free: look for it now.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Claim;

/// Gives everything back. Answered when that is done.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Leave;

pub struct Keeper {
    shared: Arc<Shared>,
    /// Whether holds are being renewed, and whether to look again after that.
    busy: bool,
    again: bool,
    looking: bool,
    leaving: bool,
    /// A renewal under way must not take back what leaving gives away.
    turn: Arc<Mutex<()>>,
    kept: HashMap<Key, (u64, Addr<Account>)>,
    /// Held still, but about to be let go of.
    giving_up: HashSet<Key>,
}

/// What this node holds, and among how many all is shared.
struct Renewed {
    held: Vec<Held>,
    shares: node::Shares,
    /// Whether there may be more to take at once.
    more: bool,
}

async fn renew(shared: &Shared) -> switchboard_store::Result<Renewed> {
    let asked = Instant::now();
    let seconds = shared.accounts.platforms.lease_seconds;
    let mut held = lease::renew(&shared.store, shared.node, seconds).await?;
    shared.accounts.hold.renewed(asked, &held);
    let shares = node::note(&shared.store, shared.node, seconds).await?;
    let room = share::room(shares, held.len()).min(lease::CLAIM_MAX);
    let mut more = false;
    if room > 0 {
        let asked = Instant::now();
        let claimed = lease::claim(&shared.store, shared.node, seconds, room).await?;
        more = claimed.len() == lease::CLAIM_MAX;
        metrics::counter!("switchboard_leases_taken_total").increment(claimed.len() as u64);
        shared.accounts.hold.renewed(asked, &claimed);
        held.extend(claimed);
    }
    Ok(Renewed { held, shares, more })
}

impl Keeper {
    pub fn new(shared: Arc<Shared>) -> Keeper {
        Keeper {
            shared,
            busy: false,
            again: false,
            looking: false,
            leaving: false,
            turn: Arc::default(),
            kept: HashMap::new(),
            giving_up: HashSet::new(),
        }
    }

    fn renew(&mut self, ctx: &mut Context<Self>) {
        if self.leaving || std::mem::replace(&mut self.busy, true) {
            self.again = true;
            return;
        }
        let (shared, turn) = (self.shared.clone(), self.turn.clone());
        let renewed = async move {
            let _turn = turn.lock().await;
            renew(&shared).await
        };
        ctx.spawn(renewed.into_actor(self).map(|renewed, keeper, ctx| {
            keeper.busy = false;
            match renewed {
                Ok(renewed) => {
                    keeper.keep(&renewed.held);
                    keeper.even_out(renewed.shares, ctx);
                    keeper.again |= renewed.more;
                }
                // What is held stays held unless another node takes it; its number fences us off.
                Err(error) => tracing::warn!(%error, "holds on accounts were not renewed"),
            }
            if std::mem::take(&mut keeper.again) {
                keeper.renew(ctx);
            }
        }));
    }

    /// Starts what is new and lets go of what is lost.
    fn keep(&mut self, held: &[Held]) {
        if self.leaving {
            return;
        }
        let shared = self.shared.clone();
        let epochs: HashMap<Key, u64> =
            held.iter().map(|one| ((one.workspace, one.account), one.epoch)).collect();
        self.kept.retain(|key, (epoch, actor)| {
            let still = epochs.get(key) == Some(epoch) && actor.connected();
            if !still {
                actor.do_send(Retire);
                shared.accounts.forget(*key);
            }
            still
        });
        for (key, epoch) in epochs {
            if self.kept.contains_key(&key) || self.giving_up.contains(&key) {
                continue;
            }
            let account = Account::new(self.shared.clone(), key.0, key.1, epoch);
            let home = self.shared.directory.arbiter(key.0);
            let actor = Account::start_in_arbiter(home, move |_| account);
            self.shared.accounts.note(key, actor.clone());
            self.kept.insert(key, (epoch, actor));
        }
        metrics::gauge!("switchboard_leases_held").set(self.kept.len() as f64);
    }

    /// Gives up what exceeds this node's share, each account when its calls are done.
    fn even_out(&mut self, shares: node::Shares, ctx: &mut Context<Self>) {
        metrics::gauge!("switchboard_nodes_alive").set(shares.nodes as f64);
        if self.leaving {
            return;
        }
        let excess = share::excess(shares, self.kept.len());
        let free = GIVING_UP_MAX.saturating_sub(self.giving_up.len());
        let chosen: Vec<Key> = self.kept.keys().take(excess.min(free)).copied().collect();
        for key in chosen {
            self.give_up(key, ctx);
        }
    }

    fn give_up(&mut self, key: Key, ctx: &mut Context<Self>) {
        let Some((epoch, actor)) = self.kept.remove(&key) else { return };
        self.giving_up.insert(key);
        self.shared.accounts.forget(key);
        actor.do_send(Retire);
        let shared = self.shared.clone();
        let given_up = async move {
            if !retired(std::slice::from_ref(&actor), GIVE_UP_WITHIN).await {
                tracing::warn!(account.id = %key.1, "an account's calls take too long to let go of it");
            }
            shared.accounts.hold.ended(key.1, epoch);
            lease::release_one(&shared.store, shared.node, key.0, key.1, epoch).await
        };
        ctx.spawn(given_up.into_actor(self).map(move |released, keeper, _| {
            keeper.giving_up.remove(&key);
            match released {
                Ok(()) => {
                    metrics::counter!("switchboard_leases_given_up_total").increment(1);
                    keeper.shared.tell_nodes(Hint::Free);
                }
                // Held still: it is taken up again at the next renewal.
                Err(error) => tracing::debug!(%error, "an account was not given up"),
            }
        }));
    }

    fn look(&mut self, ctx: &mut Context<Self>) {
        if self.leaving || self.kept.is_empty() || std::mem::replace(&mut self.looking, true) {
            return;
        }
        let shared = self.shared.clone();
        let busy = async move { lease::busy(&shared.store, shared.node).await };
        ctx.spawn(busy.into_actor(self).map(|busy, keeper, _| {
            keeper.looking = false;
            for key in busy.unwrap_or_default() {
                if let Some((_, actor)) = keeper.kept.get(&key) {
                    let _ = actor.try_send(Noticed(Notice::Wake));
                }
            }
        }));
    }
}

/// Waits until actors have retired. Whether they have.
async fn retired(actors: &[Addr<Account>], within: Duration) -> bool {
    let stopped = async {
        while actors.iter().any(Addr::connected) {
            tokio::time::sleep(LEAVE_STEP).await;
        }
    };
    tokio::time::timeout(within, stopped).await.is_ok()
}

/// Nothing of this node's is held any more, and others may take it at once.
async fn let_go(shared: &Shared) -> switchboard_store::Result<()> {
    shared.accounts.hold.all_ended();
    lease::release(&shared.store, shared.node).await?;
    node::forget(&shared.store, shared.node).await?;
    shared.tell_nodes(Hint::Free);
    Ok(())
}

impl Actor for Keeper {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.renew(ctx);
        let seconds = self.shared.accounts.platforms.lease_seconds;
        let renew = Duration::from_secs(seconds.into()) / RENEWALS;
        ctx.run_interval(renew, |keeper, ctx| keeper.renew(ctx));
        ctx.run_interval(LOOK, |keeper, ctx| keeper.look(ctx));
    }
}

impl Handler<Claim> for Keeper {
    type Result = ();

    fn handle(&mut self, _: Claim, ctx: &mut Self::Context) {
        self.renew(ctx);
    }
}

impl Handler<Leave> for Keeper {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: Leave, _: &mut Self::Context) -> Self::Result {
        self.leaving = true;
        let actors: Vec<Addr<Account>> = self.kept.drain().map(|(_, (_, actor))| actor).collect();
        let (shared, turn) = (self.shared.clone(), self.turn.clone());
        Box::pin(async move {
            for actor in &actors {
                actor.do_send(Retire);
            }
            retired(&actors, LEAVE_WITHIN).await;
            let _turn = turn.lock().await;
            if let Err(error) = let_go(&shared).await {
                // They are free again when the hold runs out.
                tracing::debug!(%error, "accounts were not given back");
            }
        })
    }
}
