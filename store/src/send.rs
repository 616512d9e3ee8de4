//! What is to be told to platforms: rows that commit with what causes them, and are removed by
//! the commit that tells what became of them.

use switchboard_domain::{AccountId, ConversationId, MessageId, SendId, WorkspaceId};
use uuid::Uuid;

use crate::error::Result;
use crate::pool::Tx;
use crate::seal::{Key, WorkspaceKeys};

const PAYLOAD: &str = "sends.payload";

/// A call that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSend {
    pub id: SendId,
    pub account: AccountId,
    pub conversation: ConversationId,
    pub message: MessageId,
    /// Which of the append's events causes it.
    pub event: usize,
    pub part: u16,
    /// Whether it posts the message itself, or says something about it.
    pub posts: bool,
    /// Whether a machine wrote it.
    pub automatic: bool,
    /// What is to be told, as JSON; see [`seal_payload`].
    pub payload: Vec<u8>,
}

/// Seals what is to be told with the contact's key.
pub fn seal_payload(keys: &WorkspaceKeys, key: &Key, id: SendId, json: &[u8]) -> Vec<u8> {
    key.seal(&keys.place(PAYLOAD, id), json)
}

pub fn open_payload(keys: &WorkspaceKeys, key: &Key, id: SendId, sealed: &[u8]) -> Result<Vec<u8>> {
    Ok(key.open(&keys.place(PAYLOAD, id), sealed)?)
}

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
pub async fn pending(
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
