//! The stand-in for Messenger and for comments under a Page's posts, over HTTP.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with the reason")]

mod meta;

use meta::{ANA_PSID, PAGE, PAGE_TOKEN, code, start};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use switchboard_sandbox::world::{Action, Comment, Draft};

fn text(text: &str) -> Value {
    json!({ "recipient": { "id": ANA_PSID }, "messaging_type": "RESPONSE", "message": { "text": text } })
}

fn comment(text: &str) -> Draft {
    let post = format!("{PAGE}_990011");
    let place = Comment { post, parent: None, hidden: false, answered: false };
    Draft { text: Some(text.into()), comment: Some(place), ..Draft::default() }
}

#[tokio::test]
async fn a_customer_text_looks_as_documented_and_is_signed() {
    let mut meta = start().await;
    let mid = meta.says("messenger-ana", "Vous livrez ? 🚚");
    let hook = meta.hook().await;
    assert_eq!(hook.path, "/hooks/messenger");
    assert!(hook.is_signed_with(&meta.config.app_secret));
    let (time, at) = (hook.body["entry"][0]["time"].clone(), hook.item()["timestamp"].clone());
    assert!(time.as_i64().unwrap() > 1_700_000_000_000 && at.is_i64());
    let expected = json!({ "object": "page", "entry": [{ "id": PAGE, "time": time, "messaging": [{
        "sender": { "id": ANA_PSID }, "recipient": { "id": PAGE }, "timestamp": at,
        "message": { "mid": mid, "text": "Vous livrez ? 🚚" } }] }] });
    assert_eq!(hook.body, expected);
}

#[tokio::test]
async fn a_message_comes_back_as_echo_with_its_metadata_and_is_delivered_and_read() {
    let mut meta = start().await;
    meta.hello("messenger-ana").await;
    let body = json!({ "recipient": { "id": ANA_PSID }, "messaging_type": "RESPONSE",
        "message": { "text": "Yes", "metadata": "out-42" } });
    let (status, answer) = meta.messenger(body).await;
    assert_eq!((status, &answer["recipient_id"]), (200, &json!(ANA_PSID)));
    let mid = answer["message_id"].clone();
    let echo = meta.hook().await.item().clone();
    assert_eq!(echo["sender"]["id"], PAGE);
    let app_id: u64 = meta.config.app_id.parse().unwrap();
    assert_eq!(
        echo["message"],
        json!({
        "mid": mid, "is_echo": true, "app_id": app_id, "metadata": "out-42", "text": "Yes" })
    );
    let delivery = meta.hook().await.item().clone();
    assert_eq!(delivery["delivery"], json!({ "mids": [mid], "watermark": echo["timestamp"] }));
    meta.act("messenger-ana", Action::Read);
    let read = meta.hook().await.item().clone();
    assert!(read["read"]["watermark"].as_i64() >= echo["timestamp"].as_i64());
}

