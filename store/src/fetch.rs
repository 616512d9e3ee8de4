//! Files of platforms that are to be fetched: rows that commit with the messages that show them.

use jiff::Timestamp;
use switchboard_domain::trace::Trace;
use switchboard_domain::{AccountId, AttachmentId, ConversationId, MessageId, WorkspaceId};
use uuid::Uuid;

use crate::error::Result;
use crate::pool::Tx;
use crate::seal::{Key, WorkspaceKeys};

const SOURCE: &str = "fetches.source";

/// A file that is to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFetch {
    pub attachment: AttachmentId,
    pub account: AccountId,
    pub message: MessageId,
    /// Where it is, as JSON; see [`seal_source`].
    pub source: Vec<u8>,
}

/// Seals where a file is with the account's key.
pub fn seal_source(keys: &WorkspaceKeys, key: &Key, id: AttachmentId, json: &[u8]) -> Vec<u8> {
    key.seal(&keys.place(SOURCE, id), json)
}

pub fn open_source(
    keys: &WorkspaceKeys,
    key: &Key,
    id: AttachmentId,
    sealed: &[u8],
) -> Result<Vec<u8>> {
    Ok(key.open(&keys.place(SOURCE, id), sealed)?)
}

/// A file whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub attachment: AttachmentId,
    pub conversation: ConversationId,
    pub message: MessageId,
    /// For [`open_source`].
    pub source: Vec<u8>,
    /// How often it was tried, this time included.
    pub attempts: u32,
    /// What it is part of, if that is recorded.
    pub trace: Option<Trace>,
}

/// Takes files that are due, and lets them be due again at `again_at` should nobody report what
/// became of them. None when the account has another owner by now.
pub async fn claim(
    tx: &Tx,
    workspace: WorkspaceId,
    account: AccountId,
    epoch: u64,
    now: Timestamp,
    again_at: Timestamp,
    limit: u32,
) -> Result<Vec<Due>> {
    if !crate::lease::holds(tx, workspace, account, epoch).await? {
        return Ok(vec![]);
    }
    let update = tx
        .prepare_cached(
            "update fetches f set attempts = attempts + 1, due_at = $4
             where f.workspace_id = $1 and f.id in (
               select d.id from fetches d where d.workspace_id = $1 and d.account_id = $2
                 and d.due_at <= $3 order by d.due_at limit $5)
             returning f.id, f.conversation_id, f.message_id, f.source, f.attempts,
               f.traceparent",
        )
        .await?;
    let rows = tx
        .query(
            &update,
            &[&Uuid::from(workspace), &Uuid::from(account), &now, &again_at, &i64::from(limit)],
        )
        .await?;
    let due = |row: &tokio_postgres::Row| Due {
        attachment: AttachmentId(row.get(0)),
        conversation: ConversationId(row.get(1)),
        message: MessageId(row.get(2)),
        source: row.get(3),
        attempts: u32::try_from(row.get::<_, i32>(4)).unwrap_or_default(),
        trace: row.get::<_, Option<&str>>(5).and_then(Trace::recorded),
    };
    Ok(rows.iter().map(due).collect())
}

/// Lets a file wait.
pub async fn postpone(
    tx: &Tx,
    workspace: WorkspaceId,
    attachment: AttachmentId,
    due_at: Timestamp,
) -> Result<()> {
    let update = tx
        .prepare_cached("update fetches set due_at = $3 where workspace_id = $1 and id = $2")
        .await?;
    tx.execute(&update, &[&Uuid::from(workspace), &Uuid::from(attachment), &due_at]).await?;
    Ok(())
}
