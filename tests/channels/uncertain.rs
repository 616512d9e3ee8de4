//! Calls whose answers were lost, on platforms that tell of messages afterwards.

use serde_json::json;

use crate::support::stage::{Stage, until};

#[tokio::test]
async fn receipts_and_echoes_settle_what_nobody_answered() {
    for (phone, method) in [("whatsapp-ana", "messages"), ("messenger-ana", "messages")] {
        let stage = Stage::set().await;
        let platform = phone.split('-').next().unwrap();
        stage.connect(platform).await;
        let conversation = stage.conversation(phone, "Anyone there?").await;
        let fault = json!({"platform": platform, "kind": "timeout_after_accept", "times": 1,
                           "method": method});
        stage.fault(fault).await;
        let first = stage.post(&conversation, json!({"text": "first"})).await;
        stage.reached(&conversation, &first, &["sent", "delivered"]).await;
        let second = stage.post(&conversation, json!({"text": "second"})).await;
        stage.reached(&conversation, &second, &["sent", "delivered"]).await;
        // Longer than an uncertain call is waited for.
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        assert_eq!(stage.heard(phone).await, ["first", "second"], "{phone}");
        let told = stage.deliveries(&conversation).await;
        assert_eq!(told.len(), 2, "{phone}: an echo became a message: {told:?}");
        let known = ["sent", "delivered"];
        assert!(told.iter().all(|(_, state)| known.contains(&state.as_str())), "{told:?}");
        let all = stage.messages(&conversation).await;
        assert_eq!(all.iter().filter(|m| m["kind"] == "public").count(), 3, "{phone}: {all:?}");
        stage.stop().await;
    }
}

/// Whatever stands between us and a platform may have passed the call on.
#[tokio::test]
async fn what_a_gateway_did_not_hear_of_is_sent_once_and_settled_by_receipts_where_there_are_some()
{
    for (phone, method, ends) in [
        ("whatsapp-ana", "messages", ["sent", "delivered"]),
        ("messenger-ana", "messages", ["sent", "delivered"]),
        // Telegram gives no receipts and no echoes: nobody can know.
        ("telegram-ana", "sendMessage", ["uncertain", "uncertain"]),
    ] {
        let stage = Stage::set().await;
        let platform = phone.split('-').next().unwrap();
        stage.connect(platform).await;
        let conversation = stage.conversation(phone, "Anyone there?").await;
        for status in ["502", "504"] {
            stage.fault(json!({"platform": platform, "kind": status, "method": method})).await;
            let message = stage.post(&conversation, json!({"text": status})).await;
            stage.reached(&conversation, &message, &ends).await;
            stage.all_well_again().await;
        }
        let last = stage.post(&conversation, json!({"text": "last"})).await;
        stage.reached(&conversation, &last, &["sent", "delivered"]).await;
        assert_eq!(stage.heard(phone).await, ["502", "504", "last"], "{phone}");
        stage.stop().await;
    }
}

/// Its echoes carry nothing that was sent along.
#[tokio::test]
async fn an_echo_on_instagram_settles_what_was_given_up_before_it_came() {
    let stage = Stage::set().await;
    let account = stage.connect("instagram").await;
    let conversation = stage.conversation("instagram-ana", "Anyone there?").await;
    stage.has_its_history(&account).await;
    stage.fault(json!({"platform": "instagram", "kind": "hook_down"})).await;
    // For as long as it takes: that somebody types is a call of the same kind.
    let lost =
        json!({"platform": "instagram", "kind": "timeout_after_accept", "method": "messages"});
    stage.fault(lost).await;
    let mut posted = Vec::new();
    // The same twice, and one that is sent in two calls.
    for text in ["Yes.", "Yes.", &long("clay")] {
        let message = stage.post(&conversation, json!({"text": text})).await;
        stage.reached(&conversation, &message, &["uncertain"]).await;
        posted.push(message);
    }
    stage.all_well_again().await;
    for message in &posted {
        stage.reached(&conversation, message, &["sent", "delivered", "read"]).await;
    }
    let told = stage.messages(&conversation).await;
    let public = told.iter().filter(|message| message["kind"] == "public");
    assert_eq!(public.count(), 4, "an echo became a message: {told:#?}");
    stage.stop().await;
}

#[tokio::test]
async fn a_message_of_two_parts_is_doubted_when_one_of_them_came_back_late() {
    let stage = Stage::set().await;
    let account = stage.connect("instagram").await;
    let conversation = stage.conversation("instagram-ana", "Anyone there?").await;
    stage.has_its_history(&account).await;
    stage.fault(json!({"platform": "instagram", "kind": "hook_down"})).await;
    let lost = |kind: &str| json!({"platform": "instagram", "kind": kind, "method": "messages"});
    stage.fault(lost("timeout_after_accept")).await;
    let message = stage.post(&conversation, json!({"text": long("clay")})).await;
    let shown = until("the first part", async || {
        let thread = stage.phone("instagram-ana").await["thread"].as_array()?.clone();
        thread.into_iter().find(|shown| shown["from"] == "business")
    });
    let shown = shown.await;
    stage.fault(lost("timeout_before_accept")).await;
    stage.reached(&conversation, &message, &["uncertain"]).await;
    stage.does("instagram-ana", "react", json!({"message": shown["id"], "emoji": "❤"})).await;
    stage.all_well_again().await;
    // The reaction names what the echo brought.
    let told = until("the reaction", async || {
        let mut told = stage.messages(&conversation).await.into_iter();
        told.find(|told| told["id"] == message["id"] && told["reactions"] != json!([]))
    });
    assert_eq!(told.await["delivery"]["state"], "uncertain");
    stage.stop().await;
}

/// More than one message of Instagram holds.
fn long(word: &str) -> String {
    format!("{word} ").repeat(1_500 / (word.len() + 1)).trim().to_owned()
}
