//! Accounts that come and go while messages wait.

use serde_json::{Value, json};
use switchboard_store::seal::MasterKeys;

use crate::support::accounts::{Connected, NOWHERE, text, whatsapp};
use crate::support::stage::{Stage, until};
use crate::support::{Agent, World, database};

#[tokio::test]
async fn what_waits_fails_with_words_when_its_account_is_disconnected() {
    let stage = Stage::set().await;
    let account = stage.connect("telegram").await["id"].as_str().unwrap().to_owned();
    let path = format!("/channels/accounts/{account}");
    let conversation = stage.conversation("telegram-ana", "Anyone there?").await;
    stage.ana.patch(&path, json!({"paused": true})).await.ok();
    let message = stage.post(&conversation, json!({"text": "too late"})).await;
    assert_eq!(message["delivery"]["state"], "queued");
    stage.ana.delete(&path).await;
    let failed = stage.reached(&conversation, &message, &["failed"]).await;
    assert_eq!(failed["delivery"]["failure"]["code"], "token_lost", "{failed}");
    let path = format!("/conversations/{conversation}/messages");
    let refused = stage.ana.post(&path, json!({"text": "and now?"})).await;
    assert_eq!(refused.code(), "refused");

    // Connected again, it is sent when a person asks for it.
    assert_eq!(stage.connect("telegram").await["id"], *account);
    let resend = format!(
        "/conversations/{conversation}/messages/{}/resend",
        message["id"].as_str().unwrap()
    );
    stage.ana.post(&resend, json!({})).await.ok();
    stage.reached(&conversation, &message, &["sent"]).await;
    assert_eq!(stage.heard("telegram-ana").await, ["too late"]);
    stage.stop().await;
}

#[tokio::test]
async fn what_waits_fails_also_where_its_disconnection_was_cut_off() {
    let stage = Stage::set().await;
    let account = stage.connect("telegram").await["id"].as_str().unwrap().to_owned();
    let path = format!("/channels/accounts/{account}");
    let conversation = stage.conversation("telegram-ana", "Anyone there?").await;
    stage.ana.patch(&path, json!({"paused": true})).await.ok();
    let waiting = stage.post(&conversation, json!({"text": "too late"})).await;
    let begun = stage.post(&conversation, json!({"text": "perhaps"})).await;
    // The account is gone, one call was begun, and then the process died.
    let database = database::superuser(&stage.world.database).await;
    let cut_off = "delete from account_routes;
                   update accounts set status = 'disconnected', routes = '{}', lease_node = null,
                     lease_until = null, lease_epoch = lease_epoch + 1;
                   update sends set state = 'sending', epoch = 1
                     where seq = (select max(seq) from sends)";
    database.batch_execute(cut_off).await.unwrap();

    // Whoever comes next sees to it, and it does not matter that two do.
    let (one, two) = tokio::join!(stage.world.beside(), stage.world.beside());
    let failed = stage.reached(&conversation, &waiting, &["failed"]).await;
    assert_eq!(failed["delivery"]["failure"]["code"], "token_lost", "{failed}");
    stage.reached(&conversation, &begun, &["uncertain"]).await;
    until("the end of what waited", async || {
        let left = database.query_one("select count(*) from sends", &[]).await.unwrap();
        (left.get::<_, i64>(0) == 0).then_some(())
    })
    .await;
    assert!(stage.heard("telegram-ana").await.is_empty());
    one.stop().await;
    two.stop().await;
    stage.stop().await;
}

/// A text that Telegram takes in two messages.
fn long() -> String {
    format!("{} {}", "a".repeat(3990), "b".repeat(3990))
}

async fn lengths(stage: &Stage) -> Vec<usize> {
    stage.heard("telegram-ana").await.iter().map(String::len).collect()
}

