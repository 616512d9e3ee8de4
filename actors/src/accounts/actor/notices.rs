//! What an account's actor is told.

use actix::prelude::*;

use super::{Account, LOOK};
use crate::accounts::chores::Chore;
use crate::bus::{Heard, Hint, Notice};
use crate::clock;

/// What somebody of this node noticed.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Noticed(pub Notice);

/// Begins nothing any more, and stops when no call is under way.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Retire;

impl Account {
    fn heed(&mut self, notice: Notice, ctx: &mut Context<Self>) {
        match notice {
            Notice::Wake => self.look_around(ctx),
            Notice::Reload => self.load(ctx),
            Notice::Confirmed(conversation) => {
                self.queue.release(conversation, clock::now());
                self.pump(ctx);
            }
            Notice::Told(event) => {
                self.chores.ask(Chore::Heed(event));
                self.do_chores(ctx);
            }
        }
    }
}

impl Handler<Noticed> for Account {
    type Result = ();

    fn handle(&mut self, Noticed(notice): Noticed, ctx: &mut Self::Context) {
        self.heed(notice, ctx);
    }
}

impl Handler<Heard> for Account {
    type Result = ();

    fn handle(&mut self, Heard { hint, .. }: Heard, ctx: &mut Self::Context) {
        match hint {
            Hint::Account(notice) => self.heed(notice, ctx),
            // All accounts of this node missed the same: they do not ask all at once.
            Hint::Gap => {
                let soon = LOOK.mul_f64(clock::chance());
                ctx.run_later(soon, |actor, ctx| actor.load(ctx));
            }
            _ => {}
        }
    }
}

impl Handler<Retire> for Account {
    type Result = ();

    fn handle(&mut self, _: Retire, ctx: &mut Self::Context) {
        self.retiring = true;
        if self.calls == 0 {
            ctx.stop();
        }
    }
}
