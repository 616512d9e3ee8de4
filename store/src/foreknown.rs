//! What is known of what a platform tells, for a whole webhook at once: one round trip, however
//! many messages, people and conversations it names.
//!
//! What is read here may be old by the time it is decided on. The journal looks again, under its
//! lock.

use std::collections::HashMap;

use switchboard_domain::{AccountId, ConversationId, Identity, MessageId, WorkspaceId};
use tokio::try_join;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::contact::{self, Held};
use crate::conversation::{self, Stored};
use crate::error::Result;
use crate::external::Known;
use crate::journal::optional;
use crate::pool::Scope;
use crate::seal::{Key, WorkspaceKeys};
use crate::{Store, parked};

type Hash = [u8; 32];

/// What a webhook names.
#[derive(Debug, Default)]
pub struct Question {
    /// Threads, by hash.
    pub threads: Vec<Hash>,
    /// Messages, by hash.
    pub names: Vec<Hash>,
    /// Messages of ours, by what was sent along with them.
    pub ours: Vec<MessageId>,
    pub people: Vec<Identity>,
    /// Whether the conversations of all these are read as well.
    pub conversations: bool,
}

/// What is known of it.
#[derive(Debug, Default)]
pub struct Foreknown {
    pub threads: HashMap<Hash, ConversationId>,
    pub names: HashMap<Hash, Known>,
    /// What waits for messages that are not here: ids, and JSON.
    pub waiting: HashMap<Hash, Vec<(Uuid, Vec<u8>)>>,
    pub ours: HashMap<MessageId, ConversationId>,
    /// The conversations of all these, where they were asked for.
    pub conversations: HashMap<ConversationId, Stored>,
    pub people: HashMap<Identity, Held>,
    /// Names of messages that are not here, and that came back from another conversation than
    /// their thread's. Whoever asked finds out.
    pub answers: HashMap<Hash, ConversationId>,
}

