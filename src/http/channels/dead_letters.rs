//! What platforms sent, verified, and could not be read.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, Path, Query, ServiceConfig};
use serde::Deserialize;
use switchboard_actors::page;
use switchboard_channels::Hook;
use switchboard_channels::account::Credentials;
use switchboard_domain::{AccountId, Action, Channel, DeadLetterId, WorkspaceId};
use switchboard_store::account;
use switchboard_store::dead_letter::{self, After};
use switchboard_store::seal::WorkspaceKeys;
use switchboard_wire::rest::channels::{DeadLetter, DeadLetters};
use switchboard_wire::{Code, Problem};
use utoipa::IntoParams;

use super::super::auth::Agent;
use super::super::conversations::not_a_cursor;
use super::super::paging;
use super::super::problem::{Failure, Result};
use crate::clock;
use crate::state::App;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/channels/dead-letters").route(web::get().to(list)))
        .service(web::resource("/channels/dead-letters/{id}").route(web::delete().to(dismiss)))
        .service(web::resource("/channels/dead-letters/{id}/replay").route(web::post().to(replay)));
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// The `next` of the page before.
    cursor: Option<String>,
    /// 50 unless said otherwise, 100 at the most.
    limit: Option<u32>,
}

/// A page of what could not be read, the newest first.
#[utoipa::path(
    get, path = "/api/v1/channels/dead-letters", tag = "channels", params(ListQuery),
    responses(
        (status = 200, description = "A page", body = DeadLetters),
        (status = 400, description = "The cursor is not one", body = Problem),
    ),
)]
pub async fn list(
    app: Data<App>,
    agent: Agent,
    query: Query<ListQuery>,
) -> Result<Json<DeadLetters>> {
    agent.require(Action::ManageChannels)?;
    let limit = paging::limit(query.limit);
    let after = match &query.cursor {
        None => None,
        Some(cursor) => Some(parse_cursor(cursor).ok_or_else(not_a_cursor)?),
    };
    let keys = page::keys(&app.store, agent.workspace).await?;
    let tx = app.store.readers.begin(agent.workspace).await?;
    let mut rows = dead_letter::page(&tx, &keys, agent.workspace, after, limit + 1).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(cursor);
    Ok(Json(DeadLetters { letters: rows.iter().map(view).collect(), next }))
}

/// Reads one again, as if it had just come.
#[utoipa::path(
    post, path = "/api/v1/channels/dead-letters/{id}/replay", tag = "channels",
    params(("id" = DeadLetterId, Path, description = "ded_…")),
    responses(
        (status = 204, description = "It was read, and is gone from the list"),
        (status = 404, description = "There is no such letter", body = Problem),
        (status = 422, description = "It still cannot be read", body = Problem),
    ),
)]
pub async fn replay(app: Data<App>, agent: Agent, id: Path<DeadLetterId>) -> Result<HttpResponse> {
    agent.require(Action::ManageChannels)?;
    let workspace = agent.workspace;
    let keys = page::keys(&app.store, workspace).await?;
    let tx = app.store.readers.begin(workspace).await?;
    let letter = dead_letter::get(&tx, &keys, workspace, *id).await?.ok_or_else(missing)?;
    drop(tx);
    let read = again(&app, workspace, &keys, &letter).await?;
    let tx = app.store.writers.begin(workspace).await?;
    if !read {
        dead_letter::tried(&tx, workspace, *id, clock::now()).await?;
        tx.commit().await?;
        return Err(Failure::new(Code::Refused, "it still cannot be read; a newer server may"));
    }
    dead_letter::remove(&tx, workspace, *id).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes it the way that webhooks go. Whether all of it could be read.
async fn again(
    app: &App,
    workspace: WorkspaceId,
    keys: &WorkspaceKeys,
    letter: &dead_letter::DeadLetter,
) -> Result<bool> {
    let Some(hook) = hook(&letter.hook) else { return Ok(false) };
    let bot = match letter.account.filter(|_| hook == Hook::Telegram) {
        Some(id) => bot(app, workspace, keys, id).await?,
        None => None,
    };
    let batch = switchboard_channels::read(hook, bot.as_deref(), &letter.body);
    if !batch.unreadable.is_empty() || batch.events.is_empty() {
        return Ok(false);
    }
    // One whose account is gone stays where people see it.
    Ok(!app.cast.inbound(hook, batch).await?.unknown)
}

/// The bot that the address of a Telegram webhook names.
async fn bot(
    app: &App,
    workspace: WorkspaceId,
    keys: &WorkspaceKeys,
    id: AccountId,
) -> Result<Option<String>> {
    let tx = app.store.readers.begin(workspace).await?;
    let found = account::get(&tx, keys, workspace, id).await?;
    let credentials = found.and_then(|row| serde_json::from_slice(&row.credentials).ok());
    Ok(credentials.map(|credentials: Credentials| credentials.id))
}

/// Throws one away.
#[utoipa::path(
    delete, path = "/api/v1/channels/dead-letters/{id}", tag = "channels",
    params(("id" = DeadLetterId, Path, description = "ded_…")),
    responses(
        (status = 204, description = "Gone"),
        (status = 404, description = "There is no such letter", body = Problem),
    ),
)]
pub async fn dismiss(app: Data<App>, agent: Agent, id: Path<DeadLetterId>) -> Result<HttpResponse> {
    agent.require(Action::ManageChannels)?;
    let tx = app.store.writers.begin(agent.workspace).await?;
    if !dead_letter::remove(&tx, agent.workspace, *id).await? {
        return Err(missing());
    }
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}

fn missing() -> Failure {
    Failure::not_found("letter")
}

fn hook(name: &str) -> Option<Hook> {
    [Hook::Whatsapp, Hook::Messenger, Hook::Instagram, Hook::Telegram]
        .into_iter()
        .find(|hook| hook.name() == name)
}

fn view(row: &dead_letter::DeadLetter) -> DeadLetter {
    DeadLetter {
        id: row.id,
        // Hooks are named as the channels that they are for.
        channel: Channel::parse(&row.hook).unwrap_or_default(),
        account: row.account,
        why: row.why.clone(),
        body: String::from_utf8_lossy(&row.body).into_owned(),
        received_at: row.received_at,
        tried_at: row.tried_at,
    }
}

/// Where the page after this row begins.
fn cursor(row: &dead_letter::DeadLetter) -> String {
    format!("{}_{}", row.received_at.as_microsecond(), row.id)
}

fn parse_cursor(text: &str) -> Option<After> {
    let (at, id) = text.split_once('_')?;
    let received_at = jiff::Timestamp::from_microsecond(at.parse().ok()?).ok()?;
    Some(After { received_at, id: id.parse().ok()? })
}
