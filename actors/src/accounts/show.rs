//! Connected accounts as the wire shows them.

use std::collections::HashMap;

use switchboard_channels::Health;
use switchboard_channels::account::ProblemKind;
use switchboard_domain::{AccountId, BusinessConnection, WorkspaceId};
use switchboard_store::account::Account;
use switchboard_store::job::Job;
use switchboard_store::seal::WorkspaceKeys;
use switchboard_store::{
    Result, Tx, account as accounts, business_connection as connections, job as jobs,
};
use switchboard_wire::rest::channels as wire;

/// All accounts of a workspace, also those that were disconnected.
pub async fn all(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
) -> Result<Vec<wire::Account>> {
    let rows = accounts::list(tx, keys, workspace).await?;
    let jobs = jobs::newest(tx, workspace).await?;
    let jobs: HashMap<AccountId, Job> = jobs.into_iter().map(|job| (job.account, job)).collect();
    let connections = connections::of_accounts(tx, keys, workspace, &rows).await?;
    let of = |row: &Account| connections.get(&row.id).map_or(&[][..], Vec::as_slice);
    Ok(rows.iter().map(|row| account(row, jobs.get(&row.id), of(row))).collect())
}

fn account(
    row: &Account,
    history: Option<&Job>,
    connections: &[BusinessConnection],
) -> wire::Account {
    let health = health(row);
    wire::Account {
        id: row.id,
        kind: row.kind,
        channel: row.kind.channel(),
        name: row.name.clone(),
        handle: row.handle.clone(),
        status: row.status,
        problems: health
            .problems
            .into_iter()
            .map(|problem| wire::AccountProblem {
                kind: kind(problem.kind).to_owned(),
                words: problem.words,
            })
            .collect(),
        facts: health
            .facts
            .into_iter()
            .map(|(name, value)| wire::AccountFact { name, value })
            .collect(),
        checked_at: row.checked_at,
        history: history.map(job),
        connections: connections.iter().map(connection).collect(),
        created_at: row.created_at,
    }
}

fn connection(row: &BusinessConnection) -> wire::BusinessConnection {
    let owner = &row.owner;
    let handle = owner.username.as_ref().map(|name| format!("@{name}"));
    wire::BusinessConnection {
        id: row.id.clone(),
        name: owner.name.clone().or_else(|| handle.clone()).unwrap_or_else(|| owner.id.clone()),
        handle,
        access: row.access(),
        rights: row.rights.iter().copied().collect(),
        made_at: row.made_at,
    }
}

/// What was noted of an account when it was looked at last.
pub fn health(row: &Account) -> Health {
    serde_json::from_value(row.health.clone()).unwrap_or_default()
}

fn kind(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Token => "token",
        ProblemKind::Permission => "permission",
        ProblemKind::NotSubscribed => "not_subscribed",
        ProblemKind::Quality => "quality",
        ProblemKind::Restricted => "restricted",
        ProblemKind::Payment => "payment",
        ProblemKind::Other => "other",
    }
}

fn job(job: &Job) -> wire::Job {
    wire::Job {
        id: job.id,
        state: job.state.clone(),
        done: job.done,
        total: job.total,
        note: job.note.clone(),
    }
}
