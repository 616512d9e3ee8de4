//! What tests share: a Postgres for all, a database and a server for each, and clients.

pub mod accounts;
pub mod behind;
pub mod bucket;
pub mod collector;
pub mod database;
pub mod dice;
pub mod guarded;
pub mod network;
pub mod nodes;
pub mod people;
pub mod process;
pub mod proxy;
pub mod redis;
pub mod rows;
pub mod socket;
pub mod stage;
pub mod world;

pub use people::{Agent, Visitor};
pub use socket::Socket;
pub use world::World;
