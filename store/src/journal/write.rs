//! The second round trip of the journal: all rows of a batch, and the commit, pipelined.

use futures_util::future::{BoxFuture, FutureExt, try_join_all};
use jiff::Timestamp;
use switchboard_domain::{Channel, Identity, Seq, WorkspaceId};
use tokio_postgres::types::{Json, ToSql};
use uuid::Uuid;

use super::{Append, Change, TimerChange, array_text, at, column_n, json, last, outside};
use crate::column::from_part;
use crate::contact::{KEY, seal_details};
use crate::conversation::{from_n, status_columns};
use crate::error::Result;
use crate::message::{author_columns, kind_name};
use crate::pool::Tx;
use crate::seal::WorkspaceKeys;

/// One statement and its parameters.
pub(super) struct Step {
    sql: &'static str,
    params: Vec<Box<dyn ToSql + Sync + Send>>,
}

impl Step {
    pub(super) fn new(sql: &'static str) -> Step {
        Step { sql, params: Vec::new() }
    }

    pub(super) fn with(mut self, value: impl ToSql + Sync + Send + 'static) -> Step {
        self.params.push(Box::new(value));
        self
    }
}

/// Writes the appends, each from its first position on, and commits.
pub(super) async fn write(
    tx: Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    held: &[(&Append, Seq)],
) -> Result<()> {
    let id = Uuid::from(workspace);
    let mut steps = Vec::new();
    let moved: Vec<(&Append, Seq)> =
        held.iter().filter(|(append, _)| !append.events.is_empty()).copied().collect();
    steps.extend(new_contacts(id, keys, held)?);
    if !moved.is_empty() {
        steps.push(conversations(id, &moved));
    }
    steps.extend(messages(id, held)?);
    steps.extend(changes(id, held)?);
    steps.extend(attachments(id, held));
    steps.extend(outside::write::rows(id, keys, held));
    steps.extend(timers(id, held));
    if !moved.is_empty() {
        steps.push(events(id, &moved));
        steps.push(position(id, &moved));
    }

    // Statements are prepared once per connection; after that this costs nothing.
    let mut prepared = Vec::with_capacity(steps.len());
    for step in &steps {
        prepared.push(tx.prepare_cached(step.sql).await?);
    }
    let params: Vec<Vec<&(dyn ToSql + Sync)>> = steps
        .iter()
        .map(|s| s.params.iter().map(|p| &**p as &(dyn ToSql + Sync)).collect())
        .collect();
    let mut sent: Vec<BoxFuture<'_, Result<(), tokio_postgres::Error>>> = Vec::new();
    for (statement, params) in prepared.iter().zip(&params) {
        sent.push(async { tx.execute(statement, params).await.map(drop) }.boxed());
    }
    // Polled in order, so sent in order. After a failed statement Postgres answers this commit
    // with a rollback, and the failure is what is returned.
    sent.push(tx.batch_execute("commit").boxed());
    try_join_all(sent).await?;
    tx.committed();
    Ok(())
}

