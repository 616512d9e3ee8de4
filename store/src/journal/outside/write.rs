//! The rows of conversations elsewhere, written with the rest of their batch.

use switchboard_domain::Seq;
use uuid::Uuid;

use super::super::write::Step;
use super::super::{Append, at};
use super::Outside;
use crate::column::{from_part, from_u64};
use crate::seal::WorkspaceKeys;

type Held<'a> = [(&'a Append, Seq)];

fn outsides<'a>(held: &'a Held<'a>) -> impl Iterator<Item = (&'a Append, Seq, &'a Outside)> {
    held.iter().filter_map(|(append, first)| Some((*append, *first, append.outside.as_deref()?)))
}

pub(in super::super) fn rows(workspace: Uuid, keys: &WorkspaceKeys, held: &Held<'_>) -> Vec<Step> {
    if outsides(held).next().is_none() {
        return vec![];
    }
    let steps = [
        threads(workspace, held),
        identities(workspace, keys, held),
        externals(workspace, held),
        parts(workspace, held),
        parked(workspace, held),
        unparked(workspace, held),
        new_files(workspace, held),
        came_files(workspace, held),
        lost_files(workspace, held),
        fetches(workspace, held),
        fetched(workspace, held),
        sends(workspace, held),
        sent(workspace, held),
        kept_back(workspace, held),
    ];
    steps.into_iter().flatten().collect()
}

fn threads(workspace: Uuid, held: &Held<'_>) -> Option<Step> {
    let new: Vec<_> = outsides(held)
        .flat_map(|(a, _, o)| o.threads.iter().map(move |hash| (a, o, hash)))
        .collect();
    (!new.is_empty()).then(|| {
        Step::new(
            "insert into threads (workspace_id, account_id, hash, conversation_id)
             select $1, t.account_id, t.hash, t.conversation_id
             from unnest($2::uuid[], $3::bytea[], $4::uuid[]) as t(account_id, hash, conversation_id)
             on conflict do nothing",
        )
        .with(workspace)
        .with(new.iter().map(|(_, o, _)| Uuid::from(o.account)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, hash)| hash.to_vec()).collect::<Vec<_>>())
        .with(new.iter().map(|(a, _, _)| Uuid::from(a.state.id)).collect::<Vec<_>>())
    })
}

fn identities(workspace: Uuid, keys: &WorkspaceKeys, held: &Held<'_>) -> Option<Step> {
    let new: Vec<_> =
        outsides(held).flat_map(|(a, _, o)| o.identities.iter().map(move |id| (a, id))).collect();
    (!new.is_empty()).then(|| {
        let hash = |kind, value| keys.identity_hash(kind, value).to_vec();
        Step::new(
            "insert into identities (workspace_id, kind, hash, contact_id)
             select $1, i.kind, i.hash, i.contact_id
             from unnest($2::text[], $3::bytea[], $4::uuid[]) as i(kind, hash, contact_id)
             on conflict do nothing",
        )
        .with(workspace)
        .with(new.iter().map(|(_, id)| id.kind()).collect::<Vec<_>>())
        .with(new.iter().map(|(_, id)| hash(id.kind(), id.value())).collect::<Vec<_>>())
        .with(new.iter().map(|(a, _)| Uuid::from(a.state.contact)).collect::<Vec<_>>())
    })
}

fn externals(workspace: Uuid, held: &Held<'_>) -> Option<Step> {
    let new: Vec<_> = outsides(held)
        .flat_map(|(a, _, o)| o.externals.iter().map(move |external| (a, o, external)))
        .collect();
    (!new.is_empty()).then(|| {
        Step::new(
            "insert into externals
               (workspace_id, account_id, hash, conversation_id, message_id, part, sealed, delivery)
             select $1, e.account_id, e.hash, coalesce(m.conversation_id, e.conversation_id),
                    e.message_id, e.part, e.sealed, e.delivery
             from unnest($2::uuid[], $3::bytea[], $4::uuid[], $5::uuid[], $6::smallint[],
                         $7::bytea[], $8::text[])
               as e(account_id, hash, conversation_id, message_id, part, sealed, delivery)
             left join lateral (
               select m.conversation_id from messages m
               where m.workspace_id = $1 and m.id = e.message_id
               limit 1) m on true",
        )
        .with(workspace)
        .with(new.iter().map(|(_, o, _)| Uuid::from(o.account)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, e)| e.hash.to_vec()).collect::<Vec<_>>())
        .with(new.iter().map(|(a, _, _)| Uuid::from(a.state.id)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, e)| Uuid::from(e.message)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, e)| from_part(e.part)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, e)| e.sealed.clone()).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, e)| e.delivery.map(|d| d.name())).collect::<Vec<_>>())
    })
}

