//! Faults: what happens to calls and webhooks when the platforms misbehave.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with the reason")]

mod meta;

use meta::{Meta, code, start};
use serde_json::{Value, json};

fn text_of(hook: &meta::Hook) -> String {
    hook.value()["messages"][0]["text"]["body"].as_str().unwrap_or_default().to_owned()
}

async fn texts(meta: &mut Meta, count: usize) -> Vec<String> {
    let mut texts = vec![];
    for _ in 0..count {
        texts.push(text_of(&meta.hook().await));
    }
    texts
}

#[tokio::test]
async fn a_refused_webhook_comes_again_with_the_same_bytes() {
    let mut meta = start().await;
    meta.statuses.lock().extend([500, 503]);
    meta.says("whatsapp-ana", "one");
    let first = meta.hook().await;
    let (second, third) = (meta.hook().await, meta.hook().await);
    assert_eq!((&first.raw, &first.raw), (&second.raw, &third.raw));
    assert_eq!(third.signature, first.signature);
    meta.no_hook().await;
}

#[tokio::test]
async fn webhooks_come_twice() {
    let mut meta = start().await;
    meta.fault(json!({ "kind": "duplicate_hooks", "times": 1 })).await;
    meta.says("whatsapp-ana", "one");
    assert_eq!(texts(&mut meta, 2).await, ["one", "one"]);
    meta.says("whatsapp-ana", "two");
    assert_eq!(texts(&mut meta, 1).await, ["two"]);
    meta.no_hook().await;
}

#[tokio::test]
async fn webhooks_come_out_of_order() {
    let mut meta = start().await;
    meta.fault(json!({ "kind": "reorder_hooks", "times": 1 })).await;
    meta.says("whatsapp-ana", "one");
    meta.says("whatsapp-ana", "two");
    assert_eq!(texts(&mut meta, 2).await, ["two", "one"]);
}

#[tokio::test]
async fn webhooks_come_late() {
    let mut meta = start().await;
    meta.fault(json!({ "kind": "delay_hooks", "times": 1, "seconds": 1 })).await;
    meta.says("whatsapp-ana", "one");
    meta.no_hook().await;
    assert_eq!(texts(&mut meta, 1).await, ["one"]);
}

#[tokio::test]
async fn webhooks_come_in_batches() {
    let mut meta = start().await;
    meta.fault(json!({ "kind": "batch_hooks" })).await;
    for text in ["one", "two", "three"] {
        meta.says("whatsapp-ana", text);
    }
    let hook = meta.hook().await;
    let changes = hook.body["entry"][0]["changes"].as_array().unwrap().clone();
    let texts: Vec<&Value> =
        changes.iter().map(|c| &c["value"]["messages"][0]["text"]["body"]).collect();
    assert_eq!(texts, ["one", "two", "three"]);
    assert!(hook.is_signed_with(&meta.config.app_secret));
    meta.says("messenger-ana", "one");
    meta.says("messenger-ben", "two");
    let hook = meta.hook().await;
    assert_eq!(hook.body["entry"].as_array().unwrap().len(), 2, "one item per entry");
}

#[tokio::test]
async fn nothing_is_lost_while_the_server_cannot_be_reached() {
    let mut meta = start().await;
    meta.fault(json!({ "platform": "whatsapp", "kind": "hook_down" })).await;
    meta.says("whatsapp-ana", "one");
    meta.no_hook().await;
    meta.sandbox.world().lock().faults.clear();
    assert_eq!(texts(&mut meta, 1).await, ["one"]);
}

#[tokio::test]
async fn receipts_can_be_lost() {
    let mut meta = start().await;
    meta.hello("whatsapp-ana").await;
    meta.fault(json!({ "kind": "drop_receipts", "times": 1 })).await;
    assert_eq!(meta.whatsapp(json!({ "text": { "body": "x" } })).await.0, 200);
    meta.no_hook().await;
}

#[tokio::test]
async fn an_answer_lost_after_accepting_leaves_the_message_on_the_phone() {
    let mut meta = start().await;
    meta.hello("whatsapp-ana").await;
    meta.fault(json!({ "platform": "whatsapp", "kind": "timeout_after_accept", "times": 1 })).await;
    let body = json!({ "messaging_product": "whatsapp", "to": "+16505550123", "text": { "body": "once" },
        "biz_opaque_callback_data": "out-7" });
    let url = meta.graph(&format!("{}/messages", meta::NUMBER));
    let lost = meta.client.post(url).bearer_auth(meta::WHATSAPP).json(&body).send().await;
    assert!(lost.is_err(), "{lost:?}");
    let log = meta.log().await;
    assert_eq!((log.len(), &log[0]["body"]), (1, &body));
    let hook = meta.hook().await;
    assert_eq!(hook.value()["statuses"][0]["biz_opaque_callback_data"], "out-7");
}

