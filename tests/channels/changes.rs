//! What the team does to messages that are there, and groups that move.

use serde_json::{Value, json};
use switchboard_sandbox::world::preset;

use crate::support::stage::{Stage, until};

async fn ours(stage: &Stage, phone: &str) -> Option<Value> {
    let thread = stage.phone(phone).await["thread"].as_array().unwrap().clone();
    thread.into_iter().find(|message| message["from"] == "business")
}

#[tokio::test]
async fn the_team_edits_reacts_and_deletes_on_telegram() {
    let stage = Stage::set().await;
    stage.connect("telegram").await;
    let conversation = stage.conversation("telegram-ana", "Hello").await;
    let path = format!("/conversations/{conversation}/messages");
    let message = stage.post(&conversation, json!({"text": "Helo, Ana"})).await;
    stage.reached(&conversation, &message, &["sent"]).await;
    let one = format!("{path}/{}", message["id"].as_str().unwrap());

    stage.ana.patch(&one, json!({"text": "Hello, Ana"})).await.ok();
    until("the edit", async || {
        ours(&stage, "telegram-ana").await.filter(|shown| shown["text"] == "Hello, Ana")
    })
    .await;

    let theirs = stage.messages(&conversation).await[0]["id"].as_str().unwrap().to_owned();
    stage.ana.put(&format!("{path}/{theirs}/reactions/👍"), json!({})).await.ok();
    let reactions = async || {
        let thread = stage.phone("telegram-ana").await["thread"].as_array().unwrap().clone();
        thread[0]["reactions"].to_string()
    };
    until("the reaction", async || reactions().await.contains("👍").then_some(())).await;
    stage.ana.delete(&format!("{path}/{theirs}/reactions/👍")).await.ok();
    until("no reaction", async || (!reactions().await.contains("👍")).then_some(())).await;

    stage.ana.delete(&one).await.ok();
    until("the deletion", async || {
        ours(&stage, "telegram-ana").await.filter(|shown| shown["deleted"] == true)
    })
    .await;
    let lines = stage.messages(&conversation).await;
    assert!(lines.iter().all(|line| line["kind"] != "activity"), "nothing failed: {lines:?}");
    stage.stop().await;
}

#[tokio::test]
async fn a_change_that_the_platform_does_not_take_is_told_in_a_line() {
    let stage = Stage::set().await;
    stage.connect("telegram").await;
    let conversation = stage.conversation("telegram-ana", "Hello").await;
    let message = stage.post(&conversation, json!({"text": "Wait"})).await;
    stage.reached(&conversation, &message, &["sent"]).await;
    let id = stage.messages(&conversation).await[0]["id"].as_str().unwrap().to_owned();
    // Telegram has a list of emoji that may be reactions.
    let path = format!("/conversations/{conversation}/messages/{id}/reactions/🪑");
    stage.ana.put(&path, json!({})).await.ok();
    let line = until("the line", async || {
        let all = stage.messages(&conversation).await;
        all.into_iter().find(|one| one["kind"] == "activity")
    })
    .await;
    assert_eq!(line["activity"]["line"], "change_failed", "{line}");
    stage.stop().await;
}

#[tokio::test]
async fn answers_follow_a_group_that_became_a_supergroup() {
    const GROUP: i64 = -4001;
    const SUPERGROUP: i64 = -1_001_000_004_001;
    let stage = Stage::set().await;
    stage.connect("telegram").await;
    let group = |chat: i64| json!({"bot": preset::BOT, "chat": chat, "title": "Potters"});
    stage.command("/control/telegram/group", group(GROUP)).await;
    let conversation = stage.conversation("telegram-group-4001", "Who has a kiln?").await;
    stage.command("/control/telegram/group", group(SUPERGROUP)).await;
    stage.command("/control/telegram/migrate", json!({"from": GROUP, "to": SUPERGROUP})).await;
    let message = stage.post(&conversation, json!({"text": "We do."})).await;
    stage.reached(&conversation, &message, &["sent"]).await;
    let new = format!("telegram-group{SUPERGROUP}");
    assert_eq!(stage.heard(&new).await, ["We do."]);
    // What is said there belongs to the same conversation.
    stage.does(&new, "send", json!({"text": "Thanks"})).await;
    until("an answer", async || {
        stage.messages(&conversation).await.into_iter().find(|one| one["text"] == "Thanks")
    })
    .await;
    stage.stop().await;
}
