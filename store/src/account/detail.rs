//! Accounts whole: what people see of them, and what their owner needs to speak for them.

use jiff::Timestamp;
use serde_json::Value;
use switchboard_domain::{AccountId, AccountKind, AccountStatus, Seq, WorkspaceId};
use tokio_postgres::Row;
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::{KEY, open_credentials, seal_credentials};
use crate::column::to_u64;
use crate::error::{Error, Result};
use crate::event::{from_seq, to_seq};
use crate::pool::Tx;
use crate::seal::{Key, WorkspaceKeys};

#[derive(Debug, Clone)]
pub struct Account {
    pub id: AccountId,
    pub kind: AccountKind,
    pub status: AccountStatus,
    /// Paused by its platform, not by a person.
    pub held: bool,
    pub name: String,
    pub handle: Option<String>,
    /// What the platform says of it, as JSON.
    pub health: Value,
    pub checked_at: Option<Timestamp>,
    pub renew_at: Option<Timestamp>,
    pub rev: Seq,
    pub created_at: Timestamp,
    pub poll_offset: Option<i64>,
    /// Seals what belongs to the account.
    pub key: Key,
    /// As JSON.
    pub credentials: Vec<u8>,
}

const SELECT: &str = "
select id, kind, status, name, handle, health, checked_at, renew_at, rev, created_at, poll_offset,
       key, credentials, held
from accounts where workspace_id = $1";

fn read(keys: &WorkspaceKeys, row: &Row) -> Result<Account> {
    let id = AccountId(row.get(0));
    let corrupt = |what: &str| Error::Corrupt(format!("an account with the {what}"));
    let key = keys.unwrap_key(KEY, id, row.get(11))?;
    let credentials = open_credentials(keys, &key, id, row.get(12))?;
    Ok(Account {
        id,
        kind: AccountKind::parse(row.get(1)).ok_or_else(|| corrupt("unknown kind"))?,
        status: AccountStatus::parse(row.get(2)).ok_or_else(|| corrupt("unknown status"))?,
        held: row.get(13),
        name: row.get(3),
        handle: row.get(4),
        health: row.get::<_, Json<Value>>(5).0,
        checked_at: row.get(6),
        renew_at: row.get(7),
        rev: to_seq(row.get(8)),
        created_at: row.get(9),
        poll_offset: row.get(10),
        key,
        credentials,
    })
}

pub async fn get(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    id: AccountId,
) -> Result<Option<Account>> {
    let select = tx.prepare_cached(&format!("{SELECT} and id = $2")).await?;
    let row = tx.query_opt(&select, &[&Uuid::from(workspace), &Uuid::from(id)]).await?;
    row.map(|row| read(keys, &row)).transpose()
}

/// All accounts of a workspace, also those that were disconnected, oldest first.
pub async fn list(tx: &Tx, keys: &WorkspaceKeys, workspace: WorkspaceId) -> Result<Vec<Account>> {
    let select = tx.prepare_cached(&format!("{SELECT} order by created_at, id")).await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace)]).await?;
    rows.iter().map(|row| read(keys, row)).collect()
}

/// What speaks for an account, and what finds it.
#[derive(Debug, Clone)]
pub struct Speaks {
    /// As JSON.
    pub credentials: Vec<u8>,
    /// Hashes of the ids by which events name it.
    pub routes: Vec<[u8; 32]>,
    /// The hash of what it belongs to.
    pub parent_route: Option<[u8; 32]>,
    /// The hash of who connected it.
    pub connected_by: Option<[u8; 32]>,
    pub renew_at: Option<Timestamp>,
}

fn bytes(hashes: &[[u8; 32]]) -> Vec<&[u8]> {
    hashes.iter().map(<[u8; 32]>::as_slice).collect()
}

/// Replaces the hashes by which an account is found, and nothing else of it.
pub async fn set_routes(
    tx: &Tx,
    workspace: WorkspaceId,
    id: AccountId,
    speaks: &Speaks,
) -> Result<()> {
    let update = tx
        .prepare_cached(
            "update accounts set routes = $3, parent_route = $4, connected_by = $5
             where workspace_id = $1 and id = $2",
        )
        .await?;
    tx.execute(
        &update,
        &[
            &Uuid::from(workspace),
            &Uuid::from(id),
            &bytes(&speaks.routes),
            &speaks.parent_route.as_ref().map(<[u8; 32]>::as_slice),
            &speaks.connected_by.as_ref().map(<[u8; 32]>::as_slice),
        ],
    )
    .await?;
    route(tx, workspace, id, &speaks.routes).await
}

/// Makes an account be found by these hashes and no others.
async fn route(tx: &Tx, workspace: WorkspaceId, id: AccountId, routes: &[[u8; 32]]) -> Result<()> {
    let delete = tx
        .prepare_cached("delete from account_routes where workspace_id = $1 and account_id = $2")
        .await?;
    tx.execute(&delete, &[&Uuid::from(workspace), &Uuid::from(id)]).await?;
    let insert = tx
        .prepare_cached(
            "insert into account_routes (workspace_id, hash, account_id)
             select $1, hash, $2 from unnest($3::bytea[]) as hash",
        )
        .await?;
    tx.execute(&insert, &[&Uuid::from(workspace), &Uuid::from(id), &bytes(routes)]).await?;
    Ok(())
}

/// Whether the account is connected. It stays as it is until the transaction ends, and whoever else
/// writes about it waits.
pub async fn hold(tx: &Tx, workspace: WorkspaceId, id: AccountId) -> Result<bool> {
    let select = tx
        .prepare_cached(
            "select 1 from accounts where workspace_id = $1 and id = $2
               and status <> 'disconnected' for no key update",
        )
        .await?;
    Ok(tx.query_opt(&select, &[&Uuid::from(workspace), &Uuid::from(id)]).await?.is_some())
}

