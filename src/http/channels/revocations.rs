//! What Meta asks of us about people: that somebody took our access away, and that somebody wants
//! their data deleted. Both are signed by our app.

use std::time::Duration;

use actix_web::web::{self, Data, Form, Json, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use switchboard_actors::page;
use switchboard_channels::account::Credentials;
use switchboard_channels::meta::signed_request;
use switchboard_domain::{AccountId, AccountKind, Identity, WorkspaceId};
use switchboard_store::{account, contact, deletion, event, workspace};
use switchboard_wire::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::auth;
use super::super::problem::{Failure, Result};
use crate::clock;
use crate::limits::{Who, client_ip};
use crate::state::App;

/// How long an answer waits for what usually takes a moment.
const PATIENCE: Duration = Duration::from_secs(8);
/// Where people write under ids that these requests could name.
const KINDS: [AccountKind; 3] =
    [AccountKind::FacebookPage, AccountKind::InstagramLogin, AccountKind::InstagramPage];

/// What may stand in the address. All are products of one app, whose secrets sign the requests.
const PLATFORMS: [&str; 5] = ["meta", "facebook", "messenger", "whatsapp", "instagram"];

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(
        web::resource("/integrations/{platform}/deauthorize").route(web::post().to(deauthorize)),
    )
    .service(
        web::resource("/integrations/{platform}/data-delete").route(web::post().to(delete_data)),
    );
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct SignedRequest {
    signed_request: String,
}

/// What the platform shows the person who asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Confirmation {
    url: String,
    confirmation_code: String,
}

/// Somebody removed our app: the accounts that they connected are disconnected at once.
#[utoipa::path(
    post, path = "/api/v1/integrations/{platform}/deauthorize", tag = "channels",
    params(("platform" = String, Path, description = "meta, facebook, messenger, whatsapp or instagram")),
    request_body(content = SignedRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Done"),
        (status = 401, description = "It is not signed by our app", body = Problem),
    ),
    security(()),
)]
pub async fn deauthorize(
    app: Data<App>,
    request: HttpRequest,
    platform: Path<String>,
    form: Form<SignedRequest>,
) -> Result<HttpResponse> {
    let person = verified(&app, &request, &platform, &form)?;
    let disconnected = disconnect_all(&app, &person).await?;
    tracing::info!(platform = %platform, disconnected, "somebody removed our app");
    Ok(HttpResponse::Ok().finish())
}

/// Somebody wants their data deleted: accounts they connected are disconnected, and what they
/// wrote to us is destroyed. Asked again, the answer is the same.
#[utoipa::path(
    post, path = "/api/v1/integrations/{platform}/data-delete", tag = "channels",
    params(("platform" = String, Path, description = "meta, facebook, messenger, whatsapp or instagram")),
    request_body(content = SignedRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Where the person sees how it stands", body = Confirmation),
        (status = 401, description = "It is not signed by our app", body = Problem),
    ),
    security(()),
)]
pub async fn delete_data(
    app: Data<App>,
    request: HttpRequest,
    platform: Path<String>,
    form: Form<SignedRequest>,
) -> Result<Json<Confirmation>> {
    let person = verified(&app, &request, &platform, &form)?;
    let code = Uuid::new_v4().simple().to_string();
    let code = deletion::note(&app.store, &code, &platform, &person).await?;
    let work = tokio::spawn(delete(app.clone().into_inner(), code.clone(), person));
    match tokio::time::timeout(PATIENCE, work).await {
        // What takes longer goes on by itself.
        Err(_) | Ok(Ok(Ok(()))) => {}
        Ok(Ok(Err(failure))) => return Err(failure),
        Ok(Err(panicked)) => return Err(Failure::internal(panicked)),
    }
    let url = format!("{}/privacy/deletion/{code}", app.public_url);
    Ok(Json(Confirmation { url, confirmation_code: code }))
}

/// The app-scoped id of the person whom a request is about, once it is known to be our app's.
fn verified(
    app: &App,
    request: &HttpRequest,
    platform: &str,
    form: &SignedRequest,
) -> Result<String> {
    let address = client_ip(request, app.config.http.trusted_proxies);
    auth::count(app, request, Who::address(address))?;
    let meta = app.config.meta.as_ref().filter(|_| PLATFORMS.contains(&platform));
    let meta = meta.ok_or_else(|| Failure::not_found("app of ours there"))?;
    // Which of the two secrets signs for Instagram is told differently; either is ours.
    match signed_request(&meta.secrets(), &form.signed_request) {
        Ok(payload) => Ok(payload.user_id),
        Err(error) => {
            tracing::warn!(platform, %error, "a request about a person was refused");
            Err(Failure::new(switchboard_wire::Code::Unauthenticated, error.to_string()))
        }
    }
}

async fn disconnect_all(app: &App, person: &str) -> Result<usize> {
    let accounts = deletion::connected_by(&app.store, person).await?;
    for (workspace, id) in &accounts {
        app.cast.forget_account(*workspace, *id).await?;
    }
    Ok(accounts.len())
}

async fn delete(app: std::sync::Arc<App>, code: String, person: String) -> Result<()> {
    let disconnected = disconnect_all(&app, &person).await?;
    let mut erased = 0;
    for (workspace, id) in deletion::accounts_of(&app.store, &KINDS).await? {
        erased += usize::from(erase(&app, workspace, id, &person).await?);
    }
    deletion::finish(&app.store, &code).await?;
    tracing::info!(disconnected, erased, "somebody's data was deleted");
    Ok(())
}

/// Destroys what a person wrote to an account, if they did. Whether there was anything.
async fn erase(app: &App, workspace: WorkspaceId, id: AccountId, person: &str) -> Result<bool> {
    let keys = page::keys(&app.store, workspace).await?;
    let tx = app.store.writers.begin(workspace).await?;
    workspace::lock(&tx, workspace).await?;
    let Some(row) = account::get(&tx, &keys, workspace, id).await? else { return Ok(false) };
    // An account that was disconnected has let go of what it was.
    let Ok(credentials) = serde_json::from_slice::<Credentials>(&row.credentials) else {
        return Ok(false);
    };
    let value = format!("{}:{person}", credentials.id);
    let identity = match row.kind {
        AccountKind::FacebookPage => Identity::Messenger(value),
        _ => Identity::Instagram(value),
    };
    let Some(found) = contact::find(&tx, &keys, workspace, &identity).await? else {
        return Ok(false);
    };
    let now = clock::now();
    deletion::erase(&tx, &keys, workspace, found, now).await?;
    let kind = event::Kind::ContactChanged;
    let seq = event::record(&tx, workspace, now, kind, Some(found.into())).await?;
    contact::stamp(&tx, workspace, found, seq).await?;
    tx.commit().await?;
    app.changed(workspace, seq);
    Ok(true)
}
