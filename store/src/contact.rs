//! Contacts: one person each, with a set of identities. What is known of them is sealed with
//! their own key.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use switchboard_domain::contact::pseudonym;
use switchboard_domain::{Channel, ContactId, Identity, Seq, WorkspaceId};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::event::to_seq;
use crate::pool::Tx;
use crate::seal::{Key, WorkspaceKeys};

pub(crate) const KEY: &str = "contacts.key";
const DETAILS: &str = "contacts.details";

/// What is known of a contact. Sealed as one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The business's own id of its user, vouched for by HMAC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// Names on the channels, as people write them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub handles: Vec<(Channel, String)>,
}

impl Details {
    /// What to call the contact.
    pub fn display_name(&self, id: ContactId) -> String {
        self.name.clone().unwrap_or_else(|| pseudonym(Uuid::from(id).as_u128()))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub id: ContactId,
    pub details: Details,
    pub rev: Seq,
    pub created_at: Timestamp,
    pub last_seen_at: Option<Timestamp>,
    /// The contact that it was found to be.
    pub merged_into: Option<ContactId>,
    /// Names on the channels of the contacts that were found to be this one.
    pub merged_handles: Vec<(Channel, String)>,
}

/// A contact and its key as they are first stored.
#[derive(Debug, Clone)]
pub struct NewContact {
    pub id: ContactId,
    pub key: Key,
    pub details: Details,
    pub identities: Vec<Identity>,
}

pub(crate) fn open_key(keys: &WorkspaceKeys, id: ContactId, wrapped: &[u8]) -> Result<Key> {
    Ok(keys.unwrap_key(KEY, id, wrapped)?)
}

pub(crate) fn seal_details(
    keys: &WorkspaceKeys,
    id: ContactId,
    key: &Key,
    details: &Details,
) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(details).map_err(|error| Error::Corrupt(error.to_string()))?;
    Ok(key.seal(&keys.place(DETAILS, id), &json))
}

pub(crate) fn open_details(
    keys: &WorkspaceKeys,
    id: ContactId,
    key: &Key,
    sealed: &[u8],
) -> Result<Details> {
    let json = key.open(&keys.place(DETAILS, id), sealed)?;
    serde_json::from_slice(&json).map_err(|error| Error::Corrupt(error.to_string()))
}

const SELECT: &str =
    "select id, key, details, rev, created_at, last_seen_at, merged_into from contacts
                      where workspace_id = $1 and id = any($2)";

/// The most contacts of one person whose names are shown with it.
const MERGED_MAX: i64 = 100;

/// The contacts with these ids, in no order.
pub async fn many(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    ids: &[ContactId],
) -> Result<Vec<Contact>> {
    let ids: Vec<Uuid> = ids.iter().copied().map(Uuid::from).collect();
    let select = tx.prepare_cached(SELECT).await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace), &ids]).await?;
    let mut contacts: Vec<Contact> =
        rows.iter().map(|row| read(keys, row)).collect::<Result<_>>()?;
    for (into, details) in merged(tx, keys, workspace, &ids).await? {
        if let Some(contact) = contacts.iter_mut().find(|contact| contact.id == into) {
            contact.merged_handles.extend(details.handles);
        }
    }
    Ok(contacts)
}

/// What is known of the contacts that were found to be these, the oldest first.
async fn merged(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    ids: &[Uuid],
) -> Result<Vec<(ContactId, Details)>> {
    let select = tx
        .prepare_cached(
            "select n.id, k.id, k.key, k.details from unnest($2::uuid[]) as n(id)
             cross join lateral (
               select * from contacts k where k.workspace_id = $1 and k.merged_into = n.id
               order by k.created_at, k.id limit $3) k
             order by k.created_at, k.id",
        )
        .await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace), &ids, &MERGED_MAX]).await?;
    let read = |row: &Row| {
        let id = ContactId(row.get(1));
        let key = open_key(keys, id, row.get(2))?;
        Ok((ContactId(row.get(0)), open_details(keys, id, &key, row.get(3))?))
    };
    rows.iter().map(read).collect()
}

pub async fn get(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    id: ContactId,
) -> Result<Option<Contact>> {
    Ok(many(tx, keys, workspace, &[id]).await?.pop())
}

fn read(keys: &WorkspaceKeys, row: &Row) -> Result<Contact> {
    let id = ContactId(row.get(0));
    let key = open_key(keys, id, row.get(1))?;
    Ok(Contact {
        id,
        details: open_details(keys, id, &key, row.get(2))?,
        rev: to_seq(row.get(3)),
        created_at: row.get(4),
        last_seen_at: row.get(5),
        merged_into: row.get::<_, Option<Uuid>>(6).map(ContactId),
        merged_handles: vec![],
    })
}

/// The contact that an identity belongs to.
pub async fn find(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    identity: &Identity,
) -> Result<Option<ContactId>> {
    let hash = keys.identity_hash(identity.kind(), identity.value());
    let select = tx
        .prepare_cached(
            "select contact_id from identities
             where workspace_id = $1 and kind = $2 and hash = $3",
        )
        .await?;
    let row = tx
        .query_opt(&select, &[&Uuid::from(workspace), &identity.kind(), &hash.as_slice()])
        .await?;
    Ok(row.map(|row| ContactId(row.get(0))))
}

