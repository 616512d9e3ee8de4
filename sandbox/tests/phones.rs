//! The phones' JSON API and page, over real HTTP.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with the reason")]

mod bot;

use std::time::Duration;

use base64::Engine;
use bot::start;
use futures_util::StreamExt;
use serde_json::{Value, json};

#[tokio::test]
async fn every_platform_has_its_two_customers() {
    let bot = start().await;
    let url = format!("{}/phones/api/state", bot.sandbox.url());
    let state: Value = bot.client.get(url).send().await.unwrap().json().await.unwrap();
    let phones = state["phones"].as_array().unwrap();
    for platform in ["whatsapp", "messenger", "instagram", "telegram"] {
        let names: Vec<&Value> = phones
            .iter()
            .filter(|phone| phone["platform"] == platform)
            .map(|phone| &phone["person"]["name"])
            .collect();
        assert_eq!(names, ["Ana Reyes", "Ben Okafor"], "{platform}");
    }
    assert!(phones.iter().all(|phone| phone["business"] == "Kiln & Clay"));
}

#[tokio::test]
async fn a_word_of_the_customer_opens_the_window_for_a_day() {
    let bot = start().await;
    let before = bot.phone("whatsapp-ana").await;
    assert_eq!(before["window_open_until"], Value::Null);
    bot.does("whatsapp-ana", "send", json!({ "text": "Is the blue bowl back?" })).await;
    let phone = bot.phone("whatsapp-ana").await;
    let message = &phone["thread"][0];
    assert_eq!(message["text"], json!("Is the blue bowl back?"));
    assert_eq!((&message["from"], &message["kind"]), (&json!("customer"), &json!("text")));
    let until = phone["window_open_until"].as_i64().unwrap();
    assert_eq!(until - message["at"].as_i64().unwrap(), 24 * 60 * 60 * 1000);
}

#[tokio::test]
async fn a_customer_sends_files_places_people_and_comments() {
    let bot = start().await;
    let data = base64::engine::general_purpose::STANDARD.encode(b"hello");
    let cases = [
        ("whatsapp-ana", json!({ "media": { "kind": "voice", "sample": "voice" } }), "voice"),
        ("whatsapp-ana", json!({ "sticker": "🏺" }), "sticker"),
        (
            "whatsapp-ana",
            json!({ "media": { "kind": "document", "name": "a.txt", "data_url": format!("data:text/plain;base64,{data}") } }),
            "document",
        ),
        (
            "whatsapp-ana",
            json!({ "location": { "latitude": 41.4, "longitude": 2.2, "name": "Kiln" } }),
            "location",
        ),
        (
            "whatsapp-ana",
            json!({ "contact": { "name": "Nora Lindqvist", "phone": "+46701740605" } }),
            "contacts",
        ),
        ("instagram-ana", json!({ "text": "lovely", "story_reply": true }), "story_reply"),
        ("instagram-ana", json!({ "story_mention": true }), "story_mention"),
        ("instagram-ana", json!({ "text": "price?", "comment": true }), "comment"),
        (
            "messenger-ana",
            json!({ "text": "price?", "comment": { "post": "110000000000001_5" } }),
            "comment",
        ),
        ("whatsapp-ana", json!({ "unsupported": true }), "unsupported"),
    ];
    for (phone, body, kind) in cases {
        let id = bot.does(phone, "send", body.clone()).await;
        let thread = bot.phone(phone).await["thread"].take();
        let last = thread.as_array().unwrap().last().unwrap();
        assert_eq!((&last["id"], &last["kind"]), (&id, &json!(kind)), "{body}");
        if let Some(url) = last["media"][0]["url"].as_str() {
            let reply = bot.client.get(url).send().await.unwrap();
            assert_eq!(reply.headers()["content-type"], last["media"][0]["mime"].as_str().unwrap());
            assert_eq!(json!(reply.bytes().await.unwrap().len()), last["media"][0]["size"]);
        }
    }
    let story = bot.phone("instagram-ana").await["thread"][0]["story"].take();
    assert_eq!(bot.client.get(story["url"].as_str().unwrap()).send().await.unwrap().status(), 200);
    let comment = bot.phone("messenger-ana").await["thread"][0].take();
    assert_eq!(comment["comment"]["post"], json!("110000000000001_5"));
}

#[tokio::test]
async fn several_files_are_as_many_messages_where_phones_send_them_so() {
    let bot = start().await;
    let pictures = json!([{ "kind": "image", "sample": "image" },
        { "kind": "image", "sample": "image" }, { "kind": "image", "sample": "image" }]);
    for (phone, expected) in [
        ("whatsapp-ana", vec![1, 1, 1]),
        ("telegram-ana", vec![1, 1, 1]),
        ("messenger-ana", vec![3]),
    ] {
        bot.does(phone, "send", json!({ "text": "Which one?", "media": pictures })).await;
        let thread = bot.phone(phone).await["thread"].take();
        let messages = thread.as_array().unwrap();
        let files = messages.iter().map(|message| message["media"].as_array().unwrap().len());
        assert_eq!(files.collect::<Vec<_>>(), expected, "{phone}");
        let words: Vec<_> = messages.iter().filter(|one| one["text"] == "Which one?").collect();
        assert_eq!(words.len(), 1, "{phone}");
    }
}

