//! Files, connected accounts, groups and faults of the stand-in for the Bot API.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with the reason")]

mod bot;

use bot::{ANA, BOT, TOKEN, start};
use serde_json::{Value, json};
use switchboard_sandbox::faults::{Fault, Kind};
use switchboard_sandbox::world::Platform;

use crate::bot::Bot;

fn fault(bot: &Bot, kind: Kind, times: Option<u32>) {
    let platform = Some(Platform::Telegram);
    let fault = Fault { platform, kind, times, rate: None, method: None, seconds: Some(9) };
    bot.sandbox.world().lock().faults.add(fault);
}

/// The sample picture, as a customer's phone has it.
async fn picture(bot: &Bot) -> Vec<u8> {
    bot.does(
        "telegram-ana",
        "send",
        json!({ "media": { "kind": "image", "sample": "image" }, "text": "This one" }),
    )
    .await;
    let thread = bot.phone("telegram-ana").await["thread"].take();
    let last = thread.as_array().unwrap().last().unwrap();
    let url = last["media"][0]["url"].as_str().unwrap().to_owned();
    bot.client.get(url).send().await.unwrap().bytes().await.unwrap().to_vec()
}

#[tokio::test]
async fn a_customers_picture_can_be_fetched_for_an_hour() {
    let bot = start().await.started().await;
    let bytes = picture(&bot).await;
    let message = bot.updates().await[0]["message"].take();
    assert_eq!(message["caption"], json!("This one"));
    let largest = message["photo"].as_array().unwrap().last().unwrap();
    assert_eq!((&largest["width"], &largest["height"]), (&json!(960), &json!(720)));
    let file = bot.ok("getFile", json!({ "file_id": largest["file_id"] })).await;
    assert_eq!(file["file_size"], json!(bytes.len()));
    let path = file["file_path"].as_str().unwrap();
    assert!(path.starts_with("photos/file_") && path.ends_with(".jpg"), "{path}");
    let url = format!("{}/telegram/file/bot{TOKEN}/{path}", bot.sandbox.url());
    let fetched = bot.client.get(&url).send().await.unwrap();
    assert_eq!(fetched.headers()["content-type"], "application/octet-stream");
    assert_eq!(fetched.bytes().await.unwrap(), bytes);
    bot.sandbox.world().lock().advance(60 * 60);
    assert_eq!(bot.client.get(&url).send().await.unwrap().status().as_u16(), 404);
    let (_, words) = bot.refused("getFile", json!({ "file_id": "AgACAgQAAxkBnonsense" })).await;
    assert_eq!(words, "Bad Request: invalid file_id");
    fault(&bot, Kind::ExpiredMedia, Some(1));
    let (_, words) = bot.refused("getFile", json!({ "file_id": largest["file_id"] })).await;
    assert!(words.contains("temporarily unavailable"), "{words}");
}

#[tokio::test]
async fn a_picture_is_sent_as_bytes_by_its_id_or_by_its_address() {
    let bot = start().await.started().await;
    let bytes = picture(&bot).await;
    let part = reqwest::multipart::Part::bytes(bytes.clone())
        .file_name("cup.jpg")
        .mime_str("image/jpeg")
        .unwrap();
    let form = reqwest::multipart::Form::new()
        .text("chat_id", ANA.to_string())
        .text("caption", "<i>Ours</i>")
        .text("parse_mode", "HTML")
        .part("photo", part);
    let reply = bot.client.post(bot.method("sendPhoto")).multipart(form).send().await.unwrap();
    let sent = reply.json::<Value>().await.unwrap()["result"].take();
    assert_eq!(sent["caption"], json!("Ours"));
    assert_eq!(sent["caption_entities"][0]["type"], json!("italic"));
    let file_id = sent["photo"].as_array().unwrap().last().unwrap()["file_id"].clone();
    bot.ok("sendPhoto", json!({ "chat_id": ANA, "photo": file_id })).await;
    let (_, words) =
        bot.refused("sendDocument", json!({ "chat_id": ANA, "document": file_id })).await;
    assert_eq!(words, "Bad Request: can't use file of type image as document");
    let thread = bot.phone("telegram-ana").await["thread"].take();
    let url = &thread.as_array().unwrap().last().unwrap()["media"][0]["url"];
    bot.ok("sendPhoto", json!({ "chat_id": ANA, "photo": url })).await;
    let (_, words) = bot.refused("sendDocument", json!({ "chat_id": ANA, "document": url })).await;
    assert_eq!(words, "Bad Request: wrong type of the web page content");
    let gone = format!("{}/nowhere", bot.sandbox.url());
    let (_, words) = bot.refused("sendPhoto", json!({ "chat_id": ANA, "photo": gone })).await;
    assert_eq!(words, "Bad Request: failed to get HTTP URL content");
    let (_, words) = bot.refused("sendPhoto", json!({ "chat_id": ANA, "photo": "xyz" })).await;
    assert_eq!(words, "Bad Request: wrong file identifier/HTTP URL specified");
    let text = reqwest::multipart::Part::bytes(b"no picture".to_vec()).file_name("a.jpg");
    let form = reqwest::multipart::Form::new().text("chat_id", ANA.to_string()).part("photo", text);
    let reply = bot.client.post(bot.method("sendPhoto")).multipart(form).send().await.unwrap();
    let refused = reply.json::<Value>().await.unwrap();
    assert_eq!(refused["description"], json!("Bad Request: IMAGE_PROCESS_FAILED"));
}

