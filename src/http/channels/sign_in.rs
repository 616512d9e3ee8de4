//! Connecting accounts by signing in at their platform.
//!
//! `begin` says where to send the browser, with a state that only its own session can use. The
//! platform sends it back to [`super::callbacks`], which connects what was granted or, where a
//! choice was asked for, sends the browser to the console with a ticket: `choices` and `choose`.
//! Nothing is kept in between, so that any node can go on. WhatsApp's Embedded Signup has a page of
//! ours in between: [`super::embedded_signup`].

use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use switchboard_channels::meta::oauth::{facebook, instagram, whatsapp};
use switchboard_channels::meta::query;
use switchboard_domain::{AccountId, AccountKind, Action, WorkspaceId};
use switchboard_wire::rest::channels::{
    BeginSignIn, ChooseAccounts, Connected, SignInAt, SignInChoices,
};
use switchboard_wire::{Code, Problem};

use super::super::auth::{Agent, Via};
use super::super::problem::{Failure, Result};
use super::assets::{self, Asset};
use super::callbacks::redirect_uri;
use super::embedded_signup;
use super::tickets::{self, Granted, State};
use crate::clock;
use crate::state::App;

/// The most accounts that are connected at once.
const AT_ONCE: usize = 100;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/channels/sign-in").route(web::post().to(begin))).service(
        web::resource("/channels/sign-in/{ticket}")
            .route(web::get().to(choices))
            .route(web::post().to(choose)),
    );
}

/// Begins signing in at a platform. Send the browser to the address within ten minutes.
#[utoipa::path(
    post, path = "/api/v1/channels/sign-in", tag = "channels", request_body = BeginSignIn,
    responses(
        (status = 200, description = "Where to send the browser", body = SignInAt),
        (status = 422, description = "This kind is not connected so, or not here", body = Problem),
    ),
)]
pub async fn begin(
    app: Data<App>,
    agent: Agent,
    body: Json<BeginSignIn>,
) -> Result<Json<SignInAt>> {
    agent.require(Action::ManageChannels)?;
    if agent.via != Via::Cookie {
        let words = "signing in at a platform needs a browser that is signed in here";
        return Err(Failure::new(Code::Refused, words));
    }
    let BeginSignIn { kind, choose } = body.into_inner();
    let state = tickets::seal(&app.store.master, &agent, State { kind, choose }, clock::now());
    let redirect = redirect_uri(&app, kind);
    let providers = &app.config.providers;
    let dialog = format!("{}/{}/dialog/oauth", providers.facebook_sign_in, providers.graph_version);
    let url = match kind {
        AccountKind::FacebookPage | AccountKind::InstagramPage => {
            facebook::authorize(&dialog, &assets::meta(&app)?.app_id, &redirect, &state, None)
        }
        AccountKind::WhatsappNumber if assets::meta(&app)?.embedded_signup.is_some() => {
            embedded_signup::address(&app, &agent, choose)
        }
        AccountKind::WhatsappNumber => {
            let scopes = whatsapp::SCOPES.join(",");
            let query = [
                ("client_id", assets::meta(&app)?.app_id.as_str()),
                ("redirect_uri", &redirect),
                ("state", &state),
                ("response_type", "code"),
                ("scope", &scopes),
            ];
            query::address(&dialog, &query)
        }
        AccountKind::InstagramLogin => {
            let dialog = format!("{}/oauth/authorize", providers.instagram_sign_in);
            let app_id = &assets::instagram_app(&app)?.app_id;
            instagram::authorize(&dialog, app_id, &redirect, &state)
        }
        AccountKind::TelegramBot => {
            let words = "a bot is connected by its token, which @BotFather gives";
            return Err(Failure::new(Code::Refused, words));
        }
    };
    Ok(Json(SignInAt { url }))
}

/// What can be connected with what was granted.
#[utoipa::path(
    get, path = "/api/v1/channels/sign-in/{ticket}", tag = "channels",
    params(("ticket" = String, Path, description = "From the address of the console")),
    responses(
        (status = 200, description = "The choices", body = SignInChoices),
        (status = 404, description = "It is not yours, or too old", body = Problem),
    ),
)]
pub async fn choices(
    app: Data<App>,
    agent: Agent,
    ticket: Path<String>,
) -> Result<Json<SignInChoices>> {
    agent.require(Action::ManageChannels)?;
    let granted = granted(&app, &agent, &ticket)?;
    let assets = assets::list(&app, &granted).await?;
    let choices = assets.into_iter().map(|asset| asset.choice).collect();
    Ok(Json(SignInChoices { kind: granted.kind, choices }))
}

/// Connects some of the choices.
#[utoipa::path(
    post, path = "/api/v1/channels/sign-in/{ticket}", tag = "channels",
    request_body = ChooseAccounts,
    params(("ticket" = String, Path, description = "From the address of the console")),
    responses(
        (status = 200, description = "What became of each", body = Connected),
        (status = 400, description = "One of them is no choice", body = Problem),
        (status = 404, description = "It is not yours, or too old", body = Problem),
    ),
)]
pub async fn choose(
    app: Data<App>,
    agent: Agent,
    ticket: Path<String>,
    body: Json<ChooseAccounts>,
) -> Result<Json<Connected>> {
    agent.require(Action::ManageChannels)?;
    let granted = granted(&app, &agent, &ticket)?;
    let ChooseAccounts { ids } = body.into_inner();
    let mut assets = assets::list(&app, &granted).await?;
    if ids.is_empty() || ids.iter().any(|id| !assets.iter().any(|asset| asset.choice.id == *id)) {
        return Err(Failure::field("ids", "choose from what can be connected"));
    }
    assets.retain(|asset| ids.contains(&asset.choice.id));
    Ok(Json(connect(&app, &agent, assets).await))
}

fn granted(app: &App, agent: &Agent, ticket: &str) -> Result<Granted> {
    let granted = tickets::open(&app.store.master, agent, ticket, clock::now());
    granted.ok_or_else(|| Failure::not_found("sign-in; begin again"))
}

/// Connects accounts one after the other. One that fails does not keep the others.
pub(super) async fn connect(app: &App, agent: &Agent, assets: Vec<Asset>) -> Connected {
    let mut connected = Connected::default();
    for asset in assets.into_iter().take(AT_ONCE) {
        let name = asset.choice.name.clone();
        match connect_one(app, agent.workspace, asset).await {
            Ok(id) => connected.accounts.push(id),
            Err(failure) => connected.problems.push(format!("{name}: {failure}")),
        }
    }
    connected
}

/// The PIN is stored before the platform learns it: it takes no other one later.
async fn connect_one(app: &App, workspace: WorkspaceId, asset: Asset) -> Result<AccountId> {
    let Asset { mut credentials, register, on_phone, .. } = asset;
    if register {
        credentials.pin = Some(assets::pin()?);
    }
    let id = app.cast.connect(workspace, credentials).await?;
    if register {
        assets::register(app, workspace, id).await?;
    }
    if on_phone {
        app.cast.start_handover(workspace, id).await?;
    }
    Ok(id)
}
