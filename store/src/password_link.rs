//! Links by which a login sets a new password, once. A login has at most one that works.

use jiff::{SignedDuration, Timestamp};
use switchboard_domain::UserId;
use uuid::Uuid;

use crate::error::Result;
use crate::pool::Tx;
use crate::seal::token_hash;

const INSERT: &str = "
    insert into password_links (token_hash, user_id, expires_at) values ($1, $2, $3)";
const DELETE_ALL: &str = "delete from password_links where user_id = $1";
const FIND: &str = "select user_id from find_password_link($1)";
const USE: &str = "
    delete from password_links where token_hash = $1 and user_id = $2 and expires_at > $3";

/// A link can be used for this long.
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// Stores a link of the login that the transaction acts for; earlier ones stop working.
/// Returns when it expires.
pub async fn insert(tx: &Tx, user: UserId, token: &str, now: Timestamp) -> Result<Timestamp> {
    delete_all(tx, user).await?;
    let insert = tx.prepare_cached(INSERT).await?;
    let expires_at = now + LIFETIME;
    tx.execute(&insert, &[&token_hash(token).as_slice(), &Uuid::from(user), &expires_at]).await?;
    Ok(expires_at)
}

/// Whose link this is, while it works. Needs no scope.
pub async fn find(tx: &Tx, token: &str) -> Result<Option<UserId>> {
    let find = tx.prepare_cached(FIND).await?;
    let row = tx.query_opt(&find, &[&token_hash(token).as_slice()]).await?;
    Ok(row.map(|row| row.get::<_, Uuid>(0).into()))
}

/// Uses a link up; false when it was used or is too old.
pub async fn use_up(tx: &Tx, user: UserId, token: &str, now: Timestamp) -> Result<bool> {
    let delete = tx.prepare_cached(USE).await?;
    let used =
        tx.execute(&delete, &[&token_hash(token).as_slice(), &Uuid::from(user), &now]).await?;
    Ok(used == 1)
}

/// Makes the links of the transaction's login worthless.
pub async fn delete_all(tx: &Tx, user: UserId) -> Result<()> {
    let delete = tx.prepare_cached(DELETE_ALL).await?;
    tx.execute(&delete, &[&Uuid::from(user)]).await?;
    Ok(())
}