/// Reads what is known. `account_key` opens what waits.
pub async fn read(
    store: &Store,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    account: AccountId,
    account_key: &Key,
    question: &Question,
) -> Result<Foreknown> {
    let tx = store.readers.unopened().await?;
    let (id, of) = (Uuid::from(workspace), Uuid::from(account));
    let bytes = |hashes: &[Hash]| hashes.iter().map(|hash| hash.to_vec()).collect::<Vec<_>>();
    let (threads, names) = (bytes(&question.threads), bytes(&question.names));
    let ours: Vec<Uuid> = question.ours.iter().copied().map(Uuid::from).collect();
    let people = &question.people;
    let hash = |one: &Identity| keys.identity_hash(one.kind(), one.value()).to_vec();
    let (kinds, hashes): (Vec<&str>, Vec<Vec<u8>>) =
        people.iter().map(|one| (one.kind(), hash(one))).unzip();

    // One by one, whatever the planner thinks of tables that were small when it planned.
    let conversations = conversation::select_named(
        "select t.conversation_id from unnest($3::bytea[]) as n(hash)
         cross join lateral (
           select * from threads t
           where t.workspace_id = $1 and t.account_id = $2 and t.hash = n.hash limit 1) t
         union select e.conversation_id from unnest($4::bytea[]) as n(hash)
         cross join lateral (
           select * from externals e
           where e.workspace_id = $1 and e.account_id = $2 and e.hash = n.hash limit 1) e
         union select m.conversation_id from unnest($5::uuid[]) as n(id)
         cross join lateral (
           select * from messages m where m.workspace_id = $1 and m.id = n.id limit 1) m",
    );
    let (thread, name, wait, our, conversation, person) = try_join!(
        tx.prepare_cached(
            "select n.hash, t.conversation_id from unnest($3::bytea[]) as n(hash)
             cross join lateral (
               select * from threads t
               where t.workspace_id = $1 and t.account_id = $2 and t.hash = n.hash limit 1) t",
        ),
        tx.prepare_cached(
            "select n.hash, e.conversation_id, e.message_id, e.part
             from unnest($3::bytea[]) as n(hash)
             cross join lateral (
               select * from externals e
               where e.workspace_id = $1 and e.account_id = $2 and e.hash = n.hash limit 1) e",
        ),
        tx.prepare_cached(
            // Several may wait for one message; `offset` keeps the planner from taking the
            // account's whole share instead.
            "select n.hash, p.id, p.what
             from (select distinct unnest($3::bytea[])) as n(hash) cross join lateral (
               select * from parked p
               where p.workspace_id = $1 and p.account_id = $2 and p.hash = n.hash
               offset 0) p",
        ),
        tx.prepare_cached(
            "select n.id, m.conversation_id from unnest($2::uuid[]) as n(id)
             cross join lateral (
               select * from messages m where m.workspace_id = $1 and m.id = n.id limit 1) m",
        ),
        tx.prepare_cached(&conversations),
        tx.prepare_cached(
            "select n.place, k.id, k.key, k.details, k.merged_into
             from unnest($2::text[], $3::bytea[]) with ordinality as n(kind, hash, place)
             cross join lateral (
               select i.contact_id from identities i
               where i.workspace_id = $1 and i.kind = n.kind and i.hash = n.hash limit 1) i
             cross join lateral (
               select * from contacts k where k.workspace_id = $1 and k.id = i.contact_id
               limit 1) k",
        ),
    )?;
    let begin = Scope::from(workspace).begin_by_name();
    let threaded: [&(dyn ToSql + Sync); 3] = [&id, &of, &threads];
    let named: [&(dyn ToSql + Sync); 3] = [&id, &of, &names];
    let sent: [&(dyn ToSql + Sync); 2] = [&id, &ours];
    let all: [&(dyn ToSql + Sync); 5] = [&id, &of, &threads, &names, &ours];
    let who: [&(dyn ToSql + Sync); 3] = [&id, &kinds, &hashes];
    // Sent together, answered in order.
    let ((), thread, name, wait, our, conversation, person, ()) = try_join!(
        tx.batch_execute(&begin),
        optional(!threads.is_empty(), tx.query(&thread, &threaded)),
        optional(!names.is_empty(), tx.query(&name, &named)),
        optional(!names.is_empty(), tx.query(&wait, &named)),
        optional(!ours.is_empty(), tx.query(&our, &sent)),
        optional(question.conversations, tx.query(&conversation, &all)),
        optional(!people.is_empty(), tx.query(&person, &who)),
        tx.batch_execute("commit"),
    )?;
    tx.committed();

    let rows = conversation.iter().map(|row| conversation::read(keys, row));
    let conversations =
        rows.map(|stored| stored.map(|s| (s.state.id, s))).collect::<Result<HashMap<_, _>>>()?;
    let mut found = Foreknown { conversations, ..Foreknown::default() };
    found.threads =
        thread.iter().filter_map(|row| Some((hash_of(row)?, ConversationId(row.get(1))))).collect();
    found.names = name.iter().filter_map(|row| Some((hash_of(row)?, Known::of(row, 1)))).collect();
    for row in &wait {
        let Some(hash) = hash_of(row) else { continue };
        let id: Uuid = row.get(1);
        let json = parked::open(keys, account_key, id, row.get(2))?;
        found.waiting.entry(hash).or_default().push((id, json));
    }
    found.ours =
        our.iter().map(|row| (MessageId(row.get(0)), ConversationId(row.get(1)))).collect();
    for row in &person {
        let place = usize::try_from(row.get::<_, i64>(0)).unwrap_or_default();
        let Some(identity) = people.get(place.wrapping_sub(1)) else { continue };
        found.people.insert(identity.clone(), contact::held(keys, row, 1)?);
    }
    Ok(found)
}

fn hash_of(row: &Row) -> Option<Hash> {
    row.get::<_, &[u8]>(0).try_into().ok()
}
