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
