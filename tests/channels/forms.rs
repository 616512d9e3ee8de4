//! Posts that are more than text and files, and the names of those who write.

use serde_json::{Value, json};

use crate::support::stage::{Stage, until};

const DAY: i64 = 24 * 60 * 60;

#[tokio::test]
async fn a_template_is_filled_and_arrives_also_when_the_window_is_closed() {
    let stage = Stage::set().await;
    let account = stage.connect("whatsapp").await["id"].as_str().unwrap().to_owned();
    let conversation = {
        // Ana wrote two days ago.
        stage.command("/control/advance", json!({"seconds": -2 * DAY})).await;
        let found = stage.conversation("whatsapp-ana", "Where is my order?").await;
        stage.command("/control/advance", json!({"seconds": 2 * DAY})).await;
        found
    };
    let path = format!("/conversations/{conversation}/messages");
    let refused = stage.ana.post(&path, json!({"text": "On its way"})).await;
    assert_eq!((refused.status, refused.code()), (422, "refused"), "{}", refused.body);

    let path = format!("/channels/accounts/{account}/templates");
    let templates = stage.ana.get(&path).await.ok();
    let all = templates.as_array().unwrap().iter();
    let two = |one: &&Value| {
        one["sendable"] == true && one["components"].to_string().contains("leaves the kiln")
    };
    let template = all.clone().find(two).unwrap()["id"].clone();
    let values = json!({"header": [], "buttons": [],
                        "body": [{"value": "Ana"}, {"value": "A-17"}]});
    let form = json!({"form": "template", "template": template, "values": values});
    let message = stage.post(&conversation, json!({"as": form})).await;
    let expected = "Hello Ana, your order A-17 leaves the kiln today.";
    assert_eq!(message["text"], expected);
    stage.reached(&conversation, &message, &["sent", "delivered"]).await;
    assert_eq!(stage.heard("whatsapp-ana").await, [expected]);
    stage.stop().await;
}

#[tokio::test]
async fn a_new_template_is_there_at_once_and_waits_for_its_review() {
    let stage = Stage::set().await;
    let account = stage.connect("whatsapp").await["id"].as_str().unwrap().to_owned();
    let path = format!("/channels/accounts/{account}/templates");
    let draft = json!({"name": "thanks", "language": "en_US", "category": "UTILITY",
                       "body": "Thank you, {{1}}, for coming.", "examples": ["Ana"]});
    let made = stage.ana.post(&path, draft).await.ok();
    assert_eq!((&made["name"], &made["status"]), (&json!("thanks"), &json!("PENDING")), "{made}");
    let review = json!({"name": "thanks", "status": "APPROVED"});
    stage.command("/control/templates", review).await;
    let approved = until("the review", async || {
        let all = stage.ana.get(&path).await.ok();
        let found = all.as_array()?.iter().find(|one| one["name"] == "thanks")?.clone();
        (found["status"] == "APPROVED").then_some(found)
    })
    .await;
    assert_eq!(approved["id"], made["id"]);
    stage.stop().await;
}

#[tokio::test]
async fn what_is_offered_can_be_tapped() {
    for phone in ["whatsapp-ana", "telegram-ana", "messenger-ana"] {
        let stage = Stage::set().await;
        stage.connect(phone.split('-').next().unwrap()).await;
        let conversation = stage.conversation(phone, "Do you deliver?").await;
        let options = json!([{"title": "Yes", "payload": "y"}, {"title": "No", "payload": "n"}]);
        let form = json!({"form": "offer", "offer": {"options": options}});
        let message = stage.post(&conversation, json!({"text": "Today?", "as": form})).await;
        assert_eq!(message["extra"]["card"]["type"], "choices", "{message}");
        stage.reached(&conversation, &message, &["sent", "delivered"]).await;
        let thread = stage.phone(phone).await["thread"].as_array().unwrap().clone();
        let shown = thread.iter().find(|one| one["text"] == "Today?").unwrap();
        let payload = &shown["buttons"][0]["payload"];
        let tap = json!({"message": shown["id"], "payload": payload});
        stage.does(phone, "tap", tap).await;
        until("the tap", async || {
            let all = stage.messages(&conversation).await;
            all.into_iter().find(|one| one["text"] == "Yes" && one["author"]["kind"] == "visitor")
        })
        .await;
        stage.stop().await;
    }
}

