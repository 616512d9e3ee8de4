//! The HTTP edge: one file per area, and the table of all routes.

pub mod account;
pub mod admission;
pub mod attachments;
pub mod auth;
pub mod changes;
pub mod channels;
pub mod contacts;
pub mod conversations;
pub mod cookie;
pub mod cors;
pub mod docs;
pub mod events;
pub mod fields;
pub mod files;
pub mod headers;
pub mod health;
pub mod hooks;
pub mod invitations;
pub mod joining;
pub mod labels;
pub mod me;
pub mod members;
pub mod merges;
pub mod messages;
pub mod observe;
pub mod pages;
pub mod paging;
pub mod password_links;
pub mod privacy;
pub mod problem;
pub mod search;
pub mod shed;
pub mod tokens;
pub mod visitor;
pub mod widget;
pub mod widget_settings;
pub mod workspace;

use actix_web::middleware::Compress;
use actix_web::web::{self, JsonConfig, PathConfig, QueryConfig, ServiceConfig};

/// The largest JSON body.
const JSON_MAX_BYTES: usize = 256 * 1024;

/// Everything that is served.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.app_data(JsonConfig::default().limit(JSON_MAX_BYTES).error_handler(problem::bad_json))
        .app_data(QueryConfig::default().error_handler(problem::bad_query))
        .app_data(PathConfig::default().error_handler(problem::bad_path))
        .configure(health::routes)
        .configure(crate::figures::routes)
        .configure(files::routes)
        .configure(hooks::routes)
        .configure(crate::ws::routes)
        .service(web::scope("/api/v1").wrap(Compress::default()).configure(api))
        .service(
            web::scope("")
                .wrap(Compress::default())
                .configure(privacy::routes)
                .configure(pages::routes),
        )
        .default_service(web::to(problem::no_such_page));
}

/// The REST interface under `/api/v1`: one line per area.
fn api(cfg: &mut ServiceConfig) {
    cfg.configure(account::routes)
        .configure(me::routes)
        .configure(password_links::routes)
        // Before the invitations, whose ids would swallow its paths.
        .configure(joining::routes)
        .configure(invitations::routes)
        .configure(members::routes)
        .configure(tokens::routes)
        .configure(labels::routes)
        .configure(workspace::routes)
        .configure(widget_settings::routes)
        .configure(widget::routes)
        .configure(attachments::routes)
        .configure(conversations::routes)
        .configure(messages::routes)
        .configure(merges::routes)
        .configure(contacts::routes)
        .configure(search::routes)
        .configure(events::routes)
        .configure(visitor::routes)
        .configure(channels::routes)
        .configure(docs::routes);
}
