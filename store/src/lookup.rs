//! What is found before the workspace is known: whom a cookie, token or snippet speaks for.
//! Each goes through a function of the schema that returns no more than this.

use jiff::Timestamp;
use switchboard_domain::{MemberId, Role, UserId, WorkspaceId};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::Store;
use crate::error::{Error, Result};
use crate::pool::{Scope, Tx};

/// Whom a session cookie or an API token speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub user: UserId,
    pub workspace: WorkspaceId,
    pub member: MemberId,
    pub role: Role,
    /// The row of the session or of the token.
    pub row: Uuid,
    pub last_used_at: Option<Timestamp>,
}

/// By the hash of a session cookie.
pub async fn session(store: &Store, hash: &[u8; 32]) -> Result<Option<Principal>> {
    const SQL: &str = "select user_id, workspace_id, member_id, role, session_id, last_used_at
         from find_session($1)";
    principal(&store.readers.begin(Scope::default()).await?, SQL, hash).await
}

/// As what member a credential lets somebody in: the row of a session or a token, the workspace and
/// the member it is used for.
pub type Asked = (Uuid, WorkspaceId, MemberId);

/// The credentials that still let somebody in, in no order, and in what role.
pub async fn logins(store: &Store, asked: &[Asked]) -> Result<Vec<(Uuid, MemberId, Role)>> {
    let credentials: Vec<Uuid> = asked.iter().map(|(credential, _, _)| *credential).collect();
    let workspaces: Vec<Uuid> = asked.iter().map(|(_, workspace, _)| (*workspace).into()).collect();
    let members: Vec<Uuid> = asked.iter().map(|(_, _, member)| (*member).into()).collect();
    let tx = store.readers.begin(Scope::default()).await?;
    let select = tx
        .prepare_cached("select credential, member_id, role from find_logins($1, $2, $3)")
        .await?;
    let rows = tx.query(&select, &[&credentials, &workspaces, &members]).await?;
    let read = |row: &Row| Ok((row.get(0), row.get::<_, Uuid>(1).into(), role(row.get(2))?));
    rows.iter().map(read).collect()
}

/// By the hash of a personal API token.
pub async fn api_token(store: &Store, hash: &[u8; 32]) -> Result<Option<Principal>> {
    const SQL: &str = "select user_id, workspace_id, member_id, role, token_id, last_used_at
         from find_api_token($1)";
    principal(&store.readers.begin(Scope::default()).await?, SQL, hash).await
}

async fn principal(tx: &Tx, sql: &str, hash: &[u8; 32]) -> Result<Option<Principal>> {
    let select = tx.prepare_cached(sql).await?;
    let row = tx.query_opt(&select, &[&hash.as_slice()]).await?;
    row.map(|row| {
        Ok(Principal {
            user: row.get::<_, Uuid>(0).into(),
            workspace: row.get::<_, Uuid>(1).into(),
            member: row.get::<_, Uuid>(2).into(),
            role: role(row.get(3))?,
            row: row.get(4),
            last_used_at: row.get(5),
        })
    })
    .transpose()
}

fn role(name: &str) -> Result<Role> {
    match name {
        "agent" => Ok(Role::Agent),
        "admin" => Ok(Role::Admin),
        "owner" => Ok(Role::Owner),
        other => Err(Error::Corrupt(format!("a member of the unknown role {other}"))),
    }
}

/// The workspace of a widget's public key.
pub async fn widget(store: &Store, key: &str) -> Result<Option<WorkspaceId>> {
    let tx = store.readers.begin(Scope::default()).await?;
    let select = tx.prepare_cached("select workspace_id from find_widget($1)").await?;
    let row = tx.query_opt(&select, &[&key]).await?;
    Ok(row.map(|row| row.get::<_, Uuid>(0).into()))
}
