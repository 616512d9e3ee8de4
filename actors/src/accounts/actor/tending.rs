//! What an account's actor sees to beside sending.

use actix::prelude::*;
use switchboard_store::send;

use super::Account;
use crate::accounts::queue::Item;
use crate::accounts::{chores, fetching};
use crate::clock;

impl Account {
    /// Receipts may have settled what may have been sent.
    pub(super) fn look_for_signs(&mut self, ctx: &mut Context<Self>) {
        let Some(it) = self.working() else { return };
        let doubtful = self.queue.uncertain();
        if doubtful.is_empty() {
            return;
        }
        let look = async move {
            let ids: Vec<_> = doubtful.iter().map(|item| item.id).collect();
            let tx = it.shared.store.readers.begin(it.workspace).await?;
            let there = send::standing(&tx, it.workspace, &ids).await?;
            let settled = |item: &Item| !there.iter().any(|row| row.id == item.id);
            Ok::<Vec<Item>, switchboard_store::Error>(
                doubtful.into_iter().filter(settled).collect(),
            )
        };
        ctx.spawn(look.into_actor(self).map(|settled, actor, ctx| {
            for item in settled.unwrap_or_default() {
                actor.queue.done(item.conversation, item.id, clock::now());
            }
            actor.pump(ctx);
        }));
    }

    pub(super) fn fetch(&mut self, ctx: &mut Context<Self>) {
        let Some(it) = self.working() else { return };
        if self.fetches > 0 {
            return;
        }
        self.fetches = 1;
        let fetched = fetching::fetch_due(it);
        ctx.spawn(fetched.into_actor(self).map(|more, actor, ctx| {
            actor.fetches = 0;
            if more {
                actor.fetch(ctx);
            }
        }));
    }

    pub(super) fn do_chores(&mut self, ctx: &mut Context<Self>) {
        let Some(it) = self.it.clone().filter(|_| !self.retiring) else { return };
        for chore in self.chores.begin(&it, clock::now()) {
            let done = chores::perform(it.clone(), chore.clone());
            ctx.spawn(done.into_actor(self).map(move |changed, actor, ctx| {
                actor.chores.ended(&chore);
                match changed {
                    true => actor.load(ctx),
                    false if actor.chores.wants_more() => actor.do_chores(ctx),
                    false => {}
                }
            }));
        }
    }
}
