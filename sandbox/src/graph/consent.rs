//! The pages on which a person lets the app in.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{self, Data, Form, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::oauth::{self, Grant};
use super::signup;
use crate::world::{TokenKind, World};

#[derive(Deserialize)]
struct Ask {
    client_id: String,
    redirect_uri: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    scope: String,
    response_type: Option<String>,
}

#[derive(Deserialize)]
struct Consent {
    platform: String,
    redirect_uri: String,
    state: String,
    scope: String,
    /// `allow` or anything else.
    answer: String,
}

/// The dialogs, and where their answer goes.
pub fn routes(config: &mut ServiceConfig) {
    for path in [
        "/dialog/oauth",
        "/graph/dialog/oauth",
        "/{version:v[0-9.]+}/dialog/oauth",
        "/graph/{version:v[0-9.]+}/dialog/oauth",
    ] {
        config.route(path, web::get().to(facebook_dialog));
    }
    config.route("/instagram/oauth/authorize", web::get().to(instagram_dialog));
    signup::routes(config);
    config.route("/oauth/consent", web::post().to(consent));
    config.route("/instagram-api/oauth/access_token", web::post().to(oauth::instagram_code));
}

async fn facebook_dialog(
    world: Data<World>,
    request: HttpRequest,
) -> Result<HttpResponse, actix_web::Error> {
    if request.query_string().contains("config_id=") {
        let ask = Query::<signup::Ask>::from_query(request.query_string())?;
        return Ok(signup::dialog(&world, &ask));
    }
    let ask = Query::<Ask>::from_query(request.query_string())?;
    Ok(login_dialog(&world, &ask))
}

fn login_dialog(world: &World, ask: &Ask) -> HttpResponse {
    let for_whatsapp = ask.scope.contains("whatsapp_business");
    let platform = if for_whatsapp { "whatsapp" } else { "facebook" };
    dialog(ask, &world.config().app_id, platform)
}

async fn instagram_dialog(world: Data<World>, ask: Query<Ask>) -> HttpResponse {
    let old = ask
        .scope
        .split([',', ' '])
        .find(|scope| !scope.is_empty() && !scope.starts_with("instagram_business_"));
    match old {
        Some(scope) => bad(&format!("Invalid scope: {scope}")),
        None => dialog(&ask, &world.config().instagram_app_id, "instagram"),
    }
}

pub(super) fn bad(words: &str) -> HttpResponse {
    HttpResponse::BadRequest().content_type("text/plain; charset=utf-8").body(words.to_owned())
}

fn dialog(ask: &Ask, app: &str, platform: &str) -> HttpResponse {
    if ask.client_id != app {
        return bad("Invalid App ID: the provided app ID does not look like a valid app ID.");
    }
    if !ask.redirect_uri.starts_with("http://") && !ask.redirect_uri.starts_with("https://") {
        return bad("Invalid redirect_uri");
    }
    if ask.response_type.as_deref().is_some_and(|kind| kind != "code") {
        return bad("response_type must be code");
    }
    let page = include_str!("consent.html")
        .replace("{platform}", &escape(platform))
        .replace("{redirect_uri}", &escape(&ask.redirect_uri))
        .replace("{state}", &escape(&ask.state))
        .replace("{scopes}", &escape(&ask.scope.replace(',', ", ")))
        .replace("{scope}", &escape(&ask.scope));
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page)
}

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

async fn consent(world: Data<World>, form: Form<Consent>) -> HttpResponse {
    let joint = if form.redirect_uri.contains('?') { '&' } else { '?' };
    let state_param = encode(&form.state);
    let target = if form.answer == "allow" {
        let kind = match form.platform.as_str() {
            "instagram" => TokenKind::Instagram,
            "whatsapp" => TokenKind::SystemUser,
            _ => TokenKind::User,
        };
        let tail = if kind == TokenKind::Instagram { "#_" } else { "" };
        let scopes = form.scope.split([',', ' ']).filter(|scope| !scope.is_empty());
        let mut state = world.lock();
        let at = state.now();
        let grant = Grant {
            kind,
            redirect_uri: Some(form.redirect_uri.clone()),
            scopes: scopes.map(str::to_owned).collect(),
            waba: None,
            at,
        };
        let code = state.grant(grant);
        format!("{}{joint}code={code}&state={state_param}{tail}", form.redirect_uri)
    } else {
        format!(
            "{}{joint}error=access_denied&error_reason=user_denied&error_description=Permissions+error&state={state_param}",
            form.redirect_uri
        )
    };
    HttpResponse::build(StatusCode::FOUND).insert_header((LOCATION, target)).finish()
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