/// Contacts come before all that is theirs.
fn new_contacts(
    workspace: Uuid,
    keys: &WorkspaceKeys,
    held: &[(&Append, Seq)],
) -> Result<Vec<Step>> {
    let new: Vec<_> =
        held.iter().filter_map(|(a, first)| Some((*a, *first, a.new_contact.as_ref()?))).collect();
    if new.is_empty() {
        return Ok(vec![]);
    }
    let details = new
        .iter()
        .map(|(_, _, c)| seal_details(keys, c.id, &c.key, &c.details))
        .collect::<Result<Vec<_>>>()?;
    let contacts = Step::new(
        "insert into contacts (workspace_id, id, key, details, rev, created_at, last_seen_at)
         select $1, c.id, c.key, c.details, c.rev, c.at, c.at
         from unnest($2::uuid[], $3::bytea[], $4::bytea[], $5::bigint[], $6::timestamptz[])
           as c(id, key, details, rev, at)
         on conflict do nothing",
    )
    .with(workspace)
    .with(new.iter().map(|(_, _, c)| Uuid::from(c.id)).collect::<Vec<_>>())
    .with(new.iter().map(|(_, _, c)| keys.wrap(KEY, c.id, &c.key)).collect::<Vec<_>>())
    .with(details)
    .with(new.iter().map(|(_, first, _)| at(*first, 0)).collect::<Vec<_>>())
    .with(new.iter().map(|(a, _, _)| a.at).collect::<Vec<_>>());
    let known_by: Vec<_> =
        new.iter().flat_map(|(_, _, c)| c.identities.iter().map(|i| (c.id, i))).collect();
    let hash = |i: &Identity| keys.identity_hash(i.kind(), i.value()).to_vec();
    let identities = Step::new(
        "insert into identities (workspace_id, kind, hash, contact_id)
         select $1, i.kind, i.hash, i.contact_id
         from unnest($2::text[], $3::bytea[], $4::uuid[]) as i(kind, hash, contact_id)",
    )
    .with(workspace)
    .with(known_by.iter().map(|(_, i)| i.kind()).collect::<Vec<_>>())
    .with(known_by.iter().map(|(_, i)| hash(i)).collect::<Vec<_>>())
    .with(known_by.iter().map(|(id, _)| Uuid::from(*id)).collect::<Vec<_>>());
    Ok(vec![contacts, identities])
}

