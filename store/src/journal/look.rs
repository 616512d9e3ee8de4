//! The first round trip of the journal: the lock, and what the appends were decided on.

use std::collections::{HashMap, HashSet};

use switchboard_domain::{AttachmentId, ContactId, ConversationId, MessageId, Seq, WorkspaceId};
use tokio::try_join;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::{Append, identity_hashes, identity_kinds, outside, reference};
use crate::conversation::to_n;
use crate::error::{Error, Result};
use crate::event::to_seq;
use crate::message::Posted;
use crate::pool::{Scope, Tx};
use crate::seal::WorkspaceKeys;

type Param<'a> = &'a (dyn ToSql + Sync);

/// What the lock holds still.
pub(super) struct Found {
    pub(super) last: Seq,
    /// Known conversations and their `rev`.
    pub(super) revs: HashMap<ConversationId, Seq>,
    /// Contacts that have a conversation already.
    pub(super) with_conversation: HashSet<ContactId>,
    /// Identities that belong to someone already.
    pub(super) identities: HashSet<Vec<u8>>,
    pub(super) posted: HashMap<(Uuid, String), Posted>,
    /// Files that no message took up yet.
    pub(super) free_files: HashSet<AttachmentId>,
    pub(super) outside: outside::look::Found,
}

pub(super) async fn look(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    appends: &[Append],
) -> Result<Found> {
    let id = Uuid::from(workspace);
    let conversations: Vec<Uuid> = appends.iter().map(|a| a.state.id.into()).collect();
    let new = || appends.iter().filter(|a| a.expected.is_none());
    let contacts: Vec<Uuid> = new().map(|a| a.state.contact.into()).collect();
    let kinds: Vec<&'static str> = new().flat_map(identity_kinds).collect();
    let hashes: Vec<Vec<u8>> = new().flat_map(|a| identity_hashes(keys, a)).collect();
    let (authors, references): (Vec<Uuid>, Vec<String>) =
        appends.iter().filter_map(reference).unzip();
    let files: Vec<Uuid> =
        appends.iter().flat_map(|a| &a.attachments).map(|file| file.id.into()).collect();

    // Everything is looked up by itself. Of a table that it has not analysed yet Postgres believes
    // that a workspace has few rows, so a join with it, or `= any`, reads all of them.
    let (lock, revs, owned, posted, identities, free) = try_join!(
        tx.prepare_cached("select last_seq from workspaces where id = $1 for no key update"),
        tx.prepare_cached(
            "select c.id, c.rev from unnest($2::uuid[]) as n(id)
             cross join lateral (
               select * from conversations c where c.workspace_id = $1 and c.id = n.id
               limit 1) c",
        ),
        tx.prepare_cached(
            "select n.id from unnest($2::uuid[]) as n(id)
             cross join lateral (
               select from conversations c where c.workspace_id = $1 and c.contact_id = n.id
               limit 1) c",
        ),
        tx.prepare_cached(
            "select m.author_id, m.ref, m.id, m.conversation_id, m.seq, m.n
             from unnest($2::uuid[], $3::text[]) as r(author_id, ref)
             cross join lateral (
               select * from messages m where m.workspace_id = $1
                 and m.author_id = r.author_id and m.ref = r.ref
               limit 1) m",
        ),
        tx.prepare_cached(
            "select n.hash from unnest($2::text[], $3::bytea[]) as n(kind, hash)
             cross join lateral (
               select from identities i
               where i.workspace_id = $1 and i.kind = n.kind and i.hash = n.hash
               limit 1) i",
        ),
        tx.prepare_cached(
            "select n.id from unnest($2::uuid[]) as n(id)
             cross join lateral (
               select from attachments a
               where a.workspace_id = $1 and a.id = n.id and a.message_id is null
               limit 1) a",
        ),
    )?;
    let begin = Scope::from(workspace).begin();
    // Sent together, answered in order: each statement sees what the lock waited for.
    let opened = tx.batch_execute(&begin);
    let lock_params: [Param<'_>; 1] = [&id];
    let locked = tx.query_opt(&lock, &lock_params);
    let rev_params: [Param<'_>; 2] = [&id, &conversations];
    let rev_rows = tx.query(&revs, &rev_params);
    let owned_params: [Param<'_>; 2] = [&id, &contacts];
    let owned_rows = optional(!contacts.is_empty(), tx.query(&owned, &owned_params));
    let posted_params: [Param<'_>; 3] = [&id, &authors, &references];
    let posted_rows = optional(!authors.is_empty(), tx.query(&posted, &posted_params));
    let identity_params: [Param<'_>; 3] = [&id, &kinds, &hashes];
    let identity_rows = optional(!hashes.is_empty(), tx.query(&identities, &identity_params));
    let file_params: [Param<'_>; 2] = [&id, &files];
    let file_rows = optional(!files.is_empty(), tx.query(&free, &file_params));
    let outside = outside::look::look(tx, id, appends);
    let ((), locked, rev_rows, owned_rows, posted_rows, identity_rows, file_rows, outside) = try_join!(
        opened,
        locked,
        rev_rows,
        owned_rows,
        posted_rows,
        identity_rows,
        file_rows,
        outside
    )?;

    let locked =
        locked.ok_or_else(|| Error::Corrupt(format!("{workspace} vanished under its appends")))?;
    Ok(Found {
        last: to_seq(locked.get(0)),
        revs: rev_rows.iter().map(|row| (ConversationId(row.get(0)), to_seq(row.get(1)))).collect(),
        with_conversation: owned_rows.iter().map(|row| ContactId(row.get(0))).collect(),
        identities: identity_rows.iter().map(|row| row.get(0)).collect(),
        posted: posted_rows
            .iter()
            .map(|row| {
                let posted = Posted {
                    message: MessageId(row.get(2)),
                    conversation: ConversationId(row.get(3)),
                    seq: to_seq(row.get(4)),
                    n: row.get::<_, Option<i32>>(5).map(to_n),
                };
                ((row.get(0), row.get(1)), posted)
            })
            .collect(),
        free_files: file_rows.iter().map(|row| AttachmentId(row.get(0))).collect(),
        outside,
    })
}

/// Runs a query, or answers with no rows where there is nothing to ask.
pub(crate) async fn optional(
    needed: bool,
    query: impl Future<Output = Result<Vec<tokio_postgres::Row>, tokio_postgres::Error>>,
) -> Result<Vec<tokio_postgres::Row>, tokio_postgres::Error> {
    if needed { query.await } else { Ok(Vec::new()) }
}