#[tokio::test]
async fn an_album_is_several_messages_with_one_group() {
    let bot = start().await.started().await;
    let bytes = picture(&bot).await;
    let part = || reqwest::multipart::Part::bytes(bytes.clone()).file_name("cup.jpg");
    let media = json!([
        { "type": "photo", "media": "attach://a1", "caption": "Two views" },
        { "type": "photo", "media": "attach://a2" },
    ]);
    let form = |media: &Value| {
        reqwest::multipart::Form::new()
            .text("chat_id", ANA.to_string())
            .text("media", media.to_string())
            .part("a1", part())
            .part("a2", part())
    };
    let send = async |media: &Value| {
        let request = bot.client.post(bot.method("sendMediaGroup")).multipart(form(media));
        request.send().await.unwrap().json::<Value>().await.unwrap()
    };
    let sent = send(&media).await["result"].take();
    assert_eq!(sent[0]["media_group_id"], sent[1]["media_group_id"]);
    assert_eq!(sent[0]["caption"], json!("Two views"));
    assert_ne!(sent[0]["message_id"], sent[1]["message_id"]);
    let mixed = json!([
        { "type": "photo", "media": "attach://a1" },
        { "type": "document", "media": "attach://a2" },
    ]);
    assert_eq!(send(&mixed).await["error_code"], json!(400));
    assert_eq!(send(&json!([media[0]])).await["error_code"], json!(400), "one is no album");
    let missing = json!([media[0], { "type": "photo", "media": "attach://a3" }]);
    assert_eq!(send(&missing).await["error_code"], json!(400));
    let thread = bot.phone("telegram-ana").await["thread"].take();
    let sent: Vec<&Value> =
        thread.as_array().unwrap().iter().filter(|one| one["from"] == "business").collect();
    assert_eq!(sent.len(), 2, "what was refused sent nothing");
}

#[tokio::test]
async fn places_and_people_reach_the_phone() {
    let bot = start().await.started().await;
    let place = json!({ "chat_id": ANA, "latitude": 41.4, "longitude": 2.2, "title": "Kiln", "address": "Pier 1" });
    assert_eq!(bot.ok("sendVenue", place).await["venue"]["title"], json!("Kiln"));
    bot.ok(
        "sendContact",
        json!({ "chat_id": ANA, "phone_number": "+15550783881", "first_name": "Kiln" }),
    )
    .await;
    let wrong = json!({ "chat_id": ANA, "latitude": 141.4, "longitude": 2.2 });
    assert_eq!(bot.refused("sendLocation", wrong).await.0, 400);
    let thread = bot.phone("telegram-ana").await["thread"].take();
    assert_eq!(thread[1]["location"]["name"], json!("Kiln"));
    assert_eq!(thread[2]["contact"], json!({ "name": "Kiln", "phone": "+15550783881" }));
}

#[tokio::test]
async fn a_connected_account_answers_within_a_day_and_with_the_right_to() {
    let bot = start().await.started().await;
    let connect = |reply: bool| json!({ "bot": BOT, "connection": "BkSandbox1", "owner": 520_000_001, "owner_name": "Mira Clay", "can_reply": reply });
    bot.post("/control/telegram/connection", connect(true)).await;
    let new = json!({ "platform": "telegram", "account": "BkSandbox1", "name": "Ana Reyes" });
    let (_, person) = bot.post("/phones/api/people", new).await;
    let phone = person["id"].as_str().unwrap().to_owned();
    bot.does(&phone, "send", json!({ "text": "Hi Mira" })).await;
    let updates = bot.updates().await;
    assert_eq!(updates[0]["business_connection"]["rights"]["can_reply"], json!(true));
    let message = &updates[1]["business_message"];
    assert_eq!(message["business_connection_id"], json!("BkSandbox1"));
    let send = json!({ "business_connection_id": "BkSandbox1", "chat_id": message["chat"]["id"], "text": "Hi" });
    let sent = bot.ok("sendMessage", send.clone()).await;
    assert_eq!(sent["from"]["first_name"], json!("Mira"));
    assert_eq!(sent["sender_business_bot"]["id"].to_string(), BOT);

    let said = bot.does(&phone, "send", json!({ "text": "never mind" })).await;
    bot.does(&phone, "delete", json!({ "message": said })).await;
    bot.post("/control/telegram/owner", json!({ "phone": phone, "text": "From my phone" })).await;
    let updates = bot.updates().await;
    assert!(updates[1]["deleted_business_messages"]["message_ids"][0].is_i64());
    assert_eq!(updates[2]["business_message"]["from"]["id"], json!(520_000_001));

    bot.sandbox.world().lock().advance(25 * 60 * 60);
    let (_, words) = bot.refused("sendMessage", send.clone()).await;
    assert_eq!(words, "Bad Request: BUSINESS_PEER_USAGE_MISSING");
    bot.does(&phone, "send", json!({ "text": "again" })).await;
    bot.updates().await;
    bot.post("/control/telegram/connection", connect(false)).await;
    let not_allowed = (400, "Bad Request: BUSINESS_CONNECTION_NOT_ALLOWED".to_owned());
    assert_eq!(bot.refused("sendMessage", send.clone()).await, not_allowed);

    // What is not said stays, and with it when the connection was made.
    let change = |what: Value| {
        let mut change = json!({ "connection": "BkSandbox1" });
        change.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        change
    };
    bot.post("/control/telegram/connection", change(json!({ "can_reply": true }))).await;
    bot.ok("sendMessage", send.clone()).await;
    bot.post("/control/telegram/connection", change(json!({ "enabled": false }))).await;
    assert_eq!(bot.refused("sendMessage", send.clone()).await, not_allowed);
    let lost = change(json!({ "enabled": true, "told": false }));
    bot.post("/control/telegram/connection", lost).await;
    bot.ok("sendMessage", send).await;
    let told: Vec<Value> = bot.updates().await;
    let told: Vec<&Value> = told.iter().map(|update| &update["business_connection"]).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told.iter().all(|one| one["date"] == told[0]["date"]), "{told:?}");
    assert_eq!(told[2]["is_enabled"], json!(false));
    assert_eq!(bot.phone(&phone).await["connection"]["enabled"], json!(true));
}