/// New conversations are inserted, known ones replaced: one statement serves both, and each row is
/// written once. Where a conversation takes place is settled when it is new.
fn conversations(workspace: Uuid, held: &[(&Append, Seq)]) -> Step {
    let column = |n: &dyn Fn(&Append) -> u32| -> Vec<i32> {
        held.iter().map(|(append, _)| from_n(n(append))).collect()
    };
    let status: Vec<_> = held.iter().map(|(a, _)| status_columns(a.state.status)).collect();
    let uuids = |id: &dyn Fn(&Append) -> Option<Uuid>| -> Vec<Option<Uuid>> {
        held.iter().map(|(append, _)| id(append)).collect()
    };
    let times = |at: &dyn Fn(&Append) -> Option<Timestamp>| -> Vec<Option<Timestamp>> {
        held.iter().map(|(append, _)| at(append)).collect()
    };
    let channel = |a: &Append| -> &'static str { Channel::name(a.state.venue.channel()) };
    let outside = |a: &Append| a.outside.as_deref().map(|outside| Uuid::from(outside.account));
    let address = |a: &Append| a.outside.as_deref().and_then(|outside| outside.address.clone());
    Step::new(
        "insert into conversations
           (workspace_id, id, contact_id, status, snoozed_until, assignee, labels, last_n, rev,
            team_delivered, team_read, team_unread,
            visitor_delivered, visitor_read, visitor_unread,
            preview_message, created_at, last_activity_at,
            channel, venue, account_id, address,
            last_inbound_at, peer_delivered_at, peer_read_at)
         select $1, c.id, c.contact_id, c.status, c.snoozed_until, c.assignee,
                c.labels::uuid[], c.last_n, c.rev, c.team_delivered, c.team_read,
                c.team_unread, c.visitor_delivered, c.visitor_read, c.visitor_unread,
                c.preview_message, c.created_at, c.last_activity_at,
                c.channel, c.venue, c.account_id, c.address,
                c.wrote_at, c.delivered_at, c.read_at
         from unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::uuid[],
                     $7::text[], $8::int[], $9::bigint[], $10::int[], $11::int[], $12::int[],
                     $13::int[], $14::int[], $15::int[], $16::uuid[], $17::timestamptz[],
                     $18::timestamptz[], $19::text[], $20::text[], $21::uuid[], $22::bytea[],
                     $23::timestamptz[], $24::timestamptz[], $25::timestamptz[])
           as c(id, contact_id, status, snoozed_until, assignee, labels, last_n, rev,
                team_delivered, team_read, team_unread,
                visitor_delivered, visitor_read, visitor_unread,
                preview_message, last_activity_at, created_at, channel, venue, account_id,
                address, wrote_at, delivered_at, read_at)
         on conflict (workspace_id, id) do update set
           status = excluded.status, snoozed_until = excluded.snoozed_until,
           assignee = excluded.assignee, labels = excluded.labels,
           last_n = excluded.last_n, rev = excluded.rev,
           team_delivered = excluded.team_delivered, team_read = excluded.team_read,
           team_unread = excluded.team_unread,
           visitor_delivered = excluded.visitor_delivered,
           visitor_read = excluded.visitor_read, visitor_unread = excluded.visitor_unread,
           preview_message = excluded.preview_message,
           last_activity_at = excluded.last_activity_at,
           address = coalesce(excluded.address, conversations.address),
           last_inbound_at = excluded.last_inbound_at,
           peer_delivered_at = excluded.peer_delivered_at,
           peer_read_at = excluded.peer_read_at",
    )
    .with(workspace)
    .with(held.iter().map(|(a, _)| Uuid::from(a.state.id)).collect::<Vec<_>>())
    .with(held.iter().map(|(a, _)| Uuid::from(a.state.contact)).collect::<Vec<_>>())
    .with(status.iter().map(|(name, _)| *name).collect::<Vec<_>>())
    .with(status.iter().map(|(_, until)| *until).collect::<Vec<_>>())
    .with(uuids(&|a| a.state.assignee.map(Uuid::from)))
    .with(
        held.iter()
            .map(|(a, _)| array_text(a.state.labels.iter().map(|label| Uuid::from(*label))))
            .collect::<Vec<_>>(),
    )
    .with(column(&|a| a.state.last_n))
    .with(held.iter().map(|(a, first)| last(a, *first)).collect::<Vec<_>>())
    .with(column(&|a| a.state.team.delivered))
    .with(column(&|a| a.state.team.read))
    .with(column(&|a| a.state.team_unread))
    .with(column(&|a| a.state.visitor.delivered))
    .with(column(&|a| a.state.visitor.read))
    .with(column(&|a| a.state.visitor_unread))
    .with(uuids(&|a| a.preview.map(Uuid::from)))
    .with(held.iter().map(|(a, _)| a.last_activity_at).collect::<Vec<_>>())
    .with(held.iter().map(|(a, _)| a.created_at).collect::<Vec<_>>())
    .with(held.iter().map(|(a, _)| channel(a)).collect::<Vec<_>>())
    .with(held.iter().map(|(a, _)| a.state.venue.name()).collect::<Vec<_>>())
    .with(uuids(&outside))
    .with(held.iter().map(|(a, _)| address(a)).collect::<Vec<_>>())
    .with(times(&|a| a.state.peer.wrote_at))
    .with(times(&|a| a.state.peer.delivered_at))
    .with(times(&|a| a.state.peer.read_at))
}

