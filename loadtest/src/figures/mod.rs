//! The figures, one file per group that is taken together.

pub mod bytes;
pub mod fanout;
pub mod inbox;
pub mod latency;
pub mod posts;
pub mod sockets;
pub mod start;
pub mod webhooks;