fn parts(workspace: Uuid, held: &Held<'_>) -> Option<Step> {
    let told: Vec<_> = outsides(held).flat_map(|(_, _, o)| &o.parts).collect();
    (!told.is_empty()).then(|| {
        Step::new(
            "update externals e set delivery = p.delivery
             from unnest($2::uuid[], $3::smallint[], $4::text[]) as p(message_id, part, delivery)
             where e.workspace_id = $1 and e.message_id = any($2)
               and e.message_id = p.message_id and e.part = p.part",
        )
        .with(workspace)
        .with(told.iter().map(|p| Uuid::from(p.message)).collect::<Vec<_>>())
        .with(told.iter().map(|p| from_part(p.part)).collect::<Vec<_>>())
        .with(told.iter().map(|p| p.state.name()).collect::<Vec<_>>())
    })
}

fn parked(workspace: Uuid, held: &Held<'_>) -> Option<Step> {
    let new: Vec<_> = outsides(held)
        .flat_map(|(a, _, o)| o.parked.iter().map(move |parked| (a, o, parked)))
        .collect();
    (!new.is_empty()).then(|| {
        Step::new(
            "insert into parked (workspace_id, account_id, hash, id, what, at, thread)
             select $1, p.account_id, p.hash, p.id, p.what, p.at, p.thread
             from unnest($2::uuid[], $3::bytea[], $4::uuid[], $5::bytea[], $6::timestamptz[],
                         $7::bytea[]) as p(account_id, hash, id, what, at, thread)
             on conflict do nothing",
        )
        .with(workspace)
        .with(new.iter().map(|(_, o, _)| Uuid::from(o.account)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, p)| p.hash.to_vec()).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, p)| p.id).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, p)| p.what.clone()).collect::<Vec<_>>())
        .with(new.iter().map(|(a, _, _)| a.at).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, p)| p.thread.map(|hash| hash.to_vec())).collect::<Vec<_>>())
    })
}

fn unparked(workspace: Uuid, held: &Held<'_>) -> Option<Step> {
    let done: Vec<_> = outsides(held)
        .flat_map(|(_, _, o)| o.unparked.iter().map(move |(hash, id)| (o, hash, id)))
        .collect();
    (!done.is_empty()).then(|| {
        Step::new(
            "delete from parked p
             using unnest($2::uuid[], $3::bytea[], $4::uuid[]) as d(account_id, hash, id)
             where p.workspace_id = $1 and p.account_id = any($2) and p.hash = any($3)
               and p.account_id = d.account_id and p.hash = d.hash and p.id = d.id",
        )
        .with(workspace)
        .with(done.iter().map(|(o, _, _)| Uuid::from(o.account)).collect::<Vec<_>>())
        .with(done.iter().map(|(_, hash, _)| hash.to_vec()).collect::<Vec<_>>())
        .with(done.iter().map(|(_, _, id)| **id).collect::<Vec<_>>())
    })
}

