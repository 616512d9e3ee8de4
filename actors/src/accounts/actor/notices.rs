//! What an account's actor is told.

use actix::prelude::*;
use switchboard_channels::AccountEvent;
use switchboard_domain::ConversationId;

use super::Account;
use crate::accounts::chores::Chore;
use crate::clock;

/// There may be something to send, to fetch or to bring.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Wake;

/// The account is not as it was: it is loaded again.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Reload;

/// The platform told something of the account.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Told(pub AccountEvent);

/// A receipt has confirmed what was sent last in this conversation.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Confirmed(pub ConversationId);

/// Begins nothing any more, and stops when no call is under way.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Retire;

impl Handler<Wake> for Account {
    type Result = ();

    fn handle(&mut self, _: Wake, ctx: &mut Self::Context) {
        self.look_around(ctx);
    }
}

impl Handler<Reload> for Account {
    type Result = ();

    fn handle(&mut self, _: Reload, ctx: &mut Self::Context) {
        self.load(ctx);
    }
}

impl Handler<Confirmed> for Account {
    type Result = ();

    fn handle(&mut self, Confirmed(conversation): Confirmed, ctx: &mut Self::Context) {
        self.queue.release(conversation, clock::now());
        self.pump(ctx);
    }
}

impl Handler<Told> for Account {
    type Result = ();

    fn handle(&mut self, Told(event): Told, ctx: &mut Self::Context) {
        self.chores.ask(Chore::Heed(event));
        self.do_chores(ctx);
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
