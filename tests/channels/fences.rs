//! Who spoke for an account once, and does so no more, changes nothing: what it tells is refused by
//! the transaction that would hold it.

use std::time::Duration;

use switchboard_domain::{
    AccountId, AccountKind, AccountStatus, AttachmentId, ConversationId, SendId, Seq,
};
use switchboard_store::account::Speaks;
use switchboard_store::conversation::{self, Stored};
use switchboard_store::event::Kind;
use switchboard_store::external::{self, NewExternal};
use switchboard_store::fetch::{self, NewFetch};
use switchboard_store::journal::{self, Append, NewEvent, Outcome, Outside};
use switchboard_store::send::{self, NewSend, Postponed, Stranded};
use switchboard_store::{Error, Store, account, lease};
use tokio::time::timeout;
use uuid::Uuid;

use crate::support::accounts::{Connected, NOWHERE, Number, now, seconds_ago, telegram};
use crate::support::behind::{Behind, workspace};
use crate::support::{Agent, World};

/// What need not wait is done long before.
const WITHIN: Duration = Duration::from_secs(5);

/// Accounts with a conversation each, and nobody who speaks for them.
struct Scene {
    ana: Agent,
    store: Store,
    accounts: Vec<AccountId>,
}

impl Scene {
    async fn set() -> Scene {
        let world = World::with(NOWHERE).await;
        let ana = Agent::sign_up(&world, "Ana").await;
        let mut accounts = Vec::new();
        for id in ["7700112233", "7700112244", "7700112255"] {
            let number = Number {
                kind: AccountKind::TelegramBot,
                id,
                other: None,
                below: None,
                handle: None,
                is_kept_from_us: true,
            };
            let account = Connected::called(&world, &ana, &number).await;
            let hello = telegram(1, "message", 1, (seconds_ago(9), None), "Hello");
            assert_eq!(account.tell(&hello).await.status, 200);
            accounts.push(account.id);
        }
        let store = Behind::of(&world).store;
        world.stop().await;
        Scene { ana, store, accounts }
    }

    /// Another node speaks for an account from now on.
    async fn claimed(&self, account: AccountId) -> u64 {
        self.claimed_by(Uuid::now_v7(), account).await
    }

    async fn claimed_by(&self, node: Uuid, account: AccountId) -> u64 {
        let tx = self.store.writers.begin(workspace(&self.ana)).await.unwrap();
        let sql = "update accounts set lease_until = now() - interval '1 second' where id = $1";
        tx.execute(sql, &[&Uuid::from(account)]).await.unwrap();
        tx.commit().await.unwrap();
        let held = lease::claim(&self.store, node, 15, 100).await.unwrap();
        held.iter().find(|held| held.account == account).unwrap().epoch
    }

    async fn conversation(&self, account: AccountId) -> Stored {
        let workspace = workspace(&self.ana);
        let keys = self.store.keys(workspace).await.unwrap().unwrap();
        let tx = self.store.readers.begin(workspace).await.unwrap();
        let sql = "select id from conversations where account_id = $1";
        let id = tx.query_one(sql, &[&Uuid::from(account)]).await.unwrap().get(0);
        let found = conversation::many(&tx, &keys, workspace, &[ConversationId(id)]).await.unwrap();
        found.into_iter().next().unwrap()
    }

    /// Tells of a name that the platform gave, as the owner with this epoch.
    async fn told(&self, account: AccountId, epoch: Option<u64>) -> Append {
        let mut outside = Outside::of(account);
        outside.epoch = epoch;
        outside.externals.push(NewExternal {
            hash: [7; 32],
            message: Uuid::now_v7().into(),
            part: 0,
            sealed: vec![],
            delivery: None,
        });
        self.append(outside).await
    }

    /// Something to send and something to fetch.
    async fn work(&self, account: AccountId) -> (SendId, AttachmentId) {
        let (send, fetch) = (Uuid::now_v7().into(), Uuid::now_v7().into());
        let message = Uuid::now_v7().into();
        let mut outside = Outside::of(account);
        outside.sends.push(NewSend {
            id: send,
            account,
            conversation: self.conversation(account).await.state.id,
            message,
            event: 0,
            part: 0,
            posts: true,
            automatic: false,
            payload: vec![],
        });
        outside.fetches.push(NewFetch { attachment: fetch, account, message, source: vec![] });
        let batch = [self.append(outside).await];
        let outcomes = journal::append(&self.store, workspace(&self.ana), &batch).await.unwrap();
        assert!(matches!(outcomes[..], [Outcome::Done { .. }]), "{outcomes:?}");
        (send, fetch)
    }

    async fn append(&self, outside: Outside) -> Append {
        let stored = self.conversation(outside.account).await;
        Append {
            expected: Some(stored.rev),
            at: now(),
            created_at: stored.created_at,
            new_contact: None,
            last_activity_at: stored.last_activity_at,
            preview: None,
            events: vec![NewEvent { kind: Kind::ConversationMarked, message: None }],
            messages: vec![],
            changes: vec![],
            attachments: vec![],
            timer: None,
            outside: Some(Box::new(outside)),
            state: stored.state,
        }
    }

    async fn is_named(&self, account: AccountId) -> bool {
        let workspace = workspace(&self.ana);
        let tx = self.store.readers.begin(workspace).await.unwrap();
        !external::find(&tx, workspace, account, &[[7; 32]]).await.unwrap().is_empty()
    }
}