fn new_files(workspace: Uuid, held: &Held<'_>) -> Option<Step> {
    let new: Vec<_> =
        outsides(held).flat_map(|(a, _, o)| o.files.iter().map(move |file| (a, file))).collect();
    (!new.is_empty()).then(|| {
        let state = |lost| if lost { "lost" } else { "coming" };
        Step::new(
            "insert into attachments
               (workspace_id, id, conversation_id, message_id, position, uploader_kind, uploader_id,
                key, name, mime, kind, size, created_at, state, voice)
             select $1, f.id, f.conversation_id, f.message_id, f.position, 'platform',
                    f.contact_id, f.key, f.name, f.mime, f.kind, f.size, f.at, f.state, f.voice
             from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::smallint[], $6::uuid[],
                         $7::bytea[], $8::bytea[], $9::text[], $10::text[], $11::bigint[],
                         $12::timestamptz[], $13::text[], $14::bool[])
               as f(id, conversation_id, message_id, position, contact_id, key, name, mime, kind,
                    size, at, state, voice)",
        )
        .with(workspace)
        .with(new.iter().map(|(_, f)| Uuid::from(f.id)).collect::<Vec<_>>())
        .with(new.iter().map(|(a, _)| Uuid::from(a.state.id)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, f)| Uuid::from(f.message)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, f)| f.position).collect::<Vec<_>>())
        .with(new.iter().map(|(a, _)| Uuid::from(a.state.contact)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, f)| f.key.clone()).collect::<Vec<_>>())
        .with(new.iter().map(|(_, f)| f.name.clone()).collect::<Vec<_>>())
        .with(new.iter().map(|(_, f)| f.mime.clone()).collect::<Vec<_>>())
        .with(new.iter().map(|(_, f)| f.kind.name()).collect::<Vec<_>>())
        .with(new.iter().map(|(_, f)| from_u64(f.size)).collect::<Vec<_>>())
        .with(new.iter().map(|(a, _)| a.at).collect::<Vec<_>>())
        .with(new.iter().map(|(_, f)| state(f.lost)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, f)| f.voice).collect::<Vec<_>>())
    })
}

/// A message that was deleted meanwhile has let go of its files.
fn came_files(workspace: Uuid, held: &Held<'_>) -> Option<Step> {
    let came: Vec<_> = outsides(held)
        .flat_map(|(_, _, o)| &o.came)
        .filter_map(|file| Some((file.id, file.came.as_ref()?)))
        .collect();
    let pixels = |n: Option<u32>| n.and_then(|n| i32::try_from(n).ok());
    (!came.is_empty()).then(|| {
        Step::new(
            "update attachments a set state = 'ready', key = f.key, name = f.name, mime = f.mime,
               kind = f.kind, size = f.size, width = f.width, height = f.height,
               has_thumbnail = f.has_thumbnail
             from unnest($2::uuid[], $3::bytea[], $4::bytea[], $5::text[], $6::text[],
                         $7::bigint[], $8::int[], $9::int[], $10::bool[])
               as f(id, key, name, mime, kind, size, width, height, has_thumbnail)
             where a.workspace_id = $1 and a.id = any($2) and a.id = f.id
               and a.message_id is not null",
        )
        .with(workspace)
        .with(came.iter().map(|(id, _)| Uuid::from(*id)).collect::<Vec<_>>())
        .with(came.iter().map(|(_, f)| f.key.clone()).collect::<Vec<_>>())
        .with(came.iter().map(|(_, f)| f.name.clone()).collect::<Vec<_>>())
        .with(came.iter().map(|(_, f)| f.mime.clone()).collect::<Vec<_>>())
        .with(came.iter().map(|(_, f)| f.kind.name()).collect::<Vec<_>>())
        .with(came.iter().map(|(_, f)| from_u64(f.size)).collect::<Vec<_>>())
        .with(came.iter().map(|(_, f)| pixels(f.width)).collect::<Vec<_>>())
        .with(came.iter().map(|(_, f)| pixels(f.height)).collect::<Vec<_>>())
        .with(came.iter().map(|(_, f)| f.has_thumbnail).collect::<Vec<_>>())
    })
}

fn lost_files(workspace: Uuid, held: &Held<'_>) -> Option<Step> {
    let lost: Vec<Uuid> = outsides(held)
        .flat_map(|(_, _, o)| &o.came)
        .filter(|file| file.came.is_none())
        .map(|file| file.id.into())
        .collect();
    (!lost.is_empty()).then(|| {
        Step::new(
            "update attachments set state = 'lost'
             where workspace_id = $1 and id = any($2) and state = 'coming'",
        )
        .with(workspace)
        .with(lost)
    })
}

