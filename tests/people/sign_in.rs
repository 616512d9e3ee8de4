//! Signing up, in and out, and from where.

use reqwest::Method;
use serde_json::json;

use super::{another_browser, email_of, post, sign_in};
use crate::support::people::{PASSWORD, send};
use crate::support::socket::{Socket, reply, say};
use crate::support::{Agent, Visitor, World};

/// The close code that says: signed out, sign in again first.
const SIGNED_OUT: Option<u16> = Some(4012);

#[tokio::test]
async fn signing_up_sets_a_cookie_that_neither_scripts_nor_other_sites_get() {
    let world = World::start().await;
    let body = json!({
        "workspace": "  Ana's   shop ", "name": "Ana", "email": "Ana@Shop.Example",
        "password": PASSWORD,
    });
    let answer = post(&world, "/sign-up", body.clone()).await;
    assert_eq!(answer.status, 201);
    let cookie = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    for part in ["__Host-switchboard=", "; HttpOnly", "; Secure", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(part), "{part} is not in {cookie}");
    }
    assert!(!cookie.to_lowercase().contains("domain="), "{cookie}");

    let ana = Agent::of(&world, answer);
    let me = ana.get("/me").await.ok();
    assert_eq!(me, ana.me);
    assert_eq!(me["member"]["email"], "ana@shop.example");
    assert_eq!(me["member"]["role"], "owner");
    assert_eq!(me["workspaces"], json!([me["workspace"]]));

    let again = post(&world, "/sign-up", body).await;
    assert_eq!((again.code(), &again.body["field"]), ("conflict", &json!("email")));
    world.stop().await;
}

