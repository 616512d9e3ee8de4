//! Merges: one person was found behind two contacts. Neither is changed; one points at the other,
//! and can be told to stop.
//!
//! Merges form trees whose inner nodes are merges that happened before. `contacts.merged_into` is
//! always the root, so that a row needs one look to know its person.

use jiff::Timestamp;
use switchboard_domain::{ContactId, ConversationId, MemberId, MergeId, Seq, WorkspaceId};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::error::Result;
use crate::event;
use crate::pool::Tx;

/// The most conversations that a person is shown with.
const CONVERSATIONS_MAX: i64 = 200;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    pub id: MergeId,
    pub from: ContactId,
    pub into: ContactId,
    pub by: MemberId,
    pub at: Timestamp,
}

/// What came of the wish to merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merged {
    /// Done. These contacts belong to another person now, or have more to them.
    Done { merge: Merge, changed: Vec<ContactId> },
    /// They are one person already.
    Already,
    /// One of them is not there.
    Missing,
}

/// Lets `from`, and all that was merged into it, be the person that `into` is. The caller holds
/// the workspace's lock, tells of the change and commits.
pub async fn merge(tx: &Tx, workspace: WorkspaceId, wish: &Merge) -> Result<Merged> {
    let (Some(from), Some(into)) =
        (person(tx, workspace, wish.from).await?, person(tx, workspace, wish.into).await?)
    else {
        return Ok(Merged::Missing);
    };
    if from == into {
        return Ok(Merged::Already);
    }
    let merge = Merge { from, into, ..wish.clone() };
    let insert = tx
        .prepare_cached(
            "insert into merges (workspace_id, id, from_contact, into_contact, by_member, at)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .await?;
    tx.execute(
        &insert,
        &[
            &Uuid::from(workspace),
            &Uuid::from(merge.id),
            &Uuid::from(from),
            &Uuid::from(into),
            &Uuid::from(merge.by),
            &merge.at,
        ],
    )
    .await?;
    let mut changed = point(tx, workspace, from, Some(into)).await?;
    changed.push(into);
    Ok(Merged::Done { merge, changed })
}

/// Lets the contacts of a merge be two people again. `None` when there is no such merge; otherwise
/// the contacts that changed. The caller does the rest, as for [`merge`].
pub async fn undo(
    tx: &Tx,
    workspace: WorkspaceId,
    id: MergeId,
    now: Timestamp,
) -> Result<Option<Vec<ContactId>>> {
    let end = tx
        .prepare_cached(
            "update merges set undone_at = $3
             where workspace_id = $1 and id = $2 and undone_at is null
             returning from_contact, into_contact",
        )
        .await?;
    let row = tx.query_opt(&end, &[&Uuid::from(workspace), &Uuid::from(id), &now]).await?;
    let Some(row) = row else { return Ok(None) };
    let (from, into) = (ContactId(row.get(0)), ContactId(row.get(1)));
    let mut changed = point(tx, workspace, from, None).await?;
    // What `into` was merged into since is what people see of it.
    changed.push(person(tx, workspace, into).await?.unwrap_or(into));
    Ok(Some(changed))
}

/// Points a contact, and those merged into it, at `root`, or at itself where it becomes one.
async fn point(
    tx: &Tx,
    workspace: WorkspaceId,
    contact: ContactId,
    root: Option<ContactId>,
) -> Result<Vec<ContactId>> {
    let update = tx
        .prepare_cached(
            "with recursive below as (
               select $2::uuid as id
               union
               select m.from_contact from merges m join below b on m.into_contact = b.id
               where m.workspace_id = $1 and m.undone_at is null
             )
             update contacts c
             set merged_into = nullif(coalesce($3::uuid, $2::uuid), c.id)
             from below where c.workspace_id = $1 and c.id = below.id
             returning c.id",
        )
        .await?;
    let root = root.map(Uuid::from);
    let rows = tx.query(&update, &[&Uuid::from(workspace), &Uuid::from(contact), &root]).await?;
    Ok(rows.iter().map(|row| ContactId(row.get(0))).collect())
}

/// The contact that this one was found to be, or itself.
pub async fn person(tx: &Tx, workspace: WorkspaceId, id: ContactId) -> Result<Option<ContactId>> {
    let select = tx
        .prepare_cached(
            "select coalesce(merged_into, id) from contacts where workspace_id = $1 and id = $2",
        )
        .await?;
    let row = tx.query_opt(&select, &[&Uuid::from(workspace), &Uuid::from(id)]).await?;
    Ok(row.map(|row| ContactId(row.get(0))))
}

/// Tells that names of a contact changed which are shown with another one: with the person that it
/// was found to be. The caller holds the workspace's lock. Nothing where it is nobody else.
pub async fn tell_person(
    tx: &Tx,
    workspace: WorkspaceId,
    id: ContactId,
    now: Timestamp,
) -> Result<Option<Seq>> {
    let person = person(tx, workspace, id).await?.filter(|person| *person != id);
    let Some(person) = person else { return Ok(None) };
    let kind = event::Kind::ContactChanged;
    event::record(tx, workspace, now, kind, Some(person.into())).await.map(Some)
}

/// The merges that a person consists of, the newest first.
pub async fn of(tx: &Tx, workspace: WorkspaceId, person: ContactId) -> Result<Vec<Merge>> {
    let select = tx
        .prepare_cached(
            "select m.id, m.from_contact, m.into_contact, m.by_member, m.at from merges m
             join contacts c on c.workspace_id = m.workspace_id and c.id = m.from_contact
             where m.workspace_id = $1 and m.undone_at is null and c.merged_into = $2
             order by m.at desc, m.id desc",
        )
        .await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace), &Uuid::from(person)]).await?;
    Ok(rows.iter().map(read).collect())
}

fn read(row: &Row) -> Merge {
    Merge {
        id: MergeId(row.get(0)),
        from: ContactId(row.get(1)),
        into: ContactId(row.get(2)),
        by: MemberId(row.get(3)),
        at: row.get(4),
    }
}

/// The conversations with a person, on all channels and under all of their contacts, the newest
/// activity first.
pub async fn conversations(
    tx: &Tx,
    workspace: WorkspaceId,
    person: ContactId,
) -> Result<Vec<ConversationId>> {
    let select = tx
        .prepare_cached(
            "select c.id from conversations c
             join contacts k on k.workspace_id = c.workspace_id and k.id = c.contact_id
             where c.workspace_id = $1 and (k.id = $2 or k.merged_into = $2)
             order by c.last_activity_at desc, c.id desc limit $3",
        )
        .await?;
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
        [&Uuid::from(workspace), &Uuid::from(person), &CONVERSATIONS_MAX];
    let rows = tx.query(&select, &values).await?;
    Ok(rows.iter().map(|row| ConversationId(row.get(0))).collect())
}
