//! Strict stand-ins for WhatsApp, Messenger, Instagram and Telegram: they refuse what the platforms
//! refuse, sign and deliver webhooks as the platforms do, can be told to misbehave, and have a page
//! of pretend phones on which a person can be the customer.
//!
//! The sandbox knows the platforms' documentation and nothing of the server under test.

pub mod config;
pub mod control;
pub mod faults;
mod graph;
pub mod hooks;
mod instagram;
pub mod media;
mod messenger;
pub mod phones;
mod server;
pub mod telegram;
mod whatsapp;
pub mod world;

pub use config::{Config, Pace};
pub use server::Sandbox;
pub use world::World;
