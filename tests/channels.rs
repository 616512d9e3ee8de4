//! Accounts on the platforms, what comes from them and what goes to them.

mod edge;
mod faults;
mod inbound;
mod outbound;
mod permutations;
mod samples;
