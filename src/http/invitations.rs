//! Invitations to the team, by a link that whoever invites hands over.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use switchboard_domain::{Action, InvitationId, Role};
use switchboard_store::invitation::{self, INVITATIONS_MAX};
use switchboard_store::member::{self, MEMBERS_MAX};
use switchboard_store::seal::random_token;
use switchboard_store::workspace;
use switchboard_wire::rest::account::{Invitation, Invite, NewInvitation};
use switchboard_wire::{Code, Problem};
use uuid::Uuid;

use super::auth::Agent;
use super::fields;
use super::problem::{Failure, Result};
use crate::clock;
use crate::state::App;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(
        web::resource("/invitations").route(web::get().to(list)).route(web::post().to(create)),
    )
    .service(web::resource("/invitations/{id}").route(web::delete().to(withdraw)));
}

/// The invitations that wait to be used.
#[utoipa::path(
    get, path = "/api/v1/invitations", tag = "team",
    responses((status = 200, description = "Newest first", body = [Invitation])),
)]
pub async fn list(app: Data<App>, agent: Agent) -> Result<Json<Vec<Invitation>>> {
    agent.require(Action::ManageMember(Role::Agent))?;
    let tx = app.store.readers.begin(agent.workspace).await?;
    let invitations = invitation::list(&tx, agent.workspace, clock::now()).await?;
    Ok(Json(invitations.into_iter().map(view).collect()))
}

/// Invites an address. The link works once, for seven days, and replaces an earlier one.
#[utoipa::path(
    post, path = "/api/v1/invitations", tag = "team", request_body = Invite,
    responses(
        (status = 201, description = "Hand the link over yourself; it is shown once",
         body = NewInvitation),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 409, description = "The address is on the team already", body = Problem),
    ),
)]
pub async fn create(app: Data<App>, agent: Agent, body: Json<Invite>) -> Result<HttpResponse> {
    agent.require(Action::ManageMember(body.role))?;
    let email = fields::email(&body.email)?;
    let now = clock::now();
    let tx = app.store.writers.begin(agent.workspace).await?;
    workspace::lock(&tx, agent.workspace).await?;
    let mut roster = member::list(&tx, agent.workspace).await?;
    roster.retain(|member| member.active);
    if roster.iter().any(|member| member.email == email) {
        return Err(Failure::conflict("this address is on the team already").about("email"));
    }
    let waiting = invitation::list(&tx, agent.workspace, now).await?.len();
    if waiting >= INVITATIONS_MAX || roster.len() >= MEMBERS_MAX {
        return Err(Failure::new(
            Code::Refused,
            format!(
                "a workspace has at most {MEMBERS_MAX} members and {INVITATIONS_MAX} open \
                 invitations"
            ),
        ));
    }
    let invitation = invitation::Invitation {
        id: InvitationId(Uuid::now_v7()),
        email,
        role: body.role,
        invited_by: agent.member,
        created_at: now,
        expires_at: now + invitation::LIFETIME,
        accepted_at: None,
    };
    let token = random_token();
    invitation::insert(&tx, agent.workspace, &invitation, &token).await?;
    tx.commit().await?;
    let link = format!("{}/console/invite/{token}", app.public_url);
    Ok(HttpResponse::Created().json(NewInvitation { invitation: view(invitation), link }))
}

/// Withdraws an invitation: its link stops working.
#[utoipa::path(
    delete, path = "/api/v1/invitations/{id}", tag = "team",
    params(("id" = InvitationId, Path, description = "inv_…")),
    responses(
        (status = 204, description = "Withdrawn"),
        (status = 404, description = "There is none that waits to be used", body = Problem),
    ),
)]
pub async fn withdraw(
    app: Data<App>,
    agent: Agent,
    id: Path<InvitationId>,
) -> Result<HttpResponse> {
    agent.require(Action::ManageMember(Role::Agent))?;
    let not_found = || Failure::not_found("invitation");
    let tx = app.store.writers.begin(agent.workspace).await?;
    let invitation = invitation::get(&tx, agent.workspace, *id).await?.ok_or_else(not_found)?;
    agent.require(Action::ManageMember(invitation.role))?;
    if !invitation::delete(&tx, agent.workspace, *id).await? {
        return Err(not_found());
    }
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}

fn view(invitation: invitation::Invitation) -> Invitation {
    let invitation::Invitation { id, email, role, invited_by, created_at, expires_at, .. } =
        invitation;
    Invitation { id, email, role, invited_by, created_at, expires_at }
}
