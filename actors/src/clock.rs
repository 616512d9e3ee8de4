//! The one place of the actors that reads the time and makes ids. Rules take both as arguments.

use jiff::Timestamp;
use uuid::Uuid;

/// Now, in the microseconds that Postgres keeps.
#[expect(clippy::disallowed_methods, reason = "this is the clock that the actors read")]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

/// A new id. Ids of the same moment sort by their making.
pub fn new_id<T: From<Uuid>>() -> T {
    Uuid::now_v7().into()
}

/// A random number from 0 to 1, for those who should not all come at once.
pub fn chance() -> f64 {
    let mut bytes = [0; 4];
    // Without random bytes everyone waits equally long, which is no harm.
    let _ = getrandom::fill(&mut bytes);
    f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
}
