//! Personal API tokens.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::people::{Answer, send};
use crate::support::socket::{Socket, reply, say};
use crate::support::{Agent, Visitor, World, database};

async fn by_token(world: &World, secret: &str, method: Method, path: &str, body: Value) -> Answer {
    let url = world.url(&format!("/api/v1{path}"));
    let request = reqwest::Client::new().request(method, url);
    send(request.header("authorization", format!("Bearer {secret}")).json(&body)).await
}

#[tokio::test]
async fn a_token_is_shown_once_and_kept_as_a_hash() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let made = ana.post("/tokens", json!({"name": "my script"})).await.ok();
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("sbt_") && secret.len() > 40, "{secret}");
    let listed = ana.get("/tokens").await.ok();
    assert_eq!(listed[0]["id"], made["token"]["id"]);
    let hint = listed[0]["hint"].as_str().unwrap().trim_end_matches('…');
    assert!(secret.starts_with(hint) && hint.len() < 12, "{hint}");
    assert!(!listed.to_string().contains(secret));
    let ben = ana.colleague(&world, "Ben", "admin").await;
    assert_eq!(ben.get("/tokens").await.ok(), json!([]), "a token is its owner's");

    let database = database::superuser(&world.database).await;
    let dump: String = database
        .query_one("select string_agg(t::text, ' ') from api_tokens t", &[])
        .await
        .unwrap()
        .get(0);
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(dump.contains(hint) && !dump.contains(secret) && !dump.contains(&hex), "{dump}");
    world.stop().await;
}

#[tokio::test]
async fn a_token_works_on_rest_and_on_the_websocket_until_it_is_revoked() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    visitor.connect(&world).await.done(say("Hello")).await;
    let made = ana.post("/tokens", json!({"name": "script"})).await.ok();
    let secret = made["secret"].as_str().unwrap().to_owned();

    // No browser: no cookie, no origin.
    let label = json!({"name": "Order", "color": "#2f7d4f"});
    by_token(&world, &secret, Method::POST, "/labels", label).await.ok();
    let mut in_hello = Socket::dial(&world, "/ws/agent", &[]).await;
    in_hello.greet(json!({"type": "hello", "token": secret})).await;
    in_hello.done(reply(&visitor.conversation(), "public", "by a script")).await;
    let bearer = format!("Bearer {secret}");
    let mut in_header =
        Socket::dial(&world, "/ws/agent", &[("authorization", bearer.as_str())]).await;
    in_header.greet(json!({"type": "hello"})).await;
    assert!(!ana.get("/tokens").await.ok()[0]["last_used_at"].is_null());

    // It must not do what would let its holder outlive it.
    for (method, path, body) in [
        (Method::POST, "/tokens", json!({"name": "another"})),
        (Method::POST, "/sign-out", json!({})),
        (Method::POST, "/switch", json!({"workspace": ana.workspace()})),
        (
            Method::PATCH,
            "/me",
            json!({"new_password": "a new staple", "current_password": super::PASSWORD}),
        ),
    ] {
        let answer = by_token(&world, &secret, method, path, body).await;
        assert_eq!(answer.code(), "forbidden", "{path}");
    }

    let path = format!("/tokens/{}", made["token"]["id"].as_str().unwrap());
    assert_eq!(ana.delete(&path).await.status, 204);
    let refused = by_token(&world, &secret, Method::GET, "/me", json!({})).await;
    assert_eq!(refused.code(), "unauthenticated");
    for socket in [&mut in_hello, &mut in_header] {
        assert_eq!(socket.closed().await.code, Some(4012));
    }
    let mut again = Socket::dial(&world, "/ws/agent", &[]).await;
    again.send_text(&json!({"type": "hello", "token": secret}).to_string()).await;
    assert_eq!(again.closed().await.code, Some(4001));
    assert_eq!(ana.delete(&path).await.code(), "not_found");
    world.stop().await;
}

#[tokio::test]
async fn a_forged_token_is_nobody() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let made = ana.post("/tokens", json!({"name": "script"})).await.ok();
    let secret = made["secret"].as_str().unwrap();
    let mut flipped = secret.to_owned();
    let last = if flipped.pop() == Some('A') { 'B' } else { 'A' };
    flipped.push(last);
    for forged in ["", "x", "sbt_", "sbt_guess", &flipped, &secret[4..], &format!("{secret}x")] {
        let answer = by_token(&world, forged, Method::GET, "/me", json!({})).await;
        assert_eq!((answer.status, answer.code()), (401, "unauthenticated"), "{forged}");
        let mut socket = Socket::dial(&world, "/ws/agent", &[]).await;
        socket.send_text(&json!({"type": "hello", "token": forged}).to_string()).await;
        assert_eq!(socket.closed().await.code, Some(4001), "{forged}");
    }
    world.stop().await;
}
