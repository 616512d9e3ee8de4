//! Workspaces: a tenant's own row, its key and its widget.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use switchboard_domain::{MemberId, Role, Seq, UserId, WorkspaceId};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::event::{self, Kind};
use crate::pool::{Scope, Tx};
use crate::seal::{Key, MasterKeys};
use crate::user::NewUser;
use crate::{member, user, workspace_key_place};

const INSERT: &str = "
    insert into workspaces (id, name, epoch, key, widget_key, created_at)
    values ($1, $2, $3, $4, $5, $6)";
const SELECT: &str = "select id, name, created_at from workspaces where id = $1";
const LOCK: &str = "select 1 from workspaces where id = $1 for no key update";
const RENAME: &str = "update workspaces set name = $2 where id = $1";
const SELECT_WIDGET: &str = "
    select widget_key, widget_look, widget_origins, require_identity
    from workspaces where id = $1";
const CHANGE_WIDGET: &str = "
    update workspaces
    set widget_look = coalesce($2, widget_look),
        widget_origins = coalesce($3, widget_origins),
        require_identity = coalesce($4, require_identity)
    where id = $1";

/// What every widget key begins with.
pub const WIDGET_KEY_PREFIX: &str = "wk_";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub name: String,
    pub created_at: Timestamp,
}

/// How the workspace's widget looks and whom it serves.
#[derive(Debug, Clone, PartialEq)]
pub struct Widget {
    /// The public key of the snippet.
    pub key: String,
    /// As the settings page wrote it; this crate does not look inside.
    pub look: serde_json::Value,
    /// Rules of `domain::origin`; none means every page.
    pub origins: Vec<String>,
    pub require_identity: bool,
}

/// What to change of a widget; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct WidgetChange {
    pub look: Option<serde_json::Value>,
    pub origins: Option<Vec<String>>,
    pub require_identity: Option<bool>,
}

/// A workspace that is about to exist, and its first owner.
#[derive(Debug, Clone, Copy)]
pub struct Founding<'a> {
    pub workspace: WorkspaceId,
    pub workspace_name: &'a str,
    pub member: MemberId,
    pub owner: NewUser<'a>,
}

/// Makes a workspace, the login of its owner and their membership. The transaction acts for both
/// afterwards. [`Error::Taken`] when the address has a login already.
pub async fn found(
    tx: &Tx,
    master: &MasterKeys,
    founding: &Founding<'_>,
    now: Timestamp,
) -> Result<()> {
    let Founding { workspace, workspace_name, member, owner } = *founding;
    tx.act_for(Scope::of(workspace, owner.id)).await?;
    user::insert(tx, &owner, now).await?;
    insert(tx, master, workspace, workspace_name, now).await?;
    member::insert(tx, workspace, member, owner.id, Role::Owner, now).await
}

async fn insert(
    tx: &Tx,
    master: &MasterKeys,
    id: WorkspaceId,
    name: &str,
    now: Timestamp,
) -> Result<()> {
    let insert = tx.prepare_cached(INSERT).await?;
    let key = master.wrap(&workspace_key_place(id), &Key::random());
    let (epoch, widget_key) = (Uuid::new_v4(), new_widget_key());
    tx.execute(&insert, &[&Uuid::from(id), &name, &epoch, &key, &widget_key, &now]).await?;
    Ok(())
}

/// 144 random bits: not a secret, but not to be guessed either.
fn new_widget_key() -> String {
    let random = crate::seal::token_hash(&crate::seal::random_token());
    format!("{WIDGET_KEY_PREFIX}{}", URL_SAFE_NO_PAD.encode(&random[..18]))
}

pub async fn get(tx: &Tx, id: WorkspaceId) -> Result<Option<Workspace>> {
    let select = tx.prepare_cached(SELECT).await?;
    Ok(tx.query_opt(&select, &[&Uuid::from(id)]).await?.map(|row| from_row(&row)))
}

/// The workspaces a login belongs to, oldest membership first. The transaction acts for the last
/// of them afterwards.
pub async fn of_login(tx: &Tx, login: UserId) -> Result<Vec<Workspace>> {
    let mut workspaces = Vec::new();
    for membership in user::memberships(tx, login).await? {
        tx.act_for(Scope::of(membership.workspace, login)).await?;
        workspaces.extend(get(tx, membership.workspace).await?);
    }
    Ok(workspaces)
}

/// Takes the lock under which a workspace's commits are ordered, so that what is read next stays
/// true until the commit. Whoever takes other locks as well takes this one first.
pub async fn lock(tx: &Tx, id: WorkspaceId) -> Result<()> {
    let lock = tx.prepare_cached(LOCK).await?;
    match tx.query_opt(&lock, &[&Uuid::from(id)]).await? {
        Some(_) => Ok(()),
        None => Err(Error::Corrupt(format!("{id} is not there to be locked"))),
    }
}

pub async fn rename(tx: &Tx, id: WorkspaceId, name: &str, now: Timestamp) -> Result<Seq> {
    let rename = tx.prepare_cached(RENAME).await?;
    tx.execute(&rename, &[&Uuid::from(id), &name]).await?;
    event::record(tx, id, now, Kind::WorkspaceChanged, None).await
}

pub async fn widget(tx: &Tx, id: WorkspaceId) -> Result<Option<Widget>> {
    let select = tx.prepare_cached(SELECT_WIDGET).await?;
    let row = tx.query_opt(&select, &[&Uuid::from(id)]).await?;
    Ok(row.map(|row| Widget {
        key: row.get(0),
        look: row.get(1),
        origins: row.get(2),
        require_identity: row.get(3),
    }))
}

pub async fn change_widget(
    tx: &Tx,
    id: WorkspaceId,
    change: &WidgetChange,
    now: Timestamp,
) -> Result<Seq> {
    let update = tx.prepare_cached(CHANGE_WIDGET).await?;
    let WidgetChange { look, origins, require_identity } = change;
    tx.execute(&update, &[&Uuid::from(id), look, origins, require_identity]).await?;
    event::record(tx, id, now, Kind::WorkspaceChanged, None).await
}

fn from_row(row: &Row) -> Workspace {
    Workspace { id: row.get::<_, Uuid>(0).into(), name: row.get(1), created_at: row.get(2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_widget_key_is_long_and_fits_into_a_url() {
        let key = new_widget_key();
        let random = key.strip_prefix(WIDGET_KEY_PREFIX).unwrap();
        assert_eq!(random.len(), 24);
        assert!(random.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)));
        assert_ne!(key, new_widget_key());
    }
}
