//! Until when this node may speak for the accounts it holds, by its own clock: a process that was
//! frozen past that must not go on where it stopped, for another node speaks by now.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A call leaves before the hold ends, also when it takes a moment to be put on the network: this
/// share of the hold before it.
const MARGIN: u32 = 8;

#[derive(Debug)]
pub struct Hold {
    since: Instant,
    /// How long a renewal counts here.
    lasts: Duration,
    /// Milliseconds after `since`.
    until: AtomicU64,
}

impl Hold {
    /// Nothing is held yet. `lease`: how long the database's clock gives after each renewal.
    pub fn new(now: Instant, lease: Duration) -> Hold {
        Hold { since: now, lasts: lease - lease / MARGIN, until: AtomicU64::new(0) }
    }

    /// What is held was renewed. `asked` is from before the database was asked, whose clock ran on
    /// since: the hold ends here before it ends there.
    pub fn renewed(&self, asked: Instant) {
        let until = (asked + self.lasts).saturating_duration_since(self.since).as_millis();
        self.until.fetch_max(until.try_into().unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Whether it lasts still.
    pub fn lasts(&self, now: Instant) -> bool {
        let until = Duration::from_millis(self.until.load(Ordering::Relaxed));
        now.saturating_duration_since(self.since) < until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_ends_before_the_lease_does() {
        let start = Instant::now();
        let lease = Duration::from_secs(16);
        let hold = Hold::new(start, lease);
        assert!(!hold.lasts(start));
        hold.renewed(start + Duration::from_secs(100));
        let margin = Duration::from_secs(2);
        let end = start + Duration::from_secs(100) + lease;
        assert!(hold.lasts(end - margin - Duration::from_millis(1)));
        assert!(!hold.lasts(end - margin));
        // An answer that comes late does not shorten what a later one has lengthened.
        hold.renewed(start);
        assert!(hold.lasts(end - margin - Duration::from_millis(1)));
    }
}
