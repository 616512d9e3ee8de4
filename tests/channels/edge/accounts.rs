//! Accounts, their templates, and what could not be read.

use jiff::SignedDuration;
use serde_json::json;
use switchboard_store::template::{self, Template};
use uuid::Uuid;

use crate::support::behind::{Behind, workspace};
use crate::support::{Agent, World};

#[tokio::test]
async fn accounts_are_seen_by_all_and_administered_by_admins() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let ben = ana.colleague(&world, "Ben", "agent").await;
    let behind = Behind::of(&world);
    let id = behind.account(&ana, "telegram_bot", "7001").await;
    let all = ben.get("/channels").await.ok();
    let account = &all["accounts"][0];
    assert_eq!(
        (&account["id"], &account["channel"], &account["status"]),
        (&json!(id), &json!("telegram"), &json!("active"))
    );
    let kinds = ["whatsapp_number", "facebook_page", "instagram_page", "instagram_login"];
    assert_eq!(all["sign_in"], json!(kinds));
    let hook = |name: &str| format!("/hooks/{name}");
    for (shown, name) in
        all["hooks"].as_array().unwrap().iter().zip(["whatsapp", "messenger", "instagram"])
    {
        assert!(shown["url"].as_str().unwrap().ends_with(&hook(name)), "{shown}");
    }
    assert!(!all.to_string().contains("secret"), "{all}");

    let path = format!("/channels/accounts/{id}");
    let rename = json!({"name": " The  shop "});
    assert_eq!(ben.patch(&path, rename.clone()).await.code(), "forbidden");
    let connect = json!({"kind": "telegram_bot", "token": "1:x"});
    assert_eq!(ben.post("/channels/accounts", connect).await.code(), "forbidden");
    assert_eq!(ben.delete(&path).await.code(), "forbidden");
    assert_eq!(ana.patch(&path, rename).await.ok()["name"], "The shop");
    assert_eq!(ana.patch(&path, json!({"name": ""})).await.body["field"], "name");
    assert_eq!(ana.delete(&path).await.status, 204);
    assert_eq!(ana.get("/channels").await.ok()["accounts"][0]["status"], "disconnected");
    world.stop().await;
}

#[tokio::test]
async fn what_is_pasted_wrongly_is_named_before_any_platform_is_asked() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    for (body, field) in [
        (json!({"kind": "telegram_bot", "token": "no token"}), "token"),
        (json!({"kind": "facebook_page", "page_id": "", "token": "x"}), "page_id"),
        (
            json!({"kind": "whatsapp_number", "phone_number_id": "1", "business_account_id": " ",
                   "token": "x"}),
            "business_account_id",
        ),
    ] {
        let answer = ana.post("/channels/accounts", body).await;
        assert_eq!((answer.code(), &answer.body["field"]), ("invalid", &json!(field)));
    }
    let unknown = json!({"kind": "fax", "token": "x"});
    assert_eq!(ana.post("/channels/accounts", unknown).await.code(), "invalid");
    world.stop().await;
}

#[tokio::test]
async fn templates_are_shown_as_people_fill_them_in() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let behind = Behind::of(&world);
    let account = behind.account(&ana, "whatsapp_number", "106").await;
    let row = |name: &str, status: &str| Template {
        id: Uuid::now_v7().into(),
        account,
        external: name.to_owned(),
        name: name.to_owned(),
        language: "en_US".to_owned(),
        category: "UTILITY".to_owned(),
        status: status.to_owned(),
        quality: None,
        reason: None,
        components: json!([
            {"type": "BODY", "text": "Hi {{1}}", "example": {"body_text": [["Ana"]]}},
        ]),
        named: false,
        updated_at: "2026-11-20T10:00:00Z".parse().unwrap(),
    };
    let tx = behind.store.writers.begin(workspace(&ana)).await.unwrap();
    let rows = [row("b", "PENDING"), row("a", "APPROVED")];
    template::replace(&tx, workspace(&ana), account, &rows, rows[0].updated_at).await.unwrap();
    tx.commit().await.unwrap();

    let path = format!("/channels/accounts/{account}/templates");
    let shown = ana.get(&path).await.ok();
    let sendable: Vec<_> = shown.as_array().unwrap().iter().map(|t| &t["sendable"]).collect();
    assert_eq!(sendable, [&json!(true), &json!(false)]);
    let variables = json!([{"name": "1", "example": "Ana"}]);
    assert_eq!(shown[0]["components"][0]["variables"], variables);

    // One that waits for its review may be missing from the platform's list for a while.
    for (listed_since, left) in
        [(rows[0].updated_at - SignedDuration::from_mins(1), 2), (rows[0].updated_at, 1)]
    {
        let tx = behind.store.writers.begin(workspace(&ana)).await.unwrap();
        let only = &rows[1..];
        template::replace(&tx, workspace(&ana), account, only, listed_since).await.unwrap();
        assert_eq!(template::list(&tx, workspace(&ana), account).await.unwrap().len(), left);
    }

    let new = |body: &str, examples: &[&str]| {
        json!({"name": "hello", "language": "en_US", "category": "UTILITY", "body": body,
               "examples": examples})
    };
    for (body, field) in [
        (new("Hi {{1}}", &[]), "examples"),
        (new(" ", &[]), "body"),
        (new(&"x".repeat(1_025), &[]), "body"),
    ] {
        let answer = ana.post(&path, body).await;
        assert_eq!((answer.code(), &answer.body["field"]), ("invalid", &json!(field)));
    }
    let mut named = new("Hi", &[]);
    named["name"] = json!("Hello there");
    assert_eq!(ana.post(&path, named).await.body["field"], "name");
    world.stop().await;
}