#[tokio::test]
async fn what_the_documentation_rejects_is_rejected() {
    let mut meta = start().await;
    meta.hello("messenger-ana").await;
    let to = json!({ "id": ANA_PSID });
    let message = json!({ "text": "x" });
    let tagged = |tag: &str| json!({ "recipient": to, "messaging_type": "MESSAGE_TAG", "tag": tag, "message": message });
    let quick =
        |list: Value| json!({ "recipient": to, "message": { "text": "?", "quick_replies": list } });
    let many: Vec<Value> = (0..14)
        .map(|n| json!({ "content_type": "text", "title": n.to_string(), "payload": "p" }))
        .collect();
    let cases = [
        (text(&"x".repeat(2000)), 100, None),
        (text(""), 100, None),
        (json!({ "recipient": { "id": "404" }, "message": message }), 100, Some(2_018_001)),
        (json!({ "recipient": {}, "message": message }), 100, None),
        (
            json!({ "recipient": { "id": ANA_PSID, "user_ref": "x" }, "message": message }),
            100,
            None,
        ),
        (json!({ "recipient": to }), 100, None),
        (json!({ "recipient": to, "message": {} }), 100, Some(2_018_164)),
        (json!({ "recipient": to, "message": message, "surprise": 1 }), 100, None),
        (json!({ "recipient": to, "message": { "text": "x", "txt": 1 } }), 100, None),
        (json!({ "recipient": to, "message": message, "sender_action": "typing_on" }), 100, None),
        (json!({ "recipient": to, "sender_action": "dance" }), 100, None),
        (json!({ "recipient": to, "messaging_type": "PROMOTION", "message": message }), 100, None),
        (json!({ "recipient": to, "tag": "HUMAN_AGENT", "message": message }), 100, None),
        (tagged("CONFIRMED_EVENT_UPDATE"), 100, None),
        (tagged("ACCOUNT_UPDATE"), 100, None),
        (tagged("POST_PURCHASE_UPDATE"), 100, None),
        (
            json!({ "recipient": to, "messaging_type": "MESSAGE_TAG", "message": message }),
            100,
            None,
        ),
        (quick(json!(many)), 100, None),
        (quick(json!([{ "content_type": "location" }])), 100, None),
        (
            json!({ "recipient": to, "message": { "attachment": { "type": "image", "payload": {
            "url": format!("{}/nothing.png", meta.config.meta_hook_base.replace("http", "https")) } } } }),
            100,
            Some(2_018_008),
        ),
        (
            json!({ "recipient": to, "message": { "attachment": { "type": "image", "payload": { "attachment_id": "5" } } } }),
            100,
            Some(2_018_074),
        ),
        (
            json!({ "recipient": to, "message": { "attachment": { "type": "like_heart" } } }),
            100,
            None,
        ),
        (
            json!({ "recipient": to, "message": message, "reply_to": { "mid": "m_nothing" } }),
            100,
            None,
        ),
    ];
    for (body, wanted, subcode) in cases {
        let answer = meta.messenger(body.clone()).await;
        assert_eq!(code(&answer), (400, wanted, subcode), "{body}: {answer:?}");
        assert!(answer.1["error"]["error_data"].is_null(), "{answer:?}");
    }
    assert!(meta.log().await.is_empty());
    assert_eq!(meta.messenger(text(&"é".repeat(1999))).await.0, 200);
}

#[tokio::test]
async fn the_window_closes_after_a_day_and_for_human_agents_after_a_week() {
    let mut meta = start().await;
    assert_eq!(code(&meta.messenger(text("x")).await), (400, 10, Some(2_018_278)), "never wrote");
    meta.hello("messenger-ana").await;
    assert_eq!(meta.messenger(text("x")).await.0, 200);
    meta.control("advance", json!({ "seconds": 24 * 3600 + 1 })).await;
    assert_eq!(code(&meta.messenger(text("x")).await), (400, 10, Some(2_018_278)));
    let tagged = json!({ "recipient": { "id": ANA_PSID }, "messaging_type": "MESSAGE_TAG",
        "tag": "HUMAN_AGENT", "message": { "text": "x" } });
    assert_eq!(meta.messenger(tagged.clone()).await.0, 200);
    meta.control("advance", json!({ "seconds": 6 * 24 * 3600 })).await;
    assert_eq!(code(&meta.messenger(tagged).await), (400, 10, Some(2_018_278)));
}

#[tokio::test]
async fn who_blocked_the_page_cannot_be_reached() {
    let mut meta = start().await;
    meta.hello("messenger-ana").await;
    meta.act("messenger-ana", Action::Block(true));
    assert_eq!(code(&meta.messenger(text("x")).await), (400, 551, Some(1_545_041)));
}

#[tokio::test]
async fn edits_reactions_postbacks_and_quick_replies_are_told() {
    let mut meta = start().await;
    let mid = meta.says("messenger-ana", "Hello");
    meta.hook().await;
    meta.act("messenger-ana", Action::Edit { message: mid.clone(), text: "Hallo".into() });
    let edit = meta.hook().await.item()["message_edit"].clone();
    assert_eq!(edit, json!({ "mid": mid, "text": "Hallo", "num_edit": 1 }));
    let body = json!({ "recipient": { "id": ANA_PSID }, "message": { "attachment": { "type": "template", "payload": {
        "template_type": "button", "text": "What?", "buttons": [{ "type": "postback", "title": "Order", "payload": "ORDER" }] } } } });
    let (status, answer) = meta.messenger(body).await;
    assert_eq!(status, 200, "{answer}");
    let ours = answer["message_id"].as_str().unwrap().to_owned();
    let echo = meta.hook().await;
    assert_eq!(echo.item()["message"]["attachments"][0]["payload"]["template_type"], "button");
    meta.hook().await;
    meta.act("messenger-ana", Action::Tap { message: ours.clone(), payload: "ORDER".into() });
    let postback = meta.hook().await.item()["postback"].clone();
    assert_eq!((&postback["title"], &postback["payload"]), (&json!("Order"), &json!("ORDER")));
    meta.act("messenger-ana", Action::React { message: ours.clone(), emoji: Some("❤".into()) });
    let reaction = meta.hook().await.item()["reaction"].clone();
    assert_eq!(
        reaction,
        json!({ "reaction": "love", "emoji": "❤", "action": "react", "mid": ours })
    );
    meta.act("messenger-ana", Action::React { message: ours.clone(), emoji: None });
    let reaction = meta.hook().await.item()["reaction"].clone();
    assert_eq!(
        reaction,
        json!({ "reaction": "love", "emoji": "❤", "action": "unreact", "mid": ours })
    );
    let body = json!({ "recipient": { "id": ANA_PSID }, "message": { "text": "Colour?",
        "quick_replies": [{ "content_type": "text", "title": "Green", "payload": "GREEN" }] } });
    let (_, answer) = meta.messenger(body).await;
    meta.skip(2).await;
    let ours = answer["message_id"].as_str().unwrap().to_owned();
    meta.act("messenger-ana", Action::Tap { message: ours, payload: "GREEN".into() });
    let message = meta.hook().await.item()["message"].clone();
    assert_eq!(
        (&message["text"], &message["quick_reply"]),
        (&json!("Green"), &json!({ "payload": "GREEN" }))
    );
}