#[tokio::test]
async fn a_gateway_that_heard_no_answer_leaves_the_message_on_the_phone() {
    let mut meta = start().await;
    meta.hello("whatsapp-ana").await;
    meta.fault(json!({ "platform": "whatsapp", "kind": "504", "times": 1 })).await;
    let body = json!({ "messaging_product": "whatsapp", "to": "+16505550123", "text": { "body": "once" } });
    let url = meta.graph(&format!("{}/messages", meta::NUMBER));
    let said = meta.client.post(url).bearer_auth(meta::WHATSAPP).json(&body).send().await.unwrap();
    assert_eq!(said.status(), 504);
    assert_eq!(meta.log().await.len(), 1);
    assert_eq!(meta.hook().await.value()["statuses"][0]["status"], "sent");
}

#[tokio::test]
async fn a_connection_lost_before_accepting_leaves_nothing() {
    let mut meta = start().await;
    meta.hello("messenger-ana").await;
    meta.fault(json!({ "platform": "messenger", "kind": "timeout_before_accept", "times": 1 }))
        .await;
    let body = json!({ "recipient": { "id": meta::ANA_PSID }, "message": { "text": "x" } });
    let url = meta.graph(&format!("{}/messages", meta::PAGE));
    let lost = meta.client.post(url).bearer_auth(meta::PAGE_TOKEN).json(&body).send().await;
    assert!(lost.is_err(), "{lost:?}");
    assert!(meta.log().await.is_empty());
    assert_eq!(meta.messenger(body).await.0, 200);
}

#[tokio::test]
async fn throttling_failures_and_dead_tokens_speak_as_each_platform_does() {
    let mut meta = start().await;
    meta.hello("whatsapp-ana").await;
    meta.hello("messenger-ana").await;
    let text = json!({ "text": { "body": "x" } });
    let to_ana = json!({ "recipient": { "id": meta::ANA_PSID }, "message": { "text": "x" } });
    meta.fault(json!({ "kind": "429", "times": 2, "seconds": 90, "method": "messages" })).await;
    let request = meta.client.post(meta.graph(&format!("{}/messages", meta::PAGE)));
    let answer = request.bearer_auth(meta::PAGE_TOKEN).json(&to_ana).send().await.unwrap();
    let usage: Value =
        serde_json::from_str(answer.headers()["x-business-use-case-usage"].to_str().unwrap())
            .unwrap();
    assert_eq!(usage[meta::PAGE][0]["estimated_time_to_regain_access"], 2);
    assert_eq!(answer.json::<Value>().await.unwrap()["error"]["code"], 613);
    assert_eq!(code(&meta.whatsapp(text.clone()).await).1, 130_429);
    meta.fault(json!({ "kind": "500", "times": 2 })).await;
    let broken = meta.messenger(to_ana.clone()).await;
    assert_eq!(code(&broken), (500, 2, None));
    assert_eq!(broken.1["error"]["is_transient"], true);
    assert_eq!(code(&meta.whatsapp(text.clone()).await).1, 131_000);
    meta.fault(json!({ "platform": "messenger", "kind": "revoked_token", "times": 1 })).await;
    assert_eq!(code(&meta.messenger(to_ana.clone()).await), (401, 190, Some(460)));
    assert_eq!(meta.messenger(to_ana).await.0, 200);
    assert_eq!(meta.whatsapp(text).await.0, 200);
}

#[tokio::test]
async fn a_reset_forgets_everything() {
    let mut meta = start().await;
    meta.hello("whatsapp-ana").await;
    meta.whatsapp(json!({ "text": { "body": "x" } })).await;
    meta.control("reset", json!({})).await;
    assert!(meta.log().await.is_empty());
    assert!(meta.sandbox.world().lock().phone("whatsapp-ana").unwrap().thread.is_empty());
}

