//! Every websocket frame and REST body, once, for Rust and TypeScript.
//!
//! This crate says what travels; it does not know who sends it. `wire/README.md` documents each
//! frame with an example that a test reads, and `wire/ts/src/generated.ts` is made from the types
//! here (see [`typescript`]).

pub mod agent;
pub mod close;
pub mod problem;
pub mod rest;
pub mod typescript;
pub mod view;
pub mod visitor;

pub use close::CloseCode;
pub use problem::{Code, Problem};

/// The longest frame a client may send, in bytes. A longer one is refused by its declared length.
pub const FRAME_MAX_BYTES: usize = 64 * 1024;
/// A client that has not said `hello` within this time is closed, in seconds.
pub const HELLO_WITHIN_SECONDS: u64 = 10;
/// The server states its position this often, in seconds. A client that heard nothing for three
/// times as long should reconnect.
pub const BEAT_SECONDS: u64 = 5;
/// The longest `ref` of a client, in bytes. A UUID is a good one.
pub const REF_MAX_BYTES: usize = 64;