#[tokio::test]
async fn files_go_up_in_the_body_and_can_be_used_again() {
    let mut meta = start().await;
    meta.hello("messenger-ana").await;
    let upload = |kind: &'static str, mime: &'static str| {
        let message = json!({ "attachment": { "type": kind, "payload": { "is_reusable": true } } });
        let file = Part::bytes(vec![1, 2, 3]).file_name("quote.pdf").mime_str(mime).unwrap();
        let form = Form::new()
            .text("recipient", json!({ "id": ANA_PSID }).to_string())
            .text("message", message.to_string())
            .part("filedata", file);
        meta.client
            .post(meta.graph(&format!("{PAGE}/messages")))
            .bearer_auth(PAGE_TOKEN)
            .multipart(form)
    };
    assert_eq!(
        code(&meta.send(upload("image", "application/pdf")).await),
        (400, 100, Some(2_018_047))
    );
    let (status, answer) = meta.send(upload("file", "application/pdf")).await;
    assert_eq!(status, 200, "{answer}");
    let again = json!({ "recipient": { "id": ANA_PSID }, "message": { "attachment": {
        "type": "file", "payload": { "attachment_id": answer["attachment_id"] } } } });
    assert_eq!(meta.messenger(again).await.0, 200);
    let url = meta.hook().await.item()["message"]["attachments"][0]["payload"]["url"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(meta.client.get(url).send().await.unwrap().bytes().await.unwrap(), vec![1, 2, 3]);
}

#[tokio::test]
async fn a_comment_is_answered_once_in_private_and_in_public() {
    let mut meta = start().await;
    meta.act("messenger-ana", Action::Say(comment("How much?")));
    let hook = meta.hook().await;
    let value = hook.value().clone();
    assert_eq!((&value["item"], &value["verb"]), (&json!("comment"), &json!("add")));
    assert_eq!(value["parent_id"], value["post_id"]);
    assert_eq!(value["from"], json!({ "id": ANA_PSID, "name": "Ana Reyes" }));
    let id = value["comment_id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("990011_"));
    assert_eq!(code(&meta.messenger(text("x")).await).1, 10, "a comment opens no window");
    let private = json!({ "recipient": { "comment_id": id }, "message": { "text": "19.50" } });
    let (status, answer) = meta.messenger(private.clone()).await;
    assert_eq!((status, &answer["recipient_id"]), (200, &json!(ANA_PSID)));
    meta.skip(2).await;
    assert_eq!(code(&meta.messenger(private).await).1, 10_900);
    let url = meta.graph(&format!("{id}/comments"));
    let (status, made) = meta.post(url, PAGE_TOKEN, json!({ "message": "See your inbox" })).await;
    assert_eq!(status, 200, "{made}");
    let own = meta.hook().await.value().clone();
    assert_eq!(
        (&own["from"]["id"], &own["comment_id"], &own["parent_id"]),
        (&json!(PAGE), &made["id"], &json!(id))
    );
    let edit = meta.graph(made["id"].as_str().unwrap());
    assert_eq!(meta.post(edit, PAGE_TOKEN, json!({ "message": "In your inbox" })).await.0, 200);
    let edited = meta.hook().await.value().clone();
    assert_eq!((&edited["verb"], &edited["message"]), (&json!("edited"), &json!("In your inbox")));
    let theirs = meta.post(meta.graph(&id), PAGE_TOKEN, json!({ "message": "No" })).await;
    assert_eq!(code(&theirs).1, 200);
    meta.post(meta.graph(&format!("{id}?is_hidden=true")), PAGE_TOKEN, json!({})).await;
    assert_eq!(meta.hook().await.value()["verb"], "hide");
    meta.call(Method::DELETE, meta.graph(&id), PAGE_TOKEN).await;
    assert_eq!(meta.hook().await.value()["verb"], "remove");
    assert_eq!(meta.get(meta.graph(&id), PAGE_TOKEN).await.0, 400);
}

#[tokio::test]
async fn a_comment_cannot_be_answered_in_private_after_a_week() {
    let mut meta = start().await;
    meta.act("messenger-ana", Action::Say(comment("How much?")));
    let id = meta.hook().await.value()["comment_id"].clone();
    meta.control("advance", json!({ "seconds": 7 * 24 * 3600 })).await;
    let private = json!({ "recipient": { "comment_id": id }, "message": { "text": "19.50" } });
    assert_eq!(code(&meta.messenger(private).await).1, 10_903);
}

#[tokio::test]
async fn history_shows_the_twenty_newest_messages() {
    let mut meta = start().await;
    let first = meta.says("messenger-ana", "0");
    (1..25).for_each(|n| drop(meta.says("messenger-ana", &n.to_string())));
    meta.says("messenger-ben", "Hi");
    let fields = "id,updated_time,participants,messages{id,created_time,from,to,message}";
    let url =
        meta.graph(&format!("{PAGE}/conversations?platform=messenger&limit=1&fields={fields}"));
    let (_, page) = meta.get(url.clone(), PAGE_TOKEN).await;
    assert_eq!(page["data"][0]["participants"]["data"][0]["name"], "Ben Okafor", "newest first");
    let after = page["paging"]["cursors"]["after"].as_str().unwrap();
    let (_, page) = meta.get(format!("{url}&after={after}"), PAGE_TOKEN).await;
    let messages = page["data"][0]["messages"]["data"].as_array().unwrap().clone();
    assert_eq!((messages.len(), &messages[0]["message"]), (20, &json!("24")));
    assert!(page["data"][0]["updated_time"].as_str().unwrap().ends_with("+0000"));
    assert_eq!(messages[0]["from"], json!({ "name": "Ana Reyes", "id": ANA_PSID }));
    assert_eq!(code(&meta.get(meta.graph(&first), PAGE_TOKEN).await).1, 100, "too old");
    let newest = messages[0]["id"].as_str().unwrap();
    assert_eq!(meta.get(meta.graph(newest), PAGE_TOKEN).await.1["message"], "24");
    let _ = meta.hook().await;
}

#[tokio::test]
async fn profiles_subscriptions_and_actions() {
    let mut meta = start().await;
    let person = meta.graph(&format!("{ANA_PSID}?fields=first_name,last_name"));
    assert_eq!(
        code(&meta.get(person.clone(), PAGE_TOKEN).await),
        (400, 100, Some(2_018_218)),
        "never wrote"
    );
    meta.hello("messenger-ana").await;
    let (_, profile) = meta.get(person, PAGE_TOKEN).await;
    assert_eq!(profile, json!({ "first_name": "Ana", "last_name": "Reyes", "id": ANA_PSID }));
    let action = |kind: &str| json!({ "recipient": { "id": ANA_PSID }, "sender_action": kind });
    assert_eq!(
        meta.messenger(action("typing_on")).await,
        (200, json!({ "recipient_id": ANA_PSID }))
    );
    let apps =
        |fields: &str| meta.graph(&format!("{PAGE}/subscribed_apps?subscribed_fields={fields}"));
    assert_eq!(code(&meta.call(Method::POST, apps("messages,surprise"), PAGE_TOKEN).await).1, 100);
    assert_eq!(meta.call(Method::POST, apps("messages"), PAGE_TOKEN).await.0, 200);
    let (_, shown) = meta.get(meta.graph(&format!("{PAGE}/subscribed_apps")), PAGE_TOKEN).await;
    assert_eq!(shown["data"][0]["subscribed_fields"], json!(["messages"]));
    assert_eq!(meta.messenger(text("no echo")).await.0, 200);
    meta.no_hook().await;
}
