//! Durable timers: claimed by any node when due, removed by the commit that does the work.

use switchboard_domain::{ConversationId, TimerId, WorkspaceId};
use uuid::Uuid;

use crate::Store;
use crate::error::Result;
use crate::pool::Scope;

/// The most timers claimed at once.
pub const CLAIM_MAX: i32 = 200;

/// A snooze that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub workspace: WorkspaceId,
    pub timer: TimerId,
    pub conversation: ConversationId,
}

/// Takes due timers for half a minute.
pub async fn claim(store: &Store) -> Result<Vec<Due>> {
    let tx = store.writers.begin(Scope::default()).await?;
    let claim = tx
        .prepare_cached("select workspace_id, timer_id, conversation_id from claim_timers($1)")
        .await?;
    let rows = tx.query(&claim, &[&CLAIM_MAX]).await?;
    let due = rows
        .iter()
        .map(|row| Due {
            workspace: WorkspaceId(row.get(0)),
            timer: TimerId(row.get(1)),
            conversation: ConversationId(row.get(2)),
        })
        .collect();
    tx.commit().await?;
    Ok(due)
}

/// Removes a timer whose work turned out to be done already.
pub async fn clear(store: &Store, due: &Due) -> Result<()> {
    let tx = store.writers.begin(due.workspace).await?;
    let delete =
        tx.prepare_cached("delete from timers where workspace_id = $1 and id = $2").await?;
    tx.execute(&delete, &[&Uuid::from(due.workspace), &Uuid::from(due.timer)]).await?;
    tx.commit().await
}
