//! The channels' administration: accounts and how they are connected, templates, what could not be
//! read, and what platforms ask of us about people.

pub mod accounts;
mod assets;
pub mod callbacks;
mod components;
pub mod dead_letters;
pub mod embedded_signup;
pub mod revocations;
pub mod sign_in;
pub mod templates;
mod tickets;

use actix_web::web::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.configure(accounts::routes)
        .configure(templates::routes)
        .configure(dead_letters::routes)
        .configure(sign_in::routes)
        .configure(embedded_signup::routes)
        .configure(callbacks::routes)
        .configure(revocations::routes);
}
