//! Rows that become messages: read with what belongs to them, and opened.

use std::collections::HashMap;

use switchboard_domain::{
    AttachmentId, ContactId, ConversationId, MessageId, MessageKind, WorkspaceId,
};
use tokio_postgres::Row;
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::names::{parse_attachment_kind, parse_author, parse_file_state, parse_kind};
use super::sealed::{open_body, open_delivery, open_extra};
use super::{Activity, FILE_KEY, FILE_NAME, File, Message, Quote, Reaction};
use crate::column::to_u64;
use crate::contact;
use crate::conversation::{excerpt, to_n};
use crate::error::Result;
use crate::event::to_seq;
use crate::pool::Tx;
use crate::seal::{Key, WorkspaceKeys};

const COLUMNS: &str = "
select m.id, m.conversation_id, m.seq, m.rev, m.n, m.kind, m.author_kind, m.author_id, m.body,
       m.activity, m.reactions, m.ref, m.created_at, m.edited_at, m.deleted_at,
       c.contact_id, k.key, q.id, q.author_kind, q.author_id, q.body,
       m.extra, m.delivery, m.failure, m.sent_at, m.parts";

/// What belongs to a message is looked up by its name alone, as for conversations.
const BESIDE: &str = "
cross join lateral (
  select * from conversations c where c.workspace_id = $1 and c.id = m.conversation_id limit 1) c
cross join lateral (
  select * from contacts k where k.workspace_id = $1 and k.id = c.contact_id limit 1) k
left join lateral (
  select * from messages q where q.workspace_id = $1 and q.id = m.reply_to limit 1) q on true";

/// Reads the rows of `m` from what `source` says; `$1` is the workspace.
pub(super) fn select(source: &str) -> String {
    format!("{COLUMNS} from {source} {BESIDE} where m.workspace_id = $1")
}

/// Opens rows that [`select`] has read, with the files of their messages.
pub(super) async fn read_all(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    rows: &[Row],
) -> Result<Vec<Message>> {
    let mut contact_keys: HashMap<ContactId, Key> = HashMap::new();
    let mut messages = Vec::with_capacity(rows.len());
    for row in rows {
        let contact = ContactId(row.get(15));
        let key = match contact_keys.entry(contact) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(vacant) => {
                vacant.insert(contact::open_key(keys, contact, row.get(16))?)
            }
        };
        messages.push(read(keys, key, contact, row)?);
    }
    attach_files(tx, keys, workspace, &contact_keys, &mut messages).await?;
    Ok(messages)
}

fn read(keys: &WorkspaceKeys, key: &Key, contact: ContactId, row: &Row) -> Result<Message> {
    let id = MessageId(row.get(0));
    let reactions: Option<Json<Vec<Reaction>>> = row.get(10);
    let activity: Option<Json<Activity>> = row.get(9);
    let quote = row
        .get::<_, Option<Uuid>>(17)
        .map(|quoted| -> Result<Quote> {
            let body: Option<&[u8]> = row.get(20);
            let text = open_body(keys, key, MessageId(quoted), body)?;
            Ok(Quote {
                id: MessageId(quoted),
                author: parse_author(row.get(18), row.get(19))?,
                excerpt: excerpt(&text),
            })
        })
        .transpose()?;
    Ok(Message {
        id,
        conversation: ConversationId(row.get(1)),
        contact,
        seq: to_seq(row.get(2)),
        rev: to_seq(row.get(3)),
        n: row.get::<_, Option<i32>>(4).map(to_n),
        kind: parse_kind(row.get(5))?,
        author: parse_author(row.get(6), row.get(7))?,
        text: open_body(keys, key, id, row.get(8))?,
        files: Vec::new(),
        reply_to: quote,
        reactions: reactions.map(|Json(reactions)| reactions).unwrap_or_default(),
        activity: activity.map(|Json(activity)| activity),
        reference: row.get(11),
        extra: open_extra(keys, key, id, row.get(21))?,
        delivery: open_delivery(keys, key, id, row.get(22), row.get(23))?,
        parts: row.get::<_, Option<i16>>(25).and_then(|n| u16::try_from(n).ok()),
        sent_at: row.get(24),
        created_at: row.get(12),
        edited_at: row.get(13),
        deleted_at: row.get(14),
    })
}

/// Loads the files of messages that still show them.
async fn attach_files(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    contact_keys: &HashMap<ContactId, Key>,
    messages: &mut [Message],
) -> Result<()> {
    let ids: Vec<Uuid> = messages
        .iter()
        .filter(|m| m.deleted_at.is_none() && m.kind != MessageKind::Activity)
        .map(|m| Uuid::from(m.id))
        .collect();
    if ids.is_empty() {
        return Ok(());
    }
    let select = tx
        .prepare_cached(
            "select a.message_id, a.id, a.key, a.name, a.mime, a.kind, a.size, a.width, a.height,
                    a.has_thumbnail, a.state, a.voice
             from (select distinct unnest($2::uuid[])) as n(id) cross join lateral (
               select * from attachments a
               where a.workspace_id = $1 and a.message_id = n.id offset 0) a
             order by a.message_id, a.position",
        )
        .await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace), &ids]).await?;
    let mut by_message: HashMap<MessageId, Vec<&Row>> = HashMap::new();
    for row in &rows {
        by_message.entry(MessageId(row.get(0))).or_default().push(row);
    }
    for message in messages {
        let Some(key) = contact_keys.get(&message.contact) else { continue };
        for row in by_message.remove(&message.id).unwrap_or_default() {
            message.files.push(read_file(keys, key, row)?);
        }
    }
    Ok(())
}

fn read_file(keys: &WorkspaceKeys, contact_key: &Key, row: &Row) -> Result<File> {
    let id = AttachmentId(row.get(1));
    let file_key = contact_key.unwrap_key(&keys.place(FILE_KEY, id), row.get(2))?;
    let pixels = |i: usize| row.get::<_, Option<i32>>(i).and_then(|n| u32::try_from(n).ok());
    Ok(File {
        id,
        name: file_key.open_text(&keys.place(FILE_NAME, id), row.get(3))?,
        mime: row.get(4),
        kind: parse_attachment_kind(row.get(5))?,
        size: to_u64(row.get(6)),
        width: pixels(7),
        height: pixels(8),
        has_thumbnail: row.get(9),
        state: parse_file_state(row.get(10))?,
        voice: row.get(11),
    })
}
