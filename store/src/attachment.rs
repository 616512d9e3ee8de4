//! Attachments: what is known of uploaded files. Their bytes are kept elsewhere, sealed with the
//! key that is kept here.
//!
//! A file's key is wrapped by the workspace's key until a message takes it up, and by the
//! contact's key from then on, so that erasing the contact erases the file.

use jiff::Timestamp;
use switchboard_domain::{
    AttachmentId, Author, ContactId, ConversationId, MessageId, MessageKind, WorkspaceId,
};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::Store;
use crate::column::{from_u64, to_u64};
use crate::contact;
use crate::error::Result;
use crate::message::{
    FILE_KEY, FILE_NAME, File, author_columns, parse_attachment_kind, parse_author, parse_kind,
};
use crate::pool::{Scope, Tx};
use crate::seal::{Key, WorkspaceKeys};

/// An upload that is about to be stored.
#[derive(Debug, Clone)]
pub struct NewAttachment {
    pub file: File,
    /// What the bytes are sealed with.
    pub key: Key,
    pub uploader: Author,
}

/// A stored file with all that decides who may have it.
#[derive(Debug, Clone)]
pub struct Attachment {
    pub file: File,
    pub key: Key,
    pub uploader: Author,
    /// The message that carries it; `None` until one does.
    pub place: Option<Place>,
}

/// Where a file was posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub conversation: ConversationId,
    pub contact: ContactId,
    pub message: MessageId,
    pub kind: MessageKind,
}

impl Attachment {
    /// Whether `author` may have it: the team everything, a visitor what they uploaded or what
    /// was sent to them.
    pub fn visible_to(&self, author: Author) -> bool {
        let Author::Visitor(contact) = author else { return true };
        match self.place {
            None => self.uploader == author,
            Some(place) => place.contact == contact && place.kind == MessageKind::Public,
        }
    }
}

/// An upload that no message carries yet, ready to be taken up.
#[derive(Debug, Clone)]
pub struct Unattached {
    pub file: File,
    pub key: Key,
}

impl Unattached {
    /// The file's key as it is kept once a message of the contact carries it.
    pub fn rewrap(&self, keys: &WorkspaceKeys, contact_key: &Key) -> Vec<u8> {
        contact_key.wrap(&keys.place(FILE_KEY, self.file.id), &self.key)
    }
}

pub async fn insert(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    new: &NewAttachment,
    now: Timestamp,
) -> Result<()> {
    let insert = tx
        .prepare_cached(
            "insert into attachments (workspace_id, id, uploader_kind, uploader_id, key, name,
               mime, kind, size, width, height, has_thumbnail, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .await?;
    let file = &new.file;
    let id = Uuid::from(file.id);
    let (uploader_kind, uploader) = author_columns(new.uploader);
    let pixels = |n: Option<u32>| n.and_then(|n| i32::try_from(n).ok());
    tx.execute(
        &insert,
        &[
            &Uuid::from(workspace),
            &id,
            &uploader_kind,
            &uploader,
            &keys.wrap(FILE_KEY, id, &new.key),
            &new.key.seal(&keys.place(FILE_NAME, id), file.name.as_bytes()),
            &file.mime,
            &file.kind.name(),
            &from_u64(file.size),
            &pixels(file.width),
            &pixels(file.height),
            &file.has_thumbnail,
            &now,
        ],
    )
    .await?;
    Ok(())
}

const SELECT: &str = "
select a.id, a.key, a.name, a.mime, a.kind, a.size, a.width, a.height, a.has_thumbnail,
       a.uploader_kind, a.uploader_id, a.conversation_id, a.message_id, c.contact_id, k.key, m.kind,
       a.state, a.voice
from attachments a
left join lateral (
  select * from conversations c where c.workspace_id = $1 and c.id = a.conversation_id limit 1) c
  on true
left join lateral (
  select * from contacts k where k.workspace_id = $1 and k.id = c.contact_id limit 1) k on true
left join lateral (
  select * from messages m where m.workspace_id = $1 and m.id = a.message_id limit 1) m on true
where a.workspace_id = $1 and a.id = any($2) and m.deleted_at is null
  and octet_length(a.key) > 0";

/// A file, unless its message was deleted and its key with it.
pub async fn get(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    id: AttachmentId,
) -> Result<Option<Attachment>> {
    Ok(many(tx, keys, workspace, &[id]).await?.pop())
}

/// Of these uploads the ones that `uploader` made and no message carries, in the order asked for.
pub async fn unattached(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    ids: &[AttachmentId],
    uploader: Author,
) -> Result<Vec<Unattached>> {
    let found = many(tx, keys, workspace, ids).await?;
    let free = |id: &AttachmentId| {
        found
            .iter()
            .find(|one| one.file.id == *id && one.place.is_none() && one.uploader == uploader)
    };
    let ready = |one: &Attachment| Unattached { file: one.file.clone(), key: one.key.clone() };
    Ok(ids.iter().filter_map(free).map(ready).collect())
}

async fn many(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    ids: &[AttachmentId],
) -> Result<Vec<Attachment>> {
    let ids: Vec<Uuid> = ids.iter().copied().map(Uuid::from).collect();
    let select = tx.prepare_cached(SELECT).await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace), &ids]).await?;
    rows.iter().map(|row| read(keys, row)).collect()
}