fn messages(workspace: Uuid, held: &[(&Append, Seq)]) -> Result<Vec<Step>> {
    let new: Vec<_> = held
        .iter()
        .flat_map(|(a, first)| a.messages.iter().map(move |message| (*a, *first, message)))
        .collect();
    if new.is_empty() {
        return Ok(vec![]);
    }
    let authors: Vec<_> = new.iter().map(|(_, _, m)| author_columns(m.author)).collect();
    let activities = new.iter().map(|(_, _, m)| json(&m.activity)).collect::<Result<Vec<_>>>()?;
    let words = |hashes: &Option<Vec<i64>>| hashes.as_ref().map(|h| array_text(h.iter()));
    Ok(vec![
        Step::new(
            "insert into messages
               (workspace_id, id, conversation_id, seq, rev, n, kind, author_kind, author_id,
                body, words, reply_to, activity, ref, created_at, extra, sent_at, delivery, parts)
             select $1, m.id, m.conversation_id, m.seq, m.seq, m.n, m.kind, m.author_kind,
                    m.author_id, m.body, m.words::bigint[], m.reply_to, m.activity, m.ref, m.at,
                    m.extra, m.sent_at, m.delivery, m.parts
             from unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::int[], $6::text[], $7::text[],
                         $8::uuid[], $9::bytea[], $10::text[], $11::uuid[], $12::jsonb[],
                         $13::text[], $14::timestamptz[], $15::bytea[], $16::timestamptz[],
                         $17::text[], $18::smallint[])
               as m(id, conversation_id, seq, n, kind, author_kind, author_id, body, words,
                    reply_to, activity, ref, at, extra, sent_at, delivery, parts)",
        )
        .with(workspace)
        .with(new.iter().map(|(_, _, m)| Uuid::from(m.id)).collect::<Vec<_>>())
        .with(new.iter().map(|(a, _, _)| Uuid::from(a.state.id)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, first, m)| at(*first, m.event)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, m)| column_n(m.n)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, m)| kind_name(m.kind)).collect::<Vec<_>>())
        .with(authors.iter().map(|(kind, _)| *kind).collect::<Vec<_>>())
        .with(authors.iter().map(|(_, id)| *id).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, m)| m.body.clone()).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, m)| words(&m.words)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, m)| m.reply_to.map(Uuid::from)).collect::<Vec<_>>())
        .with(activities)
        .with(new.iter().map(|(_, _, m)| m.reference.clone()).collect::<Vec<_>>())
        .with(new.iter().map(|(a, _, _)| a.at).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, m)| m.beyond.extra.clone()).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, m)| m.beyond.sent_at).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, m)| m.beyond.delivery.map(|d| d.name())).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, m)| m.beyond.parts.map(from_part)).collect::<Vec<_>>()),
    ])
}

fn changes(workspace: Uuid, held: &[(&Append, Seq)]) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for (append, first) in held {
        for change in &append.changes {
            let drops_files =
                matches!(change.what, Change::Delete | Change::Edit { drops_files: true, .. });
            steps.extend(drops_files.then(|| {
                // The files' keys go with the text; their bytes are swept up as orphans are.
                Step::new(
                    "update attachments set message_id = null, conversation_id = null, key = ''
                     where workspace_id = $1 and message_id = $2",
                )
                .with(workspace)
                .with(Uuid::from(change.id))
            }));
            let (id, rev) = (Uuid::from(change.id), at(*first, change.event));
            steps.push(match &change.what {
                Change::Edit { body, words, at, extra, .. } => Step::new(
                    "update messages set rev = $3, body = $4, words = $5,
                       edited_at = coalesce($6, edited_at), extra = coalesce($7, extra)
                     where workspace_id = $1 and id = $2",
                )
                .with(workspace)
                .with(id)
                .with(rev)
                .with(body.clone())
                .with(words.clone())
                .with(*at)
                .with(extra.clone()),
                Change::Delete => Step::new(
                    "update messages set rev = $3, body = null, words = null, reactions = null,
                       extra = null, deleted_at = $4
                     where workspace_id = $1 and id = $2",
                )
                .with(workspace)
                .with(id)
                .with(rev)
                .with(append.at),
                Change::Reactions(reactions) => Step::new(
                    "update messages set rev = $3, reactions = $4
                     where workspace_id = $1 and id = $2",
                )
                .with(workspace)
                .with(id)
                .with(rev)
                .with(Json(reactions.clone())),
                Change::Delivery { state, failure } => Step::new(
                    "update messages set rev = $3, delivery = $4, failure = $5
                     where workspace_id = $1 and id = $2",
                )
                .with(workspace)
                .with(id)
                .with(rev)
                .with(state.name())
                .with(failure.clone()),
                Change::File => {
                    Step::new("update messages set rev = $3 where workspace_id = $1 and id = $2")
                        .with(workspace)
                        .with(id)
                        .with(rev)
                }
            });
        }
    }
    Ok(steps)
}

