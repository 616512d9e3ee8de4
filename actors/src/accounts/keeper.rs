//! Keeps the accounts of this node: takes those that nobody holds, renews its hold, gives back
//! what it has lost or when it leaves, and wakes those that have something to do.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use switchboard_domain::{AccountId, WorkspaceId};
use switchboard_store::lease::{self, Held};

use super::actor::{Account, Noticed, Retire};
use crate::Shared;
use crate::bus::Notice;

/// How often a hold is renewed while it lasts: one attempt may fail, and the next be late.
const RENEWALS: u32 = 3;
/// How often accounts that have something to do are looked for: notices may be lost, and other
/// nodes give none.
const LOOK: Duration = Duration::from_secs(1);
/// How long a leaving node waits for the calls under way.
const LEAVE_STEP: Duration = Duration::from_millis(25);
const LEAVE_STEPS_MAX: u32 = 200;

/// An account was connected: look for it now.
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
    kept: HashMap<(WorkspaceId, AccountId), (u64, Addr<Account>)>,
}

impl Keeper {
    pub fn new(shared: Arc<Shared>) -> Keeper {
        Keeper {
            shared,
            busy: false,
            again: false,
            looking: false,
            leaving: false,
            kept: HashMap::new(),
        }
    }

    fn renew(&mut self, ctx: &mut Context<Self>) {
        if self.leaving || std::mem::replace(&mut self.busy, true) {
            self.again = true;
            return;
        }
        let shared = self.shared.clone();
        let seconds = shared.accounts.platforms.lease_seconds;
        let held = async move {
            let mut held = lease::renew(&shared.store, shared.node, seconds).await?;
            held.extend(lease::claim(&shared.store, shared.node, seconds).await?);
            Ok::<Vec<Held>, switchboard_store::Error>(held)
        };
        ctx.spawn(held.into_actor(self).map(|held, keeper, ctx| {
            keeper.busy = false;
            match held {
                Ok(held) => keeper.keep(&held),
                // What is held stays held unless another node takes it; its number fences us off.
                Err(error) => tracing::debug!(%error, "holds on accounts were not renewed"),
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
        self.kept.retain(|key, (epoch, actor)| {
            let still = held.iter().any(|one| {
                (one.workspace, one.account) == *key && one.epoch == *epoch && actor.connected()
            });
            if !still {
                actor.do_send(Retire);
                shared.accounts.forget(*key);
            }
            still
        });
        for one in held {
            let key = (one.workspace, one.account);
            if self.kept.contains_key(&key) {
                continue;
            }
            let account = Account::new(self.shared.clone(), one.workspace, one.account, one.epoch);
            let home = self.shared.directory.arbiter(one.workspace);
            let actor = Account::start_in_arbiter(home, move |_| account);
            self.shared.accounts.note(key, actor.clone());
            self.kept.insert(key, (one.epoch, actor));
        }
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
        let shared = self.shared.clone();
        Box::pin(async move {
            for actor in &actors {
                actor.do_send(Retire);
            }
            for _ in 0..LEAVE_STEPS_MAX {
                if actors.iter().all(|actor| !actor.connected()) {
                    break;
                }
                tokio::time::sleep(LEAVE_STEP).await;
            }
            if let Err(error) = lease::release(&shared.store, shared.node).await {
                // They are free again when the hold runs out.
                tracing::debug!(%error, "accounts were not given back");
            }
        })
    }
}
