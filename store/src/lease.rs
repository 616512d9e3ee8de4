//! Which node speaks for which account. Taken for a few seconds by the database's clock, and
//! numbered: whoever held an account before is fenced off by the next number.

use switchboard_domain::{AccountId, WorkspaceId};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::Store;
use crate::column::{from_u64, to_u64};
use crate::error::{Error, Result};
use crate::pool::{Scope, Tx};

/// Accounts taken at once.
pub const CLAIM_MAX: usize = 200;

/// An account that a node holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub workspace: WorkspaceId,
    pub account: AccountId,
    pub epoch: u64,
}

fn read(row: &Row) -> Held {
    Held {
        workspace: WorkspaceId(row.get(0)),
        account: AccountId(row.get(1)),
        epoch: to_u64(row.get(2)),
    }
}

/// Takes accounts that nobody holds for so many seconds, `limit` at most.
pub async fn claim(store: &Store, node: Uuid, seconds: u32, limit: usize) -> Result<Vec<Held>> {
    let limit = i32::try_from(limit.min(CLAIM_MAX)).unwrap_or_default();
    let tx = store.writers.begin(Scope::default()).await?;
    let claim = tx
        .prepare_cached("select workspace_id, account_id, epoch from claim_accounts($1, $2, $3)")
        .await?;
    let rows = tx.query(&claim, &[&node, &whole(seconds), &limit]).await?;
    let held = rows.iter().map(read).collect();
    tx.commit().await?;
    Ok(held)
}

/// Keeps what the node holds for so many seconds more. What is missing is lost.
pub async fn renew(store: &Store, node: Uuid, seconds: u32) -> Result<Vec<Held>> {
    let tx = store.writers.begin(Scope::default()).await?;
    let renew = tx
        .prepare_cached("select workspace_id, account_id, epoch from renew_accounts($1, $2)")
        .await?;
    let rows = tx.query(&renew, &[&node, &whole(seconds)]).await?;
    let held = rows.iter().map(read).collect();
    tx.commit().await?;
    Ok(held)
}

pub(crate) fn whole(seconds: u32) -> i32 {
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

/// Lets go of everything, so that another node need not wait.
pub async fn release(store: &Store, node: Uuid) -> Result<()> {
    let tx = store.writers.begin(Scope::default()).await?;
    tx.execute("select release_accounts($1)", &[&node]).await?;
    tx.commit().await
}

/// Lets go of one account, if the node holds it under this number still.
pub async fn release_one(
    store: &Store,
    node: Uuid,
    workspace: WorkspaceId,
    account: AccountId,
    epoch: u64,
) -> Result<()> {
    let epoch = from_u64(epoch);
    let tx = store.writers.begin(Scope::default()).await?;
    let release = tx.prepare_cached("select release_account($1, $2, $3, $4)").await?;
    let (workspace, account) = (Uuid::from(workspace), Uuid::from(account));
    tx.execute(&release, &[&node, &workspace, &account, &epoch]).await?;
    tx.commit().await
}

/// The node's accounts that have something to do.
pub async fn busy(store: &Store, node: Uuid) -> Result<Vec<(WorkspaceId, AccountId)>> {
    let tx = store.readers.begin(Scope::default()).await?;
    let find =
        tx.prepare_cached("select workspace_id, account_id from find_busy_accounts($1)").await?;
    let rows = tx.query(&find, &[&node]).await?;
    Ok(rows.iter().map(|row| (WorkspaceId(row.get(0)), AccountId(row.get(1)))).collect())
}

/// Whether an account is still held under this number. It stays so until the transaction ends, and
/// nothing but another number waits for that.
pub async fn holds(
    tx: &Tx,
    workspace: WorkspaceId,
    account: AccountId,
    epoch: u64,
) -> Result<bool> {
    let select = tx
        .prepare_cached(
            "select 1 from accounts where workspace_id = $1 and id = $2 and lease_epoch = $3
             for key share",
        )
        .await?;
    let epoch = from_u64(epoch);
    let row =
        tx.query_opt(&select, &[&Uuid::from(workspace), &Uuid::from(account), &epoch]).await?;
    Ok(row.is_some())
}

/// Makes sure that an account is held under this number, for whoever writes about the account
/// itself: nobody else does until the transaction ends. Otherwise [`Error::Fenced`].
pub async fn fence(tx: &Tx, workspace: WorkspaceId, account: AccountId, epoch: u64) -> Result<()> {
    let select = tx
        .prepare_cached(
            "select 1 from accounts where workspace_id = $1 and id = $2 and lease_epoch = $3
             for no key update",
        )
        .await?;
    let epoch = from_u64(epoch);
    let row =
        tx.query_opt(&select, &[&Uuid::from(workspace), &Uuid::from(account), &epoch]).await?;
    row.map(|_| ()).ok_or(Error::Fenced)
}
