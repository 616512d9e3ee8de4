//! How tests and the page of phones command the sandbox.

use actix_web::web::ServiceConfig;

/// The routes under `/control`.
pub fn routes(_config: &mut ServiceConfig) {}
