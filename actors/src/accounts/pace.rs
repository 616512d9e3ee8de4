//! How fast calls may follow one another, and when an account that fails is left in peace.

use std::time::Duration;

use jiff::Timestamp;

use super::schedule;

/// A token bucket, kept as the moment at which it will be full again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bucket {
    full_at: Option<Timestamp>,
}

/// What a bucket holds, and how fast it fills. Without a cost it is never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rate {
    pub burst: u32,
    pub cost: Duration,
}

impl Rate {
    pub fn per_second(n: u32) -> Rate {
        match n {
            0 => Rate::default(),
            n => Rate { burst: n, cost: Duration::from_secs(1) / n },
        }
    }

    fn is_free(self) -> bool {
        self.cost.is_zero()
    }
}

impl Bucket {
    /// When the next token can be taken; `None` for now.
    pub fn ready_at(self, rate: Rate, now: Timestamp) -> Option<Timestamp> {
        if rate.is_free() {
            return None;
        }
        let spare = rate.cost.saturating_mul(rate.burst.saturating_sub(1));
        let ready = self.full_at?.checked_sub(spare).ok()?;
        Some(ready).filter(|ready| *ready > now)
    }

    pub fn take(&mut self, rate: Rate, now: Timestamp) {
        if !rate.is_free() {
            let from = self.full_at.map_or(now, |full_at| full_at.max(now));
            self.full_at = from.checked_add(rate.cost).ok();
        }
    }

    pub fn is_full(self, now: Timestamp) -> bool {
        self.full_at.is_none_or(|full_at| full_at <= now)
    }
}

/// Failures of the whole account in a row that open the circuit.
const FAILURES: u32 = 5;

/// Lets a platform that fails recover: after some failures one call at a time probes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Circuit {
    failures: u32,
    /// While it is open: when it may be probed.
    probe_at: Option<Timestamp>,
    probing: bool,
}

/// Whether a call may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    Free,
    /// One call, whose outcome decides.
    Probe,
    /// Not before this moment; `None` while a probe is under way.
    Closed(Option<Timestamp>),
}

impl Circuit {
    pub fn passage(&self, now: Timestamp) -> Passage {
        match self.probe_at {
            None => Passage::Free,
            Some(_) if self.probing => Passage::Closed(None),
            Some(at) if at > now => Passage::Closed(Some(at)),
            Some(_) => Passage::Probe,
        }
    }

    pub fn begin_probe(&mut self) {
        self.probing = true;
    }

    /// What was to probe made no call: the next one does.
    pub fn unmade(&mut self) {
        self.probing = false;
    }

    /// A call was answered, whatever the answer was about.
    pub fn answered(&mut self) {
        *self = Circuit::default();
    }

    /// A call failed for a reason that every call of the account has.
    pub fn failed(&mut self, now: Timestamp, jitter: f64) {
        self.probing = false;
        self.failures = self.failures.saturating_add(1);
        if self.failures >= FAILURES {
            let wait = schedule::next_attempt(self.failures - FAILURES + 1, None, jitter);
            self.probe_at = now.checked_add(wait.max(Duration::from_secs(1))).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).expect("in range")
    }

    proptest! {
        /// In no span of time does a bucket give more than its burst and what filled up meanwhile.
        #[test]
        fn a_bucket_keeps_its_rate(
            waits in proptest::collection::vec(0i64..400, 1..200), burst in 1u32..10, cost in 1u64..500,
        ) {
            let rate = Rate { burst, cost: Duration::from_millis(cost) };
            let (mut bucket, mut now, mut given) = (Bucket::default(), 1_000_000, vec![]);
            for wait in waits {
                now += wait;
                if bucket.ready_at(rate, at(now)).is_none() {
                    bucket.take(rate, at(now));
                    given.push(now);
                }
            }
            for (i, from) in given.iter().enumerate() {
                for (j, to) in given.iter().enumerate().skip(i) {
                    let taken = (j - i + 1) as i64;
                    let filled = (to - from) / cost as i64;
                    prop_assert!(taken <= i64::from(burst) + filled);
                }
            }
        }
    }

    #[test]
    fn a_bucket_says_when_it_has_more() {
        let rate = Rate { burst: 2, cost: Duration::from_millis(500) };
        let mut bucket = Bucket::default();
        bucket.take(rate, at(0));
        assert_eq!(bucket.ready_at(rate, at(0)), None);
        bucket.take(rate, at(0));
        assert_eq!(bucket.ready_at(rate, at(0)), Some(at(500)));
        assert_eq!(bucket.ready_at(rate, at(500)), None);
        assert!(!bucket.is_full(at(999)) && bucket.is_full(at(1_000)));
        assert_eq!(Bucket::default().ready_at(Rate::per_second(0), at(0)), None);
    }

    #[test]
    fn a_circuit_opens_after_five_failures_and_closes_after_a_good_probe() {
        let mut circuit = Circuit::default();
        for _ in 0..4 {
            circuit.failed(at(0), 1.0);
            assert_eq!(circuit.passage(at(0)), Passage::Free);
        }
        circuit.failed(at(0), 1.0);
        assert_eq!(circuit.passage(at(0)), Passage::Closed(Some(at(2_000))));
        assert_eq!(circuit.passage(at(2_000)), Passage::Probe);
        circuit.begin_probe();
        assert_eq!(circuit.passage(at(2_000)), Passage::Closed(None));
        circuit.failed(at(2_000), 1.0);
        assert_eq!(circuit.passage(at(2_000)), Passage::Closed(Some(at(6_000))));
        circuit.begin_probe();
        circuit.answered();
        assert_eq!(circuit.passage(at(2_000)), Passage::Free);
    }
}