fn fetches(workspace: Uuid, held: &Held<'_>) -> Option<Step> {
    let new: Vec<_> = outsides(held)
        .flat_map(|(a, _, o)| o.fetches.iter().map(move |fetch| (a, fetch)))
        .collect();
    (!new.is_empty()).then(|| {
        Step::new(
            "insert into fetches
               (workspace_id, id, account_id, conversation_id, message_id, source, due_at,
                created_at, traceparent)
             select $1, f.id, f.account_id, f.conversation_id, f.message_id, f.source, f.at, f.at,
                    f.traceparent
             from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::bytea[],
                         $7::timestamptz[], $8::text[])
               as f(id, account_id, conversation_id, message_id, source, at, traceparent)",
        )
        .with(workspace)
        .with(new.iter().map(|(_, f)| Uuid::from(f.attachment)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, f)| Uuid::from(f.account)).collect::<Vec<_>>())
        .with(new.iter().map(|(a, _)| Uuid::from(a.state.id)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, f)| Uuid::from(f.message)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, f)| f.source.clone()).collect::<Vec<_>>())
        .with(new.iter().map(|(a, _)| a.at).collect::<Vec<_>>())
        .with(new.iter().map(|(a, _)| traceparent(a)).collect::<Vec<_>>())
    })
}

fn fetched(workspace: Uuid, held: &Held<'_>) -> Option<Step> {
    let done: Vec<Uuid> =
        outsides(held).flat_map(|(_, _, o)| &o.fetched).map(|id| Uuid::from(*id)).collect();
    (!done.is_empty()).then(|| {
        Step::new("delete from fetches where workspace_id = $1 and id = any($2)")
            .with(workspace)
            .with(done)
    })
}

fn sends(workspace: Uuid, held: &Held<'_>) -> Option<Step> {
    let new: Vec<_> = outsides(held)
        .flat_map(|(a, first, o)| o.sends.iter().map(move |send| (a, first, send)))
        .collect();
    (!new.is_empty()).then(|| {
        Step::new(
            "insert into sends
               (workspace_id, id, account_id, conversation_id, message_id, seq, part, posts,
                automatic, payload, due_at, created_at, traceparent)
             select $1, s.id, s.account_id, s.conversation_id, s.message_id, s.seq, s.part,
                    s.posts, s.automatic, s.payload, s.at, s.at, s.traceparent
             from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::bigint[],
                         $7::smallint[], $8::bool[], $9::bool[], $10::bytea[], $11::timestamptz[],
                         $12::text[])
               as s(id, account_id, conversation_id, message_id, seq, part, posts, automatic,
                    payload, at, traceparent)",
        )
        .with(workspace)
        .with(new.iter().map(|(_, _, s)| Uuid::from(s.id)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, s)| Uuid::from(s.account)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, s)| Uuid::from(s.conversation)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, s)| Uuid::from(s.message)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, first, s)| at(*first, s.event)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, s)| from_part(s.part)).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, s)| s.posts).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, s)| s.automatic).collect::<Vec<_>>())
        .with(new.iter().map(|(_, _, s)| s.payload.clone()).collect::<Vec<_>>())
        .with(new.iter().map(|(a, _, _)| a.at).collect::<Vec<_>>())
        .with(new.iter().map(|(a, _, _)| traceparent(a)).collect::<Vec<_>>())
    })
}

/// What later work of an append is part of.
fn traceparent(append: &Append) -> Option<String> {
    Some(append.outside.as_ref()?.trace?.to_string())
}

fn sent(workspace: Uuid, held: &Held<'_>) -> Option<Step> {
    let done: Vec<Uuid> =
        outsides(held).flat_map(|(_, _, o)| &o.sent).map(|id| Uuid::from(*id)).collect();
    (!done.is_empty()).then(|| {
        Step::new("delete from sends where workspace_id = $1 and id = any($2)")
            .with(workspace)
            .with(done)
    })
}

fn kept_back(workspace: Uuid, held: &Held<'_>) -> Option<Step> {
    let messages: Vec<Uuid> =
        outsides(held).flat_map(|(_, _, o)| &o.kept_back).map(|id| Uuid::from(*id)).collect();
    (!messages.is_empty()).then(|| {
        Step::new(
            "delete from sends
             where workspace_id = $1 and message_id = any($2) and posts and state = 'waiting'",
        )
        .with(workspace)
        .with(messages)
    })
}