#[tokio::test]
async fn a_value_that_is_not_allowed_is_named() {
    let world = World::start().await;
    let good = json!({
        "workspace": "Shop", "name": "Ana", "email": "ana@shop.example", "password": PASSWORD,
    });
    for (field, bad) in [
        ("workspace", " "),
        ("name", ""),
        ("name", &"x".repeat(81)),
        ("email", "nobody"),
        ("email", "a b@c.example"),
        ("password", "short"),
        ("password", "ana@shop.example"),
        ("password", &"0123456789".repeat(40)),
    ] {
        let mut body = good.clone();
        body[field] = json!(bad);
        let answer = post(&world, "/sign-up", body).await;
        assert_eq!((answer.code(), &answer.body["field"]), ("invalid", &json!(field)), "{bad:?}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let wrong = sign_in(&world, email_of(&ana), "not the password").await;
    let unknown = sign_in(&world, "nobody@nowhere.example", "not the password").await;
    assert_eq!(wrong.code(), "unauthenticated");
    assert_eq!((wrong.status, &wrong.body), (unknown.status, &unknown.body));
    let names = |answer: &crate::support::people::Answer| {
        let names = answer.headers.keys().map(|name| name.as_str().to_owned());
        names.collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(names(&wrong), names(&unknown));

    let shouted = email_of(&ana).to_uppercase();
    let answer = sign_in(&world, &shouted, PASSWORD).await;
    assert_eq!(answer.ok()["user"], ana.me["user"]);
    world.stop().await;
}

#[tokio::test]
async fn a_cookie_that_another_site_sends_changes_nothing() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let label = json!({"name": "Order", "color": "#2f7d4f"});
    let client = reqwest::Client::new();
    let ours = world.url("");
    for headers in [
        vec![],
        vec![("origin", "https://evil.example")],
        vec![("origin", "null")],
        vec![("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
        vec![("origin", ours.as_str()), ("sec-fetch-site", "same-site")],
        vec![("sec-fetch-site", "none")],
    ] {
        let mut request = client.post(world.url("/api/v1/labels")).header("cookie", &ana.cookie);
        for (name, value) in &headers {
            request = request.header(*name, *value);
        }
        let answer = send(request.json(&label)).await;
        assert_eq!(answer.code(), "forbidden", "{headers:?}");
    }
    // What a plain form can send is no JSON, wherever it stands.
    let form = ana.request(Method::POST, "/labels").header("content-type", "text/plain");
    assert_eq!(send(form.body(label.to_string())).await.code(), "unsupported_media");
    assert_eq!(ana.get("/labels").await.ok(), json!([]));

    let evil = [("cookie", ana.cookie.as_str()), ("origin", "https://evil.example")];
    let refused = Socket::try_dial(world.address, "/ws/agent", &evil).await.err().unwrap();
    let tokio_tungstenite::tungstenite::Error::Http(response) = refused else {
        panic!("{refused}");
    };
    assert_eq!(response.status().as_u16(), 403);
    world.stop().await;
}

#[tokio::test]
async fn signing_out_ends_this_browser_and_no_other() {
    let world = World::start().await;
    let here = Agent::sign_up(&world, "Ana").await;
    let there = another_browser(&world, &here).await;
    let visitor = Visitor::boot(&world, &here.widget_key().await).await;
    visitor.connect(&world).await.done(say("Hello")).await;
    let mut socket_here = here.connect(&world).await;
    let mut socket_there = there.connect(&world).await;

    let answer = here.post("/sign-out", json!({})).await;
    assert_eq!(answer.status, 204);
    assert!(answer.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(socket_here.closed().await.code, SIGNED_OUT);
    assert_eq!(here.get("/me").await.code(), "unauthenticated");
    let mut back = here.dial(&world).await;
    back.send_text(r#"{"type":"hello"}"#).await;
    assert_eq!(back.closed().await.code, Some(4001));

    there.get("/me").await.ok();
    socket_there.done(reply(&visitor.conversation(), "public", "still here")).await;
    world.stop().await;
}

#[tokio::test]
async fn signing_out_everywhere_closes_every_socket_of_the_login() {
    let world = World::start().await;
    let here = Agent::sign_up(&world, "Ana").await;
    let there = another_browser(&world, &here).await;
    let ben = here.colleague(&world, "Ben", "agent").await;
    let mut sockets = [here.connect(&world).await, there.connect(&world).await];
    let mut of_ben = ben.connect(&world).await;

    assert_eq!(here.post("/sign-out-everywhere", json!({})).await.status, 204);
    for socket in &mut sockets {
        assert_eq!(socket.closed().await.code, SIGNED_OUT);
    }
    for browser in [&here, &there] {
        assert_eq!(browser.get("/me").await.code(), "unauthenticated");
    }
    of_ben.done(json!({"type": "watch", "conversation": null})).await;
    another_browser(&world, &here).await.get("/me").await.ok();
    world.stop().await;
}

#[tokio::test]
async fn a_session_ends_with_its_time() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let database = crate::support::database::superuser(&world.database).await;
    let aged = "update user_sessions set expires_at = now() - interval '1 second'";
    database.batch_execute(aged).await.unwrap();
    let node = world.beside().await;
    let url = node.url("/api/v1/me");
    let answer = send(reqwest::Client::new().get(url).header("cookie", &ana.cookie)).await;
    assert_eq!(answer.code(), "unauthenticated");
    node.stop().await;
    world.stop().await;
}

#[tokio::test]
async fn one_login_goes_from_workspace_to_workspace_and_into_no_other() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let ben = Agent::sign_up(&world, "Ben").await;
    let zoe = Agent::sign_up(&world, "Zoe").await;
    let visitor = Visitor::boot(&world, &ben.widget_key().await).await;
    visitor.connect(&world).await.done(say("Hello")).await;
    let conversation = format!("/conversations/{}", visitor.conversation());

    let invite = json!({"email": email_of(&ana), "role": "agent"});
    let made = ben.post("/invitations", invite).await.ok();
    let accept = json!({"token": super::token_of(&made), "name": "Ana", "password": PASSWORD});
    post(&world, "/invitations/accept", accept).await.ok();
    assert_eq!(ana.get(&conversation).await.code(), "not_found");

    let there = ana.post("/switch", json!({"workspace": ben.workspace()})).await.ok();
    assert_eq!(there["workspace"]["id"], ben.workspace());
    assert_eq!(there["member"]["role"], "agent");
    assert_eq!(there["workspaces"].as_array().unwrap().len(), 2);
    ana.get(&conversation).await.ok();
    assert_eq!(ana.get("/members").await.ok().as_array().unwrap().len(), 2);

    for foreign in [zoe.workspace(), "wsp_00000000000000000000000000000000"] {
        let answer = ana.post("/switch", json!({"workspace": foreign})).await;
        assert_eq!(answer.code(), "not_found");
    }
    ana.post("/switch", json!({"workspace": ana.workspace()})).await.ok();
    assert_eq!(ana.get(&conversation).await.code(), "not_found");
    world.stop().await;
}
