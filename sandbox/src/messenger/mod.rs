//! Placeholder.

use crate::hooks::Hook;
use crate::world::{Happening, Phone, State, World};

/// Turns what a customer did into webhooks.
pub fn announce(
    _world: &World,
    _state: &mut State,
    _phone: &Phone,
    _happening: &Happening,
) -> Vec<Hook> {
    vec![]
}
