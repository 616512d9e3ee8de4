//! What WhatsApp, Messenger and Instagram share: signatures, the handshake, signed requests,
//! errors, tokens; and the items and calls that Messenger and Instagram have in common.

pub(crate) mod comment;
pub(crate) mod envelope;
pub mod error;
pub mod handshake;
pub(crate) mod history;
pub(crate) mod json;
pub(crate) mod network;
pub mod oauth;
pub mod query;
pub(crate) mod reading;
pub(crate) mod sending;
pub mod signature;
pub mod signed_request;
pub(crate) mod split;
pub mod usage;

pub use error::GraphError;
pub use handshake::handshake;
pub use signature::{appsecret_proof, sign, verify};
pub use signed_request::signed_request;
pub use usage::usage;
