//! Invitations: a link by which one address may join once, while whoever sent it still could.

use jiff::{SignedDuration, Timestamp};
use switchboard_domain::{InvitationId, MemberId, Role, WorkspaceId};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::error::Result;
use crate::member::{parse_role, role_name};
use crate::pool::Tx;
use crate::seal::token_hash;

const LIST: &str = "
    select id, email, role, invited_by, created_at, expires_at, accepted_at
    from invitations
    where workspace_id = $1 and accepted_at is null and expires_at > $2
    order by created_at desc, id desc";
const SELECT: &str = "
    select id, email, role, invited_by, created_at, expires_at, accepted_at
    from invitations where workspace_id = $1 and id = $2";
/// What nobody can use any more, and an earlier invitation of the same address.
const MAKE_WAY: &str = "
    delete from invitations
    where workspace_id = $1 and accepted_at is null and (expires_at <= $2 or email = $3)";
const INSERT: &str = "
    insert into invitations
      (workspace_id, id, email, role, token_hash, invited_by, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8)";
const DELETE: &str = "
    delete from invitations where workspace_id = $1 and id = $2 and accepted_at is null";
const FIND: &str = "select workspace_id, invitation_id from find_invitation($1)";
const ACCEPT: &str = "
    update invitations set accepted_at = $3
    where workspace_id = $1 and id = $2 and accepted_at is null and expires_at > $3";

/// An invitation can be used for this long.
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The most invitations of a workspace that wait to be used.
pub const INVITATIONS_MAX: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: InvitationId,
    pub email: String,
    pub role: Role,
    pub invited_by: MemberId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub accepted_at: Option<Timestamp>,
}

impl Invitation {
    pub fn can_be_used(&self, now: Timestamp) -> bool {
        self.accepted_at.is_none() && now < self.expires_at
    }
}

/// The invitations that can still be used, newest first.
pub async fn list(tx: &Tx, workspace: WorkspaceId, now: Timestamp) -> Result<Vec<Invitation>> {
    let list = tx.prepare_cached(LIST).await?;
    tx.query(&list, &[&Uuid::from(workspace), &now]).await?.iter().map(from_row).collect()
}

pub async fn get(tx: &Tx, workspace: WorkspaceId, id: InvitationId) -> Result<Option<Invitation>> {
    let select = tx.prepare_cached(SELECT).await?;
    let row = tx.query_opt(&select, &[&Uuid::from(workspace), &Uuid::from(id)]).await?;
    row.as_ref().map(from_row).transpose()
}

/// Stores an invitation under the hash of its token, in place of an earlier one of the address.
pub async fn insert(
    tx: &Tx,
    workspace: WorkspaceId,
    invitation: &Invitation,
    token: &str,
) -> Result<()> {
    let Invitation { id, email, role, invited_by, created_at, expires_at, .. } = invitation;
    let workspace = Uuid::from(workspace);
    let make_way = tx.prepare_cached(MAKE_WAY).await?;
    tx.execute(&make_way, &[&workspace, created_at, email]).await?;
    let insert = tx.prepare_cached(INSERT).await?;
    tx.execute(
        &insert,
        &[
            &workspace,
            &Uuid::from(*id),
            email,
            &role_name(*role),
            &token_hash(token).as_slice(),
            &Uuid::from(*invited_by),
            created_at,
            expires_at,
        ],
    )
    .await?;
    Ok(())
}

/// Withdraws an invitation that was not used; false when there is none.
pub async fn delete(tx: &Tx, workspace: WorkspaceId, id: InvitationId) -> Result<bool> {
    let delete = tx.prepare_cached(DELETE).await?;
    Ok(tx.execute(&delete, &[&Uuid::from(workspace), &Uuid::from(id)]).await? == 1)
}

/// Where the invitation of a link is, used or not. Needs no scope.
pub async fn find(tx: &Tx, token: &str) -> Result<Option<(WorkspaceId, InvitationId)>> {
    let find = tx.prepare_cached(FIND).await?;
    let row = tx.query_opt(&find, &[&token_hash(token).as_slice()]).await?;
    Ok(row.map(|row| (row.get::<_, Uuid>(0).into(), row.get::<_, Uuid>(1).into())))
}

/// Uses an invitation up; false when it was used, withdrawn or too old.
pub async fn accept(
    tx: &Tx,
    workspace: WorkspaceId,
    id: InvitationId,
    now: Timestamp,
) -> Result<bool> {
    let accept = tx.prepare_cached(ACCEPT).await?;
    Ok(tx.execute(&accept, &[&Uuid::from(workspace), &Uuid::from(id), &now]).await? == 1)
}

fn from_row(row: &Row) -> Result<Invitation> {
    Ok(Invitation {
        id: row.get::<_, Uuid>(0).into(),
        email: row.get(1),
        role: parse_role(row.get(2))?,
        invited_by: row.get::<_, Uuid>(3).into(),
        created_at: row.get(4),
        expires_at: row.get(5),
        accepted_at: row.get(6),
    })
}
