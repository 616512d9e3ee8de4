//! The system through its real edges: real Postgres, real sockets, one server per test.
//!
//! All of it is one binary, so that it links once.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with the reason")]

mod support;

mod channels;
mod chaos;
mod chat;
mod cluster;
mod files;
mod hostile;
mod isolation;
mod kill;
mod operations;
mod outage;
mod people;
mod plans;
mod rest;
mod resume;
mod stalled;
mod tidy;
mod widget;
