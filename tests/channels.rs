//! Accounts on the platforms, what comes from them and what goes to them.

mod chaos;
mod edge;
mod faults;
mod inbound;
mod outbound;
mod permutations;
