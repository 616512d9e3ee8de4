//! The visitor's side.

use reqwest::Method;
use serde_json::json;

use super::{conversation, shop};
use crate::support::people::send;
use crate::support::{Agent, Visitor, World, database};

#[tokio::test]
async fn everything_a_visitors_socket_can_ask_can_be_asked_by_rest() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut team = ana.connect(&world).await;
    assert_eq!(visitor.post("/visitor/marks", json!({"read": 1})).await.code(), "not_found");

    let posted = visitor.post("/visitor/messages", json!({"text": "Hello", "ref": "r"})).await;
    assert_eq!(posted.status, 201);
    let posted = posted.ok();
    assert_eq!((&posted["n"], &posted["author"]), (&json!(1), &json!({"kind": "you"})));
    let again = visitor.post("/visitor/messages", json!({"text": "Hello", "ref": "r"})).await;
    assert_eq!((again.status, &again.body["id"]), (200, &posted["id"]));
    assert_eq!(team.posted("Hello").await["message"]["id"], posted["id"]);

    let message = format!("/visitor/messages/{}", posted["id"].as_str().unwrap());
    let edited = visitor.patch(&message, json!({"text": "Hello!"})).await.ok();
    assert_eq!(edited["text"], "Hello!");
    let reaction = format!("{message}/reactions/%E2%9D%A4%EF%B8%8F");
    let reacted = send(visitor.request(Method::PUT, &reaction)).await.ok();
    assert_eq!(reacted["reactions"], json!([{"emoji": "❤️", "count": 1, "yours": true}]));
    assert_eq!(visitor.delete(&reaction).await.ok()["reactions"], json!([]));
    let typing = visitor.post("/visitor/typing", json!({"on": true})).await;
    assert_eq!(typing.status, 204);

    let path = conversation(&visitor);
    ana.post(&format!("{path}/messages"), json!({"text": "Hi"})).await.ok();
    ana.post(&format!("{path}/messages"), json!({"text": "hm", "kind": "note"})).await.ok();
    let thread = visitor.get("/visitor/conversation").await.ok();
    assert_eq!(thread["conversation"]["unread"], 1);
    assert_eq!(thread["messages"].as_array().unwrap().len(), 2);
    let marked = visitor.post("/visitor/marks", json!({"delivered": 2, "read": 2})).await.ok();
    assert_eq!((&marked["unread"], &marked["visitor"]["read"]), (&json!(0), &json!(2)));

    assert_eq!(visitor.delete(&message).await.ok()["text"], "");
    team.event(|e| e["change"] == "deleted").await;
    assert_eq!(visitor.patch(&message, json!({"text": "x"})).await.code(), "refused");
    world.stop().await;
}

#[tokio::test]
async fn a_visitor_changes_their_words_for_a_quarter_of_an_hour() {
    let (world, ana, visitor) = shop().await;
    let thread = visitor.get("/visitor/conversation").await.ok();
    let message = format!("/visitor/messages/{}", thread["messages"][0]["id"].as_str().unwrap());
    let database = database::superuser(&world.database).await;
    let aged = "update messages set created_at = created_at - interval '16 minutes'";
    database.batch_execute(aged).await.unwrap();
    assert_eq!(visitor.patch(&message, json!({"text": "x"})).await.code(), "refused");
    assert_eq!(visitor.delete(&message).await.code(), "refused");
    // The team still moderates.
    let page = ana.get(&format!("{}/messages", conversation(&visitor))).await.ok();
    let id = page["items"][0]["id"].as_str().unwrap();
    ana.delete(&format!("{}/messages/{id}", conversation(&visitor))).await.ok();
    world.stop().await;
}
