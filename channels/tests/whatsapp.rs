//! WhatsApp: what its webhooks say, and what we say to it.

mod support;

#[path = "whatsapp/account.rs"]
mod account;
#[path = "whatsapp/cutting.rs"]
mod cutting;
#[path = "whatsapp/fetching.rs"]
mod fetching;
#[path = "whatsapp/given.rs"]
mod given;
#[path = "whatsapp/reading.rs"]
mod reading;
#[path = "whatsapp/replies.rs"]
mod replies;
#[path = "whatsapp/tables.rs"]
mod tables;
#[path = "whatsapp/templates.rs"]
mod templates;
#[path = "whatsapp/writing.rs"]
mod writing;
