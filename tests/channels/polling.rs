//! A server that its platform cannot reach asks for what has happened.

use serde_json::json;

use crate::support::stage::{Stage, until};

#[tokio::test]
async fn telegram_is_asked_where_it_cannot_reach_us() {
    let stage = Stage::with("public_url = \"http://chat.example\"").await;
    let account = stage.connect("telegram").await;
    assert_eq!(account["problems"], json!([]), "being polled is no problem");
    let conversation = stage.conversation("telegram-ana", "Anyone there?").await;
    for text in ["second", "third"] {
        stage.does("telegram-ana", "send", json!({"text": text})).await;
    }
    let texts = until("all of it", async || {
        let told = stage.messages(&conversation).await;
        let texts: Vec<String> =
            told.iter().map(|message| message["text"].as_str().unwrap().to_owned()).collect();
        (texts.len() == 3).then_some(texts)
    })
    .await;
    assert_eq!(texts, ["Anyone there?", "second", "third"]);
    stage.post(&conversation, json!({"text": "Here."})).await;
    until("the answer", async || (stage.heard("telegram-ana").await == ["Here."]).then_some(()))
        .await;
    stage.stop().await;
}
