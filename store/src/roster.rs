//! What every console and widget needs of a workspace besides its conversations: the workspace,
//! its members and its labels.

use jiff::Timestamp;
use switchboard_domain::{LabelId, MemberId, Role, WorkspaceId};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::pool::Tx;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub id: MemberId,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub active: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub id: LabelId,
    pub name: String,
    pub color: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub name: String,
    pub created_at: Timestamp,
}

/// Everyone who is or was a member, the oldest membership first.
pub async fn members(tx: &Tx, workspace: WorkspaceId) -> Result<Vec<Member>> {
    let select = tx
        .prepare_cached(
            "select m.id, u.name, u.email, m.role, m.active
             from members m join users u on u.id = m.user_id
             where m.workspace_id = $1 order by m.created_at, m.id",
        )
        .await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace)]).await?;
    rows.iter()
        .map(|row| {
            Ok(Member {
                id: MemberId(row.get(0)),
                name: row.get(1),
                email: row.get(2),
                role: parse_role(row.get(3))?,
                active: row.get(4),
            })
        })
        .collect()
}

/// The labels, by name.
pub async fn labels(tx: &Tx, workspace: WorkspaceId) -> Result<Vec<Label>> {
    let select = tx
        .prepare_cached(
            "select id, name, color from labels where workspace_id = $1 order by lower(name)",
        )
        .await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace)]).await?;
    Ok(rows
        .iter()
        .map(|row| Label { id: LabelId(row.get(0)), name: row.get(1), color: row.get(2) })
        .collect())
}

pub async fn workspace(tx: &Tx, workspace: WorkspaceId) -> Result<Option<Workspace>> {
    let select =
        tx.prepare_cached("select id, name, created_at from workspaces where id = $1").await?;
    let row = tx.query_opt(&select, &[&Uuid::from(workspace)]).await?;
    Ok(row.map(|row| Workspace {
        id: WorkspaceId(row.get(0)),
        name: row.get(1),
        created_at: row.get(2),
    }))
}

pub fn parse_role(name: &str) -> Result<Role> {
    match name {
        "agent" => Ok(Role::Agent),
        "admin" => Ok(Role::Admin),
        "owner" => Ok(Role::Owner),
        other => Err(Error::Corrupt(format!("a member with the role {other}"))),
    }
}
