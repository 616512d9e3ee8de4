//! Who may do what, and who stays.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::people::send;
use crate::support::socket::{reply, say};
use crate::support::{Agent, Visitor, World};

/// One thing to try: how, and whether an agent, an admin and an owner may.
struct Try {
    method: Method,
    path: String,
    body: Value,
    may: [bool; 3],
}

fn attempt(method: Method, path: impl Into<String>, body: Value, may: [bool; 3]) -> Try {
    Try { method, path: path.into(), body, may }
}

const ALL: [bool; 3] = [true, true, true];
const ADMINS: [bool; 3] = [false, true, true];
const OWNERS: [bool; 3] = [false, false, true];

#[tokio::test]
async fn each_role_may_do_what_it_may_and_nothing_else() {
    let world = World::start().await;
    let owner = Agent::sign_up(&world, "Olga").await;
    let admin = owner.colleague(&world, "Adam", "admin").await;
    let agent = owner.colleague(&world, "Gus", "agent").await;
    let other = owner.colleague(&world, "Hal", "agent").await;
    let visitor = Visitor::boot(&world, &owner.widget_key().await).await;
    visitor.connect(&world).await.done(say("Hello")).await;
    let conversation = visitor.conversation();
    let label = owner.post("/labels", json!({"name": "Old", "color": "#000000"})).await.ok();
    let label = format!("/labels/{}", label["id"].as_str().unwrap());

    let member = |agent: &Agent| format!("/members/{}", agent.id());
    let invite = |role: &str| json!({"email": "new@shop.example", "role": role});
    let look = json!({"color": "#112233", "position": "end", "title": "", "greeting": "",
                      "theme": "auto"});
    let table = [
        attempt(Method::GET, "/members", Value::Null, ALL),
        attempt(Method::GET, "/workspace", Value::Null, ALL),
        attempt(Method::GET, "/labels", Value::Null, ALL),
        attempt(Method::GET, "/widget-settings", Value::Null, ALL),
        attempt(Method::GET, "/conversations", Value::Null, ALL),
        attempt(Method::GET, "/tokens", Value::Null, ALL),
        attempt(
            Method::POST,
            format!("/conversations/{conversation}/messages"),
            json!({"text": "Hi"}),
            ALL,
        ),
        attempt(Method::PATCH, format!("/contacts/{}", visitor.id), json!({"remark": "kind"}), ALL),
        attempt(Method::PATCH, "/workspace", json!({"name": "Shop"}), ADMINS),
        attempt(Method::PATCH, "/widget-settings", json!({"look": look}), ADMINS),
        attempt(Method::POST, "/widget-settings/identity-secret", json!({}), ADMINS),
        attempt(Method::PUT, label, json!({"name": "New", "color": "#111111"}), ADMINS),
        attempt(Method::GET, "/invitations", Value::Null, ADMINS),
        attempt(Method::POST, "/invitations", invite("agent"), ADMINS),
        attempt(Method::POST, "/invitations", invite("admin"), ADMINS),
        attempt(Method::POST, "/invitations", invite("owner"), OWNERS),
        attempt(Method::PATCH, member(&other), json!({"role": "agent"}), ADMINS),
        attempt(Method::PATCH, member(&other), json!({"role": "owner"}), OWNERS),
        attempt(Method::PATCH, member(&other), json!({"role": "agent"}), OWNERS),
        attempt(Method::POST, format!("{}/password-link", member(&other)), json!({}), ADMINS),
    ];
    for Try { method, path, body, may } in table {
        for (who, may) in [&agent, &admin, &owner].into_iter().zip(may) {
            let mut request = who.request(method.clone(), &path);
            if !body.is_null() {
                request = request.json(&body);
            }
            let answer = send(request).await;
            let done = (200..300).contains(&answer.status);
            let role = who.me["member"]["role"].as_str().unwrap();
            let words =
                format!("{role}: {method} {path} {body}: {} {}", answer.status, answer.body);
            assert!(done == may && (done || answer.code() == "forbidden"), "{words}");
        }
    }
    world.stop().await;
}

