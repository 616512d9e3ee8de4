//! Connected accounts.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use switchboard_channels::account::Credentials;
use switchboard_domain::{AccountId, AccountKind, Action, Channel, WorkspaceId};
use switchboard_wire::Problem;
use switchboard_wire::rest::channels::{
    Account, ChangeAccount, Channels, ConnectAccount, HookAddress,
};

use super::super::auth::Agent;
use super::super::fields;
use super::super::problem::{Failure, Result};
use super::assets;
use crate::clock;
use crate::state::App;

/// The longest token and id that are taken, in bytes. Meta's tokens have no stated bound.
pub(super) const TOKEN_MAX_BYTES: usize = 4_096;
pub(super) const ID_MAX_BYTES: usize = 64;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/channels").route(web::get().to(overview)))
        .service(web::resource("/channels/accounts").route(web::post().to(connect)))
        .service(
            web::resource("/channels/accounts/{id}")
                .route(web::patch().to(change))
                .route(web::delete().to(disconnect)),
        )
        .service(web::resource("/channels/accounts/{id}/check").route(web::post().to(check)))
        .service(web::resource("/channels/accounts/{id}/history").route(web::post().to(history)));
}

/// The accounts, and what else can be connected and how.
#[utoipa::path(
    get, path = "/api/v1/channels", tag = "channels",
    responses((status = 200, description = "As of now", body = Channels)),
)]
pub async fn overview(app: Data<App>, agent: Agent) -> Result<Json<Channels>> {
    Ok(Json(Channels {
        accounts: app.cast.accounts(agent.workspace).await?,
        sign_in: sign_in_kinds(&app),
        hooks: hooks(&app),
        phones_url: app.demo.as_ref().and_then(|demo| demo.phones_url.clone()),
    }))
}

/// Connects an account by what its owner pastes.
#[utoipa::path(
    post, path = "/api/v1/channels/accounts", tag = "channels", request_body = ConnectAccount,
    responses(
        (status = 201, description = "Connected", body = Account),
        (status = 400, description = "A value is not allowed", body = Problem),
        (status = 409, description = "Another workspace has it", body = Problem),
        (status = 422, description = "The platform does not let us", body = Problem),
    ),
)]
pub async fn connect(
    app: Data<App>,
    agent: Agent,
    body: Json<ConnectAccount>,
) -> Result<HttpResponse> {
    agent.require(Action::ManageChannels)?;
    let credentials = credentials(body.into_inner())?;
    if credentials.kind != AccountKind::TelegramBot {
        assets::meta(&app)?;
    }
    let id = app.cast.connect(agent.workspace, credentials).await?;
    Ok(HttpResponse::Created().json(one(&app, agent.workspace, id).await?))
}

/// Renames an account, pauses it or lets it go on.
#[utoipa::path(
    patch, path = "/api/v1/channels/accounts/{id}", tag = "channels",
    request_body = ChangeAccount,
    params(("id" = AccountId, Path, description = "acc_…")),
    responses(
        (status = 200, description = "As it is now", body = Account),
        (status = 404, description = "There is no such account", body = Problem),
    ),
)]
pub async fn change(
    app: Data<App>,
    agent: Agent,
    id: Path<AccountId>,
    body: Json<ChangeAccount>,
) -> Result<Json<Account>> {
    agent.require(Action::ManageChannels)?;
    one(&app, agent.workspace, *id).await?;
    let ChangeAccount { name, paused } = body.into_inner();
    if let Some(name) = name {
        let name = fields::name("name", &name)?;
        app.cast.rename_account(agent.workspace, *id, &name).await?;
    }
    if let Some(paused) = paused {
        app.cast.set_paused(agent.workspace, *id, paused).await?;
    }
    one(&app, agent.workspace, *id).await.map(Json)
}

/// Takes an account away. Its conversations stay; nothing comes or goes any more.
#[utoipa::path(
    delete, path = "/api/v1/channels/accounts/{id}", tag = "channels",
    params(("id" = AccountId, Path, description = "acc_…")),
    responses(
        (status = 204, description = "Disconnected"),
        (status = 404, description = "There is no such account", body = Problem),
    ),
)]
pub async fn disconnect(app: Data<App>, agent: Agent, id: Path<AccountId>) -> Result<HttpResponse> {
    agent.require(Action::ManageChannels)?;
    one(&app, agent.workspace, *id).await?;
    app.cast.disconnect(agent.workspace, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Asks the platform at once how an account is.
#[utoipa::path(
    post, path = "/api/v1/channels/accounts/{id}/check", tag = "channels",
    params(("id" = AccountId, Path, description = "acc_…")),
    responses(
        (status = 200, description = "As it is now", body = Account),
        (status = 404, description = "There is no such account", body = Problem),
    ),
)]
pub async fn check(app: Data<App>, agent: Agent, id: Path<AccountId>) -> Result<Json<Account>> {
    agent.require(Action::ManageChannels)?;
    one(&app, agent.workspace, *id).await?;
    app.cast.check_account(agent.workspace, *id).await?;
    one(&app, agent.workspace, *id).await.map(Json)
}

