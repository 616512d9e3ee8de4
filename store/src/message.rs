//! Messages: entries of a conversation, their bodies sealed with the contact's key.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use switchboard_domain::{
    AttachmentId, AttachmentKind, Author, ChannelLine, ContactId, ConversationId, Delivery, Extra,
    MemberId, MessageHead, MessageId, MessageKind, Seq, Side, Status, WorkspaceId,
};
use tokio_postgres::Row;
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::contact;
use crate::conversation::{excerpt, from_n, to_n};
use crate::error::Result;
use crate::event::{from_seq, to_seq};
use crate::pool::Tx;
use crate::seal::{Key, WorkspaceKeys};

mod names;
mod sealed;

pub use names::parse_attachment_kind;
pub(crate) use names::{author_columns, kind_name, parse_author, parse_file_state, parse_kind};
pub(crate) use sealed::open_body;
pub use sealed::{delivery_columns, seal_body, seal_extra};
use sealed::{open_delivery, open_extra};

pub(crate) const BODY: &str = "messages.body";
pub const FILE_KEY: &str = "attachments.key";
pub const FILE_NAME: &str = "attachments.name";

/// A stored message, opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub id: MessageId,
    pub conversation: ConversationId,
    pub contact: ContactId,
    pub seq: Seq,
    pub rev: Seq,
    pub n: Option<u32>,
    pub kind: MessageKind,
    pub author: Author,
    /// Empty when deleted.
    pub text: String,
    pub files: Vec<File>,
    pub reply_to: Option<Quote>,
    pub reactions: Vec<Reaction>,
    pub activity: Option<Activity>,
    /// What it carries beside text and files.
    pub extra: Extra,
    /// How far a message of the team has come.
    pub delivery: Option<Delivery>,
    /// In how many calls it is sent, where it is.
    pub parts: Option<u16>,
    /// The platform's time, where it is not ours.
    pub sent_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
    pub reference: Option<String>,
}

impl Message {
    /// What rules ask about.
    pub fn head(&self) -> MessageHead {
        MessageHead {
            id: self.id,
            kind: self.kind,
            n: self.n,
            author: self.author,
            created_at: self.created_at,
            deleted: self.deleted_at.is_some(),
            history: self.extra.history,
            reactions: self
                .reactions
                .iter()
                .filter(|r| !r.emoji.is_empty())
                .map(|r| (r.by, r.emoji.clone()))
                .collect(),
            has_attachments: !self.files.is_empty(),
        }
    }
}

/// The message that is answered, as far as a quotation needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    pub id: MessageId,
    pub author: Author,
    pub excerpt: String,
}

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub id: AttachmentId,
    pub name: String,
    pub mime: String,
    pub kind: AttachmentKind,
    pub size: u64,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub has_thumbnail: bool,
    pub state: FileState,
    /// A recorded voice.
    pub voice: bool,
}

/// Where a file is on its way from a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    Coming,
    Ready,
    Lost,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    pub by: Author,
    /// Empty when it was taken back: kept to know that it is later than what comes late.
    pub emoji: String,
    /// The platform's time, where it came from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// What an activity line tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Activity {
    Status {
        status: Status,
    },
    Assigned {
        member: Option<MemberId>,
    },
    /// Something happened on the channel.
    Channel {
        told: ChannelLine,
    },
}

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
fn select(source: &str) -> String {
    format!("{COLUMNS} from {source} {BESIDE} where m.workspace_id = $1")
}

/// Which part of a conversation is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slice {
    Newest,
    Before(Seq),
    After(Seq),
}

/// A page of a conversation, oldest first. A visitor's holds public messages alone.
pub async fn page(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    conversation: ConversationId,
    side: Side,
    slice: Slice,
    limit: u32,
) -> Result<Vec<Message>> {
    let (bound, clause, order) = match slice {
        Slice::Newest => (i64::MAX, "m.seq < $3", "desc"),
        Slice::Before(seq) => (from_seq(seq), "m.seq < $3", "desc"),
        Slice::After(seq) => (from_seq(seq), "m.seq > $3", "asc"),
    };
    let visible = match side {
        Side::Team => "",
        Side::Visitor => " and m.kind = 'public'",
    };
    let from = select("messages m");
    let sql = format!(
        "{from} and m.conversation_id = $2 and {clause}{visible} order by m.seq {order} limit $4"
    );
    let select = tx.prepare_cached(&sql).await?;
    let rows = tx
        .query(
            &select,
            &[&Uuid::from(workspace), &Uuid::from(conversation), &bound, &i64::from(limit)],
        )
        .await?;
    let mut messages = read_all(tx, keys, workspace, &rows).await?;
    messages.sort_by_key(|message| message.seq);
    Ok(messages)
}

