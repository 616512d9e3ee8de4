//! Logins: an address, a name and a password, which may be a member of several workspaces.

use jiff::Timestamp;
use switchboard_domain::{MemberId, Seq, UserId, WorkspaceId};
use uuid::Uuid;

use crate::error::Result;
use crate::event::{self, Kind};
use crate::pool::{Scope, Tx};

const INSERT: &str = "
    insert into users (id, email, name, password_hash, created_at) values ($1, $2, $3, $4, $5)";
const SELECT: &str = "select id, email, name, password_hash from users where id = $1";
const LOCK: &str = "select 1 from users where id = $1 for update";
const RENAME: &str = "update users set name = $2 where id = $1";
const SET_PASSWORD: &str = "update users set password_hash = $2 where id = $1";
const FIND_LOGIN: &str = "select user_id, password_hash from find_login($1)";
const MEMBERSHIPS: &str = "select workspace_id, member_id from find_memberships($1)";

/// The constraint that [`crate::Error::Taken`] names when an address has a login already.
pub const EMAIL_TAKEN: &str = "users_email_key";

/// The most workspaces a login may belong to: its name is told to all of them at once.
pub const MEMBERSHIPS_MAX: usize = 50;

#[derive(Debug, Clone, Copy)]
pub struct NewUser<'a> {
    pub id: UserId,
    /// As `domain::text::email` gave it.
    pub email: &'a str,
    pub name: &'a str,
    pub password_hash: &'a str,
}

#[derive(Debug, Clone)]
pub struct User {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub password_hash: String,
}

/// What signing in needs of a login.
#[derive(Debug, Clone)]
pub struct Login {
    pub user: UserId,
    pub password_hash: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    pub workspace: WorkspaceId,
    pub member: MemberId,
}

/// Adds a login, for which the transaction must act.
pub async fn insert(tx: &Tx, user: &NewUser<'_>, now: Timestamp) -> Result<()> {
    let insert = tx.prepare_cached(INSERT).await?;
    let NewUser { id, email, name, password_hash } = *user;
    tx.execute(&insert, &[&Uuid::from(id), &email, &name, &password_hash, &now]).await?;
    Ok(())
}

/// The login of an address. Needs no scope.
pub async fn find_login(tx: &Tx, email: &str) -> Result<Option<Login>> {
    let find = tx.prepare_cached(FIND_LOGIN).await?;
    let row = tx.query_opt(&find, &[&email]).await?;
    Ok(row.map(|row| Login { user: row.get::<_, Uuid>(0).into(), password_hash: row.get(1) }))
}

pub async fn get(tx: &Tx, id: UserId) -> Result<Option<User>> {
    let select = tx.prepare_cached(SELECT).await?;
    let row = tx.query_opt(&select, &[&Uuid::from(id)]).await?;
    Ok(row.map(|row| User {
        id: row.get::<_, Uuid>(0).into(),
        email: row.get(1),
        name: row.get(2),
        password_hash: row.get(3),
    }))
}

/// The active memberships of a login, oldest first. Needs no scope.
pub async fn memberships(tx: &Tx, id: UserId) -> Result<Vec<Membership>> {
    let find = tx.prepare_cached(MEMBERSHIPS).await?;
    let rows = tx.query(&find, &[&Uuid::from(id)]).await?;
    let membership = |row: &tokio_postgres::Row| Membership {
        workspace: row.get::<_, Uuid>(0).into(),
        member: row.get::<_, Uuid>(1).into(),
    };
    Ok(rows.iter().map(membership).collect())
}

/// Keeps the login's memberships and password links as they are until the commit, as far as
/// others take this lock too.
pub async fn lock(tx: &Tx, id: UserId) -> Result<()> {
    let lock = tx.prepare_cached(LOCK).await?;
    tx.query_opt(&lock, &[&Uuid::from(id)]).await?;
    Ok(())
}

pub async fn set_password(tx: &Tx, id: UserId, password_hash: &str) -> Result<()> {
    let update = tx.prepare_cached(SET_PASSWORD).await?;
    tx.execute(&update, &[&Uuid::from(id), &password_hash]).await?;
    Ok(())
}

/// Renames a login in every workspace it belongs to, and returns the event of each. The
/// transaction acts for the last of them afterwards.
pub async fn rename(
    tx: &Tx,
    id: UserId,
    name: &str,
    now: Timestamp,
) -> Result<Vec<(WorkspaceId, Seq)>> {
    let mut memberships = memberships(tx, id).await?;
    // Two colleagues who share workspaces take the locks in the same order.
    memberships.sort_by_key(|membership| membership.workspace);
    let mut events = Vec::with_capacity(memberships.len());
    for Membership { workspace, member } in memberships {
        tx.act_for(Scope::of(workspace, id)).await?;
        let seq = event::record(tx, workspace, now, Kind::MemberChanged, Some(member.into()));
        events.push((workspace, seq.await?));
    }
    let update = tx.prepare_cached(RENAME).await?;
    tx.execute(&update, &[&Uuid::from(id), &name]).await?;
    Ok(events)
}
