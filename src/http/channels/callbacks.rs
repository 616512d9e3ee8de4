//! Where platforms send the browser back to after signing in.

use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use switchboard_channels::meta::oauth::{Redirect, read_redirect};
use switchboard_channels::meta::query;
use switchboard_domain::{AccountKind, Action};
use switchboard_wire::rest::channels::Connected;

use super::super::auth::{self, Agent, Via};
use super::super::problem::{Failure, Result};
use super::assets::{self, Asset};
use super::sign_in;
use super::tickets::{self, Granted, State};
use crate::clock;
use crate::state::App;

/// Where the console says what became of it.
const CONSOLE: &str = "/console/settings/channels";

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/channels/callback/{platform}").route(web::get().to(callback)));
}

/// Where a platform sends the browser back to. It must be registered there, to the letter.
pub(super) fn redirect_uri(app: &App, kind: AccountKind) -> String {
    format!("{}/api/v1/channels/callback/{}", app.public_url, platform(kind))
}

fn platform(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::InstagramLogin => "instagram",
        _ => "meta",
    }
}

/// Comes back from a platform: connects what was granted, and sends the browser to the console.
#[utoipa::path(
    get, path = "/api/v1/channels/callback/{platform}", tag = "channels",
    params(("platform" = String, Path, description = "meta or instagram")),
    responses((status = 302, description = "To the console, which says what became of it")),
    security(()),
)]
pub async fn callback(
    app: Data<App>,
    request: HttpRequest,
    platform: Path<String>,
) -> Result<HttpResponse> {
    let went = match auth::agent(&request).await {
        Ok(agent) => come_back(&app, &agent, &platform, request.query_string()).await,
        Err(failure) => Err(failure),
    };
    let url = match went {
        Ok(outcome) => at_console(outcome),
        Err(failure) => query::address(CONSOLE, &[("problem", &failure.to_string())]),
    };
    Ok(HttpResponse::Found()
        .insert_header((LOCATION, url))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish())
}

/// What became of signing in.
pub(super) enum Outcome {
    Choose { ticket: String },
    Connected(Connected),
}

/// The address at which the console says so.
pub(super) fn at_console(outcome: Outcome) -> String {
    match outcome {
        Outcome::Choose { ticket } => query::address(CONSOLE, &[("sign_in", &ticket)]),
        Outcome::Connected(Connected { accounts, problems }) => {
            let connected = accounts.len().to_string();
            let problems = problems.iter().map(|words| ("problem", words.as_str()));
            let said: Vec<(&str, &str)> =
                std::iter::once(("connected", connected.as_str())).chain(problems).collect();
            query::address(CONSOLE, &said)
        }
    }
}

async fn come_back(app: &App, agent: &Agent, from: &str, query: &str) -> Result<Outcome> {
    agent.require(Action::ManageChannels)?;
    let Redirect { state, code } = read_redirect(query);
    let begin_again = || Failure::invalid("this sign-in is not yours, or too old; begin again");
    let state = state.filter(|_| agent.via == Via::Cookie).ok_or_else(begin_again)?;
    let now = clock::now();
    let State { kind, choose } =
        tickets::open(&app.store.master, agent, &state, now).ok_or_else(begin_again)?;
    if platform(kind) != from {
        return Err(begin_again());
    }
    let code = code.map_err(assets::refused)?;
    let granted = assets::exchange(app, kind, Some(&redirect_uri(app, kind)), &code).await?;
    let found = assets::list(app, &granted).await?;
    if found.is_empty() {
        return Err(Failure::invalid("nothing was granted that could be connected"));
    }
    Ok(settle(app, agent, granted, found, choose).await)
}

/// Connects what was found, or has the person choose.
pub(super) async fn settle(
    app: &App,
    agent: &Agent,
    granted: Granted,
    found: Vec<Asset>,
    choose: bool,
) -> Outcome {
    if choose && found.len() > 1 {
        let ticket = tickets::seal(&app.store.master, agent, granted, clock::now());
        return Outcome::Choose { ticket };
    }
    Outcome::Connected(sign_in::connect(app, agent, found).await)
}
