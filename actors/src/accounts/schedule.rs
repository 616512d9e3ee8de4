//! When a call that failed is made again.

use std::time::Duration;

/// Calls that are made for one row before it is given up. Failures of the whole account do not
/// count: what waits for a platform that is down is sent when it is back.
pub const ATTEMPTS_MAX: u32 = 12;
/// Nothing is sent later than this after it was asked for.
pub const AGE_MAX: Duration = Duration::from_secs(24 * 3_600);
/// Files are fetched this often; addresses of files die, so later is of no use.
pub const FETCHES_MAX: u32 = 7;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(300);
/// Platforms that name a time mean "not before"; all who wait should not come at once.
const AFTER_ASKED: Duration = Duration::from_secs(1);

/// How long to wait after `attempts` calls. `jitter` is random, from 0 to 1: full jitter spreads
/// those who failed together.
pub fn next_attempt(attempts: u32, asked: Option<Duration>, jitter: f64) -> Duration {
    let jitter = jitter.clamp(0.0, 1.0);
    if let Some(asked) = asked {
        return asked.saturating_add(AFTER_ASKED.mul_f64(jitter));
    }
    let doubled = FIRST.saturating_mul(1u32.checked_shl(attempts.min(20)).unwrap_or(u32::MAX));
    doubled.min(LONGEST).mul_f64(jitter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_five_minutes_and_are_spread() {
        assert_eq!(next_attempt(0, None, 1.0), Duration::from_secs(1));
        assert_eq!(next_attempt(3, None, 1.0), Duration::from_secs(8));
        assert_eq!(next_attempt(3, None, 0.25), Duration::from_secs(2));
        assert_eq!(next_attempt(40, None, 1.0), LONGEST);
        assert_eq!(next_attempt(u32::MAX, None, 0.0), Duration::ZERO);
    }

    #[test]
    fn what_the_platform_asks_is_obeyed() {
        let asked = Some(Duration::from_secs(900));
        assert_eq!(next_attempt(1, asked, 0.0), Duration::from_secs(900));
        assert!(next_attempt(1, asked, 1.0) <= Duration::from_secs(901));
    }
}
