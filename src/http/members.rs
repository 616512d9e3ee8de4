//! The team: who is on it, in which role, and who leaves.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use switchboard_domain::person::permits;
use switchboard_domain::{Action, MemberId, Role};
use switchboard_store::member::{self, Member};
use switchboard_store::{Scope, session, token, workspace};
use switchboard_wire::rest::account::ChangeMember;
use switchboard_wire::{Code, Problem, view};

use super::auth::Agent;
use super::changes::{Forget, SignedOut};
use super::problem::{Failure, Result};
use crate::clock;
use crate::state::App;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/members").route(web::get().to(list))).service(
        web::resource("/members/{id}")
            .route(web::patch().to(change))
            .route(web::delete().to(remove)),
    );
}

/// Everyone who is or was on the team.
#[utoipa::path(
    get, path = "/api/v1/members", tag = "team",
    responses((status = 200, description = "In the order they joined", body = [view::Member])),
)]
pub async fn list(app: Data<App>, agent: Agent) -> Result<Json<Vec<view::Member>>> {
    let tx = app.store.readers.begin(agent.workspace).await?;
    let members = member::list(&tx, agent.workspace).await?;
    Ok(Json(members.into_iter().map(view).collect()))
}

/// Changes a member's role, at once.
#[utoipa::path(
    patch, path = "/api/v1/members/{id}", tag = "team", request_body = ChangeMember,
    params(("id" = MemberId, Path, description = "mem_…")),
    responses(
        (status = 200, description = "As it is now", body = view::Member),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 422, description = "The last owner stays one", body = Problem),
    ),
)]
pub async fn change(
    app: Data<App>,
    agent: Agent,
    id: Path<MemberId>,
    body: Json<ChangeMember>,
) -> Result<Json<view::Member>> {
    let tx = app.store.writers.begin(agent.workspace).await?;
    workspace::lock(&tx, agent.workspace).await?;
    let roster = member::list(&tx, agent.workspace).await?;
    let Some(role) = body.role else {
        return Ok(Json(view(find(&roster, *id)?.clone())));
    };
    let before = decide(&roster, agent.member, *id, Some(role))?;
    if before.role == role {
        return Ok(Json(view(before.clone())));
    }
    let seq = member::set_role(&tx, agent.workspace, *id, role, clock::now()).await?;
    tx.commit().await?;
    app.cast.forget(Forget::Principals);
    app.changed(agent.workspace, seq);
    // Their sockets still act by the role they were opened with.
    app.cast.changed(SignedOut::Member(agent.workspace, *id));
    Ok(Json(view(Member { role, ..before.clone() })))
}

/// Takes a member off the team, at once: sessions, sockets and tokens of this workspace end. The
/// name stays for the history.
#[utoipa::path(
    delete, path = "/api/v1/members/{id}", tag = "team",
    params(("id" = MemberId, Path, description = "mem_…")),
    responses(
        (status = 204, description = "Removed"),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 422, description = "The last owner stays", body = Problem),
    ),
)]
pub async fn remove(app: Data<App>, agent: Agent, id: Path<MemberId>) -> Result<HttpResponse> {
    let tx = app.store.writers.begin(agent.workspace).await?;
    workspace::lock(&tx, agent.workspace).await?;
    let roster = member::list(&tx, agent.workspace).await?;
    let leaving = decide(&roster, agent.member, *id, None)?;
    let seq = member::remove(&tx, agent.workspace, *id, clock::now()).await?;
    token::delete_all(&tx, agent.workspace, *id).await?;
    // Sessions belong to the login alone.
    tx.act_for(Scope::of(agent.workspace, leaving.user)).await?;
    session::delete_in(&tx, leaving.user, agent.workspace).await?;
    tx.commit().await?;
    app.signed_out(SignedOut::Member(agent.workspace, *id));
    app.changed(agent.workspace, seq);
    Ok(HttpResponse::NoContent().finish())
}