#[tokio::test]
async fn what_could_not_be_read_is_looked_at_page_by_page_and_thrown_away() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let ben = ana.colleague(&world, "Ben", "agent").await;
    let behind = Behind::of(&world);
    let mut kept = Vec::new();
    for _ in 0..3 {
        kept.push(behind.dead_letter(&ana).await.to_string());
    }
    kept.reverse();
    assert_eq!(ben.get("/channels/dead-letters").await.code(), "forbidden");
    let first = ana.get("/channels/dead-letters?limit=2").await.ok();
    let next = first["next"].as_str().unwrap();
    let second = ana.get(&format!("/channels/dead-letters?limit=2&cursor={next}")).await.ok();
    assert_eq!(second["next"], json!(null));
    let pages = [&first, &second].map(|page| page["letters"].as_array().unwrap().clone()).concat();
    let ids: Vec<_> = pages.iter().map(|letter| letter["id"].as_str().unwrap()).collect();
    assert_eq!(ids, kept);
    assert_eq!(pages[0]["channel"], "whatsapp");
    assert_eq!(pages[0]["body"], r#"{"object":"whatsapp_business_account"}"#);
    for bad in ["x", "1_x", "9999999999999999999_ded_1"] {
        let answer = ana.get(&format!("/channels/dead-letters?cursor={bad}")).await;
        assert_eq!(answer.body["field"], "cursor");
    }
    let path = format!("/channels/dead-letters/{}", kept[0]);
    assert_eq!(ben.delete(&path).await.code(), "forbidden");
    assert_eq!(ana.delete(&path).await.status, 204);
    assert_eq!(ana.delete(&path).await.code(), "not_found");
    let left = ana.get("/channels/dead-letters").await.ok();
    assert_eq!(left["letters"].as_array().unwrap().len(), 2);
    world.stop().await;
}

#[tokio::test]
async fn what_can_be_read_by_now_goes_where_it_would_have_gone() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let behind = Behind::of(&world);
    let text = include_bytes!("../../../channels/tests/samples/whatsapp/message_text.json");
    let replay = |id: &str| format!("/channels/dead-letters/{id}/replay");
    let readable = behind.letter(&ana, text).await.to_string();
    let unreadable = behind.letter(&ana, b"not JSON").await.to_string();
    // Nobody here has the number.
    assert_eq!(ana.post(&replay(&readable), json!({})).await.code(), "refused");
    behind.account(&ana, "whatsapp_number", "598213347710462").await;
    assert_eq!(ana.post(&replay(&readable), json!({})).await.status, 204);
    assert_eq!(ana.post(&replay(&readable), json!({})).await.code(), "not_found");
    let inbox = ana.get("/conversations?channel=whatsapp").await.ok();
    assert_eq!(inbox["items"][0]["contact_name"], "Nerea Solano");
    assert_eq!(ana.get("/conversations?channel=telegram").await.ok()["items"], json!([]));

    assert_eq!(ana.post(&replay(&unreadable), json!({})).await.code(), "refused");
    let left = ana.get("/channels/dead-letters").await.ok();
    assert_eq!(left["letters"].as_array().unwrap().len(), 1);
    assert!(left["letters"][0]["tried_at"].is_string(), "{left}");
    world.stop().await;
}
