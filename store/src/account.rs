//! Connected accounts: by what they are found, and the keys that seal what they say.

use jiff::Timestamp;
use switchboard_domain::{AccountId, AccountKind, AccountStatus, Channel, Seq, WorkspaceId};
use uuid::Uuid;

use crate::Store;
use crate::error::{Error, Result};
use crate::event::from_seq;
use crate::pool::{Scope, Tx};
use crate::seal::{Key, MasterKeys, WorkspaceKeys};

mod detail;

pub use detail::{
    Account, Speaks, disconnect, get, hold, list, reconnect, set_credentials, set_health, set_name,
    set_poll_offset, set_routes, set_status, stamp,
};

pub(crate) const KEY: &str = "accounts.key";
const CREDENTIALS: &str = "accounts.credentials";

/// The hash by which webhooks find the account that they name.
pub fn route_hash(master: &MasterKeys, channel: Channel, id: &str) -> [u8; 32] {
    master.derive("account route").mac(format!("{}:{id}", channel.name()).as_bytes())
}

/// The same under every key of the ring: what was connected under an older key is found as well.
pub fn route_hashes(master: &MasterKeys, channel: Channel, id: &str) -> Vec<[u8; 32]> {
    let named = format!("{}:{id}", channel.name());
    master.derive_all("account route").iter().map(|key| key.mac(named.as_bytes())).collect()
}

/// An account that is being connected.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub id: AccountId,
    pub kind: AccountKind,
    /// What seals all that it says.
    pub key: Key,
    /// What speaks for it, as JSON.
    pub credentials: Vec<u8>,
    pub name: String,
    pub handle: Option<String>,
    /// Hashes of its ids; see [`route_hash`].
    pub routes: Vec<[u8; 32]>,
    /// The hash of what it belongs to.
    pub parent_route: Option<[u8; 32]>,
    pub connected_by: Option<[u8; 32]>,
}

/// Stores an account that is ready to be spoken for. An id that another account has is
/// [`Error::Taken`].
pub async fn insert(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    new: &NewAccount,
    rev: Seq,
    now: Timestamp,
) -> Result<()> {
    let routes: Vec<&[u8]> = new.routes.iter().map(|hash| hash.as_slice()).collect();
    let slice = |hash: &Option<[u8; 32]>| hash.map(|hash| hash.to_vec());
    let insert = tx
        .prepare_cached(
            "insert into accounts (workspace_id, id, kind, status, key, credentials, name, handle,
               routes, parent_route, connected_by, rev, created_at)
             values ($1, $2, $3, 'active', $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .await?;
    tx.execute(
        &insert,
        &[
            &Uuid::from(workspace),
            &Uuid::from(new.id),
            &new.kind.name(),
            &keys.wrap(KEY, new.id, &new.key),
            &seal_credentials(keys, &new.key, new.id, &new.credentials),
            &new.name,
            &new.handle,
            &routes,
            &slice(&new.parent_route),
            &slice(&new.connected_by),
            &from_seq(rev),
            &now,
        ],
    )
    .await?;
    let route = tx
        .prepare_cached(
            "insert into account_routes (workspace_id, hash, account_id)
             select $1, r.hash, $3 from unnest($2::bytea[]) as r(hash)",
        )
        .await?;
    tx.execute(&route, &[&Uuid::from(workspace), &routes, &Uuid::from(new.id)]).await?;
    Ok(())
}

pub fn seal_credentials(keys: &WorkspaceKeys, key: &Key, id: AccountId, json: &[u8]) -> Vec<u8> {
    key.seal(&keys.place(CREDENTIALS, id), json)
}

pub fn open_credentials(
    keys: &WorkspaceKeys,
    key: &Key,
    id: AccountId,
    sealed: &[u8],
) -> Result<Vec<u8>> {
    Ok(key.open(&keys.place(CREDENTIALS, id), sealed)?)
}

/// What never changes of an account, kept at hand.
#[derive(Debug, Clone)]
pub struct Speaker {
    pub kind: AccountKind,
    pub key: Key,
}

/// An account as far as conversations need it.
#[derive(Debug, Clone)]
pub struct Head {
    pub id: AccountId,
    pub kind: AccountKind,
    pub status: AccountStatus,
    pub key: Key,
    pub handle: Option<String>,
}

/// The accounts with these ids, in no order.
pub async fn heads(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    ids: &[AccountId],
) -> Result<Vec<Head>> {
    let ids: Vec<Uuid> = ids.iter().copied().map(Uuid::from).collect();
    let select = tx
        .prepare_cached(
            "select id, kind, status, key, handle from accounts
             where workspace_id = $1 and id = any($2)",
        )
        .await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace), &ids]).await?;
    rows.iter()
        .map(|row| {
            let id = AccountId(row.get(0));
            let (kind, status): (&str, &str) = (row.get(1), row.get(2));
            let strange = || Error::Corrupt(format!("an account of kind {kind}, {status}"));
            Ok(Head {
                id,
                kind: AccountKind::parse(kind).ok_or_else(strange)?,
                status: AccountStatus::parse(status).ok_or_else(strange)?,
                key: keys.unwrap_key(KEY, id, row.get(3))?,
                handle: row.get(4),
            })
        })
        .collect()
}

