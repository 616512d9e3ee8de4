//! The clock and the chance of the server: those of its actors. Everything inside takes both as
//! arguments.

pub use switchboard_actors::clock::{chance, now};
