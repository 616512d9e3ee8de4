//! Personal API tokens. The secret is shown once and kept only as its hash; `lookup` finds whom it
//! speaks for.

use jiff::Timestamp;
use switchboard_domain::{MemberId, TokenId, WorkspaceId};
use uuid::Uuid;

use crate::error::Result;
use crate::pool::Tx;
use crate::seal::token_hash;
use crate::session::TOUCH_EVERY;

const LIST: &str = "
    select id, name, hint, created_at, last_used_at from api_tokens
    where workspace_id = $1 and member_id = $2 order by created_at desc, id desc";
const INSERT: &str = "
    insert into api_tokens (workspace_id, id, member_id, name, hint, secret_hash, created_at)
    values ($1, $2, $3, $4, $5, $6, $7)";
const DELETE: &str = "
    delete from api_tokens where workspace_id = $1 and member_id = $2 and id = $3";
const DELETE_ALL: &str = "delete from api_tokens where workspace_id = $1 and member_id = $2";
const TOUCH: &str = "
    update api_tokens set last_used_at = $3
    where workspace_id = $1 and id = $2 and (last_used_at is null or last_used_at < $4)";

/// What every secret begins with, so that it is recognised where it should not be.
pub const SECRET_PREFIX: &str = "sbt_";
/// How much of a secret is shown afterwards, to tell tokens apart.
const HINT_CHARS: usize = SECRET_PREFIX.len() + 5;
/// The most tokens of one member.
pub const TOKENS_MAX: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub id: TokenId,
    pub name: String,
    pub hint: String,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

/// A new secret: 256 random bits behind the prefix.
pub fn new_secret() -> String {
    format!("{SECRET_PREFIX}{}", crate::seal::random_token())
}

/// The beginning of a secret, which gives nothing of its strength away.
pub fn hint(secret: &str) -> String {
    format!("{}…", secret.chars().take(HINT_CHARS).collect::<String>())
}

/// A member's own tokens, newest first.
pub async fn list(tx: &Tx, workspace: WorkspaceId, member: MemberId) -> Result<Vec<Token>> {
    let list = tx.prepare_cached(LIST).await?;
    let rows = tx.query(&list, &[&Uuid::from(workspace), &Uuid::from(member)]).await?;
    let token = |row: &tokio_postgres::Row| Token {
        id: row.get::<_, Uuid>(0).into(),
        name: row.get(1),
        hint: row.get(2),
        created_at: row.get(3),
        last_used_at: row.get(4),
    };
    Ok(rows.iter().map(token).collect())
}

pub async fn insert(
    tx: &Tx,
    workspace: WorkspaceId,
    member: MemberId,
    token: &Token,
    secret: &str,
) -> Result<()> {
    let insert = tx.prepare_cached(INSERT).await?;
    tx.execute(
        &insert,
        &[
            &Uuid::from(workspace),
            &Uuid::from(token.id),
            &Uuid::from(member),
            &token.name,
            &token.hint,
            &token_hash(secret).as_slice(),
            &token.created_at,
        ],
    )
    .await?;
    Ok(())
}

/// Revokes one of a member's tokens; false when they have no such token.
pub async fn delete(
    tx: &Tx,
    workspace: WorkspaceId,
    member: MemberId,
    id: TokenId,
) -> Result<bool> {
    let delete = tx.prepare_cached(DELETE).await?;
    let ids = (Uuid::from(workspace), Uuid::from(member), Uuid::from(id));
    Ok(tx.execute(&delete, &[&ids.0, &ids.1, &ids.2]).await? == 1)
}

/// Revokes all tokens of a member, who could otherwise come back with them.
pub async fn delete_all(tx: &Tx, workspace: WorkspaceId, member: MemberId) -> Result<()> {
    let delete = tx.prepare_cached(DELETE_ALL).await?;
    tx.execute(&delete, &[&Uuid::from(workspace), &Uuid::from(member)]).await?;
    Ok(())
}

/// Notes that a token is in use, at most as often as a session.
pub async fn touch(tx: &Tx, workspace: WorkspaceId, id: TokenId, now: Timestamp) -> Result<()> {
    let touch = tx.prepare_cached(TOUCH).await?;
    let before = now - TOUCH_EVERY;
    tx.execute(&touch, &[&Uuid::from(workspace), &Uuid::from(id), &now, &before]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_shows_the_beginning_alone() {
        let secret = new_secret();
        let hint = hint(&secret);
        assert!(hint.starts_with("sbt_") && hint.ends_with('…'));
        assert!(secret.starts_with(hint.trim_end_matches('…')));
        assert_eq!(hint.chars().count(), HINT_CHARS + 1);
        assert_eq!(secret.len(), SECRET_PREFIX.len() + 43);
    }
}
