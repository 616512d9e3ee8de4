//! The server: settings, the HTTP and websocket edges, and the wiring of all parts.
//!
//! [`Server::start`] takes a bound listener, so that a test starts the same server on a free
//! port. Rules live in `switchboard-domain`, rows in `switchboard-store`, the cast in
//! `switchboard-actors`.

pub mod blobs;
pub mod browser;
pub mod cli;
pub mod clock;
pub mod cluster;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod doors;
pub mod figures;
pub mod forgetting;
pub mod housekeeping;
pub mod http;
pub mod keys;
pub mod limits;
pub mod load;
pub mod password;
pub mod platform_files;
pub mod server;
pub mod spool;
pub mod state;
pub mod telemetry;
pub mod uploads;
pub mod visitor_token;
pub mod widgets;
pub mod ws;

pub use config::Config;
pub use server::{Server, block_on};
pub use state::App;