#[tokio::test]
async fn a_group_that_became_a_supergroup_says_so() {
    let bot = start().await;
    let (_, group) = bot
        .post("/control/telegram/group", json!({ "bot": BOT, "chat": -4001, "title": "Potters" }))
        .await;
    bot.does(group["id"].as_str().unwrap(), "send", json!({ "text": "hello all" })).await;
    let message = bot.updates().await[0]["message"].take();
    assert_eq!(
        (&message["chat"]["type"], &message["chat"]["id"]),
        (&json!("group"), &json!(-4001))
    );
    let send = json!({ "chat_id": -4001, "text": "Hello" });
    bot.ok("sendMessage", send.clone()).await;
    bot.post("/control/telegram/migrate", json!({ "from": -4001, "to": -1_001_234_567_890_i64 }))
        .await;
    let refused = bot.call("sendMessage", send).await;
    assert_eq!(refused["parameters"]["migrate_to_chat_id"], json!(-1_001_234_567_890_i64));
}

#[tokio::test]
async fn faults_are_answered_as_the_platform_would() {
    let bot = start().await.started().await;
    let send = |text: &str| json!({ "chat_id": ANA, "text": text });
    fault(&bot, Kind::TooMany, Some(1));
    let throttled = bot.call("sendMessage", send("throttled")).await;
    assert_eq!(throttled["parameters"]["retry_after"], json!(9));
    assert_eq!(throttled["error_code"], json!(429));
    fault(&bot, Kind::Broken, Some(1));
    assert_eq!(bot.refused("sendMessage", send("broken")).await.0, 500);
    fault(&bot, Kind::BadGateway, Some(1));
    let gateway = bot.client.post(bot.method("sendMessage")).json(&send("between")).send().await;
    let gateway = gateway.unwrap();
    assert_eq!(gateway.status(), 502);
    assert!(gateway.text().await.unwrap().starts_with("<html>"), "no word of the platform");
    fault(&bot, Kind::RevokedToken, Some(1));
    assert_eq!(bot.refused("sendMessage", send("revoked")).await, (401, "Unauthorized".into()));
    for (kind, text) in [(Kind::TimeoutBeforeAccept, "before"), (Kind::TimeoutAfterAccept, "after")]
    {
        fault(&bot, kind, Some(1));
        let lost = bot.client.post(bot.method("sendMessage")).json(&send(text)).send().await;
        assert!(lost.is_err(), "{text}: no answer comes");
    }
    let thread = bot.phone("telegram-ana").await["thread"].take();
    let texts: Vec<&Value> = thread.as_array().unwrap().iter().map(|one| &one["text"]).collect();
    assert_eq!(texts, ["/start", "between", "after"], "only the answer was lost");
    let world = bot.sandbox.world().lock();
    let last = world.log.last().unwrap();
    assert_eq!((last.method.as_str(), &last.body["text"]), ("sendMessage", &json!("after")));
}

#[tokio::test]
async fn rate_limits_are_kept_when_they_are_on() {
    let bot = start().await.started().await;
    fault(&bot, Kind::RateLimits, None);
    let send = json!({ "chat_id": ANA, "text": "quick" });
    let mut refused = None;
    for _ in 0..6 {
        let answer = bot.call("sendMessage", send.clone()).await;
        refused = refused.or((answer["error_code"] == json!(429)).then_some(answer));
    }
    assert_eq!(refused.unwrap()["parameters"]["retry_after"], json!(3));
    bot.sandbox.world().lock().advance(4);
    bot.ok("sendMessage", send).await;
}
