//! The WhatsApp Cloud API.

mod content;
mod events;
mod files;
mod interactive;
mod numbers;
mod order;
mod render;
mod send;
mod signup;
mod templates;

use std::collections::HashMap;

pub use events::{announce, template_event};
pub use files::media;
pub use numbers::{number, select, waba};
pub use signup::{Asked, new_number};
pub use templates::{Template, preset as preset_templates, template};

/// What the stand-in for WhatsApp remembers beyond the common world.
#[derive(Debug, Default)]
pub struct Memory {
    pub templates: Vec<Template>,
    /// When messages went out, by number and by number and person, while rate limits are kept.
    pub sent: HashMap<String, Vec<i64>>,
    /// When a number was registered, for the limit on that.
    pub registrations: HashMap<String, Vec<i64>>,
    /// The PIN by which a number was registered first: it takes no other.
    pub pins: HashMap<String, String>,
    /// Numbers that stay in the WhatsApp Business app, and what was asked for of each.
    pub on_phone: HashMap<String, Asked>,
}
