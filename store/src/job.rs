//! Work in many steps, taken up again where it stopped.

use jiff::Timestamp;
use switchboard_domain::{AccountId, JobId, WorkspaceId};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::error::Result;
use crate::pool::Tx;

/// Where a job's cursor is sealed, with the account's key.
pub const CURSOR: &str = "jobs.cursor";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub id: JobId,
    pub account: AccountId,
    /// `running`, `done` or `failed`
    pub state: String,
    /// Sealed with the account's key at [`CURSOR`]; absent before the first step.
    pub cursor: Option<Vec<u8>>,
    pub done: u32,
    pub total: Option<u32>,
    pub note: Option<String>,
    pub due_at: Timestamp,
}

const COLUMNS: &str = "id, account_id, state, cursor, done, total, note, due_at";

fn read(row: &Row) -> Job {
    let count = |n: i32| u32::try_from(n).unwrap_or_default();
    Job {
        id: JobId(row.get(0)),
        account: AccountId(row.get(1)),
        state: row.get(2),
        cursor: row.get(3),
        done: count(row.get(4)),
        total: row.get::<_, Option<i32>>(5).map(count),
        note: row.get(6),
        due_at: row.get(7),
    }
}

/// Begins to bring an account's history, unless that is under way already.
pub async fn start(
    tx: &Tx,
    workspace: WorkspaceId,
    id: JobId,
    account: AccountId,
    now: Timestamp,
) -> Result<bool> {
    let insert = tx
        .prepare_cached(
            "insert into jobs (workspace_id, id, kind, account_id, state, due_at, created_at)
             values ($1, $2, 'history', $3, 'running', $4, $4)
             on conflict (workspace_id, account_id, kind) where state = 'running' do nothing",
        )
        .await?;
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&Uuid::from(workspace), &Uuid::from(id), &Uuid::from(account), &now];
    Ok(tx.execute(&insert, &values).await? == 1)
}

/// The newest job of each account.
pub async fn newest(tx: &Tx, workspace: WorkspaceId) -> Result<Vec<Job>> {
    let sql = format!(
        "select distinct on (account_id) {COLUMNS} from jobs where workspace_id = $1
         order by account_id, created_at desc, id desc"
    );
    let select = tx.prepare_cached(&sql).await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace)]).await?;
    Ok(rows.iter().map(read).collect())
}

/// The account's job that is due.
pub async fn due(
    tx: &Tx,
    workspace: WorkspaceId,
    account: AccountId,
    now: Timestamp,
) -> Result<Option<Job>> {
    let sql = format!(
        "select {COLUMNS} from jobs where workspace_id = $1 and account_id = $2
           and state = 'running' and due_at <= $3 limit 1"
    );
    let select = tx.prepare_cached(&sql).await?;
    let row = tx.query_opt(&select, &[&Uuid::from(workspace), &Uuid::from(account), &now]).await?;
    Ok(row.as_ref().map(read))
}

/// Notes where a job has come to. One that is not `running` any more has finished, and stays so:
/// whether it was running until now.
pub async fn save(tx: &Tx, workspace: WorkspaceId, job: &Job, now: Timestamp) -> Result<bool> {
    let update = tx
        .prepare_cached(
            "update jobs set state = $3, cursor = $4, done = $5, total = $6, note = $7,
               due_at = $8, finished_at = case when $3 = 'running' then null else $9::timestamptz end
             where workspace_id = $1 and id = $2 and state = 'running'",
        )
        .await?;
    let count = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let saved = tx
        .execute(
            &update,
            &[
                &Uuid::from(workspace),
                &Uuid::from(job.id),
                &job.state,
                &job.cursor,
                &count(job.done),
                &job.total.map(count),
                &job.note,
                &job.due_at,
                &now,
            ],
        )
        .await?;
    Ok(saved == 1)
}
