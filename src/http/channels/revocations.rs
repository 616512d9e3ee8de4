//! What Meta asks of us about people: that somebody took our access away, and that somebody wants
//! their data deleted. Both are signed by our app.

use std::time::Duration;

use actix_web::web::{self, Data, Form, Json, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use switchboard_channels::meta::signed_request;
use switchboard_store::deletion;
use switchboard_wire::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::auth;
use super::super::problem::{Failure, Result};
use crate::forgetting;
use crate::limits::{Who, client_ip};
use crate::state::App;

/// How long an answer waits for what usually takes a moment.
const PATIENCE: Duration = Duration::from_secs(8);
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
    let disconnected = forgetting::disconnect_all(&app, &person).await?;
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
    let work = tokio::spawn(forgetting::delete(app.clone().into_inner(), code.clone(), person));
    match tokio::time::timeout(PATIENCE, work).await {
        // What takes longer goes on by itself, and what is cut off is taken up again.
        Err(_) | Ok(Ok(Ok(()))) => {}
        Ok(Ok(Err(rejection))) => return Err(rejection.into()),
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
