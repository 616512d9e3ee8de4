//! A member's personal API tokens.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use switchboard_domain::TokenId;
use switchboard_store::token::{self, TOKENS_MAX, Token};
use switchboard_store::workspace;
use switchboard_wire::rest::account::{ApiToken, CreateToken, NewApiToken};
use switchboard_wire::{Code, Problem};
use uuid::Uuid;

use super::account::session_of;
use super::auth::Agent;
use super::changes::SignedOut;
use super::fields;
use super::problem::{Failure, Result};
use crate::clock;
use crate::state::App;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/tokens").route(web::get().to(list)).route(web::post().to(create)))
        .service(web::resource("/tokens/{id}").route(web::delete().to(revoke)));
}

/// One's own tokens in this workspace, without their secrets.
#[utoipa::path(
    get, path = "/api/v1/tokens", tag = "account",
    responses((status = 200, description = "Newest first", body = [ApiToken])),
)]
pub async fn list(app: Data<App>, agent: Agent) -> Result<Json<Vec<ApiToken>>> {
    let tx = app.store.readers.begin(agent.workspace).await?;
    let tokens = token::list(&tx, agent.workspace, agent.member).await?;
    Ok(Json(tokens.into_iter().map(view).collect()))
}

/// Makes a token that may do what its owner may. Its secret is shown now and never again.
#[utoipa::path(
    post, path = "/api/v1/tokens", tag = "account", request_body = CreateToken,
    responses(
        (status = 201, description = "With its secret", body = NewApiToken),
        (status = 403, description = "A token cannot make tokens", body = Problem),
    ),
)]
pub async fn create(app: Data<App>, agent: Agent, body: Json<CreateToken>) -> Result<HttpResponse> {
    session_of(&agent)?;
    let secret = token::new_secret();
    let token = Token {
        id: TokenId(Uuid::now_v7()),
        name: fields::name("name", &body.name)?,
        hint: token::hint(&secret),
        created_at: clock::now(),
        last_used_at: None,
    };
    let tx = app.store.writers.begin(agent.workspace).await?;
    workspace::lock(&tx, agent.workspace).await?;
    if token::list(&tx, agent.workspace, agent.member).await?.len() >= TOKENS_MAX {
        let detail = format!("a member has at most {TOKENS_MAX} tokens; revoke one first");
        return Err(Failure::new(Code::Refused, detail));
    }
    token::insert(&tx, agent.workspace, agent.member, &token, &secret).await?;
    tx.commit().await?;
    Ok(HttpResponse::Created().json(NewApiToken { token: view(token), secret }))
}

/// Revokes one of one's own tokens, at once. Sockets that it opened are closed.
#[utoipa::path(
    delete, path = "/api/v1/tokens/{id}", tag = "account",
    params(("id" = TokenId, Path, description = "tok_…")),
    responses(
        (status = 204, description = "Revoked"),
        (status = 404, description = "You have no such token", body = Problem),
    ),
)]
pub async fn revoke(app: Data<App>, agent: Agent, id: Path<TokenId>) -> Result<HttpResponse> {
    let tx = app.store.writers.begin(agent.workspace).await?;
    if !token::delete(&tx, agent.workspace, agent.member, *id).await? {
        return Err(Failure::not_found("token"));
    }
    tx.commit().await?;
    app.signed_out(SignedOut::Credential((*id).into()));
    Ok(HttpResponse::NoContent().finish())
}

fn view(token: Token) -> ApiToken {
    let Token { id, name, hint, created_at, last_used_at } = token;
    ApiToken { id, name, hint, created_at, last_used_at }
}
