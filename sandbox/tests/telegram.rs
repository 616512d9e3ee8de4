//! The stand-in for the Bot API, over real HTTP.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with the reason")]

mod bot;

use std::sync::atomic::Ordering;
use std::time::Duration;

use bot::{ANA, BEN, BOT, Hooks, TOKEN, start, start_with};
use serde_json::{Value, json};
use switchboard_sandbox::Config;

#[tokio::test]
async fn a_token_opens_its_bot_and_no_other() {
    let bot = start().await;
    let me = bot.ok("getMe", json!({})).await;
    assert_eq!(me["id"].to_string(), BOT);
    assert_eq!((&me["is_bot"], &me["username"]), (&json!(true), &json!("kilnandclay_bot")));
    assert_eq!(bot.ok("GETME", json!({})).await, me, "names of methods have no case");
    let unknown = TOKEN.replace("AAsandbox", "AAsandbax");
    for (token, code, words) in
        [(unknown.as_str(), 401, "Unauthorized"), ("nonsense", 404, "Not Found")]
    {
        let url = format!("{}/telegram/bot{token}/getMe", bot.sandbox.url());
        let reply = bot.client.get(url).send().await.unwrap();
        assert_eq!(reply.status().as_u16(), code);
        let answer: Value = reply.json().await.unwrap();
        assert_eq!(answer, json!({ "ok": false, "error_code": code, "description": words }));
    }
    assert_eq!(bot.refused("sendPigeon", json!({})).await.0, 404);
}

#[tokio::test]
async fn a_bot_cannot_write_first_nor_to_who_blocked_it() {
    let bot = start().await;
    let hello = json!({ "chat_id": ANA, "text": "Hello" });
    let unknown = (400, "Bad Request: chat not found".to_owned());
    assert_eq!(bot.refused("sendMessage", hello.clone()).await, unknown);
    let bot = bot.started().await;
    let sent = bot.ok("sendMessage", hello.clone()).await;
    assert_eq!(sent["chat"]["id"], json!(ANA));
    assert_eq!(sent["from"]["id"].to_string(), BOT);
    bot.does("telegram-ana", "block", json!({ "on": true })).await;
    let blocked = (403, "Forbidden: bot was blocked by the user".to_owned());
    assert_eq!(bot.refused("sendMessage", hello.clone()).await, blocked);
    let update = &bot.updates().await[0];
    assert_eq!(update["my_chat_member"]["new_chat_member"]["status"], json!("kicked"));
    bot.does("telegram-ana", "block", json!({ "on": false })).await;
    bot.ok("sendMessage", hello).await;
    let thread = bot.phone("telegram-ana").await["thread"].take();
    let texts: Vec<&Value> = thread.as_array().unwrap().iter().map(|one| &one["text"]).collect();
    assert_eq!(texts, ["/start", "Hello", "Hello"]);
}

#[tokio::test]
async fn a_call_may_come_as_json_a_form_an_address_or_parts() {
    let bot = start().await.started().await;
    let url = bot.method("sendMessage");
    let markup = r#"{"inline_keyboard":[[{"text":"Yes","callback_data":"y"}]]}"#;
    let fields = [("chat_id", "510000001"), ("text", "by form"), ("reply_markup", markup)];
    let form = "chat_id=510000001&text=by+form&reply_markup=%7B%22inline_keyboard%22%3A%5B%5B%7B\
        %22text%22%3A%22Yes%22%2C%22callback_data%22%3A%22y%22%7D%5D%5D%7D";
    let by_form = bot
        .client
        .post(&url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    let mut parts = reqwest::multipart::Form::new();
    for (name, value) in fields {
        parts = parts.text(name, value);
    }
    let by_parts = bot.client.post(&url).multipart(parts);
    let by_address = bot.client.get(&url).query(&fields);
    for request in [by_form, by_parts, by_address] {
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["ok"], json!(true), "{answer}");
        let buttons = &answer["result"]["reply_markup"]["inline_keyboard"];
        assert_eq!(buttons[0][0]["callback_data"], json!("y"));
    }
}

