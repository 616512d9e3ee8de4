//! The stand-in for Instagram, by Instagram Login and by a linked Page, over HTTP.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with the reason")]

mod meta;

use meta::{ANA_IGSID, IG, IG_TOKEN, PAGE, PAGE_TOKEN, code, start};
use reqwest::Method;
use serde_json::{Value, json};
use switchboard_sandbox::world::{Action, Comment, Draft};

fn text(text: &str) -> Value {
    json!({ "recipient": { "id": ANA_IGSID }, "message": { "text": text } })
}

#[tokio::test]
async fn a_customer_text_looks_as_documented_and_is_signed() {
    let mut meta = start().await;
    let mid = meta.says("instagram-ana", "Olá! ✨");
    let hook = meta.hook().await;
    assert_eq!(hook.path, "/hooks/instagram");
    assert!(hook.is_signed_with(&meta.config.instagram_app_secret));
    let (time, at) = (hook.body["entry"][0]["time"].clone(), hook.item()["timestamp"].clone());
    let expected = json!({ "object": "instagram", "entry": [{ "time": time, "id": IG, "messaging": [{
        "sender": { "id": ANA_IGSID }, "recipient": { "id": IG }, "timestamp": at,
        "message": { "mid": mid, "text": "Olá! ✨" } }] }] });
    assert_eq!(hook.body, expected);
}

#[tokio::test]
async fn messages_go_out_by_login_and_by_the_page() {
    let mut meta = start().await;
    meta.hello("instagram-ana").await;
    let (status, answer) = meta.instagram(text("Sim")).await;
    assert_eq!((status, &answer["recipient_id"]), (200, &json!(ANA_IGSID)));
    let echo = meta.hook().await;
    assert_eq!(
        echo.item()["message"],
        json!({ "mid": answer["message_id"], "is_echo": true, "text": "Sim" })
    );
    assert_eq!(echo.item()["sender"]["id"], IG);
    assert_eq!(meta.messenger(text("Sim, pela página")).await.0, 200);
    let by_wrong_host =
        meta.post(meta.graph(&format!("{IG}/messages")), PAGE_TOKEN, text("x")).await;
    assert_eq!(by_wrong_host.0, 400);
    let by_wrong_token =
        meta.post(meta.ig_graph(&format!("{IG}/messages")), PAGE_TOKEN, text("x")).await;
    assert_eq!(code(&by_wrong_token), (401, 190, None));
    let log = meta.log().await;
    assert_eq!(log.len(), 2);
    assert!(log.iter().all(|one| one["phone"] == "instagram-ana"));
}

#[tokio::test]
async fn what_the_documentation_rejects_is_rejected() {
    let mut meta = start().await;
    assert_eq!(code(&meta.instagram(text("x")).await), (400, 10, Some(2_534_022)), "never wrote");
    meta.hello("instagram-ana").await;
    let to = json!({ "id": ANA_IGSID });
    let cases = [
        text(&"é".repeat(501)),
        json!({ "recipient": to, "message": { "text": "x" }, "messaging_type": "MESSAGE_TAG", "tag": "ACCOUNT_UPDATE" }),
        json!({ "recipient": to, "message": { "text": "x" }, "messaging_type": "MESSAGE_TAG", "tag": "CUSTOMER_FEEDBACK" }),
        json!({ "recipient": to, "message": { "text": "x" }, "persona_id": "1" }),
        json!({ "recipient": to, "message": { "sticker_id": 1 } }),
        json!({ "recipient": { "id": "404" }, "message": { "text": "x" } }),
        json!({ "recipient": to, "message": { "attachment": { "type": "location", "payload": {} } } }),
    ];
    for body in cases {
        let answer = meta.instagram(body.clone()).await;
        assert_eq!(code(&answer).1, 100, "{body}: {answer:?}");
        assert_eq!(answer.1["error"]["type"], "IGApiException");
    }
    assert_eq!(meta.instagram(text(&"é".repeat(500))).await.0, 200);
    meta.control("advance", json!({ "seconds": 24 * 3600 + 1 })).await;
    assert_eq!(code(&meta.instagram(text("x")).await), (400, 10, Some(2_534_022)));
    let tagged = json!({ "recipient": to, "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT",
        "message": { "text": "x" } });
    assert_eq!(meta.instagram(tagged).await.0, 200);
}