#[tokio::test]
async fn accounts_can_be_made_for_load() {
    let mut meta = start().await;
    let made = meta.control("accounts", json!({ "platform": "whatsapp", "people": 3 })).await;
    let phone = made["phones"][2]["id"].as_str().unwrap();
    meta.says(phone, "Hello");
    let hook = meta.hook().await;
    assert_eq!(hook.value()["metadata"]["phone_number_id"], made["account"]["id"]);
    let url = meta.graph(&format!("{}/messages", made["account"]["id"].as_str().unwrap()));
    let body = json!({ "messaging_product": "whatsapp", "text": { "body": "Hi" },
        "to": format!("+{}", made["phones"][2]["person"]["id"].as_str().unwrap()) });
    let (status, answer) = meta.post(url, made["account"]["token"].as_str().unwrap(), body).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn messenger_unsubscribes_a_server_that_fails_for_an_hour() {
    let mut meta = start().await;
    meta.fault(json!({ "platform": "messenger", "kind": "hook_down" })).await;
    meta.says("messenger-ana", "lost");
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    meta.control("advance", json!({ "seconds": 3601 })).await;
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    meta.sandbox.world().lock().faults.clear();
    let edge = meta.graph(&format!("{}/subscribed_apps", meta::PAGE));
    let (_, apps) = meta.get(edge.clone(), meta::PAGE_TOKEN).await;
    assert_eq!(apps, json!({ "data": [] }));
    meta.says("messenger-ana", "unheard");
    meta.no_hook().await;
    let again = format!("{edge}?subscribed_fields=messages");
    meta.call(reqwest::Method::POST, again, meta::PAGE_TOKEN).await;
    meta.says("messenger-ana", "heard");
    assert_eq!(meta.hook().await.item()["message"]["text"], "heard");
}

#[tokio::test]
async fn an_address_must_answer_the_challenge_before_it_is_used() {
    let meta = start().await;
    let url = meta.config.meta_hook_base.clone() + "/hooks/whatsapp";
    let app = format!("{}|{}", meta.config.app_id, meta.config.app_secret);
    let subscribe = meta.graph(&format!(
        "{}/subscriptions?object=page&fields=messages&verify_token=x&callback_url={url}",
        meta.config.app_id
    ));
    let answer = meta.call(reqwest::Method::POST, subscribe.clone(), &app).await;
    assert_eq!(code(&answer).1, 2200, "the server of these tests does not know the challenge");
    let answer = meta.call(reqwest::Method::POST, subscribe, meta::PAGE_TOKEN).await;
    assert_eq!(code(&answer).1, 15, "only the app itself");
    let over = meta.graph(&format!(
        "{}/subscribed_apps?override_callback_uri={url}&verify_token=x",
        meta::WABA
    ));
    let answer = meta.call(reqwest::Method::POST, over, meta::WHATSAPP).await;
    assert_eq!(code(&answer).1, 2200);
}

#[tokio::test]
async fn a_sandbox_stops_and_another_starts() {
    let meta = start().await;
    let (address, config) = (meta.sandbox.address(), meta.config.clone());
    meta.sandbox.stop().await;
    let config = switchboard_sandbox::Config { bind: address, ..config };
    let again = switchboard_sandbox::Sandbox::start(config).await.unwrap();
    assert_eq!(again.address(), address);
    again.stop().await;
}

#[tokio::test]
async fn media_expires_when_told_to() {
    let mut meta = start().await;
    use switchboard_sandbox::world::{Action, Attachment, Draft, Platform, Side};
    let media = meta.sandbox.world().lock().add_media(
        Platform::Messenger,
        meta::PAGE,
        Side::Customer,
        "image/png",
        None,
        bytes::Bytes::from_static(b"picture"),
    );
    let file = Attachment { media, kind: "image".into(), name: None };
    meta.act("messenger-ana", Action::Say(Draft { media: vec![file], ..Draft::default() }));
    let attachment = meta.hook().await.item()["message"]["attachments"][0].clone();
    let url = attachment["payload"]["url"].as_str().unwrap().to_owned();
    meta.fault(json!({ "kind": "expired_media", "times": 1 })).await;
    assert_eq!(meta.client.get(&url).send().await.unwrap().status(), 404);
    assert_eq!(meta.client.get(&url).send().await.unwrap().bytes().await.unwrap(), "picture");
    let forged = url.replace("ext=", "ext=9");
    assert_eq!(meta.client.get(forged).send().await.unwrap().status(), 403);
}