/// The messages with these ids, in no order.
pub async fn many(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    ids: &[MessageId],
) -> Result<Vec<Message>> {
    let ids: Vec<Uuid> = ids.iter().copied().map(Uuid::from).collect();
    let sql = select(
        "(select distinct unnest($2::uuid[])) as n(id) cross join lateral (
           select * from messages m where m.workspace_id = $1 and m.id = n.id limit 1) m",
    );
    let select = tx.prepare_cached(&sql).await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace), &ids]).await?;
    read_all(tx, keys, workspace, &rows).await
}

pub async fn get(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    id: MessageId,
) -> Result<Option<Message>> {
    Ok(many(tx, keys, workspace, &[id]).await?.pop())
}

/// How many public messages of the other side lie beyond the number `n`.
pub async fn unread_beyond(
    tx: &Tx,
    workspace: WorkspaceId,
    conversation: ConversationId,
    side: Side,
    n: u32,
) -> Result<u32> {
    let others = match side.other() {
        Side::Visitor => "author_kind = 'visitor'",
        Side::Team => "author_kind <> 'visitor'",
    };
    let sql = format!(
        "select count(*) from messages where workspace_id = $1 and conversation_id = $2
         and n > $3 and deleted_at is null and {others}"
    );
    let select = tx.prepare_cached(&sql).await?;
    let row = tx
        .query_one(&select, &[&Uuid::from(workspace), &Uuid::from(conversation), &from_n(n)])
        .await?;
    Ok(u32::try_from(row.get::<_, i64>(0)).unwrap_or_default())
}

/// The customer's newest message of a conversation.
pub async fn newest_of_customer(
    tx: &Tx,
    workspace: WorkspaceId,
    conversation: ConversationId,
) -> Result<Option<MessageId>> {
    let select = tx
        .prepare_cached(
            "select id from messages
             where workspace_id = $1 and conversation_id = $2 and author_kind = 'visitor'
               and deleted_at is null
             order by seq desc limit 1",
        )
        .await?;
    let row = tx.query_opt(&select, &[&Uuid::from(workspace), &Uuid::from(conversation)]).await?;
    Ok(row.map(|row| MessageId(row.get(0))))
}

/// A message that was stored under an author's `ref`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posted {
    pub message: MessageId,
    pub conversation: ConversationId,
    pub seq: Seq,
    pub n: Option<u32>,
}

/// What an author posted under `reference`.
pub async fn by_reference(
    tx: &Tx,
    workspace: WorkspaceId,
    author: Uuid,
    reference: &str,
) -> Result<Option<Posted>> {
    let select = tx
        .prepare_cached(
            "select id, conversation_id, seq, n from messages
             where workspace_id = $1 and author_id = $2 and ref = $3",
        )
        .await?;
    let row = tx.query_opt(&select, &[&Uuid::from(workspace), &author, &reference]).await?;
    Ok(row.map(|row| Posted {
        message: MessageId(row.get(0)),
        conversation: ConversationId(row.get(1)),
        seq: to_seq(row.get(2)),
        n: row.get::<_, Option<i32>>(3).map(to_n),
    }))
}

/// Messages that hold every word, newest first, before the position `before`.
pub async fn search(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    words: &[String],
    before: Option<Seq>,
    limit: u32,
) -> Result<Vec<Message>> {
    let hashes = keys.word_hashes(words);
    let find =
        tx.prepare_cached("select message_id from find_messages_by_words($1, $2, $3)").await?;
    let before = before.map_or(i64::MAX, from_seq);
    let limit = i32::try_from(limit).unwrap_or(i32::MAX);
    let rows = tx.query(&find, &[&hashes, &before, &limit]).await?;
    let ids: Vec<MessageId> = rows.iter().map(|row| MessageId(row.get(0))).collect();
    let mut messages = many(tx, keys, workspace, &ids).await?;
    messages.sort_by_key(|message| std::cmp::Reverse(message.seq));
    Ok(messages)
}

async fn read_all(
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
        size: u64::try_from(row.get::<_, i64>(6)).unwrap_or_default(),
        width: pixels(7),
        height: pixels(8),
        has_thumbnail: row.get(9),
        state: parse_file_state(row.get(10))?,
        voice: row.get(11),
    })
}
