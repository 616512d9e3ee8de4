//! A gate that lets newcomers through at a bounded rate: some at once, the next ones in turn after
//! a short wait, and nobody for whom the wait would be long.
//!
//! It counts by the moment at which the next one is due (the generic cell rate algorithm), so it
//! remembers one number however many come.

use std::time::Duration;

/// How fast a gate lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    pub per_second: u32,
    /// So many pass at once after a quiet while.
    pub burst: u32,
    /// Nobody waits longer than this.
    pub wait: Duration,
}

impl Pace {
    fn step(self) -> Duration {
        Duration::from_secs(1) / self.per_second.max(1)
    }
}

/// What becomes of one who arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    Now,
    /// Their turn is after this.
    After(Duration),
    /// The line is too long; there is room in it after this.
    Refused(Duration),
}

/// The gate. Time is told from any fixed moment.
#[derive(Debug, Clone)]
pub struct Gate {
    pace: Pace,
    /// When the next one would be due if none passed ahead of time.
    due: Duration,
}

impl Gate {
    pub fn new(pace: Pace) -> Gate {
        Gate { pace, due: Duration::ZERO }
    }

    /// Somebody arrives; whoever is not refused has a place.
    pub fn arrive(&mut self, now: Duration) -> Passage {
        let step = self.pace.step();
        let ahead = step * self.pace.burst.saturating_sub(1);
        let due = self.due.max(now);
        let wait = due.saturating_sub(now).saturating_sub(ahead);
        if wait > self.pace.wait {
            return Passage::Refused(wait - self.pace.wait);
        }
        self.due = due + step;
        if wait.is_zero() { Passage::Now } else { Passage::After(wait) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace { per_second: 10, burst: 3, wait: Duration::from_millis(500) };

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_burst_passes_the_next_wait_their_turn_and_the_rest_is_refused() {
        let mut gate = Gate::new(PACE);
        let now = ms(60_000);
        let all: Vec<Passage> = (0..10).map(|_| gate.arrive(now)).collect();
        assert_eq!(all[..3], [Passage::Now; 3]);
        let waits: Vec<Passage> = (1..=5).map(|n| Passage::After(ms(100 * n))).collect();
        assert_eq!(all[3..8], waits);
        assert_eq!(all[8..], [Passage::Refused(ms(100)); 2], "a refusal takes no place");
    }

    #[test]
    fn waiting_as_long_as_told_is_enough() {
        let mut gate = Gate::new(PACE);
        while !matches!(gate.arrive(ms(1_000)), Passage::Refused(_)) {}
        let Passage::Refused(again) = gate.arrive(ms(1_000)) else { panic!("it was full") };
        assert_eq!(gate.arrive(ms(1_000) + again), Passage::After(ms(500)));
    }

    #[test]
    fn in_the_long_run_no_more_pass_than_the_rate() {
        let mut gate = Gate::new(PACE);
        let mut passed = 0;
        for at in 0..20_000 {
            passed += u32::from(!matches!(gate.arrive(ms(at)), Passage::Refused(_)));
        }
        // 20 s at 10 a second, the burst, and those who wait at the end.
        assert_eq!(passed, 200 + 3 - 1 + 5);
    }

    #[test]
    fn a_quiet_while_gives_back_the_burst_and_no_more() {
        let mut gate = Gate::new(PACE);
        while !matches!(gate.arrive(ms(1_000)), Passage::Refused(_)) {}
        let later = ms(3_600_000);
        let at_once = (0..10).filter(|_| gate.arrive(later) == Passage::Now).count();
        assert_eq!(at_once, 3);
    }
}