/// Whether `actor` may give `target` this role, or remove them when there is none. The roster is
/// read under the workspace's lock, so what it says holds until the commit.
fn decide(
    roster: &[Member],
    actor: MemberId,
    target: MemberId,
    role: Option<Role>,
) -> Result<&Member> {
    let target = may_manage(roster, actor, target)?;
    let actor = find(roster, actor).map_err(|_| Failure::unauthenticated())?;
    if role.is_some_and(|role| !permits(actor.role, Action::ManageMember(role))) {
        return Err(not_allowed());
    }
    let stays_owner = role == Some(Role::Owner);
    let owners = roster.iter().filter(|member| member.active && member.role == Role::Owner);
    if target.role == Role::Owner && !stays_owner && owners.count() == 1 {
        return Err(Failure::new(
            Code::Refused,
            "a workspace keeps at least one owner; make somebody else one first",
        ));
    }
    Ok(target)
}

/// The member `target`, when `actor` may look after somebody of that role.
pub(super) fn may_manage(roster: &[Member], actor: MemberId, target: MemberId) -> Result<&Member> {
    let actor = find(roster, actor).map_err(|_| Failure::unauthenticated())?;
    let target = find(roster, target)?;
    if permits(actor.role, Action::ManageMember(target.role)) {
        Ok(target)
    } else {
        Err(not_allowed())
    }
}

fn not_allowed() -> Failure {
    Failure::forbidden("your role does not allow this for somebody of that role")
}

fn find(roster: &[Member], id: MemberId) -> Result<&Member> {
    roster
        .iter()
        .find(|member| member.id == id && member.active)
        .ok_or_else(|| Failure::not_found("member"))
}

/// A stored member as the wire shows it.
pub(super) fn view(member: Member) -> view::Member {
    let Member { id, name, email, role, active, .. } = member;
    view::Member { id, name, email, role, active }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn member(n: u128, role: Role) -> Member {
        Member {
            id: Uuid::from_u128(n).into(),
            user: Uuid::from_u128(n).into(),
            name: "Ana".into(),
            email: "ana@example.com".into(),
            role,
            active: true,
        }
    }

    fn id(n: u128) -> MemberId {
        Uuid::from_u128(n).into()
    }

    fn refusal(roster: &[Member], actor: u128, target: u128, role: Option<Role>) -> Option<Code> {
        decide(roster, id(actor), id(target), role).err().map(|failure| failure.code())
    }

    #[test]
    fn the_last_owner_can_neither_leave_nor_be_demoted() {
        let mut roster = vec![member(1, Role::Owner), member(2, Role::Admin)];
        assert_eq!(refusal(&roster, 1, 1, None), Some(Code::Refused));
        assert_eq!(refusal(&roster, 1, 1, Some(Role::Agent)), Some(Code::Refused));
        assert_eq!(refusal(&roster, 1, 1, Some(Role::Owner)), None);
        roster.push(Member { active: false, ..member(3, Role::Owner) });
        assert_eq!(refusal(&roster, 1, 1, None), Some(Code::Refused));
        roster.push(member(4, Role::Owner));
        assert_eq!(refusal(&roster, 1, 1, None), None);
        assert_eq!(refusal(&roster, 4, 1, Some(Role::Agent)), None);
    }

    #[test]
    fn nobody_reaches_above_themselves() {
        let roster = [member(1, Role::Owner), member(2, Role::Admin), member(3, Role::Agent)];
        assert_eq!(refusal(&roster, 2, 1, None), Some(Code::Forbidden));
        assert_eq!(refusal(&roster, 2, 3, Some(Role::Owner)), Some(Code::Forbidden));
        assert_eq!(refusal(&roster, 2, 2, Some(Role::Owner)), Some(Code::Forbidden));
        assert_eq!(refusal(&roster, 3, 3, Some(Role::Admin)), Some(Code::Forbidden));
        assert_eq!(refusal(&roster, 2, 3, Some(Role::Admin)), None);
        assert_eq!(refusal(&roster, 2, 3, None), None);
    }

    #[test]
    fn who_was_removed_manages_nobody_and_is_not_found() {
        let gone = Member { active: false, ..member(2, Role::Owner) };
        let roster = [member(1, Role::Owner), gone];
        assert_eq!(refusal(&roster, 2, 1, None), Some(Code::Unauthenticated));
        assert_eq!(refusal(&roster, 1, 2, None), Some(Code::NotFound));
        assert_eq!(refusal(&roster, 1, 9, None), Some(Code::NotFound));
    }
}
