//! What of messages is still to be told to platforms, for whoever decides what happens to them.

use switchboard_domain::{ConversationId, MessageId, SendId, WorkspaceId};
use uuid::Uuid;

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
    let messages: Vec<Uuid> = messages.iter().copied().map(Uuid::from).collect();
    let select = tx
        .prepare_cached(
            "select id, message_id, part, state from sends
             where workspace_id = $1 and message_id = any($2) and posts",
        )
        .await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace), &messages]).await?;
    Ok(rows
        .iter()
        .map(|row| Pending {
            id: SendId(row.get(0)),
            message: MessageId(row.get(1)),
            part: u16::try_from(row.get::<_, i16>(2)).unwrap_or_default(),
            begun: row.get::<_, &str>(3) != "waiting",
        })
        .collect())
}

/// What was begun in a conversation and not heard of since, with what it says, opened.
pub async fn begun(
    tx: &Tx,
    keys: &WorkspaceKeys,
    key: &Key,
    workspace: WorkspaceId,
    conversation: ConversationId,
) -> Result<Vec<(Pending, Vec<u8>)>> {
    let select = tx
        .prepare_cached(
            "select id, message_id, part, payload from sends
             where workspace_id = $1 and conversation_id = $2 and posts and state <> 'waiting'
             order by seq, part",
        )
        .await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace), &Uuid::from(conversation)]).await?;
    rows.iter()
        .map(|row| {
            let id = SendId(row.get(0));
            let part = u16::try_from(row.get::<_, i16>(2)).unwrap_or_default();
            let pending = Pending { id, message: MessageId(row.get(1)), part, begun: true };
            Ok((pending, open_payload(keys, key, id, row.get(3))?))
        })
        .collect()
}