#[tokio::test]
async fn a_comment_is_answered_in_private() {
    let stage = Stage::set().await;
    stage.connect("messenger").await;
    stage.does("messenger-ana", "send", json!({"text": "How much?", "comment": true})).await;
    let conversation = until("the comment", async || {
        let page = stage.ana.get("/conversations").await.ok();
        let found = page["items"].as_array()?.iter().find(|one| one["comments"] == true)?.clone();
        Some(found["id"].as_str()?.to_owned())
    })
    .await;
    let comment = stage.messages(&conversation).await[0]["id"].clone();
    let body = json!({"text": "12 €", "reply_to": comment, "as": {"form": "private_reply"}});
    let message = stage.post(&conversation, body.clone()).await;
    assert_eq!(message["extra"]["private_reply"], true, "{message}");
    stage.reached(&conversation, &message, &["sent", "delivered"]).await;
    let thread = stage.phone("messenger-ana").await["thread"].as_array().unwrap().clone();
    let told = thread.iter().find(|one| one["text"] == "12 €").unwrap();
    assert_eq!(told["comment"], Value::Null, "it is private");
    // A comment is answered in private once.
    let again = stage.post(&conversation, body).await;
    let failed = stage.reached(&conversation, &again, &["failed"]).await;
    assert!(failed["delivery"]["failure"]["code"].is_string(), "{failed}");
    stage.stop().await;
}

/// Its echo comes in the person's private thread, on Instagram with nothing that was sent along.
#[tokio::test]
async fn a_private_answer_that_comes_back_before_it_is_heard_of_opens_no_conversation() {
    for platform in ["messenger", "instagram"] {
        let stage = Stage::set().await;
        let account = stage.connect(platform).await;
        stage.has_its_history(&account).await;
        let phone = format!("{platform}-ana");
        stage.does(&phone, "send", json!({"text": "How much?", "comment": true})).await;
        let of_text = async |text: &str| {
            let page = stage.ana.get("/conversations").await.ok();
            let mut all = page["items"].as_array()?.clone().into_iter();
            all.find(|one| one["preview"]["excerpt"] == text)
        };
        let commented = until("the comment", async || of_text("How much?").await).await;
        let conversation = commented["id"].as_str().unwrap().to_owned();
        let comment = stage.messages(&conversation).await[0]["id"].clone();
        // The platform takes it, and nothing but the echo tells so.
        let lost = json!({"platform": platform, "kind": "timeout_after_accept", "times": 1,
                          "method": "messages"});
        stage.fault(lost).await;
        let body = json!({"text": "12 €", "reply_to": comment, "as": {"form": "private_reply"}});
        let message = stage.post(&conversation, body).await;
        stage.reached(&conversation, &message, &["sent", "delivered"]).await;
        let page = stage.ana.get("/conversations").await.ok();
        assert_eq!(page["items"].as_array().unwrap().len(), 1, "{platform}: {page}");
        assert_eq!(stage.messages(&conversation).await.len(), 2, "{platform}");

        // What the person says to that is a conversation with the same person.
        stage.does(&phone, "send", json!({"text": "I take it"})).await;
        let private = until("the private one", async || of_text("I take it").await).await;
        assert_ne!(private["id"], commented["id"]);
        assert_eq!(private["contact"], commented["contact"]);
        assert_eq!(private["last_n"], 1, "{platform}: {private}");
        stage.stop().await;
    }
}

#[tokio::test]
async fn the_names_of_those_who_write_are_asked_for() {
    let stage = Stage::set().await;
    for phone in ["messenger-ana", "instagram-ana"] {
        stage.connect(phone.split('-').next().unwrap()).await;
        let conversation = stage.conversation(phone, &format!("I am {phone}")).await;
        until(&format!("the name of {phone}"), async || {
            let page = stage.ana.get(&format!("/conversations/{conversation}")).await.ok();
            page.to_string().contains("Ana Reyes").then_some(())
        })
        .await;
    }
    stage.stop().await;
}
