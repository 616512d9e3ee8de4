//! The HTTP edge: one file per area, and the table of all routes.

pub mod admission;
pub mod attachments;
pub mod auth;
pub mod files;
pub mod health;
pub mod problem;

use actix_web::web::{self, JsonConfig, PathConfig, QueryConfig, ServiceConfig};

/// The largest JSON body.
const JSON_MAX_BYTES: usize = 256 * 1024;

/// Everything that is served.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.app_data(JsonConfig::default().limit(JSON_MAX_BYTES).error_handler(problem::bad_json))
        .app_data(QueryConfig::default().error_handler(problem::bad_query))
        .app_data(PathConfig::default().error_handler(problem::bad_path))
        .configure(health::routes)
        .configure(files::routes)
        .service(web::scope("/api/v1").configure(api))
        .default_service(web::to(problem::no_such_page));
}

/// The REST interface under `/api/v1`: one line per area.
fn api(cfg: &mut ServiceConfig) {
    cfg.configure(attachments::routes);
}
