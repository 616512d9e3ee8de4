//! The page of pretend phones and its JSON API.

use actix_web::web::ServiceConfig;

/// The routes under `/phones`.
pub fn routes(_config: &mut ServiceConfig) {}
