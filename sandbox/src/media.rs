//! The store of files behind signed addresses that expire.

use actix_web::web::ServiceConfig;

/// The routes under `/media`.
pub fn routes(_config: &mut ServiceConfig) {}
