//! What Meta asks of us about people.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use switchboard_domain::{AccountKind, Identity};
use switchboard_store::seal::MasterKeys;

use crate::support::accounts::{Connected, Number, seconds_ago};
use crate::support::behind::Behind;
use crate::support::people::{Answer, send};
use crate::support::process::{Process, free_port, program};
use crate::support::socket::say;
use crate::support::stage::until;
use crate::support::world::META;
use crate::support::{Agent, Visitor, World, database};

const PERSON: &str = "10230011223344556";

fn signed(secret: &str, payload: &Value) -> String {
    let payload = URL_SAFE_NO_PAD.encode(payload.to_string());
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(payload.as_bytes());
    format!("{}.{payload}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn request(secret: &str) -> String {
    signed(secret, &json!({"user_id": PERSON, "algorithm": "HMAC-SHA256"}))
}

/// As Meta posts it.
async fn post(world: &World, path: &str, signed: &str) -> Answer {
    send(form(world.url(&format!("/api/v1/integrations/{path}")), signed)).await
}

fn form(url: String, signed: &str) -> reqwest::RequestBuilder {
    reqwest::Client::new()
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("signed_request={signed}"))
}

async fn status(ana: &Agent, id: impl ToString) -> Value {
    let (all, id) = (ana.get("/channels").await.ok(), id.to_string());
    let accounts = all["accounts"].as_array().unwrap();
    accounts.iter().find(|account| account["id"] == id).unwrap()["status"].clone()
}

#[tokio::test]
async fn whoever_removes_our_app_has_their_accounts_disconnected_and_no_others() {
    let world = World::start().await;
    let (ana, zoe) = (Agent::sign_up(&world, "Ana").await, Agent::sign_up(&world, "Zoe").await);
    let behind = Behind::of(&world);
    let page = behind.account_by(&ana, "facebook_page", "110", Some(PERSON)).await;
    let other = behind.account_by(&ana, "facebook_page", "111", Some("777")).await;
    let of_zoe = behind.account_by(&zoe, "instagram_page", "178", Some(PERSON)).await;
    let [_, (_, secret), _, _, (_, instagram)] = META;
    for bad in ["", "x", "x.y", &request("another secret"), &request(secret)[1..]] {
        assert_eq!(post(&world, "meta/deauthorize", bad).await.code(), "unauthenticated", "{bad}");
    }
    assert_eq!(post(&world, "telegram/deauthorize", &request(secret)).await.code(), "not_found");
    assert_eq!(status(&ana, page).await, "active");
    for secret in [secret, instagram] {
        assert_eq!(post(&world, "meta/deauthorize", &request(secret)).await.status, 200);
        assert_eq!(status(&ana, page).await, "disconnected");
        assert_eq!(status(&zoe, of_zoe).await, "disconnected");
        assert_eq!(status(&ana, other).await, "active");
    }
    world.stop().await;
}

#[tokio::test]
async fn whoever_wants_their_data_deleted_is_forgotten_and_can_see_that() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let behind = Behind::of(&world);
    behind.account(&ana, "facebook_page", "110").await;
    let key = ana.widget_key().await;
    let (eve, other) = (Visitor::boot(&world, &key).await, Visitor::boot(&world, &key).await);
    for visitor in [&eve, &other] {
        visitor.connect(&world).await.done(say("my secret")).await;
    }
    let path = format!("/conversations/{}/messages", eve.conversation());
    ana.post(&path, json!({"text": "we keep it"})).await.ok();
    ana.patch(&format!("/contacts/{}", eve.id), json!({"name": "Eve"})).await.ok();
    behind.identify(&ana, &eve.id, Identity::Messenger(format!("110:{PERSON}"))).await;
    let before = behind.contact_key(&ana, &eve.id).await;

    let [_, (_, secret), ..] = META;
    let answer = post(&world, "meta/data-delete", &request(secret)).await.ok();
    let code = answer["confirmation_code"].as_str().unwrap().to_owned();
    assert!(code.bytes().all(|b| b.is_ascii_alphanumeric()) && code.len() >= 16, "{code}");
    let url = answer["url"].as_str().unwrap();
    assert!(url.ends_with(&format!("/privacy/deletion/{code}")), "{url}");
    assert_ne!(behind.contact_key(&ana, &eve.id).await, before);
    assert_eq!(behind.bodies(&ana, &eve.conversation()).await, 0);
    let contact = ana.get(&format!("/contacts/{}", eve.id)).await.ok();
    assert_eq!(contact["named"], false);
    for message in ana.get(&path).await.ok()["items"].as_array().unwrap() {
        assert_eq!(message["text"], "");
        assert!(message["deleted_at"].is_string(), "{message}");
    }
    assert_eq!(behind.bodies(&ana, &other.conversation()).await, 1);

    let again = post(&world, "meta/data-delete", &request(secret)).await.ok();
    assert_eq!(again["confirmation_code"], json!(code));
    let page = reqwest::get(world.url(&format!("/privacy/deletion/{code}"))).await.unwrap();
    assert_eq!(page.status(), 200);
    let csp = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(csp.starts_with("default-src 'none'"), "{csp}");
    let text = page.text().await.unwrap();
    assert!(text.contains("Done") && text.contains(&code) && !text.contains("{{"), "{text}");
    for bad in ["nothing", "%3Cscript%3E", &"a".repeat(65)] {
        let answer = reqwest::get(world.url(&format!("/privacy/deletion/{bad}"))).await.unwrap();
        assert_eq!(answer.status(), 404, "{bad}");
    }
    world.stop().await;
}

