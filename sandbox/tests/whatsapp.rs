//! The stand-in for the WhatsApp Cloud API, over HTTP.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with the reason")]

mod meta;

use meta::{ANA, NUMBER, WABA, WHATSAPP, code, start};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use switchboard_sandbox::world::{Action, Attachment, Draft, Platform, Side};

#[tokio::test]
async fn a_customer_text_looks_as_documented_and_is_signed() {
    let mut meta = start().await;
    let id = meta.says("whatsapp-ana", "¿Seguís abiertos? 🌿");
    let hook = meta.hook().await;
    assert_eq!(hook.path, "/hooks/whatsapp");
    assert!(hook.is_signed_with(&meta.config.app_secret));
    assert!(hook.raw.is_ascii(), "beyond ASCII there are escapes");
    let at = hook.value()["messages"][0]["timestamp"].clone();
    assert!(at.as_str().unwrap().parse::<i64>().unwrap() > 1_700_000_000);
    let expected = json!({ "object": "whatsapp_business_account", "entry": [{ "id": WABA,
        "changes": [{ "field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "15550783881", "phone_number_id": NUMBER },
            "contacts": [{ "profile": { "name": "Ana Reyes" }, "wa_id": ANA,
                "user_id": "US.Ana7Qm2ZkX9tLw4Rb8" }],
            "messages": [{ "from": ANA, "from_user_id": "US.Ana7Qm2ZkX9tLw4Rb8", "id": id,
                "timestamp": at, "type": "text", "text": { "body": "¿Seguís abiertos? 🌿" } }],
        } }] }] });
    assert_eq!(hook.body, expected);
}

#[tokio::test]
async fn edits_deletions_reactions_and_quotes_are_told() {
    let mut meta = start().await;
    let id = meta.says("whatsapp-ana", "Hello");
    meta.hook().await;
    meta.act("whatsapp-ana", Action::Edit { message: id.clone(), text: "Hallo".into() });
    let edit = meta.hook().await.value()["messages"][0].clone();
    assert_ne!(edit["id"], json!(id));
    let inner = json!({ "context": { "id": "M0" }, "type": "text", "text": { "body": "Hallo" } });
    assert_eq!(edit["edit"], json!({ "original_message_id": id, "message": inner }));
    let (_, sent) = meta.whatsapp(json!({ "text": { "body": "Yes?" } })).await;
    let ours = sent["messages"][0]["id"].as_str().unwrap().to_owned();
    meta.skip(2).await;
    meta.act("whatsapp-ana", Action::React { message: ours.clone(), emoji: Some("👍".into()) });
    let reaction = meta.hook().await.value()["messages"][0]["reaction"].clone();
    assert_eq!(reaction, json!({ "message_id": ours, "emoji": "👍" }));
    let draft =
        Draft { text: Some("that".into()), reply_to: Some(ours.clone()), ..Draft::default() };
    meta.act("whatsapp-ana", Action::Say(draft));
    let quote = meta.hook().await.value()["messages"][0]["context"].clone();
    assert_eq!(quote, json!({ "from": "15550783881", "id": ours }));
    meta.act("whatsapp-ana", Action::Delete { message: id.clone() });
    let revoke = meta.hook().await.value()["messages"][0]["revoke"].clone();
    assert_eq!(revoke, json!({ "original_message_id": id }));
}

#[tokio::test]
async fn a_message_is_sent_delivered_and_read_when_it_is_looked_at() {
    let mut meta = start().await;
    meta.hello("whatsapp-ana").await;
    let more =
        json!({ "type": "text", "text": { "body": "Yes" }, "biz_opaque_callback_data": "out-42" });
    let (status, answer) = meta.whatsapp(more).await;
    assert_eq!(status, 200, "{answer}");
    let contact =
        json!([{ "input": format!("+{ANA}"), "wa_id": ANA, "user_id": "US.Ana7Qm2ZkX9tLw4Rb8" }]);
    assert_eq!(answer["contacts"], contact);
    let id = answer["messages"][0]["id"].clone();
    for step in ["sent", "delivered"] {
        let hook = meta.hook().await;
        let shown = &hook.value()["statuses"][0];
        assert_eq!((&shown["id"], &shown["status"]), (&id, &json!(step)));
        assert_eq!(shown["biz_opaque_callback_data"], "out-42");
        let pricing = json!({ "billable": true, "pricing_model": "PMP", "type": "regular", "category": "service" });
        assert_eq!(shown["pricing"], pricing);
    }
    meta.act("whatsapp-ana", Action::Read);
    let hook = meta.hook().await;
    assert_eq!(hook.value()["statuses"][0]["status"], "read");
    let log = meta.log().await;
    assert_eq!(log.len(), 1);
    assert_eq!(log[0]["body"]["text"]["body"], "Yes");
    assert_eq!(log[0]["phone"], "whatsapp-ana");
}

