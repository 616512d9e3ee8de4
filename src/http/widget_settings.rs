//! How the workspace's widget looks, which pages may carry it and whom it believes.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, ServiceConfig};
use switchboard_domain::text::NAME_MAX_CHARS;
use switchboard_domain::{Action, origin, text};
use switchboard_store::workspace::{self, Widget, WidgetChange};
use switchboard_wire::Problem;
use switchboard_wire::rest::settings::{ChangeWidget, IdentitySecret, WidgetLook, WidgetSettings};

use super::auth::Agent;
use super::problem::{Failure, Result};
use super::{fields, pages};
use crate::clock;
use crate::http::changes::Forget;
use crate::state::App;

/// The longest greeting, in characters: a few sentences.
const GREETING_MAX_CHARS: usize = 500;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(
        web::resource("/widget-settings").route(web::get().to(get)).route(web::patch().to(change)),
    )
    .service(
        web::resource("/widget-settings/identity-secret").route(web::post().to(identity_secret)),
    );
}

/// The widget's settings and the snippet to paste.
#[utoipa::path(
    get, path = "/api/v1/widget-settings", tag = "settings",
    responses((status = 200, description = "As they are", body = WidgetSettings)),
)]
pub async fn get(app: Data<App>, agent: Agent) -> Result<Json<WidgetSettings>> {
    current(&app, &agent).await
}

/// Changes the settings that are given and leaves the others.
#[utoipa::path(
    patch, path = "/api/v1/widget-settings", tag = "settings", request_body = ChangeWidget,
    responses(
        (status = 200, description = "As they are now", body = WidgetSettings),
        (status = 400, description = "A value is not allowed; the field is named", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
    ),
)]
pub async fn change(
    app: Data<App>,
    agent: Agent,
    body: Json<ChangeWidget>,
) -> Result<Json<WidgetSettings>> {
    agent.require(Action::ManageWidget)?;
    let ChangeWidget { look, origins, require_identity } = body.into_inner();
    let look = look.map(read_look).transpose()?;
    let change = WidgetChange {
        look: look.map(serde_json::to_value).transpose().map_err(Failure::internal)?,
        origins: origins.map(|origins| read_origins(&origins)).transpose()?,
        require_identity,
    };
    let tx = app.store.writers.begin(agent.workspace).await?;
    let seq = workspace::change_widget(&tx, agent.workspace, &change, clock::now()).await?;
    tx.commit().await?;
    app.cast.forget(Forget::Widget(agent.workspace));
    app.changed(agent.workspace, seq);
    current(&app, &agent).await
}

/// Shows the secret with which the business's server signs the ids of its signed-in users.
#[utoipa::path(
    post, path = "/api/v1/widget-settings/identity-secret", tag = "settings",
    responses(
        (status = 200, description = "Keep it on your server", body = IdentitySecret),
        (status = 403, description = "Your role does not allow it", body = Problem),
    ),
)]
pub async fn identity_secret(app: Data<App>, agent: Agent) -> Result<HttpResponse> {
    agent.require(Action::ManageWidget)?;
    let keys = app.store.keys(agent.workspace).await?;
    let secret = keys.ok_or_else(|| Failure::not_found("workspace"))?.identity_secret();
    let mut response = HttpResponse::Ok();
    Ok(response.insert_header(("Cache-Control", "no-store")).json(IdentitySecret { secret }))
}

async fn current(app: &App, agent: &Agent) -> Result<Json<WidgetSettings>> {
    let tx = app.store.readers.begin(agent.workspace).await?;
    let widget = workspace::widget(&tx, agent.workspace).await?;
    let Widget { key, look, origins, require_identity } =
        widget.ok_or_else(|| Failure::not_found("workspace"))?;
    let snippet = pages::snippet(&app.public_url, &key);
    let look = look_of(look);
    Ok(Json(WidgetSettings { key, look, origins, require_identity, snippet }))
}

/// A stored look. What it lacks, or an older version wrote otherwise, is as it is by default.
pub fn look_of(stored: serde_json::Value) -> WidgetLook {
    serde_json::from_value(stored).unwrap_or_default()
}

fn read_look(look: WidgetLook) -> Result<WidgetLook> {
    let WidgetLook { color, position, title, greeting, theme } = look;
    let title = text::clean(&title).split_whitespace().collect::<Vec<_>>().join(" ");
    let greeting = text::clean(&greeting);
    for (field, value, max) in
        [("look.title", &title, NAME_MAX_CHARS), ("look.greeting", &greeting, GREETING_MAX_CHARS)]
    {
        if value.chars().count() > max {
            return Err(Failure::field(field, format!("at most {max} characters")));
        }
    }
    let color = fields::color("look.color", &color)?;
    Ok(WidgetLook { color, position, title, greeting, theme })
}

/// Rules in their canonical form, each once.
fn read_origins(origins: &[String]) -> Result<Vec<String>> {
    if origins.len() > origin::ORIGINS_MAX {
        let detail = format!("at most {} origins are kept", origin::ORIGINS_MAX);
        return Err(Failure::field("origins", detail));
    }
    let mut rules = Vec::with_capacity(origins.len());
    for text in origins {
        let rule = origin::rule(text).ok_or_else(|| {
            let example = "an origin is written https://shop.example or https://*.shop.example";
            Failure::field("origins", format!("{example}, not {text:?}"))
        })?;
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_canonical_and_each_once() {
        let origins = ["HTTPS://Shop.Example/", "https://shop.example", "https://*.b.example"];
        let rules = read_origins(&origins.map(str::to_owned)).unwrap();
        assert_eq!(rules, ["https://shop.example", "https://*.b.example"]);
        let refused = read_origins(&["shop.example".to_owned()]).unwrap_err();
        assert_eq!(refused.problem().field.as_deref(), Some("origins"));
        let many: Vec<String> = (0..51).map(|n| format!("https://s{n}.example")).collect();
        assert!(read_origins(&many).is_err());
    }

    #[test]
    fn a_look_is_cleaned_and_bounded() {
        let look = WidgetLook { title: " Acme \n Support ".into(), ..WidgetLook::default() };
        assert_eq!(read_look(look).unwrap().title, "Acme Support");
        let long = WidgetLook { greeting: "x".repeat(501), ..WidgetLook::default() };
        let refused = read_look(long).unwrap_err();
        assert_eq!(refused.problem().field.as_deref(), Some("look.greeting"));
    }

    #[test]
    fn an_empty_look_is_the_default_one() {
        assert_eq!(look_of(serde_json::json!({})), WidgetLook::default());
        assert_eq!(look_of(serde_json::json!({"odd": 1})), WidgetLook::default());
    }
}