/// What a Page hears of this person.
fn told(what: Value) -> Value {
    let mut item = json!({"sender": {"id": PERSON}, "recipient": {"id": "110"},
                          "timestamp": seconds_ago(60) * 1000});
    item.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
    json!({"object": "page", "entry": [{"id": "110", "time": 1, "messaging": [item]}]})
}

/// A server in a process of its own that knows our app at Meta.
async fn serve(database: &str, keys: &str, data: &std::path::Path, port: u16) -> Process {
    let mut command = program(data);
    command.arg("serve").env("DATABASE_URL", database).env("SWITCHBOARD_MASTER_KEYS", keys);
    command.envs(META);
    Process::start(command, port).await
}

#[tokio::test]
async fn a_deletion_whose_process_was_killed_is_ended_by_the_next_one() {
    let (database, keys) = (database::fresh().await, MasterKeys::generate());
    let (data, port) = (tempfile::tempdir().unwrap(), free_port());
    let mut process = serve(&database, &keys, data.path(), port).await;
    let world = World::at(process.address, database.clone(), keys.clone());
    let ana = Agent::sign_up(&world, "Ana").await;
    let page = Number {
        kind: AccountKind::FacebookPage,
        id: "110",
        other: None,
        below: None,
        handle: None,
        is_kept_from_us: true,
    };
    let page = Connected::called(&world, &ana, &page).await;
    let secret_told = told(json!({"message": {"mid": "m_1", "text": "my secret"}}));
    let waits = json!({"mid": "m_2", "action": "react", "emoji": "❤", "reaction": "love"});
    for hook in [&secret_told, &told(json!({"reaction": waits}))] {
        assert_eq!(page.tell(hook).await.status, 200);
    }
    let conversations = ana.get("/conversations").await.ok();
    let conversation = conversations["items"][0]["id"].as_str().unwrap().to_owned();
    let (behind, db) = (Behind::of(&world), database::superuser(&database).await);
    let left = async || {
        let sql = "select (select count(*) from parked) + (select count(*) from externals
                   where sealed <> '') + (select count(*) from deletion_requests
                   where person is not null)";
        let rows: i64 = db.query_one(sql, &[]).await.unwrap().get(0);
        rows + behind.bodies(&ana, &conversation).await
    };
    assert_eq!(left().await, 3, "a message, its name, and what waits");

    // As long as somebody else writes, the deletion waits; then its process dies.
    let mut other = database::superuser(&database).await;
    let writing = other.transaction().await.unwrap();
    writing.execute("select 1 from workspaces for update", &[]).await.unwrap();
    let [_, (_, secret), ..] = META;
    let at = world.url("/api/v1/integrations/meta/data-delete");
    let asked = tokio::spawn(form(at, &request(secret)).send());
    until("the deletion to wait", async || {
        let sql = "select 1 from pg_stat_activity
                   where datname = current_database() and wait_event_type = 'Lock'";
        db.query_opt(sql, &[]).await.unwrap()
    })
    .await;
    process.kill();
    asked.await.unwrap().unwrap_err();
    writing.rollback().await.unwrap();
    let code = "select code from deletion_requests where state = 'working'";
    let code: String = db.query_one(code, &[]).await.unwrap().get(0);
    assert_eq!(left().await, 4, "and whom it is about");

    // Its time is over.
    let late = "update deletion_requests set claimed_until = now() - interval '1 second'";
    db.execute(late, &[]).await.unwrap();
    let _process = serve(&database, &keys, data.path(), port).await;
    until("the end of the deletion", async || {
        let page = reqwest::get(world.url(&format!("/privacy/deletion/{code}"))).await.unwrap();
        page.text().await.unwrap().contains("Done").then_some(())
    })
    .await;
    assert_eq!(left().await, 0);
    // What the platform tells once more does not bring it back.
    assert_eq!(page.tell(&secret_told).await.status, 200);
    assert_eq!(left().await, 0);
}

#[tokio::test]
async fn who_was_forgotten_can_write_again() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let behind = Behind::of(&world);
    behind.account(&ana, "facebook_page", "110").await;
    let eve = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut socket = eve.connect(&world).await;
    socket.done(say("my secret")).await;
    behind.identify(&ana, &eve.id, Identity::Messenger(format!("110:{PERSON}"))).await;
    let [_, (_, secret), ..] = META;
    post(&world, "meta/data-delete", &request(secret)).await.ok();
    // The conversation's actor still holds the key that is gone.
    socket.done(say("hello again")).await;
    let path = format!("/conversations/{}/messages", eve.conversation());
    let page = ana.get(&path).await.ok();
    let texts: Vec<_> = page["items"].as_array().unwrap().iter().map(|m| &m["text"]).collect();
    assert_eq!(texts, [&json!(""), &json!("hello again")]);
    let shown = ana.get(&format!("/conversations/{}", eve.conversation())).await.ok();
    assert_eq!(shown["conversation"]["unread"], 1, "what was deleted is not waited for");
    world.stop().await;
}
