//! What was told of messages before the messages themselves.

use std::collections::HashMap;

use switchboard_domain::{AccountId, WorkspaceId};
use uuid::Uuid;

use crate::column::to_u64;
use crate::error::Result;
use crate::pool::Tx;
use crate::seal::{Key, WorkspaceKeys};

const WHAT: &str = "parked.what";

/// Something that waits for its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewParked {
    /// The hash of the message's name.
    pub hash: [u8; 32],
    /// Made of what it says: told again, it is the same.
    pub id: Uuid,
    /// See [`seal`].
    pub what: Vec<u8>,
    /// The hash of the name of the thread in which it was told, by which it goes with its person.
    pub thread: Option<[u8; 32]>,
}

/// Seals what waits with the account's key.
pub fn seal(keys: &WorkspaceKeys, key: &Key, id: Uuid, json: &[u8]) -> Vec<u8> {
    key.seal(&keys.place(WHAT, id), json)
}

pub(crate) fn open(keys: &WorkspaceKeys, key: &Key, id: Uuid, sealed: &[u8]) -> Result<Vec<u8>> {
    Ok(key.open(&keys.place(WHAT, id), sealed)?)
}

/// What waits for the messages of these hashes: ids, and JSON.
pub async fn find(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    account: AccountId,
    key: &Key,
    hashes: &[[u8; 32]],
) -> Result<HashMap<[u8; 32], Vec<(Uuid, Vec<u8>)>>> {
    let mut found: HashMap<[u8; 32], Vec<(Uuid, Vec<u8>)>> = HashMap::new();
    if hashes.is_empty() {
        return Ok(found);
    }
    let hashes: Vec<&[u8]> = hashes.iter().map(|hash| hash.as_slice()).collect();
    let select = tx
        .prepare_cached(
            "select n.hash, p.id, p.what
             from (select distinct unnest($3::bytea[])) as n(hash) cross join lateral (
               select * from parked p
               where p.workspace_id = $1 and p.account_id = $2 and p.hash = n.hash offset 0) p",
        )
        .await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace), &Uuid::from(account), &hashes]).await?;
    for row in &rows {
        let Ok(hash) = row.get::<_, &[u8]>(0).try_into() else { continue };
        let id: Uuid = row.get(1);
        let json = open(keys, key, id, row.get(2))?;
        found.entry(hash).or_default().push((id, json));
    }
    Ok(found)
}

/// Forgets what has waited for its message since before `before`. How much that was.
pub async fn forget(store: &crate::Store, before: jiff::Timestamp) -> Result<u64> {
    let tx = store.writers.begin(crate::Scope::default()).await?;
    let forget = tx.prepare_cached("select forget_parked($1)").await?;
    let gone: i64 = tx.query_one(&forget, &[&before]).await?.get(0);
    tx.commit().await?;
    Ok(to_u64(gone))
}
