//! Signed-in browsers. The cookie's token is kept only as its hash; `lookup` finds whom it speaks
//! for.

use jiff::{SignedDuration, Timestamp};
use switchboard_domain::{UserId, WorkspaceId};
use uuid::Uuid;

use crate::error::Result;
use crate::pool::Tx;
use crate::seal::token_hash;

const INSERT: &str = "
    insert into user_sessions
      (id, user_id, workspace_id, token_hash, created_at, last_used_at, expires_at)
    values ($1, $2, $3, $4, $5, $5, $6)";
/// Those that expired, and the least recently used beyond the bound.
const PRUNE: &str = "
    delete from user_sessions
    where user_id = $1 and (expires_at < $2 or id in (
      select id from user_sessions where user_id = $1
      order by last_used_at desc, id desc offset $3))";
const TOUCH: &str = "
    update user_sessions set last_used_at = $2, expires_at = $3
    where id = $1 and last_used_at < $4";
const SWITCH: &str = "update user_sessions set workspace_id = $2 where id = $1";
const DELETE: &str = "delete from user_sessions where id = $1";
const DELETE_OTHERS: &str = "
    delete from user_sessions where user_id = $1 and id is distinct from $2 returning id";
const DELETE_IN: &str = "delete from user_sessions where user_id = $1 and workspace_id = $2";

/// A session ends this long after it was last used.
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Use is noted at most this often, so that reading does not turn into writing.
pub(crate) const TOUCH_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// The most sessions of a login; signing in once more ends the one unused for the longest.
const SESSIONS_MAX: i64 = 100;

/// Whether it is time to [`touch`] a session that was last used then.
pub fn is_stale(last_used_at: Option<Timestamp>, now: Timestamp) -> bool {
    last_used_at.is_none_or(|at| at < now - TOUCH_EVERY)
}

/// Opens a session of the login that the transaction acts for.
pub async fn insert(
    tx: &Tx,
    id: Uuid,
    user: UserId,
    workspace: WorkspaceId,
    token: &str,
    now: Timestamp,
) -> Result<()> {
    let prune = tx.prepare_cached(PRUNE).await?;
    tx.execute(&prune, &[&Uuid::from(user), &now, &(SESSIONS_MAX - 1)]).await?;
    let insert = tx.prepare_cached(INSERT).await?;
    let (hash, expires) = (token_hash(token), now + LIFETIME);
    tx.execute(
        &insert,
        &[&id, &Uuid::from(user), &Uuid::from(workspace), &hash.as_slice(), &now, &expires],
    )
    .await?;
    Ok(())
}

/// Notes that a session of the transaction's login is in use, which prolongs it.
pub async fn touch(tx: &Tx, id: Uuid, now: Timestamp) -> Result<()> {
    let touch = tx.prepare_cached(TOUCH).await?;
    tx.execute(&touch, &[&id, &now, &(now + LIFETIME), &(now - TOUCH_EVERY)]).await?;
    Ok(())
}

/// Takes a session of the transaction's login into another workspace.
pub async fn switch(tx: &Tx, id: Uuid, workspace: WorkspaceId) -> Result<()> {
    let switch = tx.prepare_cached(SWITCH).await?;
    tx.execute(&switch, &[&id, &Uuid::from(workspace)]).await?;
    Ok(())
}

pub async fn delete(tx: &Tx, id: Uuid) -> Result<()> {
    let delete = tx.prepare_cached(DELETE).await?;
    tx.execute(&delete, &[&id]).await?;
    Ok(())
}

/// Ends every session of the transaction's login but `kept`, and returns those that ended.
pub async fn delete_others(tx: &Tx, user: UserId, kept: Option<Uuid>) -> Result<Vec<Uuid>> {
    let delete = tx.prepare_cached(DELETE_OTHERS).await?;
    let rows = tx.query(&delete, &[&Uuid::from(user), &kept]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Ends the sessions in one workspace of the transaction's login.
pub async fn delete_in(tx: &Tx, user: UserId, workspace: WorkspaceId) -> Result<()> {
    let delete = tx.prepare_cached(DELETE_IN).await?;
    tx.execute(&delete, &[&Uuid::from(user), &Uuid::from(workspace)]).await?;
    Ok(())
}
