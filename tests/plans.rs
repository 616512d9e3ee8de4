//! What the queries that run all day read: never much more than they answer, however much is there.
//!
//! Postgres counts the rows that a transaction touches; that is what is held here, and not the
//! shape of plans.

use jiff::{SignedDuration, Timestamp};
use switchboard_domain::{
    Author, ContactId, Conversation, ConversationId, MemberId, MessageId, MessageKind, Seq, Side,
    Status, WorkspaceId,
};
use switchboard_store::contact::{Details, NewContact};
use switchboard_store::conversation::{self, Assignee, Filter};
use switchboard_store::event::{self, Kind};
use switchboard_store::journal::{self, Append, Beyond, NewEvent, NewMessage, Outcome};
use switchboard_store::message::{self, Slice, seal_body};
use switchboard_store::seal::{Key, WorkspaceKeys};
use switchboard_store::{Store, Tx};
use uuid::Uuid;

use crate::support::behind::{Behind, workspace};
use crate::support::{Agent, World, database};

const CONVERSATIONS: usize = 1_500;
const BATCH: usize = 50;
const MESSAGES: u32 = 4;
/// Lines of a page, and hits of a search.
const PAGE: u32 = 20;
/// A line of a page brings its contact, its newest message and what belongs to that.
const ROWS_PER_LINE: i64 = 8;

fn at(nth: usize) -> Timestamp {
    let begin: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
    begin + SignedDuration::from_millis(nth as i64)
}

/// A whole conversation. All its messages say `parcel`, and its number.
fn conversation(keys: &WorkspaceKeys, member: MemberId, nth: usize) -> Append {
    let id = Uuid::now_v7();
    let (contact, key) = (ContactId(id), Key::random());
    let mut state = Conversation::new(ConversationId(id), contact);
    state.last_n = MESSAGES;
    state.team_unread = (nth % 3) as u32;
    state.assignee = nth.is_multiple_of(3).then_some(member);
    state.status = if nth.is_multiple_of(2) { Status::Open } else { Status::Resolved };
    let messages: Vec<NewMessage> = (0..MESSAGES)
        .map(|i| {
            let id = MessageId(Uuid::now_v7());
            let (body, words) = seal_body(keys, &key, id, &format!("the parcel number{nth}"));
            NewMessage {
                id,
                event: i as usize,
                n: Some(i + 1),
                kind: MessageKind::Public,
                author: Author::Visitor(contact),
                body,
                words,
                reply_to: None,
                activity: None,
                reference: Some(format!("{nth}-{i}")),
                beyond: Beyond::default(),
            }
        })
        .collect();
    let posted =
        |message: &NewMessage| NewEvent { kind: Kind::MessagePosted, message: Some(message.id) };
    Append {
        expected: None,
        new_contact: Some(NewContact {
            id: contact,
            key,
            details: Details::default(),
            identities: vec![],
        }),
        at: at(nth),
        created_at: at(nth),
        last_activity_at: at(nth),
        preview: messages.last().map(|message| message.id),
        events: messages.iter().map(posted).collect(),
        messages,
        changes: vec![],
        attachments: vec![],
        timer: None,
        outside: None,
        state,
    }
}

/// Adds some of them, in one commit.
async fn add(store: &Store, of: &Agent, nths: std::ops::Range<usize>) -> Vec<Append> {
    let (id, member): (WorkspaceId, _) = (workspace(of), Uuid::now_v7().into());
    let keys = store.keys(id).await.unwrap().unwrap();
    let appends: Vec<Append> = nths.map(|nth| conversation(&keys, member, nth)).collect();
    let outcomes = journal::append(store, id, &appends).await.unwrap();
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Done { .. })));
    appends
}