#[tokio::test]
async fn what_cannot_be_done_is_said() {
    let bot = start().await;
    let said = bot.does("whatsapp-ana", "send", json!({ "text": "Helo" })).await;
    let cases = [
        ("/phones/api/nobody/send", json!({ "text": "x" }), 404),
        ("/phones/api/whatsapp-ana/send", json!({ "text": " " }), 400),
        ("/phones/api/whatsapp-ana/send", json!({ "txt": "x" }), 400),
        (
            "/phones/api/whatsapp-ana/send",
            json!({ "media": { "kind": "image", "data_url": "x" } }),
            400,
        ),
        ("/phones/api/whatsapp-ana/send", json!({ "location": "here" }), 400),
        ("/phones/api/whatsapp-ana/edit", json!({ "message": "nothing", "text": "x" }), 404),
        ("/phones/api/whatsapp-ana/tap", json!({ "message": said, "payload": "x" }), 404),
        ("/phones/api/people", json!({ "platform": "whatsapp", "account": "1", "name": "X" }), 400),
    ];
    for (path, body, expected) in cases {
        let (status, answer) = bot.post(path, body.clone()).await;
        assert_eq!(status, expected, "{path} {body}");
        assert!(answer["error"].is_string(), "{path} {body}: {answer}");
    }
    bot.sandbox.world().lock().advance(16 * 60);
    let (status, _) = bot
        .post("/phones/api/whatsapp-ana/edit", json!({ "message": said, "text": "Hello" }))
        .await;
    assert_eq!(status, 409, "WhatsApp allows edits for a quarter of an hour");
}

#[tokio::test]
async fn someone_new_gets_a_phone() {
    let bot = start().await;
    for (platform, account) in [
        ("whatsapp", "106540352242922"),
        ("messenger", "110000000000001"),
        ("instagram", "17841400000000001"),
        ("telegram", "7000000001"),
    ] {
        let new = json!({ "platform": platform, "account": account, "name": "Cleo Marsh" });
        let (status, made) = bot.post("/phones/api/people", new.clone()).await;
        assert_eq!(status, 200, "{made}");
        let (_, other) = bot.post("/phones/api/people", new).await;
        assert_ne!(made["person"], other["person"]);
        let phone = bot.phone(made["id"].as_str().unwrap()).await;
        assert_eq!(phone["person"]["name"], json!("Cleo Marsh"));
        bot.does(made["id"].as_str().unwrap(), "send", json!({ "text": "hello" })).await;
    }
}

#[tokio::test]
async fn watchers_hear_which_phone_changed() {
    let bot = start().await;
    let url = format!("{}/phones/api/events", bot.sandbox.url());
    let reply = bot.client.get(url).send().await.unwrap();
    assert_eq!(reply.headers()["content-type"], "text/event-stream");
    let mut events = reply.bytes_stream();
    assert_eq!(events.next().await.unwrap().unwrap(), ": hello\n\n");
    bot.does("instagram-ben", "send", json!({ "text": "hi" })).await;
    let next = tokio::time::timeout(Duration::from_secs(10), events.next()).await.unwrap();
    assert_eq!(next.unwrap().unwrap(), "data: {\"changed\":\"instagram-ben\"}\n\n");
    let stopped = tokio::time::timeout(Duration::from_secs(10), bot.sandbox.stop()).await;
    stopped.expect("whoever watches does not keep the sandbox from stopping");
}

#[tokio::test]
async fn the_page_brings_everything_along() {
    let bot = start().await;
    let get = async |path: &str| {
        let reply = bot.client.get(format!("{}{path}", bot.sandbox.url())).send().await.unwrap();
        (reply.status().as_u16(), reply.headers().clone(), reply.text().await.unwrap())
    };
    let (status, headers, html) = get("/phones").await;
    assert_eq!(status, 200);
    assert!(headers["content-security-policy"].to_str().unwrap().contains("default-src 'self'"));
    let names = html.split("/phones/assets/").skip(1).map(|rest| rest.split('"').next().unwrap());
    let mut names: Vec<String> = names.map(ToOwned::to_owned).collect();
    assert!(names.len() >= 4, "{names:?}");
    let mut at = 0;
    while let Some(name) = names.get(at).cloned() {
        at += 1;
        let (status, _, text) = get(&format!("/phones/assets/{name}")).await;
        assert_eq!(status, 200, "{name}");
        for rest in text.split("from \"./").skip(1) {
            let import = rest.split('"').next().unwrap().to_owned();
            if !names.contains(&import) {
                names.push(import);
            }
        }
    }
    assert!(names.contains(&"menu.js".to_owned()), "imports are followed");
    assert!(!html.contains("https://"), "nothing is fetched from elsewhere");
    assert_eq!(get("/phones/assets/secret.js").await.0, 404);
}
