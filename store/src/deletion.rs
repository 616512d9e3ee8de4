//! What must go when a person asks a platform to have their data deleted, and the note that it
//! was asked and done.

use jiff::Timestamp;
use switchboard_domain::{AccountId, AccountKind, ContactId, WorkspaceId};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::Store;
use crate::contact::{self, Details};
use crate::error::Result;
use crate::pool::{Scope, Tx};
use crate::seal::{Key, MasterKeys, Place, WorkspaceKeys};

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

/// How long a request is left to the process that works on it, in seconds. After that it is taken
/// to be dead.
const CLAIMED_SECONDS: i32 = 120;
/// Requests taken up at once.
const CLAIM_MAX: i32 = 10;

const PERSON: &str = "deletion_requests.person";

/// Where the id of a person is sealed: bound to the hash of the same.
fn person_place(subject: &[u8; 32]) -> Place<'static> {
    let mut row = [0; 16];
    row.copy_from_slice(&subject[..16]);
    Place { workspace: Uuid::nil(), column: PERSON, row: Uuid::from_bytes(row) }
}

/// Notes that somebody asked, and that the caller works on it. `code` names the request, unless the
/// same person asked before: then it is named as the first time. The platform's id of the person is
/// kept, sealed, until [`finish`]; a hash of it stays.
pub async fn note(store: &Store, code: &str, platform: &str, person: &str) -> Result<String> {
    let subject = store.master.derive("deletion request").mac(person.as_bytes());
    let sealing = store.master.derive("deletion person");
    let sealed = sealing.seal(&person_place(&subject), person.as_bytes());
    let tx = store.writers.begin(Scope::default()).await?;
    let select = tx.prepare_cached("select note_deletion($1, $2, $3, $4, $5)").await?;
    let values: [&(dyn ToSql + Sync); 5] =
        [&code, &platform, &subject.as_slice(), &sealed, &CLAIMED_SECONDS];
    let row = tx.query_one(&select, &values).await?;
    tx.commit().await?;
    Ok(row.get(0))
}

/// A request that nobody works on any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    pub code: String,
    /// The platform's id of the person; `None` when the key that sealed it is not in the ring.
    pub person: Option<String>,
}

/// Takes up requests that were begun by a process that did not end them. The caller works on them
/// now.
pub async fn claim(store: &Store) -> Result<Vec<Open>> {
    let sealing = store.master.derive_all("deletion person");
    let tx = store.writers.begin(Scope::default()).await?;
    let claim =
        tx.prepare_cached("select code, subject, person from claim_deletions($1, $2)").await?;
    let rows = tx.query(&claim, &[&CLAIMED_SECONDS, &CLAIM_MAX]).await?;
    let open = |row: &Row| {
        let place = person_place(&row.get::<_, &[u8]>(1).try_into().ok()?);
        let sealed: &[u8] = row.get(2);
        sealing.iter().find_map(|key| key.open_text(&place, sealed).ok())
    };
    let taken = rows.iter().map(|row| Open { code: row.get(0), person: open(row) }).collect();
    tx.commit().await?;
    Ok(taken)
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
/// fetched, the keys of its files, whose bytes housekeeping then removes, what was told of messages
/// that never came, and what the platform calls those that did. Of those names the hashes stay: a
/// webhook that comes once more must not bring back what was deleted.
const EMPTY: [&str; 6] = [
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
    "update externals e set sealed = ''
     from conversations c where c.workspace_id = $1 and c.contact_id = $2 and $3::timestamptz is not null
       and e.workspace_id = $1 and e.conversation_id = c.id",
    "delete from parked p using threads t, conversations c
     where c.workspace_id = $1 and c.contact_id = $2 and $3::timestamptz is not null
       and t.workspace_id = $1 and t.conversation_id = c.id
       and p.workspace_id = $1 and p.account_id = t.account_id and p.thread = t.hash",
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
    // person writes again. Nothing is left that could be read.
    let forget = tx
        .prepare_cached(
            "update conversations set address = null, team_unread = 0, visitor_unread = 0
             where workspace_id = $1 and contact_id = $2",
        )
        .await?;
    tx.execute(&forget, &[&workspace, &id]).await?;
    Ok(true)
}
