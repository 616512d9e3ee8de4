//! The Telegram Bot API.

use actix_web::web::ServiceConfig;

use crate::hooks::Hook;
use crate::world::{Happening, Phone, State, World};

/// What the stand-in for Telegram remembers beyond the common world.
#[derive(Debug, Default)]
pub struct Memory {}

/// The routes under `/telegram`.
pub fn routes(_config: &mut ServiceConfig) {}

/// The id of a new message: `chat:message`.
pub fn message_id(state: &mut State, phone: &Phone) -> String {
    let number = state.number();
    format!("{}:{number}", phone.person.id)
}

/// Turns what a customer did into updates, and those into webhooks where a webhook is set. Runs
/// while the world is locked, so updates get their numbers in order.
pub fn announce(
    _world: &World,
    _state: &mut State,
    _phone: &Phone,
    _happening: &Happening,
) -> Vec<Hook> {
    vec![]
}