fn read(keys: &WorkspaceKeys, row: &Row) -> Result<Attachment> {
    let id = AttachmentId(row.get(0));
    let contact = row.get::<_, Option<Uuid>>(13).map(ContactId);
    let key = match (contact, row.get::<_, Option<&[u8]>>(14)) {
        (Some(contact), Some(wrapped)) => contact::open_key(keys, contact, wrapped)?
            .unwrap_key(&keys.place(FILE_KEY, id), row.get(1))?,
        _ => keys.unwrap_key(FILE_KEY, id, row.get(1))?,
    };
    let conversation = row.get::<_, Option<Uuid>>(11).map(ConversationId);
    let message = row.get::<_, Option<Uuid>>(12).map(MessageId);
    let place = match (conversation, contact, message, row.get::<_, Option<&str>>(15)) {
        (Some(conversation), Some(contact), Some(message), Some(kind)) => {
            Some(Place { conversation, contact, message, kind: parse_kind(kind)? })
        }
        _ => None,
    };
    let pixels = |i: usize| row.get::<_, Option<i32>>(i).and_then(|n| u32::try_from(n).ok());
    Ok(Attachment {
        file: File {
            id,
            name: key.open_text(&keys.place(FILE_NAME, id), row.get(2))?,
            mime: row.get(3),
            kind: parse_attachment_kind(row.get(4))?,
            size: to_u64(row.get(5)),
            width: pixels(6),
            height: pixels(7),
            has_thumbnail: row.get(8),
            state: crate::message::parse_file_state(row.get(16))?,
            voice: row.get(17),
        },
        key,
        uploader: match row.get(9) {
            "platform" => Author::Elsewhere,
            kind => parse_author(kind, row.get(10))?,
        },
        place,
    })
}

/// Uploads made before `before` that no message took up, of all workspaces, oldest first.
pub async fn find_orphans(
    store: &Store,
    before: Timestamp,
    how_many: u32,
) -> Result<Vec<(WorkspaceId, AttachmentId)>> {
    let tx = store.readers.begin(Scope::default()).await?;
    let select = tx
        .prepare_cached("select workspace_id, attachment_id from find_orphaned_attachments($1, $2)")
        .await?;
    let how_many = i32::try_from(how_many).unwrap_or(i32::MAX);
    let rows = tx.query(&select, &[&before, &how_many]).await?;
    Ok(rows.iter().map(|row| (WorkspaceId(row.get(0)), AttachmentId(row.get(1)))).collect())
}

/// Removes an upload unless a message has taken it up. Says whether it did.
pub async fn remove_orphan(tx: &Tx, workspace: WorkspaceId, id: AttachmentId) -> Result<bool> {
    let delete = tx
        .prepare_cached(
            "delete from attachments
             where workspace_id = $1 and id = $2 and message_id is null",
        )
        .await?;
    Ok(tx.execute(&delete, &[&Uuid::from(workspace), &Uuid::from(id)]).await? == 1)
}