/// Says which event changed an account last.
pub async fn stamp(tx: &Tx, workspace: WorkspaceId, id: AccountId, rev: Seq) -> Result<()> {
    let update = tx
        .prepare_cached("update accounts set rev = $3 where workspace_id = $1 and id = $2")
        .await?;
    tx.execute(&update, &[&Uuid::from(workspace), &Uuid::from(id), &from_seq(rev)]).await?;
    Ok(())
}

/// Replaces what speaks for an account, which goes on under it. What was disconnected gets another
/// number: whoever still tells of what waited then is not heard any more.
pub async fn reconnect(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    account: &Account,
    speaks: &Speaks,
) -> Result<()> {
    let update = tx
        .prepare_cached(
            "update accounts set credentials = $3, routes = $4, parent_route = $5,
               connected_by = $6, renew_at = $7, status = 'active', held = false, health = '{}',
               checked_at = null,
               lease_epoch = lease_epoch + case when status = 'disconnected' then 1 else 0 end
             where workspace_id = $1 and id = $2",
        )
        .await?;
    tx.execute(
        &update,
        &[
            &Uuid::from(workspace),
            &Uuid::from(account.id),
            &seal_credentials(keys, &account.key, account.id, &speaks.credentials),
            &bytes(&speaks.routes),
            &speaks.parent_route.as_ref().map(<[u8; 32]>::as_slice),
            &speaks.connected_by.as_ref().map(<[u8; 32]>::as_slice),
            &speaks.renew_at,
        ],
    )
    .await?;
    route(tx, workspace, account.id, &speaks.routes).await
}

/// Replaces the credentials alone: a token was renewed, or is dropped.
pub async fn set_credentials(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    account: &Account,
    credentials: &[u8],
    renew_at: Option<Timestamp>,
) -> Result<()> {
    let update = tx
        .prepare_cached(
            "update accounts set credentials = $3, renew_at = $4
             where workspace_id = $1 and id = $2",
        )
        .await?;
    let sealed = seal_credentials(keys, &account.key, account.id, credentials);
    tx.execute(&update, &[&Uuid::from(workspace), &Uuid::from(account.id), &sealed, &renew_at])
        .await?;
    Ok(())
}

/// Whether the account was not so before. `held`: by its platform. Neither that nor a person's
/// pause takes the place of the other, except that a person's stays.
pub async fn set_status(
    tx: &Tx,
    workspace: WorkspaceId,
    id: AccountId,
    status: AccountStatus,
    held: bool,
) -> Result<bool> {
    let update = tx
        .prepare_cached(
            "update accounts set status = $3, held = $4
             where workspace_id = $1 and id = $2 and status <> 'disconnected'
               and (status <> $3 or held and not $4)",
        )
        .await?;
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&Uuid::from(workspace), &Uuid::from(id), &status.name(), &held];
    Ok(tx.execute(&update, &values).await? == 1)
}

pub async fn set_name(tx: &Tx, workspace: WorkspaceId, id: AccountId, name: &str) -> Result<bool> {
    let update = tx
        .prepare_cached(
            "update accounts set name = $3 where workspace_id = $1 and id = $2 and name <> $3",
        )
        .await?;
    Ok(tx.execute(&update, &[&Uuid::from(workspace), &Uuid::from(id), &name]).await? == 1)
}

/// Notes what the platform says of an account.
pub async fn set_health(
    tx: &Tx,
    workspace: WorkspaceId,
    id: AccountId,
    health: &Value,
    now: Timestamp,
) -> Result<()> {
    let update = tx
        .prepare_cached(
            "update accounts set health = $3, checked_at = $4
             where workspace_id = $1 and id = $2",
        )
        .await?;
    tx.execute(&update, &[&Uuid::from(workspace), &Uuid::from(id), &Json(health), &now]).await?;
    Ok(())
}

/// Takes an account away: nothing finds it any more, nothing waits to be sent or fetched, and
/// `credentials` no longer hold a token. Answers the number under which what waits can be told that
/// it will not be sent.
pub async fn disconnect(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    account: &Account,
    credentials: &[u8],
) -> Result<u64> {
    set_credentials(tx, keys, workspace, account, credentials, None).await?;
    route(tx, workspace, account.id, &[]).await?;
    let (workspace, id) = (Uuid::from(workspace), Uuid::from(account.id));
    let update = tx
        .prepare_cached(
            "update accounts set status = 'disconnected', routes = '{}', parent_route = null,
               connected_by = null, lease_node = null, lease_until = null,
               lease_epoch = lease_epoch + 1, poll_offset = null
             where workspace_id = $1 and id = $2 returning lease_epoch",
        )
        .await?;
    let epoch: i64 = tx.query_one(&update, &[&workspace, &id]).await?.get(0);
    let jobs = tx
        .prepare_cached(
            "update jobs set state = 'failed', note = 'the account was disconnected'
             where workspace_id = $1 and account_id = $2 and state = 'running'",
        )
        .await?;
    tx.execute(&jobs, &[&workspace, &id]).await?;
    Ok(to_u64(epoch))
}

/// Notes where polling has come to.
pub async fn set_poll_offset(
    tx: &Tx,
    workspace: WorkspaceId,
    id: AccountId,
    offset: Option<i64>,
) -> Result<()> {
    let update = tx
        .prepare_cached("update accounts set poll_offset = $3 where workspace_id = $1 and id = $2")
        .await?;
    tx.execute(&update, &[&Uuid::from(workspace), &Uuid::from(id), &offset]).await?;
    Ok(())
}