#[tokio::test]
async fn the_last_owner_stays_whoever_asks_and_however_fast() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let me = format!("/members/{}", ana.id());
    assert_eq!(ana.patch(&me, json!({"role": "agent"})).await.code(), "refused");
    assert_eq!(ana.delete(&me).await.code(), "refused");

    let bob = ana.colleague(&world, "Bob", "owner").await;
    // Each takes the other's crown at the same moment: one is too late.
    let (his, hers) = (format!("/members/{}", bob.id()), me);
    let (one, two) = tokio::join!(
        ana.patch(&his, json!({"role": "admin"})),
        bob.patch(&hers, json!({"role": "admin"}))
    );
    let done = [&one, &two].iter().filter(|answer| answer.status == 200).count();
    assert_eq!(done, 1, "{one:?} {two:?}");
    let left = if one.status == 200 { &ana } else { &bob };
    let members = left.get("/members").await.ok();
    let owners = members.as_array().unwrap().iter().filter(|m| m["role"] == "owner").count();
    assert_eq!(owners, 1);
    world.stop().await;
}

#[tokio::test]
async fn whoever_is_removed_is_out_at_once_and_remembered_by_name() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let ben = ana.colleague(&world, "Ben", "agent").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut visitor_socket = visitor.connect(&world).await;
    visitor_socket.done(say("Hello")).await;
    let mut socket = ben.connect(&world).await;
    let mut watching = ana.connect(&world).await;
    socket.done(reply(&visitor.conversation(), "public", "I am Ben")).await;
    let token = ben.post("/tokens", json!({"name": "script"})).await.ok();
    let bearer = format!("Bearer {}", token["secret"].as_str().unwrap());
    let by_token = || {
        let request = reqwest::Client::new().get(world.url("/api/v1/me"));
        send(request.header("authorization", &bearer))
    };
    by_token().await.ok();

    assert_eq!(ana.delete(&format!("/members/{}", ben.id())).await.status, 204);
    assert_eq!(ben.get("/me").await.code(), "unauthenticated");
    assert_eq!(by_token().await.code(), "unauthenticated");
    assert_eq!(socket.closed().await.code, Some(4012));
    let told = watching.event(|e| e["event"] == "member").await;
    assert_eq!(
        (&told["member"]["id"], &told["member"]["active"]),
        (&json!(ben.id()), &json!(false))
    );
    let seen = visitor_socket.posted("I am Ben").await;
    assert_eq!(seen["message"]["author"]["name"], "Ben");
    let sign_in = super::sign_in(&world, super::email_of(&ben), super::PASSWORD).await;
    assert_eq!(sign_in.code(), "forbidden");
    world.stop().await;
}

#[tokio::test]
async fn a_lower_role_holds_at_once_on_open_sockets_as_well() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let ben = ana.colleague(&world, "Ben", "admin").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    visitor.connect(&world).await.done(say("Hello")).await;
    let conversation = visitor.conversation();
    let written = ana.connect(&world).await.done(reply(&conversation, "public", "Hi")).await;
    let mut socket = ben.connect(&world).await;

    ana.patch(&format!("/members/{}", ben.id()), json!({"role": "agent"})).await.ok();
    assert_eq!(ben.patch("/workspace", json!({"name": "Mine"})).await.code(), "forbidden");
    let delete = json!({"type": "delete", "conversation": conversation,
                        "message": written["message"], "id": 1});
    // Either the socket knows, or it was closed so that its client comes back and learns.
    socket.send_text(&delete.to_string()).await;
    let refused = loop {
        match socket.receive().await {
            Err(closed) => break closed.code.is_some_and(|code| code != 4012),
            Ok(frame) if frame["id"] == 1 => break frame["code"] == "forbidden",
            Ok(_) => {}
        }
    };
    assert!(refused, "an admin's socket outlived the role");
    let path = format!("/conversations/{conversation}/messages");
    let messages = ana.get(&path).await.ok();
    assert!(messages["items"].as_array().unwrap().iter().any(|m| m["text"] == "Hi"), "{messages}");
    world.stop().await;
}
