//! The one place of the server that reads the time. Everything inside takes it as an argument.

use jiff::Timestamp;

#[expect(clippy::disallowed_methods, reason = "this is the clock that the edges read")]
pub fn now() -> Timestamp {
    // Postgres keeps microseconds; what is answered now must equal what is read later.
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}