fn attachments(workspace: Uuid, held: &[(&Append, Seq)]) -> Option<Step> {
    let files: Vec<_> = held
        .iter()
        .flat_map(|(append, _)| append.attachments.iter().map(move |file| (*append, file)))
        .collect();
    (!files.is_empty()).then(|| {
        Step::new(
            "update attachments a set conversation_id = f.conversation_id,
               message_id = f.message_id, position = f.position, key = f.key
             from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::smallint[], $6::bytea[])
               as f(id, conversation_id, message_id, position, key)
             where a.workspace_id = $1 and a.id = any($2) and a.id = f.id
               and a.message_id is null",
        )
        .with(workspace)
        .with(files.iter().map(|(_, f)| Uuid::from(f.id)).collect::<Vec<_>>())
        .with(files.iter().map(|(a, _)| Uuid::from(a.state.id)).collect::<Vec<_>>())
        .with(files.iter().map(|(_, f)| Uuid::from(f.message)).collect::<Vec<_>>())
        .with(files.iter().map(|(_, f)| f.position).collect::<Vec<_>>())
        .with(files.iter().map(|(_, f)| f.key.clone()).collect::<Vec<_>>())
    })
}

fn timers(workspace: Uuid, held: &[(&Append, Seq)]) -> Vec<Step> {
    held.iter()
        .filter_map(|(append, _)| append.timer.map(|timer| (append.state.id, timer)))
        .map(|(conversation, timer)| match timer {
            TimerChange::Set { id, due_at } => Step::new(
                "insert into timers (workspace_id, id, kind, conversation_id, due_at)
                 values ($1, $2, 'snooze', $3, $4)
                 on conflict (workspace_id, conversation_id, kind)
                 do update set due_at = excluded.due_at, claimed_until = null",
            )
            .with(workspace)
            .with(Uuid::from(id))
            .with(Uuid::from(conversation))
            .with(due_at),
            TimerChange::Clear => Step::new(
                "delete from timers
                 where workspace_id = $1 and conversation_id = $2 and kind = 'snooze'",
            )
            .with(workspace)
            .with(Uuid::from(conversation)),
        })
        .collect()
}

fn events(workspace: Uuid, held: &[(&Append, Seq)]) -> Step {
    let new: Vec<_> = held
        .iter()
        .flat_map(|(append, first)| {
            let numbered = append.events.iter().enumerate();
            numbered.map(move |(i, event)| (at(*first, i), *append, event))
        })
        .collect();
    Step::new(
        "insert into events (workspace_id, seq, at, kind, conversation_id, message_id)
         select $1, e.seq, e.at, e.kind, e.conversation_id, e.message_id
         from unnest($2::bigint[], $3::text[], $4::uuid[], $5::uuid[], $6::timestamptz[])
           as e(seq, kind, conversation_id, message_id, at)",
    )
    .with(workspace)
    .with(new.iter().map(|(seq, _, _)| *seq).collect::<Vec<_>>())
    .with(new.iter().map(|(_, _, e)| e.kind.name()).collect::<Vec<_>>())
    .with(new.iter().map(|(_, append, _)| Uuid::from(append.state.id)).collect::<Vec<_>>())
    .with(new.iter().map(|(_, _, e)| e.message.map(Uuid::from)).collect::<Vec<_>>())
    .with(new.iter().map(|(_, append, _)| append.at).collect::<Vec<_>>())
}

fn position(workspace: Uuid, held: &[(&Append, Seq)]) -> Step {
    let newest = held.iter().map(|(append, first)| last(append, *first)).max().unwrap_or_default();
    Step::new("update workspaces set last_seq = $2 where id = $1").with(workspace).with(newest)
}