#[tokio::test]
async fn what_the_documentation_rejects_is_rejected() {
    let mut meta = start().await;
    meta.hello("whatsapp-ana").await;
    let long = "x".repeat(4097);
    let rows: Vec<Value> =
        (0..11).map(|n| json!({ "id": n.to_string(), "title": n.to_string() })).collect();
    let button =
        |id: &str, title: &str| json!({ "type": "reply", "reply": { "id": id, "title": title } });
    let buttons = |list: Vec<Value>| {
        json!({ "type": "interactive", "interactive": {
        "type": "button", "body": { "text": "?" }, "action": { "buttons": list } } })
    };
    let template = |name: &str, components: Value| {
        json!({ "type": "template", "template": {
        "name": name, "language": { "code": "en_US" }, "components": components } })
    };
    let texts = |texts: &[&str]| -> Value {
        json!([{ "type": "body", "parameters": texts.iter()
            .map(|text| json!({ "type": "text", "text": text })).collect::<Vec<_>>() }])
    };
    let cases = [
        (json!({ "text": { "body": long } }), 400, 100),
        (json!({ "text": { "body": " " } }), 400, 100),
        (json!({ "text": { "body": 5 } }), 400, 100),
        (json!({ "text": { "body": "x", "previewurl": true } }), 400, 100),
        (json!({ "text": { "body": "x" }, "hello": 1 }), 400, 100),
        (json!({ "type": "image" }), 400, 100),
        (json!({ "type": "poll", "poll": {} }), 400, 100),
        (json!({ "text": { "body": "x" }, "image": { "id": "1" } }), 400, 100),
        (json!({ "to": "abc", "text": { "body": "x" } }), 400, 100),
        (json!({ "to": "+15550783881", "text": { "body": "x" } }), 400, 131_021),
        (json!({ "type": "image", "image": { "id": "404" } }), 400, 131_009),
        (json!({ "type": "audio", "audio": { "id": "1", "caption": "x" } }), 400, 100),
        (json!({ "type": "location", "location": { "latitude": 91, "longitude": 0 } }), 400, 100),
        (
            json!({ "type": "contacts", "contacts": [{ "name": { "formatted_name": "A" } }] }),
            400,
            100,
        ),
        (buttons(vec![]), 400, 100),
        (buttons(vec![button("1", "a"), button("2", "a")]), 400, 100),
        (buttons(vec![button("1", "longer than twenty chars")]), 400, 100),
        (buttons((0..4).map(|n| button(&n.to_string(), &n.to_string())).collect()), 400, 100),
        (
            json!({ "type": "interactive", "interactive": { "type": "list", "body": { "text": "?" },
            "action": { "button": "b", "sections": [{ "rows": rows }] } } }),
            400,
            100,
        ),
        (template("nothing", json!([])), 404, 132_001),
        (template("delivery_delay", texts(&["a"])), 404, 132_001),
        (template("win_a_prize", json!([])), 404, 132_001),
        (template("order_update", texts(&["a"])), 400, 132_000),
        (template("order_update", texts(&["a", "b", "c"])), 400, 132_000),
        (template("order_update", texts(&["a", "b\nc"])), 400, 132_018),
        (template("appointment_reminder", texts(&["a", "b"])), 400, 132_012),
        (template("summer_sale", texts(&["a"])), 400, 132_012),
    ];
    for (more, status, wanted) in cases {
        let answer = meta.whatsapp(more.clone()).await;
        assert_eq!((answer.0, code(&answer).1), (status, wanted), "{more}: {answer:?}");
        assert_eq!(answer.1["error"]["error_data"]["messaging_product"], "whatsapp", "{answer:?}");
    }
    assert!(meta.log().await.is_empty());
    let bare = json!({ "to": "+1", "text": { "body": "x" } });
    let answer = meta.post(meta.graph(&format!("{NUMBER}/messages")), WHATSAPP, bare).await;
    assert_eq!(code(&answer).1, 100, "messaging_product is required");
}

