//! Accounts on the platforms, what comes from them and what goes to them.

mod edge;
mod inbound;
mod outbound;
