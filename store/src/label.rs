//! Labels: the words a team sorts its conversations by.

use jiff::Timestamp;
use switchboard_domain::{LabelId, Seq, WorkspaceId};
use uuid::Uuid;

use crate::error::Result;
use crate::event::{self, Kind};
use crate::pool::Tx;
use crate::workspace;

const LIST: &str = "
    select id, name, color from labels where workspace_id = $1 order by lower(name), id";
const INSERT: &str = "
    insert into labels (workspace_id, id, name, color, created_at) values ($1, $2, $3, $4, $5)";
const UPDATE: &str = "update labels set name = $3, color = $4 where workspace_id = $1 and id = $2";
const DELETE: &str = "delete from labels where workspace_id = $1 and id = $2";
const CARRIERS: &str = "
    select id from conversations where workspace_id = $1 and labels @> array[$2::uuid]
    order by last_activity_at desc, id desc limit $3";
const TAKE_OFF: &str = "
    update conversations set labels = array_remove(labels, $2), rev = $4
    where workspace_id = $1 and id = any($3)";

/// The constraint that [`crate::Error::Taken`] names when a label has this name already.
pub const NAME_TAKEN: &str = "labels_by_name";
/// The most labels of a workspace: every console holds all of them.
pub const LABELS_MAX: usize = 200;
/// A removed label is taken off this many conversations, newest first. On older ones its id stays
/// until they change; nobody sees it, for views leave out ids that name no label.
const TAKEN_OFF_MAX: i64 = 2_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub id: LabelId,
    pub name: String,
    /// `#rrggbb`
    pub color: String,
}

/// All labels, by name.
pub async fn list(tx: &Tx, workspace: WorkspaceId) -> Result<Vec<Label>> {
    let list = tx.prepare_cached(LIST).await?;
    let rows = tx.query(&list, &[&Uuid::from(workspace)]).await?;
    let label = |row: &tokio_postgres::Row| Label {
        id: row.get::<_, Uuid>(0).into(),
        name: row.get(1),
        color: row.get(2),
    };
    Ok(rows.iter().map(label).collect())
}

/// Adds a label; [`crate::Error::Taken`] when its name is.
pub async fn insert(tx: &Tx, workspace: WorkspaceId, label: &Label, now: Timestamp) -> Result<Seq> {
    let insert = tx.prepare_cached(INSERT).await?;
    let (tenant, id) = (Uuid::from(workspace), Uuid::from(label.id));
    tx.execute(&insert, &[&tenant, &id, &label.name, &label.color, &now]).await?;
    event::record(tx, workspace, now, Kind::LabelChanged, Some(id)).await
}

/// Changes a label; `None` when there is no such label.
pub async fn update(
    tx: &Tx,
    workspace: WorkspaceId,
    label: &Label,
    now: Timestamp,
) -> Result<Option<Seq>> {
    let update = tx.prepare_cached(UPDATE).await?;
    let (tenant, id) = (Uuid::from(workspace), Uuid::from(label.id));
    if tx.execute(&update, &[&tenant, &id, &label.name, &label.color]).await? == 0 {
        return Ok(None);
    }
    event::record(tx, workspace, now, Kind::LabelChanged, Some(id)).await.map(Some)
}

/// Removes a label, from conversations as well; `None` when there is no such label.
pub async fn remove(
    tx: &Tx,
    workspace: WorkspaceId,
    id: LabelId,
    now: Timestamp,
) -> Result<Option<Seq>> {
    let (tenant, label) = (Uuid::from(workspace), Uuid::from(id));
    // Looked up before the lock, which the workspace's other commits wait for.
    let carriers = tx.prepare_cached(CARRIERS).await?;
    let rows = tx.query(&carriers, &[&tenant, &label, &TAKEN_OFF_MAX]).await?;
    let carriers: Vec<Uuid> = rows.iter().map(|row| row.get(0)).collect();

    workspace::lock(tx, workspace).await?;
    let delete = tx.prepare_cached(DELETE).await?;
    if tx.execute(&delete, &[&tenant, &label]).await? == 0 {
        return Ok(None);
    }
    let seq = event::record(tx, workspace, now, Kind::LabelRemoved, Some(label)).await?;
    // With a new `rev` an actor that still holds the label clashes, and loads the row again.
    let take_off = tx.prepare_cached(TAKE_OFF).await?;
    tx.execute(&take_off, &[&tenant, &label, &carriers, &event::from_seq(seq)]).await?;
    Ok(Some(seq))
}