/// A contact as far as a conversation that it opens needs it.
#[derive(Debug, Clone)]
pub struct Held {
    pub id: ContactId,
    pub key: Key,
    pub details: Details,
    /// The contact that it was found to be.
    pub merged_into: Option<ContactId>,
}

/// Reads `id, key, details, merged_into` from a row, the first of them in column `from`.
pub(crate) fn held(keys: &WorkspaceKeys, row: &Row, from: usize) -> Result<Held> {
    let id = ContactId(row.get(from));
    let key = open_key(keys, id, row.get(from + 1))?;
    let details = open_details(keys, id, &key, row.get(from + 2))?;
    let merged_into = row.get::<_, Option<Uuid>>(from + 3).map(ContactId);
    Ok(Held { id, key, details, merged_into })
}

/// The contact that one of these identities belongs to: the first one's that is known. Where none
/// is, the contact with the id `otherwise`, if there is one.
pub async fn find_any(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    identities: &[Identity],
    otherwise: ContactId,
) -> Result<Option<Held>> {
    let kinds: Vec<&str> = identities.iter().map(Identity::kind).collect();
    let hash = |i: &Identity| keys.identity_hash(i.kind(), i.value()).to_vec();
    let hashes: Vec<Vec<u8>> = identities.iter().map(hash).collect();
    let select = tx
        .prepare_cached(
            "select id, key, details, merged_into from contacts
             where workspace_id = $1 and id = coalesce(
               (select i.contact_id
                from unnest($2::text[], $3::bytea[]) with ordinality as n(kind, hash, place)
                cross join lateral (
                  select i.contact_id from identities i
                  where i.workspace_id = $1 and i.kind = n.kind and i.hash = n.hash limit 1) i
                order by n.place limit 1), $4)",
        )
        .await?;
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&Uuid::from(workspace), &kinds, &hashes, &Uuid::from(otherwise)];
    let row = tx.query_opt(&select, &params).await?;
    row.map(|row| held(keys, &row, 0)).transpose()
}

/// Changes what is known of a contact, under its row's lock. `None` when there is no such
/// contact or the change changes nothing; otherwise the caller records the event and stamps it
/// with [`stamp`].
pub async fn change(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    id: ContactId,
    change: impl FnOnce(&mut Details),
) -> Result<Option<Details>> {
    let select = tx
        .prepare_cached(
            "select key, details from contacts where workspace_id = $1 and id = $2
             for no key update",
        )
        .await?;
    let Some(row) = tx.query_opt(&select, &[&Uuid::from(workspace), &Uuid::from(id)]).await? else {
        return Ok(None);
    };
    let key = open_key(keys, id, row.get(0))?;
    let before = open_details(keys, id, &key, row.get(1))?;
    let mut details = before.clone();
    change(&mut details);
    if details == before {
        return Ok(None);
    }
    let sealed = seal_details(keys, id, &key, &details)?;
    let update = tx
        .prepare_cached("update contacts set details = $3 where workspace_id = $1 and id = $2")
        .await?;
    tx.execute(&update, &[&Uuid::from(workspace), &Uuid::from(id), &sealed]).await?;
    Ok(Some(details))
}

/// Says which event changed a contact last. Its conversations show its name, so they changed
/// with it: an actor that holds one clashes, and loads it again.
pub async fn stamp(tx: &Tx, workspace: WorkspaceId, id: ContactId, rev: Seq) -> Result<()> {
    let update = tx
        .prepare_cached("update contacts set rev = $3 where workspace_id = $1 and id = $2")
        .await?;
    let shown = tx
        .prepare_cached(
            "update conversations set rev = $3 where workspace_id = $1 and contact_id = $2",
        )
        .await?;
    let rev = crate::event::from_seq(rev);
    tx.execute(&update, &[&Uuid::from(workspace), &Uuid::from(id), &rev]).await?;
    tx.execute(&shown, &[&Uuid::from(workspace), &Uuid::from(id), &rev]).await?;
    Ok(())
}

/// Adds an identity, unless another contact has it.
pub async fn identify(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    id: ContactId,
    identity: &Identity,
) -> Result<()> {
    let hash = keys.identity_hash(identity.kind(), identity.value());
    let insert = tx
        .prepare_cached(
            "insert into identities (workspace_id, kind, hash, contact_id)
             values ($1, $2, $3, $4) on conflict do nothing",
        )
        .await?;
    tx.execute(
        &insert,
        &[&Uuid::from(workspace), &identity.kind(), &hash.as_slice(), &Uuid::from(id)],
    )
    .await?;
    Ok(())
}

/// Notes when a contact was last there. No event tells of it.
pub async fn seen(tx: &Tx, workspace: WorkspaceId, id: ContactId, now: Timestamp) -> Result<()> {
    let update = tx
        .prepare_cached("update contacts set last_seen_at = $3 where workspace_id = $1 and id = $2")
        .await?;
    tx.execute(&update, &[&Uuid::from(workspace), &Uuid::from(id), &now]).await?;
    Ok(())
}