#[tokio::test]
async fn only_what_is_not_known_to_be_sent_is_sent_again() {
    let stage = Stage::set().await;
    stage.connect("telegram").await;
    let conversation = stage.conversation("telegram-ana", "Anyone there?").await;
    let again = |message: &Value| {
        let id = message["id"].as_str().unwrap().to_owned();
        let path = format!("/conversations/{conversation}/messages/{id}/resend");
        let ana = &stage.ana;
        async move { ana.post(&path, json!({})).await }
    };
    // The first part arrives, and nobody knows of the second.
    let fault = json!({"platform": "telegram", "kind": "timeout_after_accept", "times": 1,
                       "method": "sendMessage"});
    stage.fault(fault).await;
    let message = stage.post(&conversation, json!({"text": long()})).await;
    stage.reached(&conversation, &message, &["uncertain"]).await;
    until("both parts", async || (lengths(&stage).await.len() == 2).then_some(())).await;
    again(&message).await.ok();
    stage.reached(&conversation, &message, &["sent"]).await;
    // The first again, since nobody knew of it; not the second.
    assert_eq!(lengths(&stage).await, [3991, 3990, 3991]);
    again(&message).await.ok();
    assert_eq!(lengths(&stage).await.len(), 3, "what was sent is not sent again");

    // Refused for good, and then not.
    stage.does("telegram-ana", "block", json!({"on": true})).await;
    let blocked = stage.post(&conversation, json!({"text": "hidden"})).await;
    let failed = stage.reached(&conversation, &blocked, &["failed"]).await;
    assert_eq!(failed["delivery"]["failure"]["code"], "unreachable", "{failed}");
    stage.does("telegram-ana", "block", json!({"on": false})).await;
    again(&blocked).await.ok();
    stage.reached(&conversation, &blocked, &["sent"]).await;
    assert_eq!(stage.heard("telegram-ana").await.last().unwrap(), "hidden");
    stage.stop().await;
}

#[tokio::test]
async fn what_a_platform_paused_goes_on_by_itself_and_what_a_person_paused_does_not() {
    use switchboard_domain::{AccountId, AccountStatus};
    use switchboard_store::account;

    use crate::support::behind::{Behind, workspace};

    let stage = Stage::set().await;
    let id = stage.connect("telegram").await["id"].as_str().unwrap().to_owned();
    let path = format!("/channels/accounts/{id}");
    let check = async || stage.ana.post(&format!("{path}/check"), json!({})).await.ok();
    let hold = async || {
        let (behind, workspace) = (Behind::of(&stage.world), workspace(&stage.ana));
        let tx = behind.store.writers.begin(workspace).await.unwrap();
        let account: AccountId = id.parse().unwrap();
        account::set_status(&tx, workspace, account, AccountStatus::Paused, true).await.unwrap();
        tx.commit().await.unwrap();
    };
    hold().await;
    assert_eq!(stage.account(&id).await["status"], "paused");
    assert_eq!(check().await["status"], "active");

    stage.ana.patch(&path, json!({"paused": true})).await.ok();
    hold().await;
    assert_eq!(check().await["status"], "paused", "a person's word counts");
    stage.ana.patch(&path, json!({"paused": false})).await.ok();
    hold().await;
    stage.ana.patch(&path, json!({"paused": true})).await.ok();
    assert_eq!(check().await["status"], "paused", "also when it comes second");
    stage.stop().await;
}

#[tokio::test]
async fn an_account_is_found_after_the_master_key_was_replaced() {
    let world = World::with(NOWHERE).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let account = Connected::whatsapp(&world, &ana).await;
    let keys = format!("{},{}", MasterKeys::generate(), world.keys);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let next = World::listening(listener, world.database.clone(), keys, NOWHERE).await;
    let hook = whatsapp(&[text("wamid.1", 1, "Hello")], &[]);
    assert_eq!(account.at(&next).tell(&hook).await.status, 200);
    let page = ana.at(&next).get("/conversations").await.ok();
    assert_eq!(page["items"][0]["preview"]["excerpt"], "Hello");
    next.stop().await;
    world.stop().await;
}