/// What speaks for an account, from memory where it is there.
pub async fn speaker(
    store: &Store,
    workspace: WorkspaceId,
    id: AccountId,
) -> Result<Option<Speaker>> {
    if let Some(known) = store.speakers.get(&(workspace, id)) {
        return Ok(Some(known));
    }
    let Some(keys) = store.keys(workspace).await? else { return Ok(None) };
    let tx = store.readers.begin(workspace).await?;
    let head = heads(&tx, &keys, workspace, &[id]).await?.pop();
    Ok(head.map(|head| {
        let speaker = Speaker { kind: head.kind, key: head.key };
        store.speakers.insert((workspace, id), speaker.clone());
        speaker
    }))
}

/// Whose an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Owner {
    pub workspace: WorkspaceId,
    pub account: AccountId,
}

/// The accounts that these hashes name, of all workspaces.
pub async fn find(store: &Store, hashes: &[[u8; 32]]) -> Result<Vec<([u8; 32], Owner)>> {
    let hashes: Vec<&[u8]> = hashes.iter().map(|hash| hash.as_slice()).collect();
    let tx = store.readers.begin(Scope::default()).await?;
    let select =
        tx.prepare_cached("select hash, workspace_id, account_id from find_accounts($1)").await?;
    let rows = tx.query(&select, &[&hashes]).await?;
    let found = rows.iter().filter_map(|row| {
        let hash = row.get::<_, &[u8]>(0).try_into().ok()?;
        Some((
            hash,
            Owner { workspace: row.get::<_, Uuid>(1).into(), account: AccountId(row.get(2)) },
        ))
    });
    Ok(found.collect())
}

/// The accounts below what these hashes name, of all workspaces.
pub async fn find_below(store: &Store, parents: &[[u8; 32]]) -> Result<Vec<Owner>> {
    let parents: Vec<&[u8]> = parents.iter().map(|hash| hash.as_slice()).collect();
    let tx = store.readers.begin(Scope::default()).await?;
    let select =
        tx.prepare_cached("select workspace_id, account_id from find_accounts_below($1)").await?;
    let rows = tx.query(&select, &[&parents]).await?;
    Ok(rows
        .iter()
        .map(|row| Owner {
            workspace: row.get::<_, Uuid>(0).into(),
            account: AccountId(row.get(1)),
        })
        .collect())
}

/// What speaks for an account of any workspace, as JSON: to know a webhook by its secret.
pub async fn credentials(store: &Store, id: AccountId) -> Result<Option<Vec<u8>>> {
    let tx = store.readers.begin(Scope::default()).await?;
    let select = tx.prepare_cached("select workspace_id from find_account($1)").await?;
    let row = tx.query_opt(&select, &[&Uuid::from(id)]).await?;
    drop(tx);
    let Some(row) = row else { return Ok(None) };
    let workspace = WorkspaceId(row.get(0));
    let Some(keys) = store.keys(workspace).await? else { return Ok(None) };
    let tx = store.readers.begin(workspace).await?;
    let select = tx
        .prepare_cached("select key, credentials from accounts where workspace_id = $1 and id = $2")
        .await?;
    let row = tx.query_opt(&select, &[&Uuid::from(workspace), &Uuid::from(id)]).await?;
    let Some(row) = row else { return Ok(None) };
    let key = keys.unwrap_key(KEY, id, row.get(0))?;
    Ok(Some(open_credentials(&keys, &key, id, row.get(1))?))
}
