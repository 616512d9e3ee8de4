//! What must go when a person asks a platform to have their data deleted, and the note that it
//! was asked and done.

use jiff::Timestamp;
use switchboard_domain::{AccountId, AccountKind, ContactId, WorkspaceId};
use uuid::Uuid;

use crate::Store;
use crate::contact::{self, Details};
use crate::error::Result;
use crate::pool::{Scope, Tx};
use crate::seal::{Key, MasterKeys, WorkspaceKeys};

/// The hash by which the accounts of a person are found who connected them: of the app-scoped id
/// that the platform has for that person.
pub fn connector_hash(master: &MasterKeys, person: &str) -> [u8; 32] {
    master.derive("account connector").mac(person.as_bytes())
}

/// The same under every key of the ring.
fn connector_hashes(master: &MasterKeys, person: &str) -> Vec<[u8; 32]> {
    let keys = master.derive_all("account connector");
    keys.iter().map(|key| key.mac(person.as_bytes())).collect()
}

/// The accounts that a person connected, in all workspaces.
pub async fn connected_by(store: &Store, person: &str) -> Result<Vec<(WorkspaceId, AccountId)>> {
    let hashes = connector_hashes(&store.master, person);
    let hashes: Vec<&[u8]> = hashes.iter().map(|hash| hash.as_slice()).collect();
    let tx = store.readers.begin(Scope::default()).await?;
    let select = tx
        .prepare_cached("select workspace_id, account_id from find_accounts_connected_by($1)")
        .await?;
    let rows = tx.query(&select, &[&hashes]).await?;
    Ok(rows.iter().map(|row| (WorkspaceId(row.get(0)), AccountId(row.get(1)))).collect())
}

/// All accounts of these kinds, in all workspaces.
pub async fn accounts_of(
    store: &Store,
    kinds: &[AccountKind],
) -> Result<Vec<(WorkspaceId, AccountId)>> {
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    let tx = store.readers.begin(Scope::default()).await?;
    let select = tx
        .prepare_cached("select workspace_id, account_id from find_accounts_of_kinds($1)")
        .await?;
    let rows = tx.query(&select, &[&kinds]).await?;
    Ok(rows.iter().map(|row| (WorkspaceId(row.get(0)), AccountId(row.get(1)))).collect())
}

/// How a request for deletion stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub platform: String,
    pub requested_at: Timestamp,
    /// Absent while it is worked on.
    pub done_at: Option<Timestamp>,
}

/// Notes that somebody asked. `code` names the request, unless the same person asked before: then
/// it is named as the first time. Of the person only a hash is kept.
pub async fn note(store: &Store, code: &str, platform: &str, person: &str) -> Result<String> {
    let subject = store.master.derive("deletion request").mac(person.as_bytes());
    let tx = store.writers.begin(Scope::default()).await?;
    let select = tx.prepare_cached("select note_deletion($1, $2, $3)").await?;
    let row = tx.query_one(&select, &[&code, &platform, &subject.as_slice()]).await?;
    tx.commit().await?;
    Ok(row.get(0))
}

/// Notes that everything is done.
pub async fn finish(store: &Store, code: &str) -> Result<()> {
    let tx = store.writers.begin(Scope::default()).await?;
    tx.execute("select finish_deletion($1)", &[&code]).await?;
    tx.commit().await
}

/// By its code.
pub async fn find(store: &Store, code: &str) -> Result<Option<Request>> {
    let tx = store.readers.begin(Scope::default()).await?;
    let select =
        tx.prepare_cached("select platform, requested_at, done_at from find_deletion($1)").await?;
    let row = tx.query_opt(&select, &[&code]).await?;
    Ok(row.map(|row| Request {
        platform: row.get(0),
        requested_at: row.get(1),
        done_at: row.get(2),
    }))
}

/// What of a conversation goes with its contact: what was written, what waits to be sent or
/// fetched, and the keys of its files, whose bytes housekeeping then removes.
const EMPTY: [&str; 4] = [
    "update messages m set body = null, words = null, extra = null, failure = null,
       reactions = null, deleted_at = coalesce(m.deleted_at, $3)
     from conversations c where c.workspace_id = $1 and c.contact_id = $2
       and m.workspace_id = $1 and m.conversation_id = c.id and m.kind <> 'activity'",
    "update attachments a set message_id = null, conversation_id = null, key = ''
     from conversations c where c.workspace_id = $1 and c.contact_id = $2 and $3::timestamptz is not null
       and a.workspace_id = $1 and a.conversation_id = c.id",
    "delete from sends s using conversations c
     where c.workspace_id = $1 and c.contact_id = $2 and $3::timestamptz is not null
       and s.workspace_id = $1 and s.conversation_id = c.id",
    "delete from fetches f using conversations c
     where c.workspace_id = $1 and c.contact_id = $2 and $3::timestamptz is not null
       and f.workspace_id = $1 and f.conversation_id = c.id",
];

/// Destroys a contact's key and all that was sealed with it. The contact stays, empty, under a new
/// key: its keyed hashes say nothing, and what its person may write later has somewhere to go. The
/// caller holds the workspace's lock, tells of the change and commits. Whether there was one.
pub async fn erase(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    id: ContactId,
    now: Timestamp,
) -> Result<bool> {
    let key = Key::random();
    let wrapped = keys.wrap(contact::KEY, id, &key);
    let details = contact::seal_details(keys, id, &key, &Details::default())?;
    let update = tx
        .prepare_cached(
            "update contacts set key = $3, details = $4, last_seen_at = null
             where workspace_id = $1 and id = $2",
        )
        .await?;
    let (workspace, id) = (Uuid::from(workspace), Uuid::from(id));
    if tx.execute(&update, &[&workspace, &id, &wrapped, &details]).await? == 0 {
        return Ok(false);
    }
    for sql in EMPTY {
        let statement = tx.prepare_cached(sql).await?;
        tx.execute(&statement, &[&workspace, &id, &now]).await?;
    }
    // Sealed with the key that is gone: without it the platform cannot be written to, until the
    // person writes again.
    let forget = tx
        .prepare_cached(
            "update conversations set address = null where workspace_id = $1 and contact_id = $2",
        )
        .await?;
    tx.execute(&forget, &[&workspace, &id]).await?;
    Ok(true)
}
