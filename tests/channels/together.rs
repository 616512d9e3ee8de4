//! Webhooks of many, and what a node believes of them before it asks: nothing that memory says may
//! be the last word.

use serde_json::{Value, json};

use crate::support::accounts::{Connected, NOWHERE, PHONE, reaction, seconds_ago, text, whatsapp};
use crate::support::{Agent, World};

async fn database(world: &World) -> tokio_postgres::Client {
    let database: tokio_postgres::Config = world.database.parse().unwrap();
    let (client, connection) = database.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn count(client: &tokio_postgres::Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

/// All that an agent sees in its only conversation, oldest first.
async fn texts(agent: &Agent) -> Vec<String> {
    let page = agent.get("/conversations").await.ok();
    let Some(conversation) = page["items"][0]["id"].as_str() else { return vec![] };
    let page = agent.get(&format!("/conversations/{conversation}/messages")).await.ok();
    let all = page["items"].as_array().unwrap().iter();
    all.map(|message| message["text"].as_str().unwrap().to_owned()).collect()
}

fn customer(nth: usize) -> String {
    format!("3465500{nth:04}")
}

/// One message of each of these customers, and one more of the first.
fn of_many(customers: usize, from: usize) -> Value {
    let message = |name: usize, nth: usize, words: &str| {
        json!({"from": customer(nth), "id": format!("wamid.{name}"), "type": "text",
            "timestamp": seconds_ago(60).to_string(), "text": {"body": words}})
    };
    let mut messages: Vec<Value> =
        (0..customers).map(|nth| message(from + nth, nth, "first")).collect();
    messages.push(message(from + customers, 0, "second"));
    let contacts: Vec<Value> = (0..customers)
        .map(|nth| json!({"wa_id": customer(nth), "profile": {"name": format!("Nerea {nth}")}}))
        .collect();
    json!({"object": "whatsapp_business_account", "entry": [{"id": "310428876512904",
        "changes": [{"field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "4915735990017", "phone_number_id": PHONE},
            "contacts": contacts, "messages": messages}}]}]})
}

#[tokio::test]
async fn a_webhook_of_a_hundred_customers_is_a_few_commits_and_each_is_told_in_order() {
    let world = World::with(NOWHERE).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let account = Connected::whatsapp(&world, &ana).await;
    let client = database(&world).await;
    for round in 1..=3i64 {
        let hook = of_many(100, 1_000 * round as usize);
        for _ in 0..2 {
            assert_eq!(account.tell(&hook).await.status, 200);
        }
        assert_eq!(count(&client, "select count(*) from conversations").await, 100);
        assert_eq!(count(&client, "select count(*) from contacts").await, 100);
        assert_eq!(count(&client, "select count(*) from messages").await, 101 * round);
        assert_eq!(count(&client, "select count(*) from externals").await, 101 * round);
    }
    let commits = count(&client, "select count(distinct xmin::text) from messages").await;
    assert!(commits <= 60, "303 messages in {commits} commits");
    let first = "select string_agg(m.author_kind || ' ' || m.n, ', ' order by m.n) from messages m
                 join conversations c on c.id = m.conversation_id and c.last_n = 6";
    let told: String = client.query_one(first, &[]).await.unwrap().get(0);
    assert_eq!(told, "visitor 1, visitor 2, visitor 3, visitor 4, visitor 5, visitor 6");
    let page = ana.get("/conversations").await.ok();
    let rows = page["items"].as_array().unwrap();
    let named = rows.iter().all(|row| row["contact_name"].as_str().unwrap().starts_with("Nerea"));
    assert!(named, "{page}");
    world.stop().await;
}

#[tokio::test]
async fn what_another_node_took_in_is_not_taken_in_again_and_what_waited_there_is_not_overlooked() {
    let world = World::with(NOWHERE).await;
    let other = world.beside().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let here = Connected::whatsapp(&world, &ana).await;
    let there = here.at(&other);
    let hook = |n: usize| whatsapp(&[text(&format!("wamid.{n}"), 60, &format!("line {n}"))], &[]);
    // Both nodes have the conversation at work, so neither asks before it writes.
    for (node, n) in [(&here, 1), (&here, 2), (&there, 3), (&there, 4), (&here, 5), (&there, 6)] {
        assert_eq!(node.tell(&hook(n)).await.status, 200);
    }
    // Each is told what the other knows.
    for (node, n) in [(&here, 6), (&here, 3), (&there, 5), (&there, 1), (&here, 6)] {
        assert_eq!(node.tell(&hook(n)).await.status, 200);
    }
    let expected: Vec<String> = (1..=6).map(|n| format!("line {n}")).collect();
    assert_eq!(texts(&ana).await, expected);
    // A reaction waits at one node for a message that comes to the other.
    let early = whatsapp(&[reaction("wamid.r", 10, "wamid.7", "👍")], &[]);
    assert_eq!(there.tell(&early).await.status, 200);
    assert_eq!(here.tell(&hook(7)).await.status, 200);
    let client = database(&world).await;
    assert_eq!(count(&client, "select count(*) from parked").await, 0);
    let reacted = "select count(*) from messages where reactions is not null and n = 7";
    assert_eq!(count(&client, reacted).await, 1);
    other.stop().await;
    world.stop().await;
}

#[tokio::test]
async fn a_number_that_moves_to_another_workspace_is_heard_there_at_once() {
    let world = World::with(NOWHERE).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let ben = Agent::sign_up(&world, "Ben").await;
    let account = Connected::whatsapp(&world, &ana).await;
    let hook = |n: usize| whatsapp(&[text(&format!("wamid.{n}"), 60, &format!("line {n}"))], &[]);
    for n in 1..=3 {
        assert_eq!(account.tell(&hook(n)).await.status, 200);
    }
    // As another node does it: this one hears nothing of it.
    let client = database(&world).await;
    let disconnect = "delete from account_routes; \
                      update accounts set status = 'disconnected', routes = '{}'";
    client.batch_execute(disconnect).await.unwrap();
    Connected::whatsapp(&world, &ben).await;
    assert_eq!(account.tell(&hook(4)).await.status, 200);
    assert_eq!(texts(&ana).await, ["line 1", "line 2", "line 3"]);
    assert_eq!(texts(&ben).await, ["line 4"]);
    client.batch_execute(disconnect).await.unwrap();
    assert_eq!(account.tell(&hook(5)).await.status, 404);
    assert_eq!(account.tell(&of_many(3, 100)).await.status, 404);
    assert_eq!(texts(&ben).await, ["line 4"]);
    world.stop().await;
}

#[tokio::test]
async fn who_was_met_under_two_names_is_still_heard_when_both_are_told_at_once() {
    let world = World::with(NOWHERE).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let account = Connected::whatsapp(&world, &ana).await;
    let client = database(&world).await;
    let (number, user) = ("34655000777", "ES.13491208655302741918");
    let hook = |n: usize, names: &[(&str, &str)]| {
        let mut message = json!({"id": format!("wamid.{n}"), "type": "text",
            "timestamp": seconds_ago(60).to_string(), "text": {"body": format!("line {n}")}});
        let mut contact = json!({"profile": {"name": "Nerea"}});
        for (name, of_contact) in names {
            let value = if *name == "from" { number } else { user };
            message[name] = value.into();
            contact[of_contact] = value.into();
        }
        json!({"object": "whatsapp_business_account", "entry": [{"id": "310428876512904",
            "changes": [{"field": "messages", "value": {
                "messaging_product": "whatsapp",
                "metadata": {"display_phone_number": "4915735990017", "phone_number_id": PHONE},
                "contacts": [contact], "messages": [message]}}]}]})
    };
    let (by_number, by_user) = (("from", "wa_id"), ("from_user_id", "user_id"));
    assert_eq!(account.tell(&hook(1, &[by_number])).await.status, 200);
    assert_eq!(account.tell(&hook(2, &[by_user])).await.status, 200);
    assert_eq!(count(&client, "select count(*) from conversations").await, 2);
    for n in 3..=4 {
        assert_eq!(account.tell(&hook(n, &[by_number, by_user])).await.status, 200);
    }
    for (n, name) in [(5, by_number), (6, by_user)] {
        assert_eq!(account.tell(&hook(n, &[name])).await.status, 200);
    }
    assert_eq!(count(&client, "select count(*) from messages").await, 6);
    assert_eq!(count(&client, "select count(*) from conversations").await, 2);
    world.stop().await;
}