#[tokio::test]
async fn texts_that_the_platform_refuses_are_refused_in_its_words() {
    let bot = start().await.started().await;
    let cases = [
        (json!({ "text": "" }), "message text is empty"),
        (json!({ "text": "  \n" }), "message text is empty"),
        (json!({ "text": "x".repeat(4097) }), "message is too long"),
        (json!({ "text": "😀".repeat(2049) }), "message is too long"),
        (json!({ "text": "<b>x", "parse_mode": "HTML" }), "can't parse entities"),
        (json!({ "text": "x", "parse_mode": "Wiki" }), "unsupported parse_mode"),
        (
            json!({ "text": "x", "reply_parameters": { "message_id": 1 } }),
            "message to be replied not found",
        ),
        (json!({ "text": "x", "message_thread_id": 7 }), "message thread not found"),
        (
            json!({ "text": "x", "reply_markup": { "inline_keyboard": [[{ "text": "b", "callback_data": "d".repeat(65) }]] } }),
            "BUTTON_DATA_INVALID",
        ),
    ];
    for (mut params, words) in cases {
        params["chat_id"] = json!(ANA);
        let (code, description) = bot.refused("sendMessage", params).await;
        assert_eq!(code, 400);
        assert!(description.starts_with(&format!("Bad Request: {words}")), "{description}");
    }
    let longest = json!({ "chat_id": ANA, "text": "<b>".to_owned() + &"x".repeat(4096) + "</b>", "parse_mode": "HTML" });
    let sent = bot.ok("sendMessage", longest).await;
    assert_eq!(sent["entities"][0]["length"], json!(4096));
    let lenient = json!({ "message_id": 1, "allow_sending_without_reply": true });
    bot.ok("sendMessage", json!({ "chat_id": ANA, "text": "x", "reply_parameters": lenient }))
        .await;
}

