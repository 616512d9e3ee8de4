//! Members: logins within a workspace, and their roles. Who was removed stays, for the history.

use jiff::Timestamp;
use switchboard_domain::{MemberId, Role, Seq, UserId, WorkspaceId};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::event::{self, Kind};
use crate::pool::Tx;

const LIST: &str = "
    select m.id, m.user_id, u.name, u.email, m.role, m.active
    from members m join users u on u.id = m.user_id
    where m.workspace_id = $1 order by m.created_at, m.id";
const SELECT: &str = "
    select m.id, m.user_id, u.name, u.email, m.role, m.active
    from members m join users u on u.id = m.user_id
    where m.workspace_id = $1 and m.id = $2";
const INSERT: &str = "
    insert into members (workspace_id, id, user_id, role, created_at)
    values ($1, $2, $3, $4, $5)";
/// Who was removed comes back as the same member.
const ADMIT: &str = "
    insert into members as m (workspace_id, id, user_id, role, created_at)
    values ($1, $2, $3, $4, $5)
    on conflict (workspace_id, user_id) do update set role = excluded.role, active = true
    where not m.active
    returning id";
const SET_ROLE: &str = "
    update members set role = $3 where workspace_id = $1 and id = $2 and active";
const REMOVE: &str = "
    update members set active = false where workspace_id = $1 and id = $2 and active";

/// The most active members of a workspace: every console holds all of them.
pub const MEMBERS_MAX: usize = 1_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub id: MemberId,
    pub user: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
    /// False once removed.
    pub active: bool,
}

/// Everyone who is or was on the team, in the order they joined.
pub async fn list(tx: &Tx, workspace: WorkspaceId) -> Result<Vec<Member>> {
    let list = tx.prepare_cached(LIST).await?;
    tx.query(&list, &[&Uuid::from(workspace)]).await?.iter().map(from_row).collect()
}

pub async fn get(tx: &Tx, workspace: WorkspaceId, id: MemberId) -> Result<Option<Member>> {
    let select = tx.prepare_cached(SELECT).await?;
    let row = tx.query_opt(&select, &[&Uuid::from(workspace), &Uuid::from(id)]).await?;
    row.as_ref().map(from_row).transpose()
}

/// Adds the first member of a workspace, of which nobody is told.
pub(crate) async fn insert(
    tx: &Tx,
    workspace: WorkspaceId,
    id: MemberId,
    user: UserId,
    role: Role,
    now: Timestamp,
) -> Result<()> {
    let insert = tx.prepare_cached(INSERT).await?;
    let (workspace, id, user) = (Uuid::from(workspace), Uuid::from(id), Uuid::from(user));
    tx.execute(&insert, &[&workspace, &id, &user, &role_name(role), &now]).await?;
    Ok(())
}

/// Lets a login in, or in again. `None` when it is a member already.
pub async fn admit(
    tx: &Tx,
    workspace: WorkspaceId,
    id: MemberId,
    user: UserId,
    role: Role,
    now: Timestamp,
) -> Result<Option<(MemberId, Seq)>> {
    let admit = tx.prepare_cached(ADMIT).await?;
    let ids = (Uuid::from(workspace), Uuid::from(id), Uuid::from(user));
    let row = tx.query_opt(&admit, &[&ids.0, &ids.1, &ids.2, &role_name(role), &now]).await?;
    let Some(row) = row else { return Ok(None) };
    let member = MemberId(row.get(0));
    let seq = changed(tx, workspace, member, now).await?;
    Ok(Some((member, seq)))
}

pub async fn set_role(
    tx: &Tx,
    workspace: WorkspaceId,
    id: MemberId,
    role: Role,
    now: Timestamp,
) -> Result<Seq> {
    let update = tx.prepare_cached(SET_ROLE).await?;
    tx.execute(&update, &[&Uuid::from(workspace), &Uuid::from(id), &role_name(role)]).await?;
    changed(tx, workspace, id, now).await
}

/// Takes a member off the team. Sessions and tokens are for the caller to end.
pub async fn remove(tx: &Tx, workspace: WorkspaceId, id: MemberId, now: Timestamp) -> Result<Seq> {
    let update = tx.prepare_cached(REMOVE).await?;
    tx.execute(&update, &[&Uuid::from(workspace), &Uuid::from(id)]).await?;
    changed(tx, workspace, id, now).await
}

async fn changed(tx: &Tx, workspace: WorkspaceId, id: MemberId, now: Timestamp) -> Result<Seq> {
    event::record(tx, workspace, now, Kind::MemberChanged, Some(id.into())).await
}

fn from_row(row: &Row) -> Result<Member> {
    Ok(Member {
        id: row.get::<_, Uuid>(0).into(),
        user: row.get::<_, Uuid>(1).into(),
        name: row.get(2),
        email: row.get(3),
        role: parse_role(row.get(4))?,
        active: row.get(5),
    })
}

const ROLES: [(Role, &str); 3] =
    [(Role::Agent, "agent"), (Role::Admin, "admin"), (Role::Owner, "owner")];

/// A role as the database writes it.
pub fn role_name(role: Role) -> &'static str {
    ROLES.iter().find(|(known, _)| *known == role).map_or("", |(_, name)| name)
}

pub fn parse_role(name: &str) -> Result<Role> {
    ROLES
        .iter()
        .find(|(_, known)| *known == name)
        .map(|(role, _)| *role)
        .ok_or_else(|| Error::Corrupt(format!("a member of the unknown role {name}")))
}
