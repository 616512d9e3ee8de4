//! The login that is signed in: its name, its password and the workspace it is in.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Json, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use switchboard_domain::UserId;
use switchboard_store::user::{self, Membership};
use switchboard_store::{Scope, member, password_link, session, workspace};
use switchboard_wire::Problem;
use switchboard_wire::rest::account::{ChangeMe, Me, SwitchWorkspace};
use uuid::Uuid;

use super::account::session_of;
use super::auth::{Agent, COOKIE, Via};
use super::changes::{Forget, SignedOut};
use super::problem::{Failure, Result};
use super::{cookie, fields, members, workspace as workspaces};
use crate::clock;
use crate::limits::{Kind, Who};
use crate::state::App;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(
        web::resource("/me").route(web::get().to(get_me)).route(web::patch().to(change_me)),
    )
    .service(web::resource("/switch").route(web::post().to(switch)));
}

/// Who is signed in. Prolongs the browser's cookie.
#[utoipa::path(
    get, path = "/api/v1/me", tag = "account",
    responses((status = 200, description = "Who is signed in", body = Me)),
)]
pub async fn get_me(app: Data<App>, request: HttpRequest, agent: Agent) -> Result<HttpResponse> {
    let me = me_of(&app, agent.user, membership(&agent)).await?;
    Ok(match request.cookie(COOKIE).filter(|_| agent.via == Via::Cookie) {
        Some(current) => cookie::signed_in(StatusCode::OK, current.value(), &me),
        None => HttpResponse::Ok().json(me),
    })
}

/// Changes the login's name or password, or both. A new password signs out everywhere else.
#[utoipa::path(
    patch, path = "/api/v1/me", tag = "account", request_body = ChangeMe,
    responses(
        (status = 200, description = "Changed", body = Me),
        (status = 400, description = "The current password is wrong, or a value is not allowed",
         body = Problem),
    ),
)]
pub async fn change_me(app: Data<App>, agent: Agent, body: Json<ChangeMe>) -> Result<Json<Me>> {
    let ChangeMe { name, new_password, current_password } = body.into_inner();
    let name = name.map(|name| fields::name("name", &name)).transpose()?;
    if let Some(new) = new_password {
        let session = session_of(&agent)?;
        let current = current_password
            .ok_or_else(|| Failure::field("current_password", "the current one is needed"))?;
        change_password(&app, agent.user, session, name.as_deref(), new, current).await?;
    }
    if let Some(name) = name {
        let tx = app.store.writers.begin(agent.user).await?;
        let events = user::rename(&tx, agent.user, &name, clock::now()).await?;
        tx.commit().await?;
        for (workspace, seq) in events {
            app.changed(workspace, seq);
            app.cast.forget(Forget::Names(workspace));
        }
    }
    Ok(Json(me_of(&app, agent.user, membership(&agent)).await?))
}

async fn change_password(
    app: &App,
    id: UserId,
    kept: Uuid,
    new_name: Option<&str>,
    new: String,
    current: String,
) -> Result<()> {
    app.limits.check(Kind::SignIn, Who::Id(id.into()))?;
    let before = {
        let tx = app.store.readers.begin(id).await?;
        user::get(&tx, id).await?.ok_or_else(Failure::unauthenticated)?
    };
    fields::password("new_password", &new, &before.email, new_name.unwrap_or(&before.name))?;
    if !app.passwords.verify(current, Some(before.password_hash.clone())).await? {
        return Err(Failure::field("current_password", "this is not your current password"));
    }
    let hash = app.passwords.hash(new).await?;

    let tx = app.store.writers.begin(id).await?;
    user::lock(&tx, id).await?;
    let unchanged =
        user::get(&tx, id).await?.is_some_and(|u| u.password_hash == before.password_hash);
    if !unchanged {
        return Err(Failure::conflict("the password was changed meanwhile"));
    }
    user::set_password(&tx, id, &hash).await?;
    password_link::delete_all(&tx, id).await?;
    let ended = session::delete_others(&tx, id, Some(kept)).await?;
    tx.commit().await?;
    app.limits.forgive(Kind::SignIn, &Who::Id(id.into()));
    for session in ended {
        app.signed_out(SignedOut::Credential(session));
    }
    Ok(())
}

/// Takes this browser's session into another workspace of the login.
#[utoipa::path(
    post, path = "/api/v1/switch", tag = "account", request_body = SwitchWorkspace,
    responses(
        (status = 200, description = "The session is in the workspace now", body = Me),
        (status = 404, description = "The login belongs to no such workspace", body = Problem),
    ),
)]
pub async fn switch(app: Data<App>, agent: Agent, body: Json<SwitchWorkspace>) -> Result<Json<Me>> {
    let session = session_of(&agent)?;
    let tx = app.store.writers.begin(agent.user).await?;
    let membership = user::memberships(&tx, agent.user)
        .await?
        .into_iter()
        .find(|membership| membership.workspace == body.workspace)
        .ok_or_else(|| Failure::not_found("workspace"))?;
    session::switch(&tx, session, membership.workspace).await?;
    tx.commit().await?;
    // Sockets stay where they were opened: the login is still a member there.
    app.cast.forget(Forget::Principals);
    Ok(Json(me_of(&app, agent.user, membership).await?))
}

fn membership(agent: &Agent) -> Membership {
    Membership { workspace: agent.workspace, member: agent.member }
}

/// A login as it sees itself within one of its workspaces.
pub(super) async fn me_of(app: &App, user: UserId, membership: Membership) -> Result<Me> {
    let tx = app.store.readers.begin(Scope::of(membership.workspace, user)).await?;
    let member = member::get(&tx, membership.workspace, membership.member).await?;
    let workspace = workspace::get(&tx, membership.workspace).await?;
    let (Some(member), Some(workspace)) = (member, workspace) else {
        return Err(Failure::unauthenticated());
    };
    let all = workspace::of_login(&tx, user).await?;
    Ok(Me {
        user,
        member: members::view(member),
        workspace: workspaces::view(workspace),
        workspaces: all.into_iter().map(workspaces::view).collect(),
    })
}
