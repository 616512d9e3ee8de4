//! Messages: entries of a conversation, their bodies sealed with the contact's key.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use switchboard_domain::{
    AttachmentId, AttachmentKind, Author, ChannelLine, ContactId, ConversationId, Delivery, Extra,
    MemberId, MessageHead, MessageId, MessageKind, Seq, Side, Status, WorkspaceId,
};
use uuid::Uuid;

use crate::conversation::{from_n, to_n};
use crate::error::Result;
use crate::event::{from_seq, to_seq};
use crate::pool::Tx;
use crate::seal::WorkspaceKeys;

mod names;
mod rows;
mod sealed;

pub(crate) use names::{
    author_columns, kind_name, parse_attachment_kind, parse_author, parse_file_state, parse_kind,
};
use rows::{read_all, select};
pub(crate) use sealed::open_body;
pub use sealed::{delivery_columns, seal_body, seal_extra};

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
