//! What every node tells every other: whose login has ended, what is not so any more, that accounts
//! are free.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix::prelude::*;

use crate::Shared;
use crate::bus::{Forget, Heard, Hint, Topic};

/// How often it is looked whether the logins of open sockets still stand, should nobody have told.
const CHECK: Duration = Duration::from_secs(20);

/// Lets go of what is kept at hand.
pub type OnForget = Box<dyn Fn(Forget) + Send + Sync>;

/// Who forgets, beside the actors: the edges keep things at hand as well.
#[derive(Default)]
pub struct Forgetting(OnceLock<OnForget>);

impl Forgetting {
    /// Only the first counts.
    pub fn set(&self, forget: OnForget) {
        let _ = self.0.set(forget);
    }

    pub fn forget(&self, what: Forget) {
        if let Some(forget) = self.0.get() {
            forget(what);
        }
    }
}

/// Listens to what is for every node.
pub struct Nodes {
    shared: Arc<Shared>,
}

impl Nodes {
    pub fn new(shared: Arc<Shared>) -> Nodes {
        Nodes { shared }
    }
}

impl Nodes {
    fn check_logins(&mut self, ctx: &mut Context<Self>) {
        let shared = self.shared.clone();
        let checked = async move {
            if let Err(error) = shared.signed_in.check(&shared.store).await {
                tracing::debug!(%error, "logins could not be looked up");
            }
        };
        ctx.spawn(checked.into_actor(self));
    }
}

impl Actor for Nodes {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(1_024);
        self.shared.bus.subscribe(self.shared.node, Topic::Nodes, ctx.address().recipient());
        if !self.shared.bus.is_alone() {
            ctx.run_interval(CHECK, Self::check_logins);
        }
    }

    fn stopped(&mut self, ctx: &mut Self::Context) {
        let me = ctx.address().recipient();
        self.shared.bus.unsubscribe(self.shared.node, Topic::Nodes, &me);
    }
}

impl Handler<Heard> for Nodes {
    type Result = ();

    fn handle(&mut self, Heard { hint, .. }: Heard, ctx: &mut Self::Context) {
        let shared = &self.shared;
        match hint {
            Hint::SignedOut { who, code } => {
                // First, or the client that comes back is believed to be who it was.
                shared.forget_here(Forget::Principals);
                shared.signed_in.close(who, code);
            }
            Hint::Forget(what) => shared.forget_here(what),
            Hint::Free => shared.accounts.claim(),
            Hint::Gap => {
                shared.forget_here(Forget::Everything);
                shared.accounts.claim();
                self.check_logins(ctx);
            }
            _ => {}
        }
    }
}

impl Shared {
    /// Lets go of it on this node.
    pub(crate) fn forget_here(&self, what: Forget) {
        match what {
            Forget::Names(workspace) => self.names.forget(workspace),
            Forget::Everything => self.names.forget_all(),
            Forget::Principals | Forget::Widget(_) => {}
        }
        self.forgetting.forget(what);
    }

    /// Tells every other node.
    pub(crate) fn tell_nodes(&self, hint: Hint) {
        self.bus.publish(self.node, Topic::Nodes, hint);
    }
}
