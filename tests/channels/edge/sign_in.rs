//! Connecting accounts by signing in at their platform.

use std::net::TcpListener;

use actix_web::web::{self, Json, Query};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use reqwest::Method;
use reqwest::redirect::Policy;
use serde_json::{Value, json};

use crate::support::world::META;
use crate::support::{Agent, World};

/// A platform that takes one code, `good`, and knows one person with two Pages.
fn platform() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let server = HttpServer::new(|| {
            App::new()
                .route("/graph/v26.0/oauth/access_token", web::get().to(token))
                .route("/graph/v26.0/me", web::get().to(me))
                .route("/graph/v26.0/me/accounts", web::get().to(pages))
        });
        let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
        actix_web::rt::System::new().block_on(server)
    });
    format!("http://{address}")
}

async fn token(query: Query<Value>) -> HttpResponse {
    let [(_, app), (_, secret), ..] = META;
    let ours = query["client_id"] == app && query["client_secret"] == secret;
    let given = match (query["code"].as_str(), query["fb_exchange_token"].as_str()) {
        (Some("good"), _) if query["redirect_uri"].as_str().unwrap().ends_with("/meta") => "short",
        (_, Some("short")) => "long",
        _ => "",
    };
    if !ours || given.is_empty() {
        let error = json!({"message": "This code has been used.", "type": "OAuthException",
                           "code": 100});
        return HttpResponse::BadRequest().json(json!({ "error": error }));
    }
    HttpResponse::Ok().json(json!({"access_token": given, "token_type": "bearer",
                                   "expires_in": 5_183_944}))
}

fn is_long(request: &HttpRequest) -> bool {
    let header = request.headers().get("authorization");
    header.is_some_and(|value| value == "Bearer long")
        && request.query_string().contains("appsecret_proof=")
}

async fn me(request: HttpRequest) -> Json<Value> {
    assert!(is_long(&request));
    Json(json!({"id": "10230011223344556", "name": "Ana"}))
}

async fn pages(request: HttpRequest) -> Json<Value> {
    assert!(is_long(&request));
    let page = |id: &str, tasks: &[&str]| {
        json!({"id": id, "name": format!("Page {id}"), "access_token": format!("of-{id}"),
               "tasks": tasks})
    };
    let data = [page("1", &["MESSAGING"]), page("2", &["MESSAGING"]), page("3", &["ANALYZE"])];
    Json(json!({ "data": data }))
}

async fn world() -> (World, Agent) {
    let platform = platform();
    let world = World::with(&format!("[providers]\ngraph = \"{platform}/graph\"")).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    (world, ana)
}

/// Begins, and the state that the platform would hand back.
async fn begin(agent: &Agent, kind: &str) -> String {
    let body = json!({"kind": kind, "choose": true});
    let url = agent.post("/channels/sign-in", body).await.ok();
    let url = reqwest::Url::parse(url["url"].as_str().unwrap()).unwrap();
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap();
    state.1.into_owned()
}

/// Comes back from the platform. What the console is told, as names and values.
async fn come_back(world: &World, cookie: &str, query: &[(&str, &str)]) -> Vec<(String, String)> {
    let client = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    let request = client
        .request(Method::GET, world.url("/api/v1/channels/callback/meta"))
        .query(query)
        .header("cookie", cookie);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 302);
    let location = response.headers()["location"].to_str().unwrap();
    assert!(location.starts_with("/console/settings/channels?"), "{location}");
    let url = reqwest::Url::parse(&format!("http://x{location}")).unwrap();
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

#[tokio::test]
async fn who_signs_in_at_a_platform_chooses_what_to_connect() {
    let (world, ana) = world().await;
    let state = begin(&ana, "facebook_page").await;
    let told = come_back(&world, &ana.cookie, &[("code", "good"), ("state", &state)]).await;
    let [(name, ticket)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(name, "sign_in");
    assert!(!ticket.contains("long"));
    let path = format!("/channels/sign-in/{ticket}");
    let choices = ana.get(&path).await.ok();
    let page = |id: &str| json!({"id": id, "name": format!("Page {id}"), "handle": null});
    assert_eq!(choices, json!({"kind": "facebook_page", "choices": [page("1"), page("2")]}));
    for bad in [json!([]), json!(["3"]), json!(["1", "9"])] {
        assert_eq!(ana.post(&path, json!({ "ids": bad })).await.body["field"], "ids");
    }
    let connected = ana.post(&path, json!({"ids": ["2"]})).await.ok();
    let count = |name: &str| connected[name].as_array().unwrap().len();
    assert_eq!(count("accounts") + count("problems"), 1, "{connected}");

    let ben = ana.colleague(&world, "Ben", "admin").await;
    assert_eq!(ben.get(&path).await.code(), "not_found");
    world.stop().await;
}

#[tokio::test]
async fn a_redirect_is_of_use_to_the_session_that_began_it_alone() {
    let (world, ana) = world().await;
    let ben = ana.colleague(&world, "Ben", "admin").await;
    let eve = ana.colleague(&world, "Eve", "agent").await;
    let state = begin(&ana, "facebook_page").await;
    let instagram = begin(&ana, "instagram_login").await;
    for (cookie, query) in [
        (ben.cookie.as_str(), [("code", "good"), ("state", state.as_str())]),
        (eve.cookie.as_str(), [("code", "good"), ("state", &state)]),
        ("", [("code", "good"), ("state", &state)]),
        (&ana.cookie, [("code", "good"), ("state", "forged")]),
        (&ana.cookie, [("code", "good"), ("nothing", "")]),
        // Of the other app.
        (&ana.cookie, [("code", "good"), ("state", &instagram)]),
        (&ana.cookie, [("code", "used"), ("state", &state)]),
        (&ana.cookie, [("error", "access_denied"), ("state", &state)]),
    ] {
        let told = come_back(&world, cookie, &query).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].0, "problem", "{told:?}");
    }
    let token = ana.post("/tokens", json!({"name": "t"})).await.ok();
    let request = reqwest::Client::new()
        .post(world.url("/api/v1/channels/sign-in"))
        .bearer_auth(token["secret"].as_str().unwrap())
        .json(&json!({"kind": "facebook_page"}));
    let answer = crate::support::people::send(request).await;
    assert!(answer.status == 422, "{}", answer.body);
    let bot = ana.post("/channels/sign-in", json!({"kind": "telegram_bot"})).await;
    assert_eq!(bot.code(), "refused");
    world.stop().await;
}
