//! Numbers as their columns hold them. Postgres has none without a sign; none of ours is negative,
//! or comes near the largest.

pub(crate) fn from_u64(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

pub(crate) fn to_u64(n: i64) -> u64 {
    u64::try_from(n).unwrap_or_default()
}

/// The number of a part of a message.
pub(crate) fn from_part(part: u16) -> i16 {
    i16::try_from(part).unwrap_or(i16::MAX)
}

pub(crate) fn to_part(part: i16) -> u16 {
    u16::try_from(part).unwrap_or_default()
}
