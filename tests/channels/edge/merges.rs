//! One person behind several contacts.

use serde_json::{Value, json};

use crate::support::accounts::{Connected, NOWHERE, seconds_ago, telegram};
use crate::support::socket::say;
use crate::support::{Agent, Visitor, World};

/// A world with somebody of the team and three visitors who wrote.
async fn three() -> (World, Agent, [Visitor; 3]) {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let key = ana.widget_key().await;
    let mut visitors = Vec::new();
    for text in ["one", "two", "three"] {
        let visitor = Visitor::boot(&world, &key).await;
        visitor.connect(&world).await.done(say(text)).await;
        visitors.push(visitor);
    }
    (world, ana, visitors.try_into().ok().unwrap())
}

async fn merge(ana: &Agent, into: &Visitor, other: &Visitor) -> Value {
    ana.post(&format!("/contacts/{}/merge", into.id), json!({"other": other.id})).await.ok()
}

/// Who the conversations that people see with a contact are of.
async fn conversations(ana: &Agent, of: &Visitor) -> Vec<String> {
    let shown = ana.get(&format!("/contacts/{}/conversations", of.id)).await.ok();
    let shown = shown.as_array().unwrap().iter();
    shown.map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

async fn person(ana: &Agent, of: &Visitor) -> Value {
    let shown = ana.get(&format!("/conversations/{}", of.conversation())).await.ok();
    shown["conversation"]["contact"].clone()
}

#[tokio::test]
async fn merged_contacts_are_one_person_until_that_is_undone() {
    let (world, ana, [one, two, three]) = three().await;
    let mut team = ana.connect(&world).await;
    let first = merge(&ana, &two, &one).await;
    let told = team.event(|e| e["event"] == "contact" && e["contact"]["id"] == one.id).await;
    assert_eq!(told["contact"]["merged_into"], two.id);
    // Through somebody who was merged: it is the person who counts.
    let second = merge(&ana, &three, &one).await;
    assert_eq!((&second["from"], &second["into"]), (&json!(two.id), &json!(three.id)));
    let all = vec![three.conversation(), two.conversation(), one.conversation()];
    for visitor in [&one, &two, &three] {
        assert_eq!(conversations(&ana, visitor).await, all);
        assert_eq!(person(&ana, visitor).await, three.id);
    }
    let again = json!({"other": one.id});
    let again = ana.post(&format!("/contacts/{}/merge", three.id), again).await;
    assert_eq!(again.code(), "refused");
    let merges = ana.get(&format!("/contacts/{}/merges", one.id)).await.ok();
    assert_eq!(merges, json!([second, first]));

    let undo = |merge: &Value| format!("/merges/{}", merge["id"].as_str().unwrap());
    assert_eq!(ana.delete(&undo(&second)).await.status, 204);
    assert_eq!(person(&ana, &one).await, two.id);
    assert_eq!(conversations(&ana, &three).await, [three.conversation()]);
    assert_eq!(ana.delete(&undo(&second)).await.code(), "not_found");
    assert_eq!(ana.delete(&undo(&first)).await.status, 204);
    assert_eq!(person(&ana, &one).await, one.id);
    world.stop().await;
}

#[tokio::test]
async fn undoing_the_inner_merge_of_two_takes_one_contact_out() {
    let (world, ana, [one, two, three]) = three().await;
    let first = merge(&ana, &two, &one).await;
    merge(&ana, &three, &two).await;
    ana.delete(&format!("/merges/{}", first["id"].as_str().unwrap())).await;
    assert_eq!(person(&ana, &one).await, one.id);
    assert_eq!(person(&ana, &two).await, three.id);
    assert_eq!(conversations(&ana, &three).await.len(), 2);
    world.stop().await;
}

#[tokio::test]
async fn a_merged_conversation_goes_on() {
    let (world, ana, [one, two, _]) = three().await;
    merge(&ana, &two, &one).await;
    one.connect(&world).await.done(say("still me")).await;
    let path = format!("/conversations/{}/messages", one.conversation());
    ana.post(&path, json!({"text": "We know."})).await.ok();
    let page = ana.get(&path).await.ok();
    assert_eq!(page["items"].as_array().unwrap().len(), 3);
    assert_eq!(conversations(&ana, &two).await.len(), 2);
    world.stop().await;
}

/// A message of somebody who goes by this name.
fn hello(update: i64, username: &str) -> Value {
    let mut hook = telegram(update, "message", update, (seconds_ago(9), None), "Hello");
    for who in ["chat", "from"] {
        hook["message"][who]["username"] = json!(username);
    }
    hook
}

fn called(username: &str) -> Value {
    json!([{"channel": "telegram", "name": username}])
}

#[tokio::test]
async fn a_person_goes_by_the_names_of_all_its_contacts_until_they_are_two_again() {
    let world = World::with(NOWHERE).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    visitor.connect(&world).await.done(say("one")).await;
    let bot = Connected::telegram(&world, &ana).await;
    assert_eq!(bot.tell(&hello(1, "nerea")).await.status, 200);
    let page = ana.get("/conversations").await.ok();
    let all = page["items"].as_array().unwrap();
    let elsewhere = all.iter().find(|one| one["channel"] == "telegram").unwrap();
    let other = elsewhere["contact"].as_str().unwrap();
    let handles = async |id: &str| {
        let contact = ana.get(&format!("/contacts/{id}")).await.ok();
        contact["handles"].clone()
    };
    assert_eq!(handles(visitor.id.as_str()).await, json!([]));

    let mut team = ana.connect(&world).await;
    let shown = |e: &Value| e["event"] == "contact" && e["contact"]["id"] == visitor.id;
    let path = format!("/contacts/{}/merge", visitor.id);
    let merge = ana.post(&path, json!({"other": other})).await.ok();
    assert_eq!(team.event(shown).await["contact"]["handles"], called("@nerea"));
    assert_eq!(handles(visitor.id.as_str()).await, called("@nerea"));
    let path = format!("/conversations/{}", elsewhere["id"].as_str().unwrap());
    let contact = ana.get(&path).await.ok()["contact"].clone();
    assert_eq!((&contact["id"], &contact["handles"]), (&json!(visitor.id), &called("@nerea")));

    // What changes about one of them changes the person.
    assert_eq!(bot.tell(&hello(2, "nerea_s")).await.status, 200);
    assert_eq!(team.event(shown).await["contact"]["handles"], called("@nerea_s"));
    assert_eq!(handles(visitor.id.as_str()).await, called("@nerea_s"));

    let undo = format!("/merges/{}", merge["id"].as_str().unwrap());
    assert_eq!(ana.delete(&undo).await.status, 204);
    assert_eq!(team.event(shown).await["contact"]["handles"], json!([]));
    assert_eq!(handles(visitor.id.as_str()).await, json!([]));
    assert_eq!(handles(other).await, called("@nerea_s"));
    world.stop().await;
}
