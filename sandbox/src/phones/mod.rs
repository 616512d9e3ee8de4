//! The page of pretend phones and its JSON API.

mod api;
mod assets;
mod events;
mod samples;
mod view;

use actix_web::web::{self, ServiceConfig};

/// The routes under `/phones`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/phones", web::get().to(assets::page))
        .route("/phones/", web::get().to(assets::page))
        .route("/phones/assets/{name}", web::get().to(assets::asset))
        .route("/phones/api/state", web::get().to(view::state))
        .route("/phones/api/events", web::get().to(events::stream))
        .route("/phones/api/people", web::post().to(api::people))
        .service(
            web::scope("/phones/api/{phone}")
                .app_data(
                    web::JsonConfig::default().limit(api::LARGEST_BODY).error_handler(api::unread),
                )
                .route("/send", web::post().to(api::send))
                .route("/edit", web::post().to(api::edit))
                .route("/delete", web::post().to(api::delete))
                .route("/react", web::post().to(api::react))
                .route("/tap", web::post().to(api::tap))
                .route("/read", web::post().to(api::read))
                .route("/typing", web::post().to(api::typing))
                .route("/block", web::post().to(api::block)),
        );
}
