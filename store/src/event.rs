//! Events: what happened in a workspace, in order. Kinds and ids only.

use jiff::Timestamp;
use switchboard_domain::{ConversationId, MessageId, Seq, WorkspaceId};
use uuid::Uuid;

use crate::column::{from_u64, to_u64};
use crate::error::{Error, Result};
use crate::pool::Tx;

/// What an event concerns. A replay joins the rows as they are when it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    MessagePosted,
    MessageEdited,
    MessageDeleted,
    MessageReacted,
    /// It came further on its way through a platform, or a file of it came.
    MessageProgressed,
    /// Status or assignment; the message is the activity line that tells of it.
    ConversationChanged,
    /// Labels or marks.
    ConversationMarked,
    ContactChanged,
    MemberChanged,
    LabelChanged,
    LabelRemoved,
    WorkspaceChanged,
    /// A connected account: its state, its name, its history's progress.
    AccountChanged,
    /// Templates of the account that is the subject.
    TemplatesChanged,
}

const KINDS: [(Kind, &str); 14] = [
    (Kind::MessagePosted, "message_posted"),
    (Kind::MessageEdited, "message_edited"),
    (Kind::MessageDeleted, "message_deleted"),
    (Kind::MessageReacted, "message_reacted"),
    (Kind::MessageProgressed, "message_progressed"),
    (Kind::ConversationChanged, "conversation_changed"),
    (Kind::ConversationMarked, "conversation_marked"),
    (Kind::ContactChanged, "contact_changed"),
    (Kind::MemberChanged, "member_changed"),
    (Kind::LabelChanged, "label_changed"),
    (Kind::LabelRemoved, "label_removed"),
    (Kind::WorkspaceChanged, "workspace_changed"),
    (Kind::AccountChanged, "account_changed"),
    (Kind::TemplatesChanged, "templates_changed"),
];

impl Kind {
    pub fn name(self) -> &'static str {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    pub fn parse(name: &str) -> Result<Kind> {
        KINDS
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(kind, _)| *kind)
            .ok_or_else(|| Error::Corrupt(format!("an event of the unknown kind {name}")))
    }
}

/// A stored event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub seq: Seq,
    pub at: Timestamp,
    pub kind: Kind,
    pub conversation: Option<ConversationId>,
    pub message: Option<MessageId>,
    pub subject: Option<Uuid>,
}

/// Appends one event that concerns no conversation, within the transaction of its cause. Takes
/// the workspace's lock until the commit: call it last.
pub async fn record(
    tx: &Tx,
    workspace: WorkspaceId,
    now: Timestamp,
    kind: Kind,
    subject: Option<Uuid>,
) -> Result<Seq> {
    let bump = tx
        .prepare_cached(
            "update workspaces set last_seq = last_seq + 1 where id = $1 returning last_seq",
        )
        .await?;
    let seq: i64 = tx.query_one(&bump, &[&Uuid::from(workspace)]).await?.get(0);
    let insert = tx
        .prepare_cached(
            "insert into events (workspace_id, seq, at, kind, subject_id)
             values ($1, $2, $3, $4, $5)",
        )
        .await?;
    tx.execute(&insert, &[&Uuid::from(workspace), &seq, &now, &kind.name(), &subject]).await?;
    Ok(to_seq(seq))
}

/// A workspace's position, and the oldest one that can still be resumed from.
pub async fn position(tx: &Tx, workspace: WorkspaceId) -> Result<Option<Position>> {
    let select = tx
        .prepare_cached("select epoch, last_seq, first_seq from workspaces where id = $1")
        .await?;
    let row = tx.query_opt(&select, &[&Uuid::from(workspace)]).await?;
    Ok(row.map(|row| Position {
        epoch: row.get::<_, Uuid>(0).simple().to_string(),
        last: to_seq(row.get(1)),
        first: to_seq(row.get(2)),
    }))
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    pub epoch: String,
    pub last: Seq,
    /// Events after this one are all there.
    pub first: Seq,
}

/// The events after `after`, oldest first.
pub async fn since(tx: &Tx, workspace: WorkspaceId, after: Seq, limit: u32) -> Result<Vec<Event>> {
    let select = tx
        .prepare_cached(
            "select seq, at, kind, conversation_id, message_id, subject_id from events
             where workspace_id = $1 and seq > $2 order by seq limit $3",
        )
        .await?;
    let rows =
        tx.query(&select, &[&Uuid::from(workspace), &from_seq(after), &i64::from(limit)]).await?;
    rows.iter()
        .map(|row| {
            Ok(Event {
                seq: to_seq(row.get(0)),
                at: row.get(1),
                kind: Kind::parse(row.get(2))?,
                conversation: row.get::<_, Option<Uuid>>(3).map(Into::into),
                message: row.get::<_, Option<Uuid>>(4).map(Into::into),
                subject: row.get(5),
            })
        })
        .collect()
}

pub(crate) fn from_seq(seq: Seq) -> i64 {
    from_u64(seq.0)
}

pub(crate) fn to_seq(seq: i64) -> Seq {
    Seq(to_u64(seq))
}
