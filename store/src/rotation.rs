//! Which master keys protect what is stored, and how another takes their place.
//!
//! A master key wraps the keys of workspaces and nothing else that is stored; all other keys are
//! wrapped by those. It also makes the hashes by which accounts are found.

use switchboard_domain::WorkspaceId;
use uuid::Uuid;

use crate::Store;
use crate::column::to_u64;
use crate::error::{Error, Result};
use crate::pool::{Scope, Tx};
use crate::seal::{MasterId, MasterKeys};
use crate::workspace_key_place;

/// The master keys in use.
pub async fn in_use(store: &Store) -> Result<Vec<MasterId>> {
    let tx = store.readers.begin(Scope::default()).await?;
    let select = tx.prepare_cached("select id from find_masters() as named(id)").await?;
    let rows = tx.query(&select, &[]).await?;
    rows.iter()
        .map(|row| {
            MasterId::from_bytes(row.get(0))
                .ok_or_else(|| Error::Corrupt("a workspace's key is too short".to_owned()))
        })
        .collect()
}

/// How many workspaces a master key protects.
pub async fn count(store: &Store, master: MasterId) -> Result<u64> {
    let tx = store.readers.begin(Scope::default()).await?;
    let select = tx.prepare_cached("select count_workspaces_of_master($1)").await?;
    let count: i64 = tx.query_one(&select, &[&master.bytes()]).await?.get(0);
    Ok(to_u64(count))
}

/// Some of the workspaces that a master key protects, the same ones each time.
pub async fn workspaces(
    store: &Store,
    master: MasterId,
    how_many: i32,
) -> Result<Vec<WorkspaceId>> {
    let tx = store.readers.begin(Scope::default()).await?;
    let select = tx.prepare_cached("select id from find_workspaces_of_master($1, $2)").await?;
    let rows = tx.query(&select, &[&master.bytes(), &how_many]).await?;
    Ok(rows.iter().map(|row| WorkspaceId(row.get(0))).collect())
}

/// Wraps a workspace's key by the current master key. The workspace's commits wait meanwhile.
pub async fn rewrap(tx: &Tx, master: &MasterKeys, workspace: WorkspaceId) -> Result<()> {
    let select = tx.prepare_cached("select key from workspaces where id = $1 for update").await?;
    let Some(row) = tx.query_opt(&select, &[&Uuid::from(workspace)]).await? else {
        return Ok(());
    };
    let place = workspace_key_place(workspace);
    let key = master.unwrap_key(&place, row.get(0))?;
    let update = tx.prepare_cached("update workspaces set key = $2 where id = $1").await?;
    tx.execute(&update, &[&Uuid::from(workspace), &master.wrap(&place, &key)]).await?;
    Ok(())
}
