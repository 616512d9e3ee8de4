//! What a visit leaves behind, and whose it is.

use serde_json::json;

use super::{boot_from, contacts, knock, says, shop};
use crate::support::people::send;
use crate::support::{Agent, Visitor, database};

#[tokio::test]
async fn who_never_writes_leaves_no_trace() {
    let (world, ana, key) = shop().await;
    let database = database::superuser(&world.database).await;
    let rows = async || {
        let count = "select (select count(*) from contacts) + (select count(*) from identities)
                     + (select count(*) from conversations) + (select count(*) from messages)
                     + (select last_seq from workspaces)";
        database.query_one(count, &[]).await.unwrap().get::<_, i64>(0)
    };
    let before = rows().await;
    let page = json!({"url": "https://shop.example/cart", "title": "Cart"});
    let body = json!({"key": key, "locale": "de", "page": page});
    let visitor = Visitor::boot_with(&world, body).await;
    reqwest::get(world.url(&format!("/widget.js?key={key}"))).await.unwrap();
    reqwest::get(world.url(&format!("/api/v1/widget/config?key={key}"))).await.unwrap();
    let thread = visitor.get("/visitor/conversation").await.ok();
    assert_eq!(thread, json!({"conversation": null, "messages": [], "more": false}));
    let mut socket = visitor.connect(&world).await;
    assert_eq!(socket.snapshot["conversation"], json!(null));
    socket.done(json!({"type": "typing", "on": true})).await;
    socket.done(json!({"type": "visit", "page": page})).await;
    let mark = json!({"type": "mark", "delivered": 1, "read": 1});
    assert_eq!(socket.ask(mark).await["code"], "not_found");
    assert_eq!(rows().await, before);
    assert_eq!(ana.get("/conversations?status=all").await.ok()["items"], json!([]));

    socket.done(crate::support::socket::say("Hello")).await;
    assert!(rows().await > before);
    let contact = ana.get(&format!("/contacts/{}", visitor.id)).await.ok();
    assert_eq!((&contact["locale"], &contact["page_url"]), (&json!("de"), &page["url"]));
    assert_eq!(contact["named"], false);
    world.stop().await;
}

#[tokio::test]
async fn an_earlier_token_is_the_same_visitor_and_a_broken_one_somebody_new() {
    let (world, _, key) = shop().await;
    let zoe = Agent::sign_up(&world, "Zoe").await;
    let foreign = Visitor::boot(&world, &zoe.widget_key().await).await;
    let visitor = Visitor::boot(&world, &key).await;
    says(&world, &visitor, "Hello").await;

    let again = json!({"key": key, "token": visitor.token});
    let again = boot_from(&world, None, &again).await.ok();
    assert_eq!(again["visitor"], visitor.id.as_str());
    assert_eq!(again["conversation"]["last_n"], 1);
    for token in ["", "x", "a.b", &visitor.token[1..], foreign.token.as_str()] {
        let new = boot_from(&world, None, &json!({"key": key, "token": token})).await.ok();
        assert!(new["visitor"] != visitor.id.as_str() && new["visitor"] != foreign.id.as_str());
        assert_eq!(new["conversation"], json!(null));
    }
    world.stop().await;
}

#[tokio::test]
async fn a_forged_visitor_token_opens_nothing() {
    let (world, ana, key) = shop().await;
    let visitor = Visitor::boot(&world, &key).await;
    let other = Visitor::boot(&world, &key).await;
    says(&world, &visitor, "Hello").await;
    let (payload, signature) = visitor.token.split_once('.').unwrap();
    let (other_payload, other_signature) = other.token.split_once('.').unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let keys = format!("{},{}", switchboard_store::seal::MasterKeys::generate(), world.keys);
    let database = world.database.clone();
    let elsewhere = crate::support::World::listening(listener, database, keys, "").await;
    let other_keys = Visitor::boot(&elsewhere, &key).await.token;
    let secret = ana.post("/tokens", json!({"name": "x"})).await.ok()["secret"].clone();
    for forged in [
        String::new(),
        payload.to_owned(),
        format!("{payload}."),
        format!("{other_payload}.{signature}"),
        format!("{payload}.{other_signature}"),
        format!("{payload}.{signature}AA"),
        format!("{}.{signature}", &payload[..payload.len() - 4]),
        "é".repeat(3_000),
        secret.as_str().unwrap().to_owned(),
    ] {
        let request = reqwest::Client::new().get(world.url("/api/v1/visitor/conversation"));
        let bytes = format!("Bearer {forged}").into_bytes();
        let answer = send(request.header("authorization", bytes)).await;
        assert_eq!(answer.code(), "unauthenticated", "{forged}");
        assert_eq!(knock(&world, None, &forged).await, Some(4001), "{forged}");
    }
    // Nor does the token of a server with other master keys.
    assert_eq!(knock(&world, None, &other_keys).await, Some(4001));
    assert_eq!(knock(&elsewhere, None, &other_keys).await, None);
    elsewhere.stop().await;
    world.stop().await;
}

#[tokio::test]
async fn what_a_page_claims_of_itself_is_kept_only_where_it_is_harmless() {
    let (world, ana, key) = shop().await;
    for (url, kept) in [
        ("https://shop.example/a?b=c", true),
        ("javascript:alert(1)", false),
        ("https://shop.example/ x", false),
        ("file:///etc/passwd", false),
    ] {
        let visitor = Visitor::boot_with(&world, json!({"key": key, "locale": "<b>"})).await;
        let mut socket = crate::support::Socket::dial(&world, "/ws/visitor", &[]).await;
        let page = json!({"url": url, "title": "A\u{0} title"});
        socket.greet(json!({"type": "hello", "token": visitor.token, "page": page})).await;
        socket.done(crate::support::socket::say("Hello")).await;
        let contact = ana.get(&format!("/contacts/{}", visitor.id)).await.ok();
        assert_eq!(contact["page_url"] == url, kept, "{contact}");
        assert_eq!(contact["locale"], json!(null));
        assert!(!contact["page_title"].as_str().unwrap_or_default().contains('\u{0}'));
    }
    assert_eq!(contacts(&ana).await.len(), 4);
    world.stop().await;
}