#[tokio::test]
async fn what_a_former_owner_tells_is_not_written_and_the_rest_of_its_batch_is() {
    let scene = Scene::set().await;
    let [frozen, held, free] = scene.accounts[..] else { panic!("three accounts") };
    let before = scene.claimed(frozen).await;
    let (after, current) = (scene.claimed(frozen).await, scene.claimed(held).await);
    assert!(after > before);
    let batch = [
        scene.told(held, Some(current)).await,
        scene.told(frozen, Some(before)).await,
        scene.told(free, None).await,
    ];
    let outcomes = journal::append(&scene.store, workspace(&scene.ana), &batch).await.unwrap();
    let [Outcome::Done { first }, Outcome::Fenced, Outcome::Done { first: last }] = outcomes[..]
    else {
        panic!("{outcomes:?}")
    };
    assert_eq!(last, Seq(first.0 + 1), "what is not written takes no number");
    assert!(scene.is_named(held).await && scene.is_named(free).await);
    assert!(!scene.is_named(frozen).await);
    assert_eq!(scene.conversation(frozen).await.rev, batch[1].expected.unwrap());

    // The owner of now is heard.
    let batch = [scene.told(frozen, Some(after)).await];
    let outcomes = journal::append(&scene.store, workspace(&scene.ana), &batch).await.unwrap();
    assert!(matches!(outcomes[..], [Outcome::Done { .. }]), "{outcomes:?}");
    assert!(scene.is_named(frozen).await);
}

#[tokio::test]
async fn a_former_owner_begins_nothing_puts_nothing_off_and_says_nothing_of_the_account() {
    let scene = Scene::set().await;
    let (account, workspace) = (scene.accounts[0], workspace(&scene.ana));
    let before = scene.claimed(account).await;
    let (send, fetched) = scene.work(account).await;
    let after = scene.claimed(account).await;
    let (now, limit) = (now(), 10);
    for (epoch, speaks) in [(before, false), (after, true)] {
        let tx = scene.store.writers.begin(workspace).await.unwrap();
        let begun = send::begin(&tx, workspace, account, epoch, &[send], now).await.unwrap();
        assert_eq!(begun.map(|rows| rows.len()), speaks.then_some(1));
        let again = Postponed::Again { counted: true };
        let put_off = send::postpone(&tx, workspace, account, epoch, send, again, now).await;
        assert_eq!(put_off.unwrap(), speaks);
        let due = fetch::claim(&tx, workspace, account, epoch, now, now, limit).await.unwrap();
        assert_eq!(due.iter().any(|due| due.attachment == fetched), speaks);
        let written = lease::fence(&tx, workspace, account, epoch).await;
        assert_eq!(written.is_ok(), speaks);
        assert!(speaks || matches!(written, Err(Error::Fenced)));
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn nobody_waits_for_holds_that_are_renewed_and_only_then_another_node_takes_them() {
    let scene = Scene::set().await;
    let (account, workspace) = (scene.accounts[0], workspace(&scene.ana));
    let node = Uuid::now_v7();
    let epoch = scene.claimed_by(node, account).await;
    let tx = scene.store.writers.begin(workspace).await.unwrap();
    assert!(lease::holds(&tx, workspace, account, epoch).await.unwrap());

    // As long as what is written has not committed, the hold is renewed, …
    let held = timeout(WITHIN, lease::renew(&scene.store, node, 15)).await.expect("waited");
    assert!(held.unwrap().iter().any(|held| held.account == account && held.epoch == epoch));
    // … the account is paused, …
    let pausing = scene.store.writers.begin(workspace).await.unwrap();
    let paused = account::set_status(&pausing, workspace, account, AccountStatus::Paused, false);
    assert!(timeout(WITHIN, paused).await.expect("waited").unwrap());
    pausing.commit().await.unwrap();
    // … but nobody else takes it, though it were free.
    timeout(WITHIN, lease::release(&scene.store, node)).await.expect("waited").unwrap();
    let claim = lease::claim(&scene.store, Uuid::now_v7(), 15, 100);
    let others = timeout(WITHIN, claim).await.expect("waited").unwrap();
    assert!(others.iter().all(|held| held.account != account));

    tx.commit().await.unwrap();
    let others = lease::claim(&scene.store, Uuid::now_v7(), 15, 100).await.unwrap();
    assert!(others.iter().any(|held| held.account == account && held.epoch > epoch));
}

#[tokio::test]
async fn who_fails_what_waited_for_an_account_stops_when_it_is_connected_again() {
    let scene = Scene::set().await;
    let (id, workspace) = (scene.accounts[0], workspace(&scene.ana));
    let keys = scene.store.keys(workspace).await.unwrap().unwrap();
    scene.work(id).await;
    let tx = scene.store.writers.begin(workspace).await.unwrap();
    let row = account::get(&tx, &keys, workspace, id).await.unwrap().unwrap();
    let epoch = account::disconnect(&tx, &keys, workspace, &row, b"{}").await.unwrap();
    tx.commit().await.unwrap();
    let left = send::stranded(&scene.store, 10).await.unwrap();
    assert_eq!(left, [Stranded { workspace, account: id, epoch }]);

    let tx = scene.store.writers.begin(workspace).await.unwrap();
    let row = account::get(&tx, &keys, workspace, id).await.unwrap().unwrap();
    let speaks = Speaks {
        credentials: row.credentials.clone(),
        routes: vec![[9; 32]],
        parent_route: None,
        connected_by: None,
        renew_at: None,
    };
    account::reconnect(&tx, &keys, workspace, &row, &speaks).await.unwrap();
    tx.commit().await.unwrap();
    let batch = [scene.told(id, Some(epoch)).await];
    let outcomes = journal::append(&scene.store, workspace, &batch).await.unwrap();
    assert!(matches!(outcomes[..], [Outcome::Fenced]), "{outcomes:?}");
    assert_eq!(send::stranded(&scene.store, 10).await.unwrap(), []);
}
