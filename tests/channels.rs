//! Accounts on the platforms, what comes from them and what goes to them.

mod accounts;
mod changes;
pub mod chaos;
mod connections;
mod edge;
mod faults;
mod fences;
mod forms;
mod history;
mod inbound;
mod outbound;
mod permutations;
mod polling;
mod proxy;
mod renewal;
mod samples;
mod together;
mod uncertain;