#[tokio::test]
async fn versions_and_tokens_are_required() {
    let meta = start().await;
    let base = meta.sandbox.url();
    for (path, wanted) in [
        (format!("graph/{NUMBER}"), 2500),
        (format!("graph/v20.0/{NUMBER}"), 2635),
        (format!("graph/v27.0/{NUMBER}"), 2500),
    ] {
        let answer = meta.get(format!("{base}/{path}"), WHATSAPP).await;
        assert_eq!(code(&answer).1, wanted, "{path}");
    }
    let answer = meta.send(meta.client.get(meta.graph(NUMBER))).await;
    assert_eq!(code(&answer).1, 2500);
    assert_eq!(code(&meta.get(meta.graph(NUMBER), "EAAGnonsense").await), (401, 190, None));
    assert_eq!(code(&meta.get(meta.graph(NUMBER), "EAAG-sandbox-page").await).1, 100);
    let (status, answer) =
        meta.get(meta.graph(&format!("{NUMBER}?fields=verified_name,status")), WHATSAPP).await;
    assert_eq!(status, 200);
    assert_eq!(
        answer,
        json!({ "id": NUMBER, "verified_name": "Kiln & Clay", "status": "CONNECTED" })
    );
    let proof = meta.get(meta.graph(&format!("{NUMBER}?appsecret_proof=00")), WHATSAPP).await;
    assert_eq!(code(&proof).1, 100);
    meta.control("tokens", json!({ "token": WHATSAPP, "expires_in": 10 })).await;
    meta.control("advance", json!({ "seconds": 11 })).await;
    assert_eq!(code(&meta.get(meta.graph(NUMBER), WHATSAPP).await), (401, 190, Some(463)));
}

#[tokio::test]
async fn a_closed_window_fails_by_status_and_a_template_goes_through() {
    let mut meta = start().await;
    meta.hello("whatsapp-ana").await;
    meta.control("advance", json!({ "seconds": 24 * 3600 + 1 })).await;
    let (status, answer) = meta.whatsapp(json!({ "text": { "body": "Late" } })).await;
    assert_eq!(status, 200, "{answer}");
    let failed = meta.hook().await;
    let failed = &failed.value()["statuses"][0];
    assert_eq!(
        (&failed["status"], &failed["errors"][0]["code"]),
        (&json!("failed"), &json!(131_047))
    );
    assert!(meta.log().await.is_empty(), "the phone has nothing");
    let template = json!({ "type": "template", "template": {
        "name": "order_update", "language": { "code": "en_US" }, "components": [{ "type": "body",
            "parameters": [{ "type": "text", "text": "Ana" }, { "type": "text", "text": "A-1001" }] }] } });
    let (_, answer) = meta.whatsapp(template).await;
    assert_eq!(answer["messages"][0]["message_status"], "accepted");
    let sent = meta.hook().await;
    assert_eq!(sent.value()["statuses"][0]["pricing"]["category"], "utility");
    let state = meta.sandbox.world().lock();
    let last = state.phone("whatsapp-ana").unwrap().thread.last().unwrap().clone();
    assert_eq!(last.text.as_deref(), Some("Hello Ana, your order A-1001 leaves the kiln today."));
}

#[tokio::test]
async fn a_closed_window_can_be_refused_at_once() {
    let mut meta = start().await;
    meta.hello("whatsapp-ana").await;
    meta.fault(json!({ "platform": "whatsapp", "kind": "closed_window_at_once", "times": 1 }))
        .await;
    let answer = meta.whatsapp(json!({ "text": { "body": "Late" } })).await;
    assert_eq!(code(&answer), (400, 131_047, None));
    assert_eq!(meta.whatsapp(json!({ "text": { "body": "Now" } })).await.0, 200);
}

#[tokio::test]
async fn who_is_not_on_whatsapp_gets_nothing() {
    let mut meta = start().await;
    // Without `+`, the country code of the sender is put before the number.
    assert_eq!(meta.whatsapp(json!({ "to": ANA, "text": { "body": "x" } })).await.0, 200);
    let failed = meta.hook().await;
    assert_eq!(failed.value()["statuses"][0]["recipient_id"], json!(format!("1{ANA}")));
    assert_eq!(failed.value()["statuses"][0]["errors"][0]["code"], 131_026);
    let (status, answer) =
        meta.whatsapp(json!({ "to": "+4915112345678", "text": { "body": "x" } })).await;
    assert_eq!(status, 200, "{answer}");
    let failed = meta.hook().await;
    assert_eq!(failed.value()["statuses"][0]["errors"][0]["code"], 131_026);
}