/// The rows that a connection has read and not yet told the statistics of. They are added up over
/// transactions, so two of these are compared.
async fn rows_read(tx: &Tx) -> i64 {
    let sum = "select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint
               from pg_stat_xact_user_tables";
    tx.query_one(sum, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_page_or_a_search_reads_little_more_than_it_shows() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let (behind, id) = (Behind::of(&world), workspace(&ana));
    let keys = behind.keys(&ana).await;
    let mut newest = Vec::new();
    for batch in 0..CONVERSATIONS / BATCH {
        newest = add(&behind.store, &ana, batch * BATCH..(batch + 1) * BATCH).await;
    }
    database::superuser(&world.database).await.batch_execute("vacuum analyze").await.unwrap();
    let (last, bound) = (newest.last().unwrap(), i64::from(PAGE) * ROWS_PER_LINE);

    let open = Filter { status: Some("open"), ..Filter::default() };
    let views = [
        ("open", open.clone()),
        ("all", Filter::default()),
        ("nobody's", Filter { assignee: Some(Assignee::Nobody), ..open.clone() }),
        ("unread", Filter { unread: true, ..open }),
    ];
    for (name, filter) in views {
        let tx = behind.store.readers.begin(id).await.unwrap();
        let before = rows_read(&tx).await;
        let page = conversation::page(&tx, &keys, id, &filter, None, PAGE).await.unwrap();
        assert_eq!(page.len(), PAGE as usize, "{name}");
        let read = rows_read(&tx).await - before;
        assert!(read <= bound, "the page of what is {name} read {read} rows");
    }
    for (words, hits) in [(vec!["parcel"], PAGE), (vec!["parcel", "number7"], MESSAGES)] {
        let tx = behind.store.readers.begin(id).await.unwrap();
        let before = rows_read(&tx).await;
        let said: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let found = message::search(&tx, &keys, id, &said, None, PAGE).await.unwrap();
        assert_eq!(found.len(), hits as usize, "{words:?}");
        let read = rows_read(&tx).await - before;
        assert!(read <= bound, "a search for {words:?} read {read} rows");
    }
    let tx = behind.store.readers.begin(id).await.unwrap();
    let before = rows_read(&tx).await;
    let (side, slice) = (Side::Team, Slice::Newest);
    let page = message::page(&tx, &keys, id, last.state.id, side, slice, PAGE).await.unwrap();
    assert_eq!(page.len(), MESSAGES as usize);
    let position = event::position(&tx, id).await.unwrap().unwrap();
    let after = Seq(position.last.0 - u64::from(PAGE));
    let missed = event::since(&tx, id, after, 500).await.unwrap();
    assert_eq!(missed.len(), PAGE as usize);
    let read = rows_read(&tx).await - before;
    assert!(read <= bound, "a history and what was missed read {read} rows");
    drop(tx);
    world.stop().await;
}

/// Postgres plans a prepared statement once. Planned while the tables were empty, a commit's look
/// at what is there would read all of it.
#[tokio::test]
async fn a_commit_reads_as_little_as_ever_when_an_empty_database_has_filled() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let behind = Behind::of(&world);
    let admin = database::superuser(&world.database).await;
    // Nobody comes to the rescue with fresh statistics.
    let quiet = "alter table messages set (autovacuum_enabled = off);
                 alter table conversations set (autovacuum_enabled = off);
                 alter table contacts set (autovacuum_enabled = off)";
    admin.batch_execute(quiet).await.unwrap();
    let read = async || -> i64 {
        // All commits so far went through this one connection.
        let writer = behind.store.writers.get().await.unwrap();
        writer.batch_execute("select pg_stat_force_next_flush()").await.unwrap();
        let sum = "select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint
                   from pg_stat_user_tables where relname in ('messages', 'conversations')";
        admin.query_one(sum, &[]).await.unwrap().get(0)
    };
    for batch in 0..CONVERSATIONS / BATCH {
        add(&behind.store, &ana, batch * BATCH..(batch + 1) * BATCH).await;
    }
    assert_eq!(behind.store.writers.usage().open, 1);
    let before = read().await;
    add(&behind.store, &ana, CONVERSATIONS..CONVERSATIONS + BATCH).await;
    let rows = read().await - before;
    assert!(rows <= 2 * BATCH as i64, "a commit of {BATCH} conversations read {rows} rows");
    world.stop().await;
}
