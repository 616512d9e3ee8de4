//! The description of the REST interface, made from the handlers themselves.

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, Responder};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::auth::COOKIE;
use super::{
    account, attachments, files, invitations, joining, labels, me, members, password_links, tokens,
    widget, widget_settings, workspace,
};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/openapi.json", web::get().to(description));
}

async fn description() -> impl Responder {
    HttpResponse::Ok()
        .insert_header(("Cache-Control", "public, max-age=300"))
        .json(Description::openapi())
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Switchboard",
        description = "Everything the websockets can do, and the administration of a workspace. \
                       Errors are `application/problem+json` with a stable `code`."
    ),
    paths(
        account::sign_up,
        account::sign_in,
        account::sign_out,
        account::sign_out_everywhere,
        attachments::upload,
        attachments::show,
        files::file,
        invitations::list,
        invitations::create,
        invitations::withdraw,
        joining::preview,
        joining::accept,
        labels::list,
        labels::create,
        labels::replace,
        labels::remove,
        me::get_me,
        me::change_me,
        me::switch,
        members::list,
        members::change,
        members::remove,
        password_links::create,
        password_links::reset,
        tokens::list,
        tokens::create,
        tokens::revoke,
        widget::config,
        widget::boot,
        widget_settings::get,
        widget_settings::change,
        widget_settings::identity_secret,
        workspace::get,
        workspace::change,
    ),
    modifiers(&Security),
    security(("session" = []), ("token" = [])),
    tags(
        (name = "account", description = "Signing up, in and out."),
        (name = "team", description = "Members, invitations and passwords."),
        (name = "settings", description = "The workspace, its labels and its widget."),
        (name = "attachments", description = "Files."),
        (name = "visitors", description = "What the widget uses."),
    ),
)]
pub struct Description;

/// How callers say who they are.
struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let bearer = |description: &str| {
            let scheme =
                HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description));
            SecurityScheme::Http(scheme.build())
        };
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
            COOKIE,
            "Set by signing in. Requests that change something must come from our own pages.",
        )));
        components.add_security_scheme("session", cookie);
        components.add_security_scheme("token", bearer("A personal API token, `sbt_…`."));
        components.add_security_scheme("visitor", bearer("The token of a widget's boot."));
    }
}