#[tokio::test]
async fn buttons_lists_and_template_buttons_are_tapped() {
    let mut meta = start().await;
    meta.hello("whatsapp-ana").await;
    let list = json!({ "type": "interactive", "interactive": { "type": "list", "body": { "text": "Topic?" },
        "action": { "button": "Topics", "sections": [{ "rows": [
            { "id": "row-3", "title": "Returns", "description": "Money back" }] }] } } });
    let (_, sent) = meta.whatsapp(list).await;
    let message = sent["messages"][0]["id"].as_str().unwrap().to_owned();
    meta.skip(2).await;
    meta.act("whatsapp-ana", Action::Tap { message: message.clone(), payload: "row-3".into() });
    let reply = meta.hook().await.value()["messages"][0].clone();
    assert_eq!(reply["context"], json!({ "from": "15550783881", "id": message }));
    assert_eq!(
        reply["interactive"],
        json!({ "type": "list_reply",
        "list_reply": { "id": "row-3", "title": "Returns", "description": "Money back" } })
    );
    let template = json!({ "type": "template", "template": {
        "name": "appointment_reminder", "language": { "code": "en_US" }, "components": [
            { "type": "body", "parameters": [
                { "type": "text", "parameter_name": "day", "text": "Friday" },
                { "type": "text", "parameter_name": "first_name", "text": "Ana" }] },
            { "type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [{ "type": "payload", "payload": "CONFIRM" }] },
            { "type": "button", "sub_type": "url", "index": "2", "parameters": [{ "type": "text", "text": "42" }] }] } });
    let (status, sent) = meta.whatsapp(template).await;
    assert_eq!(status, 200, "{sent}");
    let message = sent["messages"][0]["id"].as_str().unwrap().to_owned();
    meta.skip(2).await;
    meta.act("whatsapp-ana", Action::Tap { message, payload: "CONFIRM".into() });
    let reply = meta.hook().await.value()["messages"][0].clone();
    assert_eq!(reply["button"], json!({ "payload": "CONFIRM", "text": "Confirm" }));
}

#[tokio::test]
async fn media_is_uploaded_sent_resolved_and_expires() {
    let mut meta = start().await;
    let world = meta.sandbox.world().clone();
    let media = world.lock().add_media(
        Platform::Whatsapp,
        NUMBER,
        Side::Customer,
        "image/png",
        None,
        bytes::Bytes::from_static(b"picture"),
    );
    let file = Attachment { media: media.clone(), kind: "image".into(), name: None };
    meta.act(
        "whatsapp-ana",
        Action::Say(Draft { media: vec![file], text: Some("See".into()), ..Draft::default() }),
    );
    let image = meta.hook().await.value()["messages"][0]["image"].clone();
    assert_eq!((&image["caption"], &image["mime_type"]), (&json!("See"), &json!("image/png")));
    let url = image["url"].as_str().unwrap().to_owned();
    assert_eq!(meta.client.get(&url).send().await.unwrap().status(), 401);
    let got = meta.client.get(&url).bearer_auth(WHATSAPP).send().await.unwrap();
    assert_eq!(got.bytes().await.unwrap(), "picture");
    meta.control("advance", json!({ "seconds": 301 })).await;
    assert_eq!(meta.client.get(&url).bearer_auth(WHATSAPP).send().await.unwrap().status(), 404);
    let (status, resolved) = meta.get(meta.graph(&media), WHATSAPP).await;
    assert_eq!((status, &resolved["file_size"]), (200, &json!("7")));
    let again = resolved["url"].as_str().unwrap();
    assert_eq!(meta.client.get(again).bearer_auth(WHATSAPP).send().await.unwrap().status(), 200);

    let upload = |mime: &'static str, announced: &'static str| {
        let part = Part::bytes(b"%PDF".to_vec()).file_name("a.pdf").mime_str(mime).unwrap();
        let form = Form::new()
            .text("messaging_product", "whatsapp")
            .text("type", announced)
            .part("file", part);
        meta.client
            .post(meta.graph(&format!("{NUMBER}/media")))
            .bearer_auth(WHATSAPP)
            .multipart(form)
    };
    assert_eq!(code(&meta.send(upload("application/zip", "application/zip")).await).1, 100);
    assert_eq!(code(&meta.send(upload("application/pdf", "image/png")).await).1, 100);
    let (status, made) = meta.send(upload("application/pdf", "application/pdf")).await;
    assert_eq!(status, 200, "{made}");
    let id = made["id"].clone();
    let wrong = meta.whatsapp(json!({ "type": "image", "image": { "id": id } })).await;
    assert_eq!(code(&wrong).1, 131_053);
    let document = json!({ "type": "document", "document": { "id": id, "filename": "a.pdf" } });
    assert_eq!(meta.whatsapp(document).await.0, 200);
    let (_, deleted) = meta.call(Method::DELETE, meta.graph(id.as_str().unwrap()), WHATSAPP).await;
    assert_eq!(deleted, json!({ "success": true }));
}

#[tokio::test]
async fn templates_are_listed_made_reviewed_and_deleted() {
    let mut meta = start().await;
    let edge = meta.graph(&format!("{WABA}/message_templates"));
    let (_, page) = meta.get(format!("{edge}?limit=2&status=APPROVED"), WHATSAPP).await;
    assert_eq!(page["data"].as_array().unwrap().len(), 2);
    let after = page["paging"]["cursors"]["after"].as_str().unwrap();
    let (_, rest) =
        meta.get(format!("{edge}?limit=2&status=APPROVED&after={after}"), WHATSAPP).await;
    assert_eq!(rest["data"].as_array().unwrap().len(), 1);
    assert_eq!(code(&meta.get(format!("{edge}?after=zzz"), WHATSAPP).await).1, 131_059);
    let body = |text: &str| {
        json!({ "name": "new_one", "language": "en_US", "category": "UTILITY",
        "components": [{ "type": "BODY", "text": text, "example": { "body_text": [["a"]] } }] })
    };
    for (text, wanted) in [("{{1}} first", 2_388_299), ("one {{2}} two", 2_388_047)] {
        assert_eq!(code(&meta.post(edge.clone(), WHATSAPP, body(text)).await).1, wanted, "{text}");
    }
    let (status, made) = meta.post(edge.clone(), WHATSAPP, body("Hi {{1}} there")).await;
    assert_eq!((status, &made["status"]), (200, &json!("PENDING")));
    meta.control("templates", json!({ "name": "new_one", "status": "APPROVED" })).await;
    let hook = meta.hook().await;
    assert_eq!(hook.body["entry"][0]["changes"][0]["field"], "message_template_status_update");
    assert_eq!(hook.value()["event"], "APPROVED");
    assert!(hook.value()["message_template_id"].is_u64());
    let (status, _) = meta.call(Method::DELETE, format!("{edge}?name=new_one"), WHATSAPP).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn without_a_subscription_there_are_no_webhooks() {
    let mut meta = start().await;
    let edge = meta.graph(&format!("{WABA}/subscribed_apps"));
    let (_, apps) = meta.get(edge.clone(), WHATSAPP).await;
    assert_eq!(apps["data"][0]["whatsapp_business_api_data"]["id"], json!(meta.config.app_id));
    meta.call(Method::DELETE, edge.clone(), WHATSAPP).await;
    meta.says("whatsapp-ana", "Anybody?");
    meta.no_hook().await;
    meta.call(Method::POST, edge, WHATSAPP).await;
    meta.hello("whatsapp-ana").await;
}

#[tokio::test]
async fn read_marks_and_typing_reach_the_phone() {
    let mut meta = start().await;
    let id = meta.says("whatsapp-ana", "Hello");
    meta.hook().await;
    let edge = meta.graph(&format!("{NUMBER}/messages"));
    let mark = |id: &str| {
        json!({ "messaging_product": "whatsapp", "status": "read", "message_id": id,
        "typing_indicator": { "type": "text" } })
    };
    let (status, answer) = meta.post(edge.clone(), WHATSAPP, mark(&id)).await;
    assert_eq!((status, answer), (200, json!({ "success": true })));
    let now = meta.sandbox.world().now();
    assert!(meta.sandbox.world().lock().phone("whatsapp-ana").unwrap().typing_until > now);
    assert_eq!(code(&meta.post(edge, WHATSAPP, mark("wamid.nothing")).await).1, 131_009);
}

#[tokio::test]
async fn the_pair_rate_is_kept_when_asked_for() {
    let mut meta = start().await;
    meta.hello("whatsapp-ana").await;
    meta.fault(json!({ "platform": "whatsapp", "kind": "rate_limits" })).await;
    for _ in 0..45 {
        assert_eq!(meta.whatsapp(json!({ "text": { "body": "x" } })).await.0, 200);
    }
    assert_eq!(code(&meta.whatsapp(json!({ "text": { "body": "x" } })).await).1, 131_056);
    meta.control("advance", json!({ "seconds": 12 })).await;
    assert_eq!(meta.whatsapp(json!({ "text": { "body": "x" } })).await.0, 200);
}
