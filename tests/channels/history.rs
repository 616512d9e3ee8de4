//! What was said before an account was connected is brought, once, also across restarts.

use serde_json::{Value, json};
use switchboard_sandbox::world::preset;

use crate::support::World;
use crate::support::stage::{Stage, until};

async fn conversations(stage: &Stage) -> Vec<Value> {
    let page = stage.ana.get("/conversations").await;
    page.body["items"].as_array().cloned().unwrap_or_default()
}

/// Connects an account and takes it away, so that its platform tells nothing of it.
async fn unheard(stage: &Stage, platform: &str) {
    let id = stage.connect(platform).await["id"].as_str().unwrap().to_owned();
    stage.ana.delete(&format!("/channels/accounts/{id}")).await;
}

async fn brought(stage: &Stage, account: &str) -> Value {
    until("the history", async || {
        let job = stage.account(account).await["history"].clone();
        (job["state"] == "done").then_some(job)
    })
    .await
}

#[tokio::test]
async fn what_was_said_before_is_shown_as_history_and_is_not_unread() {
    for (platform, phone) in [("messenger", "messenger-ana"), ("instagram", "instagram-ana")] {
        let stage = Stage::set().await;
        unheard(&stage, platform).await;
        for text in ["Are you open?", "Hello?"] {
            stage.does(phone, "send", json!({"text": text})).await;
        }
        let account = stage.connect(platform).await["id"].as_str().unwrap().to_owned();
        let job = brought(&stage, &account).await;
        assert_eq!((&job["done"], &job["total"]), (&json!(1), &json!(1)), "{job}");
        let found = conversations(&stage).await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0]["unread"], 0, "{platform}");
        let conversation = found[0]["id"].as_str().unwrap();
        let told = stage.messages(conversation).await;
        let texts: Vec<&Value> = told.iter().map(|message| &message["text"]).collect();
        assert_eq!(texts, ["Are you open?", "Hello?"], "{platform}");
        assert!(told.iter().all(|message| message["extra"]["history"] == true), "{told:?}");

        // What is said from now on is news, in the same conversation.
        stage.does(phone, "send", json!({"text": "Still there?"})).await;
        let news = until("news", async || {
            stage.messages(conversation).await.into_iter().find(|m| m["text"] == "Still there?")
        })
        .await;
        assert_eq!(news["extra"]["history"], Value::Null);
        let found = conversations(&stage).await;
        assert_eq!((found.len(), &found[0]["unread"]), (1, &json!(1)), "{platform}");
        stage.stop().await;
    }
}

#[tokio::test]
async fn history_goes_on_where_a_server_that_stopped_had_come_to() {
    let mut stage = Stage::set().await;
    let many = 12;
    unheard(&stage, "messenger").await;
    for n in 0..many {
        let person =
            json!({"platform": "messenger", "account": preset::PAGE, "name": format!("P{n}")});
        let phone = stage.command("/phones/api/people", person).await;
        let phone = phone["id"].as_str().unwrap().to_owned();
        stage.does(&phone, "send", json!({"text": format!("from {n}")})).await;
    }
    let account = stage.connect("messenger").await["id"].as_str().unwrap().to_owned();
    until("a part of it", async || {
        let done = stage.account(&account).await["history"]["done"].as_u64();
        let some = conversations(&stage).await.len();
        (some > 2 && done < Some(many)).then_some(())
    })
    .await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (database, keys) = (stage.world.database.clone(), stage.world.keys.clone());
    let settings = Stage::settings(&stage.sandbox);
    let next = World::listening(listener, database, keys, &settings).await;
    let first = std::mem::replace(&mut stage.world, next);
    let some = conversations(&stage).await.len();
    assert!(some < 12, "it was over before the server stopped");
    first.stop().await;
    stage.ana = stage.ana.at(&stage.world);
    let job = brought(&stage, &account).await;
    assert_eq!((&job["done"], &job["total"]), (&json!(many), &json!(many)), "{job}");
    let found = conversations(&stage).await;
    assert_eq!(found.len(), 12);
    for one in &found {
        let told = stage.messages(one["id"].as_str().unwrap()).await;
        assert_eq!(told.len(), 1, "{told:?}");
    }
    stage.stop().await;
}