/// Brings what was said before the account was connected, as far as the platform hands it out.
#[utoipa::path(
    post, path = "/api/v1/channels/accounts/{id}/history", tag = "channels",
    params(("id" = AccountId, Path, description = "acc_…")),
    responses(
        (status = 200, description = "It has begun", body = Account),
        (status = 404, description = "There is no such account", body = Problem),
        (status = 422, description = "The platform hands out no history", body = Problem),
    ),
)]
pub async fn history(app: Data<App>, agent: Agent, id: Path<AccountId>) -> Result<Json<Account>> {
    agent.require(Action::ManageChannels)?;
    one(&app, agent.workspace, *id).await?;
    app.cast.start_history(agent.workspace, *id).await?;
    one(&app, agent.workspace, *id).await.map(Json)
}

/// One account as it is now.
pub(super) async fn one(app: &App, workspace: WorkspaceId, id: AccountId) -> Result<Account> {
    let found = app.cast.accounts(workspace).await?.into_iter().find(|account| account.id == id);
    found.ok_or_else(|| Failure::not_found("account"))
}

/// What can be connected by signing in at its platform.
pub(super) fn sign_in_kinds(app: &App) -> Vec<AccountKind> {
    let Some(meta) = &app.config.meta else { return vec![] };
    let mut kinds =
        vec![AccountKind::WhatsappNumber, AccountKind::FacebookPage, AccountKind::InstagramPage];
    if meta.instagram.is_some() {
        kinds.push(AccountKind::InstagramLogin);
    }
    kinds
}

/// Where Meta is to be told to send what happens. Telegram is told by the server itself.
fn hooks(app: &App) -> Vec<HookAddress> {
    if app.config.meta.is_none() {
        return vec![];
    }
    [Channel::Whatsapp, Channel::Messenger, Channel::Instagram]
        .into_iter()
        .map(|channel| HookAddress {
            channel,
            url: format!("{}/hooks/{}", app.public_url, channel.name()),
        })
        .collect()
}

/// What was pasted, cleaned. What is not known yet, the platform says when it is connected.
fn credentials(body: ConnectAccount) -> Result<Credentials> {
    let none = |kind, token| -> Result<Credentials> {
        Ok(Credentials {
            kind,
            id: String::new(),
            other_id: None,
            parent: None,
            token: pasted("token", token, TOKEN_MAX_BYTES)?,
            token_expires_at: None,
            token_given_at: Some(clock::now()),
            connected_by: None,
            hook_secret: None,
            pin: None,
        })
    };
    let id = |field, value| pasted(field, value, ID_MAX_BYTES);
    Ok(match body {
        ConnectAccount::WhatsappNumber { phone_number_id, business_account_id, token } => {
            Credentials {
                id: id("phone_number_id", phone_number_id)?,
                parent: Some(id("business_account_id", business_account_id)?),
                ..none(AccountKind::WhatsappNumber, token)?
            }
        }
        ConnectAccount::FacebookPage { page_id, token } => {
            Credentials { id: id("page_id", page_id)?, ..none(AccountKind::FacebookPage, token)? }
        }
        ConnectAccount::InstagramLogin { token } => none(AccountKind::InstagramLogin, token)?,
        ConnectAccount::InstagramPage { page_id, token } => Credentials {
            parent: Some(id("page_id", page_id)?),
            ..none(AccountKind::InstagramPage, token)?
        },
        ConnectAccount::TelegramBot { token } => {
            let credentials = none(AccountKind::TelegramBot, token)?;
            let bot = credentials.token.split_once(':').map(|(id, _)| id);
            let bot = bot.filter(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()));
            let id = bot.ok_or_else(|| {
                Failure::field("token", "a bot's token is such as 123456:ABC…, from @BotFather")
            })?;
            Credentials { id: id.to_owned(), ..credentials }
        }
    })
}

/// A value that a person or a platform's page gave, without what surrounds it.
pub(super) fn pasted(field: &str, value: String, max: usize) -> Result<String> {
    let value = value.trim();
    let whole = !value.is_empty() && value.len() <= max;
    if whole && value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(value.to_owned());
    }
    Err(Failure::field(field, "paste it whole, as the platform shows it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_is_cleaned_and_what_cannot_be_right_is_named() {
        let bot =
            |token: &str| credentials(ConnectAccount::TelegramBot { token: token.to_owned() });
        assert_eq!(bot(" 7001:AAx \n").unwrap().id, "7001");
        for bad in ["", "7001", ":AAx", "x1:AAx", "7001:A Ax", "7001:é"] {
            let refused = bot(bad).unwrap_err();
            assert_eq!(refused.problem().field.as_deref(), Some("token"), "{bad}");
        }
        let number = |id: &str| {
            credentials(ConnectAccount::WhatsappNumber {
                phone_number_id: id.to_owned(),
                business_account_id: "102".to_owned(),
                token: "EAAG".to_owned(),
            })
        };
        let found = number("106").unwrap();
        assert_eq!((found.id.as_str(), found.parent.as_deref()), ("106", Some("102")));
        assert_eq!(number(" ").unwrap_err().problem().field.as_deref(), Some("phone_number_id"));
    }
}
