//! The figures, one file per group that is taken together.

pub mod backfill;
pub mod bytes;
pub mod fanout;
pub mod inbox;
pub mod latency;
pub mod outbox;
pub mod posts;
pub mod rivals;
pub mod sockets;
pub mod start;
pub mod webhooks;
