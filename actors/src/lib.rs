//! Who talks to whom.

pub mod links;
