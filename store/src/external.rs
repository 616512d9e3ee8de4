//! By what platforms call messages: the guard against doing anything twice.

use std::collections::HashMap;

use switchboard_domain::{AccountId, ConversationId, DeliveryState, MessageId, WorkspaceId};
use uuid::Uuid;

use crate::column::to_part;
use crate::error::Result;
use crate::pool::Tx;
use crate::seal::{Key, WorkspaceKeys};

const NAME: &str = "externals.sealed";

/// The hash under which a platform's name of a message is kept.
pub fn hash(keys: &WorkspaceKeys, account: AccountId, name: &str) -> [u8; 32] {
    keys.name_hash("message", account, name)
}

/// A name that is to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewExternal {
    pub hash: [u8; 32],
    pub message: MessageId,
    pub part: u16,
    /// See [`seal`].
    pub sealed: Vec<u8>,
    /// How far the part has come, for a message of the team.
    pub delivery: Option<DeliveryState>,
}

/// A name that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    pub conversation: ConversationId,
    pub message: MessageId,
    pub part: u16,
}

impl Known {
    /// Reads `conversation_id, message_id, part`, the first of them in column `from`.
    pub(crate) fn of(row: &tokio_postgres::Row, from: usize) -> Known {
        Known {
            conversation: ConversationId(row.get(from)),
            message: MessageId(row.get(from + 1)),
            part: to_part(row.get(from + 2)),
        }
    }
}

/// Seals a name with the account's key.
pub fn seal(keys: &WorkspaceKeys, key: &Key, account: AccountId, name: &str) -> Vec<u8> {
    key.seal(&keys.place(NAME, account), name.as_bytes())
}

pub fn open(keys: &WorkspaceKeys, key: &Key, account: AccountId, sealed: &[u8]) -> Result<String> {
    Ok(key.open_text(&keys.place(NAME, account), sealed)?)
}

/// What these hashes name.
pub async fn find(
    tx: &Tx,
    workspace: WorkspaceId,
    account: AccountId,
    hashes: &[[u8; 32]],
) -> Result<HashMap<[u8; 32], Known>> {
    if hashes.is_empty() {
        return Ok(HashMap::new());
    }
    let hashes: Vec<&[u8]> = hashes.iter().map(|hash| hash.as_slice()).collect();
    let select = tx
        .prepare_cached(
            "select n.hash, e.conversation_id, e.message_id, e.part
             from (select distinct unnest($3::bytea[])) as n(hash) cross join lateral (
               select * from externals e
               where e.workspace_id = $1 and e.account_id = $2 and e.hash = n.hash limit 1) e",
        )
        .await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace), &Uuid::from(account), &hashes]).await?;
    let found = rows
        .iter()
        .filter_map(|row| Some((row.get::<_, &[u8]>(0).try_into().ok()?, Known::of(row, 1))));
    Ok(found.collect())
}

/// What the platform calls a message, its parts in order; nothing of what was erased.
pub async fn names(
    tx: &Tx,
    keys: &WorkspaceKeys,
    key: &Key,
    workspace: WorkspaceId,
    account: AccountId,
    message: MessageId,
) -> Result<Vec<String>> {
    let select = tx
        .prepare_cached(
            "select sealed from externals
             where workspace_id = $1 and account_id = $2 and message_id = $3 and sealed <> ''
             order by part",
        )
        .await?;
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
        [&Uuid::from(workspace), &Uuid::from(account), &Uuid::from(message)];
    let rows = tx.query(&select, &values).await?;
    rows.iter().map(|row| open(keys, key, account, row.get(0))).collect()
}

/// The name of the customer's newest message in a conversation.
pub async fn newest_of_customer(
    tx: &Tx,
    keys: &WorkspaceKeys,
    key: &Key,
    workspace: WorkspaceId,
    account: AccountId,
    conversation: ConversationId,
) -> Result<Option<String>> {
    let select = tx
        .prepare_cached(
            "select e.sealed from messages m
             join externals e on e.workspace_id = m.workspace_id and e.message_id = m.id
               and e.account_id = $2 and e.sealed <> ''
             where m.workspace_id = $1 and m.conversation_id = $3 and m.author_kind = 'visitor'
             order by m.seq desc limit 1",
        )
        .await?;
    let row = tx
        .query_opt(
            &select,
            &[&Uuid::from(workspace), &Uuid::from(account), &Uuid::from(conversation)],
        )
        .await?;
    row.map(|row| open(keys, key, account, row.get(0))).transpose()
}

/// How far the named parts of these messages have come.
pub async fn parts(
    tx: &Tx,
    workspace: WorkspaceId,
    messages: &[MessageId],
) -> Result<Vec<(MessageId, u16, Option<DeliveryState>)>> {
    if messages.is_empty() {
        return Ok(vec![]);
    }
    let messages: Vec<Uuid> = messages.iter().copied().map(Uuid::from).collect();
    let select = tx
        .prepare_cached(
            "select e.message_id, e.part, e.delivery
             from (select distinct unnest($2::uuid[])) as n(id) cross join lateral (
               select * from externals e
               where e.workspace_id = $1 and e.message_id = n.id offset 0) e",
        )
        .await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace), &messages]).await?;
    Ok(rows
        .iter()
        .map(|row| {
            let part = to_part(row.get(1));
            let delivery = row.get::<_, Option<&str>>(2).and_then(DeliveryState::parse);
            (MessageId(row.get(0)), part, delivery)
        })
        .collect())
}
