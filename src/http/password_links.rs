//! Forgotten passwords: a link, handed over by somebody of the team, sets a new one.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use switchboard_domain::MemberId;
use switchboard_store::seal::random_token;
use switchboard_store::{Scope, member, password_link, session, user};
use switchboard_wire::rest::account::{Me, PasswordLink, ResetPassword};
use switchboard_wire::{Code, Problem};

use super::account::{no_workspace, open_session, session_of};
use super::auth::Agent;
use super::changes::SignedOut;
use super::me::me_of;
use super::members::may_manage;
use super::problem::{Failure, Result};
use super::{cookie, fields};
use crate::clock;
use crate::limits::{Kind, Who, client_ip};
use crate::state::App;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/members/{id}/password-link").route(web::post().to(create)))
        .service(web::resource("/password-reset").route(web::post().to(reset)));
}

/// Makes a link by which a colleague sets a new password. It works once, for a day, and replaces
/// an earlier one.
///
/// A login that belongs to other workspaces as well is not this team's alone to open: for it,
/// only whoever runs the server can make a link (`switchboard password-link`).
#[utoipa::path(
    post, path = "/api/v1/members/{id}/password-link", tag = "team",
    params(("id" = MemberId, Path, description = "mem_…")),
    responses(
        (status = 201, description = "Hand it over yourself; it is shown once",
         body = PasswordLink),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 422, description = "It is your own login, or not this workspace's alone",
         body = Problem),
    ),
)]
pub async fn create(app: Data<App>, agent: Agent, id: Path<MemberId>) -> Result<HttpResponse> {
    session_of(&agent)?;
    let tx = app.store.writers.begin(agent.workspace).await?;
    let roster = member::list(&tx, agent.workspace).await?;
    let colleague = may_manage(&roster, agent.member, *id)?;
    if colleague.id == agent.member {
        return Err(Failure::new(Code::Refused, "change your own password in your profile"));
    }
    tx.act_for(Scope::of(agent.workspace, colleague.user)).await?;
    // Joining another workspace takes this lock as well, and makes earlier links worthless.
    user::lock(&tx, colleague.user).await?;
    let memberships = user::memberships(&tx, colleague.user).await?;
    if memberships.iter().any(|membership| membership.workspace != agent.workspace) {
        return Err(Failure::new(
            Code::Refused,
            "this login belongs to other workspaces as well; ask whoever runs the server",
        ));
    }
    let token = random_token();
    let expires_at = password_link::insert(&tx, colleague.user, &token, clock::now()).await?;
    tx.commit().await?;
    let link = link(&app.public_url, &token);
    Ok(HttpResponse::Created().json(PasswordLink { link, expires_at }))
}

/// The page of the console that takes a new password.
pub fn link(public_url: &str, token: &str) -> String {
    format!("{public_url}/console/reset/{token}")
}

/// Sets a new password by a link. Everyone who was signed in with the old one is signed out.
#[utoipa::path(
    post, path = "/api/v1/password-reset", tag = "account", request_body = ResetPassword,
    responses(
        (status = 200, description = "Signed in; the cookie is set", body = Me),
        (status = 410, description = "The link was used or has expired", body = Problem),
    ),
    security(()),
)]
pub async fn reset(
    app: Data<App>,
    request: HttpRequest,
    body: Json<ResetPassword>,
) -> Result<HttpResponse> {
    let ip = client_ip(&request, app.config.http.trusted_proxies);
    app.limits.check(Kind::Link, Who::address(ip))?;
    let ResetPassword { token, password } = body.into_inner();
    let login = {
        let tx = app.store.readers.begin(Scope::default()).await?;
        let id = password_link::find(&tx, &token).await?.ok_or_else(used)?;
        tx.act_for(id).await?;
        user::get(&tx, id).await?.ok_or_else(used)?
    };
    fields::password("password", &password, &login.email, &login.name)?;
    let hash = app.passwords.hash(password).await?;

    let now = clock::now();
    let tx = app.store.writers.begin(login.id).await?;
    user::lock(&tx, login.id).await?;
    if !password_link::use_up(&tx, login.id, &token, now).await? {
        return Err(used());
    }
    user::set_password(&tx, login.id, &hash).await?;
    session::delete_others(&tx, login.id, None).await?;
    let membership = user::memberships(&tx, login.id).await?.first().copied();
    let session = match membership {
        Some(membership) => Some(open_session(&tx, login.id, membership.workspace).await?),
        None => None,
    };
    tx.commit().await?;
    app.signed_out(SignedOut::User(login.id));
    let (membership, session) = membership.zip(session).ok_or_else(no_workspace)?;
    let me = me_of(&app, login.id, membership).await?;
    Ok(cookie::signed_in(StatusCode::OK, &session, &me))
}

fn used() -> Failure {
    Failure::gone("this link was used already, or has expired; ask for a new one")
}
