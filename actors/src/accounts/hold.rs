//! Until when this node may speak for the accounts it holds, by its own clock: a process that was
//! frozen past that must not go on where it stopped, for another node speaks by now.

use std::time::{Duration, Instant};

use dashmap::DashMap;
use switchboard_domain::AccountId;
use switchboard_store::lease::Held;

/// A call leaves before the hold ends, also when it takes a moment to be put on the network: this
/// share of the hold before it.
const MARGIN: u32 = 8;

/// An account, and the number under which it is held. Whoever lost an account holds it no more
/// under its former number, however well its other accounts are held.
type Number = (AccountId, u64);

#[derive(Debug)]
pub struct Hold {
    /// How long a renewal counts here.
    lasts: Duration,
    until: DashMap<Number, Instant>,
}

/// The right to speak for one account.
#[derive(Debug, Clone, Copy)]
pub struct Right<'a> {
    hold: &'a Hold,
    number: Number,
}

impl Hold {
    /// Nothing is held yet. `lease`: how long the database's clock gives after each renewal.
    pub fn new(lease: Duration) -> Hold {
        Hold { lasts: lease - lease / MARGIN, until: DashMap::new() }
    }

    /// These were taken or renewed. `asked` is from before the database was asked, whose clock ran
    /// on since: the hold ends here before it ends there.
    pub fn renewed(&self, asked: Instant, held: &[Held]) {
        self.until.retain(|_, until| *until > asked);
        for one in held {
            let mut until = self.until.entry((one.account, one.epoch)).or_insert(asked);
            // An answer that comes late does not shorten what a later one has lengthened.
            *until = (*until).max(asked + self.lasts);
        }
    }

    /// One is let go of: another node may speak for it from now on.
    pub fn ended(&self, account: AccountId, epoch: u64) {
        self.until.remove(&(account, epoch));
    }

    /// All are let go of.
    pub fn all_ended(&self) {
        self.until.clear();
    }

    pub fn right(&self, account: AccountId, epoch: u64) -> Right<'_> {
        Right { hold: self, number: (account, epoch) }
    }
}

impl Right<'_> {
    /// Whether it lasts still.
    pub fn lasts(&self, now: Instant) -> bool {
        self.hold.until.get(&self.number).is_some_and(|until| now < *until)
    }
}

#[cfg(test)]
mod tests;
