//! What of messages is still to be told to platforms, for whoever decides what happens to them.

use jiff::Timestamp;
use switchboard_domain::{ConversationId, MessageId, SendId, WorkspaceId};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::column::to_part;
use crate::error::Result;
use crate::pool::Tx;
use crate::seal::{Key, WorkspaceKeys};
use crate::send::open_payload;

/// A part of a message that is still to be sent, or being sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    pub id: SendId,
    pub message: MessageId,
    pub part: u16,
    /// Whether the platform has been asked.
    pub begun: bool,
}

/// The parts of these messages that are still to be sent, or being sent.
pub async fn of_messages(
    tx: &Tx,
    workspace: WorkspaceId,
    messages: &[MessageId],
) -> Result<Vec<Pending>> {
    if messages.is_empty() {
        return Ok(vec![]);
    }
    let messages: Vec<Uuid> = messages.iter().copied().map(Uuid::from).collect();
    let select = tx
        .prepare_cached(
            "select s.id, s.message_id, s.part, s.state
             from (select distinct unnest($2::uuid[])) as n(id) cross join lateral (
               select * from sends s
               where s.workspace_id = $1 and s.message_id = n.id and s.posts offset 0) s",
        )
        .await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace), &messages]).await?;
    Ok(rows
        .iter()
        .map(|row| Pending {
            id: SendId(row.get(0)),
            message: MessageId(row.get(1)),
            part: to_part(row.get(2)),
            begun: row.get::<_, &str>(3) != "waiting",
        })
        .collect())
}

/// A call of a conversation that was begun and not heard of since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    pub message: MessageId,
    pub part: u16,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// What it says, as JSON.
    pub payload: Vec<u8>,
}

/// What was begun in a conversation and not heard of since, in its order.
pub async fn begun(
    tx: &Tx,
    keys: &WorkspaceKeys,
    key: &Key,
    workspace: WorkspaceId,
    conversation: ConversationId,
) -> Result<Vec<Begun>> {
    let select = tx
        .prepare_cached(
            "select id, message_id, part, created_at, payload from sends
             where workspace_id = $1 and conversation_id = $2 and posts and state <> 'waiting'
             order by seq, part",
        )
        .await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace), &Uuid::from(conversation)]).await?;
    rows.iter()
        .map(|row| {
            Ok(Begun {
                message: MessageId(row.get(1)),
                part: to_part(row.get(2)),
                created_at: row.get(3),
                payload: open_payload(keys, key, SendId(row.get(0)), row.get(4))?,
            })
        })
        .collect()
}

/// A message of which nobody knows whether all of it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubted {
    pub message: MessageId,
    /// When waiting for a sign of it ended; `None` while some of it is still on its way.
    pub given_up_at: Option<Timestamp>,
}

/// What is doubted among a conversation's newest 200 messages, oldest first.
pub async fn doubted(
    tx: &Tx,
    workspace: WorkspaceId,
    conversation: ConversationId,
) -> Result<Vec<Doubted>> {
    // The event that changed a doubted message last is the one that made it so.
    let select = tx
        .prepare_cached(
            "select m.id, case m.delivery when 'uncertain' then e.at end
             from (select * from messages where workspace_id = $1 and conversation_id = $2
                   order by seq desc limit 200) m
             cross join lateral (
               select e.at from events e where e.workspace_id = m.workspace_id and e.seq = m.rev
                 and e.at >= m.created_at - interval '1 hour' limit 1) e
             where m.delivery in ('uncertain', 'sending') and m.parts is not null
               and m.deleted_at is null
             order by m.seq",
        )
        .await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace), &Uuid::from(conversation)]).await?;
    let doubted = |row: &Row| Doubted { message: MessageId(row.get(0)), given_up_at: row.get(1) };
    Ok(rows.iter().map(doubted).collect())
}
