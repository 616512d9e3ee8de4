//! What is written down of people: nothing.

use std::process::Stdio;

use reqwest::Method;
use serde_json::{Value, json};
use switchboard_store::seal::MasterKeys;

use crate::support::people::{PASSWORD, send, upload};
use crate::support::process::{Process, free_port, program};
use crate::support::socket::{reply, say};
use crate::support::{Agent, Socket, Visitor, World, database};

#[tokio::test]
async fn the_most_talkative_log_holds_no_text_no_address_and_no_secret() {
    let (database, keys) = (database::fresh().await, MasterKeys::generate());
    let data = tempfile::tempdir().unwrap();
    let log = data.path().join("log.jsonl");
    let mut command = program(data.path());
    command.arg("serve").env("DATABASE_URL", &database).env("SWITCHBOARD_MASTER_KEYS", &keys);
    command.env("RUST_LOG", "debug").stderr(Stdio::from(std::fs::File::create(&log).unwrap()));
    let server = Process::start(command, free_port()).await;
    let world = World::at(server.address, database.clone(), keys.clone());

    let mut secrets = vec!["Wuthering".to_owned(), "heights.txt".into(), PASSWORD.into(), keys];
    let ana = Agent::sign_up(&world, "Ana").await;
    secrets.push(ana.me["member"]["email"].as_str().unwrap().to_owned());
    secrets.push(ana.cookie.split_once('=').unwrap().1.to_owned());
    secrets.push("Ana's shop".into());
    let token = ana.post("/tokens", json!({"name": "Wuthering"})).await.ok();
    let token = token["secret"].as_str().unwrap().to_owned();
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    talk(&world, &ana, &visitor, &token).await;
    secrets.extend([token, visitor.token.clone()]);
    secrets.extend(go_wrong(&world, &ana, &visitor).await);
    server.terminate();
    assert!(server.left().await.success());

    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.contains("/api/v1/contacts/{id}"), "the log was not written");
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).expect("each line is JSON");
        assert!(line["level"].is_string() && line["timestamp"].is_string(), "{line}");
    }
    for secret in &secrets {
        let line = text.lines().find(|line| line.contains(secret.as_str()));
        assert_eq!(line, None, "{secret} is in the log");
    }
}

/// A conversation by every way there is.
async fn talk(world: &World, ana: &Agent, visitor: &Visitor, token: &str) {
    let mut socket = visitor.connect(world).await;
    socket.done(say("Wuthering by socket")).await;
    let mut team = Socket::dial(world, "/ws/agent", &[]).await;
    team.greet(json!({"type": "hello", "token": token})).await;
    team.done(reply(&visitor.conversation(), "note", "Wuthering as a note")).await;
    visitor.post("/visitor/messages", json!({"text": "Wuthering by REST"})).await.ok();
    let contact = json!({"name": "Wuthering", "email": "wuthering@mail.example", "phone": "1847"});
    ana.patch(&format!("/contacts/{}", visitor.id), contact).await.ok();
    ana.get("/search?q=Wuthering").await.ok();
    let request = visitor.request(Method::POST, "/attachments");
    let file = upload(request, "heights.txt", b"Wuthering in a file".to_vec()).await.ok();
    let url = file["url"].as_str().unwrap();
    let url = world.url(&url[url.find("/api/").unwrap()..]);
    reqwest::get(url).await.unwrap().error_for_status().unwrap();
}

/// Errors are the likeliest to talk. Gives more of what must not be told.
async fn go_wrong(world: &World, ana: &Agent, visitor: &Visitor) -> Vec<String> {
    let client = reqwest::Client::new();
    let wrong = json!({"email": "wuthering@mail.example", "password": "wrong Wuthering"});
    send(client.post(world.url("/api/v1/sign-in")).json(&wrong)).await;
    send(client.get(world.url("/api/v1/invitations/by-token/Wuthering"))).await;
    send(client.get(world.url("/Wuthering?q=Wuthering"))).await;
    ana.post("/labels", json!({"name": "Wuthering", "color": "Wuthering"})).await;
    visitor.post("/visitor/messages", json!({"text": 7, "Wuthering": "Wuthering"})).await;
    let mut socket = visitor.connect(world).await;
    socket.send_text(r#"{"id":1,"type":"Wuthering","text":"Wuthering"}"#).await;
    socket.wait_for(|frame| frame["type"] == "no").await;
    let invite = json!({"email": "heathcliff@mail.example", "role": "agent"});
    let made = ana.post("/invitations", invite).await.ok();
    let link = made["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let page = reqwest::Client::new().get(world.url(&format!("/console/invite/{link}")));
    send(page).await;
    vec!["heathcliff".into(), link, "wuthering@mail".into()]
}
