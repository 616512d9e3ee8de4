//! What a platform sent, verified, and could not be read.

use jiff::Timestamp;
use switchboard_domain::{AccountId, DeadLetterId, WorkspaceId};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::error::Result;
use crate::pool::Tx;
use crate::seal::WorkspaceKeys;

const BODY: &str = "dead_letters.body";

/// Something that could not be read, by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeadLetter {
    /// Made of the body: sent again, it is the same.
    pub id: DeadLetterId,
    pub account: Option<AccountId>,
    /// The address it came to: `whatsapp`.
    pub hook: &'static str,
    pub why: String,
    pub body: Vec<u8>,
}

/// Keeps it. Whether it was new.
pub async fn insert(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    new: &NewDeadLetter,
    now: Timestamp,
) -> Result<bool> {
    let insert = tx
        .prepare_cached(
            "insert into dead_letters (workspace_id, id, account_id, hook, why, body, received_at)
             values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
        )
        .await?;
    let sealed = keys.seal(BODY, new.id, &new.body);
    let done = tx
        .execute(
            &insert,
            &[
                &Uuid::from(workspace),
                &Uuid::from(new.id),
                &new.account.map(Uuid::from),
                &new.hook,
                &new.why,
                &sealed,
                &now,
            ],
        )
        .await?;
    Ok(done == 1)
}

/// The body of one, opened.
pub fn open_body(keys: &WorkspaceKeys, id: DeadLetterId, sealed: &[u8]) -> Result<Vec<u8>> {
    Ok(keys.open(BODY, id, sealed)?)
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    pub id: DeadLetterId,
    pub account: Option<AccountId>,
    pub hook: String,
    pub why: String,
    pub body: Vec<u8>,
    pub received_at: Timestamp,
    pub tried_at: Option<Timestamp>,
}

/// Where a page of them begins: after the one with this moment and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    pub received_at: Timestamp,
    pub id: DeadLetterId,
}

const SELECT: &str = "
select id, account_id, hook, why, body, received_at, tried_at from dead_letters
where workspace_id = $1";

/// One page of them, the newest first.
pub async fn page(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    after: Option<After>,
    limit: u32,
) -> Result<Vec<DeadLetter>> {
    let sql = format!(
        "{SELECT} and ($2::timestamptz is null or (received_at, id) < ($2, $3))
         order by received_at desc, id desc limit $4"
    );
    let select = tx.prepare_cached(&sql).await?;
    let (at, id) = (after.map(|after| after.received_at), after.map(|after| Uuid::from(after.id)));
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&Uuid::from(workspace), &at, &id, &i64::from(limit)];
    let rows = tx.query(&select, &values).await?;
    rows.iter().map(|row| read(keys, row)).collect()
}

pub async fn get(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    id: DeadLetterId,
) -> Result<Option<DeadLetter>> {
    let select = tx.prepare_cached(&format!("{SELECT} and id = $2")).await?;
    let row = tx.query_opt(&select, &[&Uuid::from(workspace), &Uuid::from(id)]).await?;
    row.map(|row| read(keys, &row)).transpose()
}

fn read(keys: &WorkspaceKeys, row: &Row) -> Result<DeadLetter> {
    let id = DeadLetterId(row.get(0));
    Ok(DeadLetter {
        id,
        account: row.get::<_, Option<Uuid>>(1).map(AccountId),
        hook: row.get(2),
        why: row.get(3),
        body: open_body(keys, id, row.get(4))?,
        received_at: row.get(5),
        tried_at: row.get(6),
    })
}

/// Notes that it was tried again, and could not be read again.
pub async fn tried(
    tx: &Tx,
    workspace: WorkspaceId,
    id: DeadLetterId,
    now: Timestamp,
) -> Result<()> {
    let update = tx
        .prepare_cached("update dead_letters set tried_at = $3 where workspace_id = $1 and id = $2")
        .await?;
    tx.execute(&update, &[&Uuid::from(workspace), &Uuid::from(id), &now]).await?;
    Ok(())
}

/// Whether it was there.
pub async fn remove(tx: &Tx, workspace: WorkspaceId, id: DeadLetterId) -> Result<bool> {
    let delete =
        tx.prepare_cached("delete from dead_letters where workspace_id = $1 and id = $2").await?;
    Ok(tx.execute(&delete, &[&Uuid::from(workspace), &Uuid::from(id)]).await? == 1)
}