#[tokio::test]
async fn updates_wait_until_they_are_confirmed() {
    let bot = start().await;
    for text in ["/start", "one", "two"] {
        bot.does("telegram-ana", "send", json!({ "text": text })).await;
    }
    let all = bot.ok("getUpdates", json!({})).await;
    assert_eq!(bot.ok("getUpdates", json!({})).await, all, "nothing has been confirmed");
    let ids: Vec<i64> =
        all.as_array().unwrap().iter().map(|one| one["update_id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [ids[0], ids[0] + 1, ids[0] + 2]);
    let message = &all[0]["message"];
    assert_eq!(message["from"]["first_name"], json!("Ana"));
    assert_eq!(message["entities"][0]["type"], json!("bot_command"));
    let rest = bot.ok("getUpdates", json!({ "offset": ids[1], "limit": 1 })).await;
    assert_eq!(rest[0]["message"]["text"], json!("one"));
    let last = bot.ok("getUpdates", json!({ "offset": -1 })).await;
    assert_eq!(last.as_array().unwrap().len(), 1);
    assert_eq!(last[0]["message"]["text"], json!("two"));
    assert_eq!(bot.ok("getUpdates", json!({ "offset": ids[2] + 1 })).await, json!([]));
}

#[tokio::test]
async fn a_poll_waits_for_an_update_and_yields_to_a_newer_one() {
    let bot = start().await;
    let (first, second, ()) = tokio::join!(
        bot.call("getUpdates", json!({ "timeout": 20 })),
        async {
            tokio::time::sleep(Duration::from_millis(150)).await;
            bot.call("getUpdates", json!({ "timeout": 20 })).await
        },
        async {
            tokio::time::sleep(Duration::from_millis(400)).await;
            bot.does("telegram-ana", "send", json!({ "text": "/start" })).await;
        },
    );
    assert_eq!(first["error_code"], json!(409));
    assert!(first["description"].as_str().unwrap().contains("terminated by other getUpdates"));
    assert_eq!(second["result"][0]["message"]["text"], json!("/start"));
}

#[tokio::test]
async fn a_webhook_gets_each_update_once_and_in_order() {
    let bot = start().await;
    let mut hooks = Hooks::listen().await;
    bot.does("telegram-ana", "send", json!({ "text": "/start" })).await;
    let set = json!({ "url": hooks.url, "secret_token": "a-Secret_7" });
    let answer = bot.call("setWebhook", set.clone()).await;
    assert_eq!(answer["description"], json!("Webhook was set"));
    let again = bot.call("setWebhook", set).await;
    assert_eq!(again["description"], json!("Webhook is already set"));
    let (code, words) = bot.refused("getUpdates", json!({})).await;
    assert_eq!(code, 409);
    assert!(words.contains("can't use getUpdates method while webhook is active"), "{words}");

    let first = hooks.next().await;
    assert!(first.head.contains("x-telegram-bot-api-secret-token: a-secret_7"), "{}", first.head);
    assert_eq!(first.body["message"]["text"], json!("/start"));
    hooks.status.store(500, Ordering::SeqCst);
    bot.does("telegram-ana", "send", json!({ "text": "one" })).await;
    bot.does("telegram-ana", "send", json!({ "text": "two" })).await;
    assert_eq!(hooks.next().await.body["message"]["text"], json!("one"));
    assert_eq!(hooks.next().await.body["message"]["text"], json!("one"), "two waits behind it");
    let info = bot.ok("getWebhookInfo", json!({})).await;
    assert_eq!(info["pending_update_count"], json!(2));
    let why = "Wrong response from the webhook: 500 Internal Server Error";
    assert_eq!(info["last_error_message"], json!(why));
    hooks.status.store(200, Ordering::SeqCst);
    while hooks.next().await.body["message"]["text"] != json!("two") {}
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(bot.ok("getWebhookInfo", json!({})).await["pending_update_count"], json!(0));

    let deleted = bot.call("deleteWebhook", json!({})).await;
    assert_eq!(deleted["description"], json!("Webhook was deleted"));
    assert_eq!(bot.ok("getUpdates", json!({})).await, json!([]));
}

#[tokio::test]
async fn a_webhook_needs_https_a_known_port_and_a_plain_secret() {
    let bot = start_with(Config { allow_http_hooks: false, ..Config::default() }).await;
    let cases = [
        (
            json!({ "url": "http://shop.example/hook" }),
            "bad webhook: An HTTPS URL must be provided for webhook",
        ),
        (
            json!({ "url": "https://shop.example:8080/hook" }),
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        (
            json!({ "url": "https://shop.example/hook", "secret_token": "with space" }),
            "secret token contains unallowed characters",
        ),
        (
            json!({ "url": "https://shop.example/hook", "secret_token": "x".repeat(257) }),
            "secret token is too long",
        ),
    ];
    for (params, words) in cases {
        let expected = (400, format!("Bad Request: {words}"));
        assert_eq!(bot.refused("setWebhook", params).await, expected);
    }
    bot.ok(
        "setWebhook",
        json!({ "url": "https://shop.example:8443/hook", "allowed_updates": ["message"] }),
    )
    .await;
    let info = bot.ok("getWebhookInfo", json!({})).await;
    assert_eq!(info["allowed_updates"], json!(["message"]));
    assert_eq!(info["max_connections"], json!(40));
}

#[tokio::test]
async fn a_tap_asks_and_its_answer_comes_too_late_after_a_while() {
    let bot = start().await.started().await;
    let keyboard = json!({ "inline_keyboard": [
        [{ "text": "Yes", "callback_data": "k:1" }, { "text": "No", "callback_data": "k:2" }],
        [{ "text": "Shop", "url": "https://shop.example" }],
    ] });
    let sent = bot
        .ok("sendMessage", json!({ "chat_id": ANA, "text": "Well?", "reply_markup": keyboard }))
        .await;
    let thread = bot.phone("telegram-ana").await["thread"].take();
    let message = &thread[1];
    let rows: Vec<&Value> =
        message["buttons"].as_array().unwrap().iter().map(|b| &b["row"]).collect();
    assert_eq!(rows, [0, 0, 1]);
    bot.does("telegram-ana", "tap", json!({ "message": message["id"], "payload": "k:2" })).await;
    let query = bot.updates().await[0]["callback_query"].take();
    assert_eq!(query["data"], json!("k:2"));
    assert_eq!(query["from"]["id"], json!(ANA));
    assert_eq!(query["message"]["message_id"], sent["message_id"]);
    let answer = json!({ "callback_query_id": query["id"] });
    bot.ok("answerCallbackQuery", answer.clone()).await;
    bot.sandbox.world().lock().advance(151);
    let (code, words) = bot.refused("answerCallbackQuery", answer).await;
    assert_eq!(code, 400);
    assert!(words.starts_with("Bad Request: query is too old and response timeout expired"));
}

#[tokio::test]
async fn reactions_are_told_only_to_who_asks_for_them() {
    let bot = start().await.started().await;
    let sent = bot.ok("sendMessage", json!({ "chat_id": ANA, "text": "Hello" })).await;
    let message = format!("{ANA}:{}", sent["message_id"]);
    let react = |emoji: Value| json!({ "message": message, "emoji": emoji });
    bot.does("telegram-ana", "react", react(json!("👍"))).await;
    assert!(bot.updates().await.is_empty(), "not listed in allowed_updates");
    bot.ok("getUpdates", json!({ "allowed_updates": ["message", "message_reaction"] })).await;
    bot.does("telegram-ana", "react", react(json!("🔥"))).await;
    let told = bot.updates().await[0]["message_reaction"].take();
    assert_eq!(told["old_reaction"], json!([{ "type": "emoji", "emoji": "👍" }]));
    assert_eq!(told["new_reaction"], json!([{ "type": "emoji", "emoji": "🔥" }]));
    let own = |emoji: &str| json!({ "chat_id": ANA, "message_id": sent["message_id"], "reaction": [{ "type": "emoji", "emoji": emoji }] });
    bot.ok("setMessageReaction", own("🎉")).await;
    let refused = (400, "Bad Request: REACTION_INVALID".to_owned());
    assert_eq!(bot.refused("setMessageReaction", own("🏺")).await, refused);
    let thread = bot.phone("telegram-ana").await["thread"].take();
    let reactions = &thread[1]["reactions"];
    assert_eq!(reactions[1], json!({ "by": "business", "emoji": "🎉" }));
}

#[tokio::test]
async fn messages_are_edited_and_deleted_within_the_rules() {
    let bot = start().await.started().await;
    let sent = bot.ok("sendMessage", json!({ "chat_id": ANA, "text": "Helo" })).await;
    let id = &sent["message_id"];
    let edit = |text: &str| json!({ "chat_id": ANA, "message_id": id, "text": text });
    let edited = bot.ok("editMessageText", edit("Hello")).await;
    assert!(edited["edit_date"].is_i64());
    let (_, words) = bot.refused("editMessageText", edit("Hello")).await;
    assert!(words.starts_with("Bad Request: message is not modified"), "{words}");
    let missing = json!({ "chat_id": ANA, "message_id": 1, "text": "x" });
    let (_, words) = bot.refused("editMessageText", missing).await;
    assert_eq!(words, "Bad Request: message to edit not found");
    let theirs = bot.does("telegram-ana", "send", json!({ "text": "mine" })).await;
    let number = theirs.as_str().unwrap().split(':').next_back().unwrap().to_owned();
    let (_, words) = bot
        .refused("editMessageText", json!({ "chat_id": ANA, "message_id": number, "text": "x" }))
        .await;
    assert_eq!(words, "Bad Request: message can't be edited");
    bot.sandbox.world().lock().advance(49 * 60 * 60);
    let delete = json!({ "chat_id": ANA, "message_id": id });
    let (_, words) = bot.refused("deleteMessage", delete).await;
    assert_eq!(words, "Bad Request: message can't be deleted");
    let fresh = bot.ok("sendMessage", json!({ "chat_id": ANA, "text": "Oops" })).await;
    let delete = json!({ "chat_id": ANA, "message_id": fresh["message_id"] });
    bot.ok("deleteMessage", delete.clone()).await;
    let (_, words) = bot.refused("deleteMessage", delete).await;
    assert_eq!(words, "Bad Request: message to delete not found");
    let thread = bot.phone("telegram-ana").await["thread"].take();
    let last = thread.as_array().unwrap().last().unwrap();
    assert_eq!((&last["deleted"], &last["text"]), (&json!(true), &Value::Null));
}

#[tokio::test]
async fn typing_shows_on_the_phone_for_a_moment() {
    let bot = start().await.started().await;
    bot.ok("sendChatAction", json!({ "chat_id": BEN, "action": "typing" })).await;
    assert_eq!(bot.phone("telegram-ben").await["typing"], json!(true));
    bot.sandbox.world().lock().advance(6);
    assert_eq!(bot.phone("telegram-ben").await["typing"], json!(false));
    let wrong = json!({ "chat_id": BEN, "action": "yawning" });
    assert_eq!(bot.refused("sendChatAction", wrong).await.0, 400);
}

#[tokio::test]
async fn a_button_of_a_keyboard_says_its_title() {
    let bot = start().await.started().await;
    let keyboard = json!({ "keyboard": [["Opening hours"], [{ "text": "A person" }]] });
    let ask = json!({ "chat_id": ANA, "text": "Well?", "reply_markup": keyboard });
    let sent = bot.ok("sendMessage", ask).await;
    assert_eq!(sent["reply_markup"], Value::Null, "only inline keyboards are part of a message");
    let message = bot.phone("telegram-ana").await["thread"][1]["id"].take();
    bot.does("telegram-ana", "tap", json!({ "message": message, "payload": "A person" })).await;
    let said = bot.updates().await[0]["message"].take();
    assert_eq!(said["text"], json!("A person"));
    assert_eq!(said["reply_to_message"], Value::Null);
}

#[tokio::test]
async fn an_answer_shows_what_it_answers_on_both_sides() {
    let bot = start().await.started().await;
    let first = bot.does("telegram-ana", "send", json!({ "text": "Two bowls?" })).await;
    let number: i64 = first.as_str().unwrap().rsplit(':').next().unwrap().parse().unwrap();
    let reply = json!({ "message_id": number });
    let sent = bot
        .ok("sendMessage", json!({ "chat_id": ANA, "text": "Yes", "reply_parameters": reply }))
        .await;
    assert_eq!(sent["reply_to_message"]["text"], json!("Two bowls?"));
    let shown = bot.phone("telegram-ana").await["thread"][2].take();
    assert_eq!(shown["reply_to"], first);
    bot.updates().await;
    let thanks = json!({ "text": "Thanks", "reply_to": shown["id"] });
    bot.does("telegram-ana", "send", thanks).await;
    let told = bot.updates().await[0]["message"].take();
    assert_eq!(told["reply_to_message"]["message_id"], sent["message_id"]);
    let deeper = &told["reply_to_message"]["reply_to_message"];
    assert_eq!(deeper, &Value::Null, "messages are shown one level deep");
}

#[tokio::test]
async fn updates_are_kept_for_a_day() {
    let bot = start().await;
    bot.does("telegram-ana", "send", json!({ "text": "/start" })).await;
    assert_eq!(bot.ok("getWebhookInfo", json!({})).await["pending_update_count"], json!(1));
    bot.sandbox.world().lock().advance(24 * 60 * 60 + 1);
    assert_eq!(bot.ok("getWebhookInfo", json!({})).await["pending_update_count"], json!(0));
    assert_eq!(bot.ok("getUpdates", json!({})).await, json!([]));
}
