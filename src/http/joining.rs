//! Joining a team by the link of an invitation, with a new login or one's own.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use switchboard_domain::person::permits;
use switchboard_domain::{Action, MemberId, UserId, WorkspaceId};
use switchboard_store::invitation::{self, Invitation};
use switchboard_store::member::MEMBERS_MAX;
use switchboard_store::user::{self, MEMBERSHIPS_MAX, Membership, NewUser};
use switchboard_store::{Scope, Tx, member, password_link, workspace};
use switchboard_wire::rest::account::{AcceptInvitation, InvitationPreview, Me};
use switchboard_wire::{Code, Problem};
use uuid::Uuid;

use super::account::{
    Authenticated, address_taken, authenticate, open_session, require_password_unchanged,
};
use super::me::me_of;
use super::problem::{Failure, Result};
use super::{cookie, fields};
use crate::clock;
use crate::http::changes::Forget;
use crate::limits::{Kind, Who, client_ip};
use crate::state::App;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/invitations/by-token/{token}").route(web::get().to(preview)))
        .service(web::resource("/invitations/accept").route(web::post().to(accept)));
}

/// What an invitation is for, before it is accepted.
#[utoipa::path(
    get, path = "/api/v1/invitations/by-token/{token}", tag = "account",
    params(("token" = String, Path, description = "The end of the link")),
    responses(
        (status = 200, description = "It can be accepted", body = InvitationPreview),
        (status = 404, description = "There is no such invitation", body = Problem),
        (status = 410, description = "It was used or has expired", body = Problem),
    ),
    security(()),
)]
pub async fn preview(
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<Json<InvitationPreview>> {
    let ip = client_ip(&request, app.config.http.trusted_proxies);
    app.limits.check(Kind::Link, Who::address(ip))?;
    let Open { workspace_name, invitation, has_login, .. } = open(&app, &token).await?;
    let Invitation { email, role, .. } = invitation;
    Ok(Json(InvitationPreview { workspace: workspace_name, email, role, has_login }))
}

/// Joins the team: with a new login, or with the login that the invited address already has and
/// its password.
#[utoipa::path(
    post, path = "/api/v1/invitations/accept", tag = "account", request_body = AcceptInvitation,
    responses(
        (status = 201, description = "Joined and signed in; the cookie is set", body = Me),
        (status = 401, description = "It is not the password of the login", body = Problem),
        (status = 404, description = "There is no such invitation", body = Problem),
        (status = 410, description = "It was used or has expired", body = Problem),
    ),
    security(()),
)]
pub async fn accept(
    app: Data<App>,
    request: HttpRequest,
    body: Json<AcceptInvitation>,
) -> Result<HttpResponse> {
    let ip = client_ip(&request, app.config.http.trusted_proxies);
    app.limits.check(Kind::Link, Who::address(ip))?;
    let AcceptInvitation { token, name, password } = body.into_inner();
    let open = open(&app, &token).await?;
    let joining = if open.has_login {
        let email = &open.invitation.email;
        Joining::Again(authenticate(&app, &request, email, password).await.map_err(|failure| {
            if failure.code() == Code::Unauthenticated {
                failure.about("password")
            } else {
                failure
            }
        })?)
    } else {
        let name = fields::name("name", &name)?;
        fields::password("password", &password, &open.invitation.email, &name)?;
        Joining::First { name, password_hash: app.passwords.hash(password).await? }
    };
    join(&app, &open, joining).await
}

/// An invitation that can be used, and where it leads.
struct Open {
    workspace: WorkspaceId,
    workspace_name: String,
    invitation: Invitation,
    has_login: bool,
}

async fn open(app: &App, token: &str) -> Result<Open> {
    let not_found = || Failure::not_found("invitation");
    let tx = app.store.readers.begin(Scope::default()).await?;
    let (workspace, id) = invitation::find(&tx, token).await?.ok_or_else(not_found)?;
    tx.act_for(workspace).await?;
    let invitation = invitation::get(&tx, workspace, id).await?.ok_or_else(not_found)?;
    if !invitation.can_be_used(clock::now()) {
        return Err(used());
    }
    let name = workspace::get(&tx, workspace).await?.ok_or_else(not_found)?.name;
    let has_login = user::find_login(&tx, &invitation.email).await?.is_some();
    Ok(Open { workspace, workspace_name: name, invitation, has_login })
}

enum Joining {
    First { name: String, password_hash: String },
    Again(Authenticated),
}

async fn join(app: &App, open: &Open, joining: Joining) -> Result<HttpResponse> {
    let Open { workspace, invitation, .. } = open;
    let workspace = *workspace;
    let user = match &joining {
        Joining::First { .. } => UserId(Uuid::now_v7()),
        Joining::Again(login) => login.id,
    };
    let now = clock::now();
    let tx = app.store.writers.begin(Scope::of(workspace, user)).await?;
    workspace::lock(&tx, workspace).await?;
    require_inviter(&tx, workspace, invitation).await?;
    if !invitation::accept(&tx, workspace, invitation.id, now).await? {
        return Err(used());
    }
    match &joining {
        Joining::First { name, password_hash } => {
            let login = NewUser { id: user, email: &invitation.email, name, password_hash };
            user::insert(&tx, &login, now).await.map_err(address_taken)?;
        }
        Joining::Again(login) => {
            require_password_unchanged(&tx, login).await?;
            if user::memberships(&tx, user).await?.len() >= MEMBERSHIPS_MAX {
                let detail = format!("a login belongs to at most {MEMBERSHIPS_MAX} workspaces");
                return Err(Failure::new(Code::Refused, detail));
            }
            // A link that another team made must not open this one.
            password_link::delete_all(&tx, user).await?;
        }
    }
    let id = MemberId(Uuid::now_v7());
    let (member, seq) = member::admit(&tx, workspace, id, user, invitation.role, now)
        .await?
        .ok_or_else(|| Failure::conflict("you are on this team already"))?;
    let token = open_session(&tx, user, workspace).await?;
    tx.commit().await?;
    app.cast.forget(Forget::Principals);
    app.cast.forget(Forget::Names(workspace));
    app.changed(workspace, seq);
    let me = me_of(app, user, Membership { workspace, member }).await?;
    Ok(cookie::signed_in(StatusCode::CREATED, &token, &me))
}

/// An invitation is worth what whoever sent it may do now: one who was removed or demoted since
/// lets nobody in. Read under the workspace's lock.
async fn require_inviter(tx: &Tx, workspace: WorkspaceId, invitation: &Invitation) -> Result<()> {
    let roster = member::list(tx, workspace).await?;
    let active = || roster.iter().filter(|member| member.active);
    let may = active().any(|member| {
        member.id == invitation.invited_by
            && permits(member.role, Action::ManageMember(invitation.role))
    });
    if !may {
        return Err(Failure::gone("whoever invited you can do so no more; ask for a new link"));
    }
    if active().count() >= MEMBERS_MAX {
        return Err(Failure::new(Code::Refused, "this team is full"));
    }
    Ok(())
}

fn used() -> Failure {
    Failure::gone("this invitation was used already, or has expired; ask for a new one")
}