#[tokio::test]
async fn unsending_stories_reactions_and_reading_are_told() {
    let mut meta = start().await;
    let mid = meta.says("instagram-ana", "Hello");
    meta.hook().await;
    meta.act("instagram-ana", Action::Delete { message: mid.clone() });
    assert_eq!(meta.hook().await.item()["message"], json!({ "mid": mid, "is_deleted": true }));
    let story = json!({ "id": "18001", "url": "https://lookaside.fbsbx.com/story" });
    let reply = Draft {
        kind: Some("story_reply".into()),
        text: Some("Adorei!".into()),
        card: json!({ "story": story }),
        ..Draft::default()
    };
    meta.act("instagram-ana", Action::Say(reply));
    assert_eq!(meta.hook().await.item()["message"]["reply_to"], json!({ "story": story }));
    let mention = Draft {
        kind: Some("story_mention".into()),
        card: json!({ "story": story }),
        ..Draft::default()
    };
    meta.act("instagram-ana", Action::Say(mention));
    assert_eq!(
        meta.hook().await.item()["message"]["attachments"],
        json!([{ "type": "story_mention", "payload": { "url": story["url"] } }])
    );
    let odd = Draft { kind: Some("unsupported".into()), ..Draft::default() };
    meta.act("instagram-ana", Action::Say(odd));
    assert_eq!(meta.hook().await.item()["message"]["is_unsupported"], true);
    let (_, sent) = meta.instagram(text("Thanks")).await;
    meta.hook().await;
    let ours = sent["message_id"].as_str().unwrap().to_owned();
    meta.act("instagram-ana", Action::React { message: ours.clone(), emoji: Some("😂".into()) });
    assert_eq!(
        meta.hook().await.item()["reaction"],
        json!({ "mid": ours, "action": "react", "reaction": "other", "emoji": "😂" })
    );
    meta.act("instagram-ana", Action::React { message: ours.clone(), emoji: None });
    assert_eq!(meta.hook().await.item()["reaction"], json!({ "mid": ours, "action": "unreact" }));
    meta.act("instagram-ana", Action::Read);
    assert_eq!(meta.hook().await.item()["read"], json!({ "mid": ours }));
}

#[tokio::test]
async fn comments_are_told_answered_and_hidden() {
    let mut meta = start().await;
    let place =
        Comment { post: "17900001112223334".into(), parent: None, hidden: false, answered: false };
    let draft =
        Draft { text: Some("Qual o preço?".into()), comment: Some(place), ..Draft::default() };
    meta.act("instagram-ana", Action::Say(draft));
    let hook = meta.hook().await;
    let id = hook.value()["id"].as_str().unwrap().to_owned();
    assert_eq!(
        hook.body["entry"][0]["changes"][0],
        json!({ "field": "comments", "value": {
        "id": id, "from": { "id": ANA_IGSID, "username": "ana.reyes" }, "text": "Qual o preço?",
        "media": { "id": "17900001112223334", "media_product_type": "FEED" } } })
    );
    let person = meta.ig_graph(&format!("{ANA_IGSID}?fields=name"));
    assert_eq!(code(&meta.get(person, IG_TOKEN).await).1, 230, "only commented");
    let private = json!({ "recipient": { "comment_id": id }, "message": { "text": "30 €" } });
    assert_eq!(meta.instagram(private.clone()).await.0, 200);
    meta.hook().await;
    assert_eq!(code(&meta.instagram(private).await).1, 10_900);
    let reply = meta.ig_graph(&format!("{id}/replies?message=A%20partir%20de%2030"));
    let (status, made) = meta.call(Method::POST, reply, IG_TOKEN).await;
    assert_eq!(status, 200, "{made}");
    let own = meta.hook().await.value().clone();
    assert_eq!((&own["from"]["id"], &own["parent_id"]), (&json!(IG), &json!(id)));
    let (status, _) =
        meta.call(Method::POST, meta.ig_graph(&format!("{id}?hide=true")), IG_TOKEN).await;
    assert_eq!(status, 200);
    let (_, shown) = meta.get(meta.ig_graph(&format!("{id}?fields=hidden,text")), IG_TOKEN).await;
    assert_eq!(shown, json!({ "id": id, "hidden": true, "text": "Qual o preço?" }));
}

#[tokio::test]
async fn the_account_and_its_subscriptions() {
    let mut meta = start().await;
    let (_, me) = meta.get(meta.ig_graph("me?fields=user_id,username"), IG_TOKEN).await;
    assert_eq!(me, json!({ "user_id": IG, "username": "kilnandclay", "id": "900000000000001" }));
    let subscribe =
        meta.ig_graph(&format!("{IG}/subscribed_apps?subscribed_fields=messages,comments"));
    assert_eq!(meta.call(Method::POST, subscribe, IG_TOKEN).await.0, 200);
    let (_, apps) = meta.get(meta.ig_graph(&format!("{IG}/subscribed_apps")), IG_TOKEN).await;
    assert_eq!(apps["data"][0]["subscribed_fields"], json!(["comments", "messages"]));
    let by_page = meta.graph(&format!("{PAGE}/subscribed_apps?subscribed_fields=messages"));
    meta.call(Method::POST, by_page, PAGE_TOKEN).await;
    let hook = meta.hello("instagram-ana").await;
    assert!(
        hook.is_signed_with(&meta.config.app_secret),
        "by the Page, the app's own secret signs"
    );
    let list = meta.graph(&format!("{PAGE}/conversations?platform=instagram&user_id={ANA_IGSID}"));
    assert_eq!(meta.get(list, PAGE_TOKEN).await.1["data"].as_array().unwrap().len(), 1);
    let list = meta.ig_graph(&format!("{IG}/conversations?platform=instagram"));
    assert_eq!(meta.get(list, IG_TOKEN).await.1["data"].as_array().unwrap().len(), 1);
}
