//! By what platforms call a conversation.

use switchboard_domain::{AccountId, ConversationId, WorkspaceId};
use uuid::Uuid;

use crate::error::Result;
use crate::pool::Tx;
use crate::seal::WorkspaceKeys;

/// The hash under which a thread's key is kept.
pub fn hash(keys: &WorkspaceKeys, account: AccountId, key: &str) -> [u8; 32] {
    keys.name_hash("thread", account, key)
}

/// The conversations that go by these hashes.
pub async fn find(
    tx: &Tx,
    workspace: WorkspaceId,
    account: AccountId,
    hashes: &[[u8; 32]],
) -> Result<Vec<([u8; 32], ConversationId)>> {
    let hashes: Vec<&[u8]> = hashes.iter().map(|hash| hash.as_slice()).collect();
    let select = tx
        .prepare_cached(
            "select hash, conversation_id from threads
             where workspace_id = $1 and account_id = $2 and hash = any($3)",
        )
        .await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace), &Uuid::from(account), &hashes]).await?;
    let found = rows.iter().filter_map(|row| {
        Some((row.get::<_, &[u8]>(0).try_into().ok()?, ConversationId(row.get(1))))
    });
    Ok(found.collect())
}
