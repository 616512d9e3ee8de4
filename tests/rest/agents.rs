//! The team's side.

use serde_json::{Value, json};

use super::{conversation, newcomer, shop};
use crate::support::people::send;

#[tokio::test]
async fn everything_an_agents_socket_can_ask_can_be_asked_by_rest() {
    let (world, ana, visitor) = shop().await;
    let path = conversation(&visitor);
    let mut team = ana.connect(&world).await;
    let mut other_side = visitor.connect(&world).await;

    let posted = ana.post(&format!("{path}/messages"), json!({"text": "Hi"})).await;
    assert_eq!(posted.status, 201);
    let posted = posted.ok();
    assert_eq!((&posted["n"], &posted["kind"]), (&json!(2), &json!("public")));
    assert_eq!(team.posted("Hi").await["message"], posted);
    other_side.posted("Hi").await;
    let message = format!("{path}/messages/{}", posted["id"].as_str().unwrap());

    let edited = ana.patch(&message, json!({"text": "Hi there"})).await.ok();
    assert!(edited["text"] == "Hi there" && !edited["edited_at"].is_null(), "{edited}");
    let seen = other_side.event(|e| e["change"] == "edited").await;
    assert_eq!(seen["message"]["text"], "Hi there");

    let reaction = format!("{message}/reactions/%F0%9F%91%8D");
    let reacted = ana.put(&reaction, json!({})).await.ok();
    let by = json!([{"kind": "agent", "id": ana.id()}]);
    assert_eq!(reacted["reactions"], json!([{"emoji": "👍", "by": by}]));
    assert_eq!(ana.put(&reaction, json!({})).await.ok()["rev"], reacted["rev"], "it is so already");
    assert_eq!(ana.delete(&reaction).await.ok()["reactions"], json!([]));

    let answer = json!({"text": "See above", "reply_to": posted["id"], "kind": "note"});
    let note = ana.post(&format!("{path}/messages"), answer).await.ok();
    assert_eq!((&note["n"], &note["reply_to"]["excerpt"]), (&json!(null), &json!("Hi there")));

    let deleted = ana.delete(&message).await.ok();
    assert!(deleted["text"] == "" && !deleted["deleted_at"].is_null(), "{deleted}");
    other_side.event(|e| e["change"] == "deleted").await;
    assert_eq!(ana.patch(&message, json!({"text": "x"})).await.code(), "refused");

    visitor.post("/visitor/messages", json!({"text": "Thanks"})).await.ok();
    assert_eq!(ana.get(&path).await.ok()["conversation"]["unread"], 1);
    for read in [3, 1] {
        let marked = ana.post(&format!("{path}/marks"), json!({"read": read})).await.ok();
        assert_eq!((&marked["team"]["read"], &marked["unread"]), (&json!(3), &json!(0)));
    }
    let typing = ana.post(&format!("{path}/typing"), json!({"on": true})).await;
    assert_eq!(typing.status, 204);
    other_side.wait_for(|frame| frame["type"] == "typing").await;
    assert_eq!(ana.get(&path).await.ok()["online"], true);
    world.stop().await;
}

#[tokio::test]
async fn a_change_sets_what_it_names_and_is_done_whole_or_not_at_all() {
    let (world, ana, visitor) = shop().await;
    let path = conversation(&visitor);
    let label = ana.post("/labels", json!({"name": "Order", "color": "#2f7d4f"})).await.ok();
    let mut team = ana.connect(&world).await;
    let all = json!({"status": {"state": "pending"}, "assign": {"member": ana.id()},
                     "add_labels": [label["id"]]});
    let changed = ana.patch(&path, all).await.ok();
    assert_eq!(changed["status"], json!({"state": "pending"}));
    assert_eq!(
        (&changed["assignee"], &changed["labels"]),
        (&json!(ana.id()), &json!([label["id"]]))
    );
    let told = team.event(|e| e["activity"]["activity"]["what"] == "assigned").await;
    assert_eq!(told["activity"]["activity"]["member"], ana.id());

    let before = ana.get(&path).await.ok();
    for (change, code) in [
        (json!({"status": {"state": "open"}, "assign": {"member": "mem_1"}}), "invalid"),
        (
            json!({"status": {"state": "open"},
                   "assign": {"member": "mem_00000000000000000000000000000000"}}),
            "not_found",
        ),
        (
            json!({"status": {"state": "open"},
                   "add_labels": ["lbl_00000000000000000000000000000000"]}),
            "not_found",
        ),
        (
            json!({"assign": {"member": null},
                   "status": {"state": "snoozed", "until": "2001-01-01T00:00:00Z"}}),
            "invalid",
        ),
        (json!({"assign": null, "nonsense": 1}), "invalid"),
    ] {
        assert_eq!(ana.patch(&path, change.clone()).await.code(), code, "{change}");
        assert_eq!(ana.get(&path).await.ok(), before, "{change}");
    }
    assert_eq!(ana.patch(&path, json!({})).await.ok(), before["conversation"]);
    let undone = json!({"assign": {"member": null}, "remove_labels": [label["id"]]});
    let undone = ana.patch(&path, undone).await.ok();
    assert_eq!((&undone["assignee"], &undone["labels"]), (&json!(null), &json!([])));
    world.stop().await;
}

#[tokio::test]
async fn a_repetition_under_one_key_is_one_message() {
    let (world, ana, visitor) = shop().await;
    let other = newcomer(&world, &ana, "Me too").await;
    let path = format!("{}/messages", conversation(&visitor));
    let post = async |path: &str, key: &str, body: Value| {
        let request = ana.request(reqwest::Method::POST, path).header("idempotency-key", key);
        send(request.json(&body)).await
    };
    let (one, two) = tokio::join!(
        post(&path, "key-1", json!({"text": "once"})),
        post(&path, "key-1", json!({"text": "once"}))
    );
    let third = post(&path, "key-1", json!({"text": "once"})).await;
    assert_eq!(third.status, 200, "posted before");
    let (one, two, third) = (one.ok(), two.ok(), third.ok());
    assert!(one["id"] == two["id"] && two["id"] == third["id"], "{one} {two} {third}");
    assert_eq!(one["ref"], "key-1");
    let by_body = ana.post(&path, json!({"text": "once", "ref": "key-1"})).await;
    assert_eq!((by_body.status, &by_body.body["id"]), (200, &one["id"]));
    // The websocket knows it as well.
    let mut again = crate::support::socket::reply(&visitor.conversation(), "public", "once");
    again["ref"] = json!("key-1");
    assert_eq!(ana.connect(&world).await.done(again).await["message"], one["id"]);

    let elsewhere = format!("{}/messages", conversation(&other));
    assert_eq!(post(&elsewhere, "key-1", json!({"text": "once"})).await.code(), "conflict");
    let both = post(&path, "key-2", json!({"text": "x", "ref": "key-3"})).await;
    assert_eq!((both.code(), &both.body["field"]), ("invalid", &json!("ref")));
    let page = ana.get(&path).await.ok();
    assert_eq!(page["items"].as_array().unwrap().len(), 2, "{page}");
    world.stop().await;
}

#[tokio::test]
async fn lists_are_filtered_and_counted_alike() {
    let (world, ana, first) = shop().await;
    let ben = ana.colleague(&world, "Ben", "agent").await;
    let label = ana.post("/labels", json!({"name": "Order", "color": "#2f7d4f"})).await.ok();
    let label = label["id"].as_str().unwrap().to_owned();
    let mut all = vec![first];
    for n in 0..4 {
        all.push(newcomer(&world, &ana, &format!("Hello {n}")).await);
    }
    let set = async |n: usize, change: Value| ana.patch(&conversation(&all[n]), change).await.ok();
    set(0, json!({"assign": {"member": ana.id()}, "add_labels": [label]})).await;
    set(1, json!({"assign": {"member": ben.id()}})).await;
    set(2, json!({"status": {"state": "resolved"}, "add_labels": [label]})).await;
    set(3, json!({"status": {"state": "snoozed", "until": "2100-01-01T00:00:00Z"}})).await;
    ana.post(&format!("{}/marks", conversation(&all[4])), json!({"read": 1})).await.ok();

    for (query, expected) in [
        ("".to_owned(), vec![0, 1, 2, 3, 4]),
        ("?status=all".to_owned(), vec![0, 1, 2, 3, 4]),
        ("?status=open".to_owned(), vec![0, 1, 4]),
        ("?status=pending".to_owned(), vec![]),
        ("?status=resolved".to_owned(), vec![2]),
        ("?status=snoozed".to_owned(), vec![3]),
        ("?assignee=me".to_owned(), vec![0]),
        (format!("?assignee={}", ben.id()), vec![1]),
        ("?assignee=nobody&status=open".to_owned(), vec![4]),
        (format!("?label={label}"), vec![0, 2]),
        (format!("?label={label}&status=open"), vec![0]),
        ("?unread=true&status=open".to_owned(), vec![0, 1]),
    ] {
        let page = ana.get(&format!("/conversations{query}")).await.ok();
        let mut found = super::ids(&page);
        found.sort();
        let mut wanted: Vec<_> = expected.iter().map(|n: &usize| all[*n].conversation()).collect();
        wanted.sort();
        assert_eq!(found, wanted, "{query}");
    }
    let counts = ana.get("/conversations/counts").await.ok();
    let expected = json!({"open": 3, "mine": 1, "unassigned": 1, "pending": 0, "snoozed": 1,
                          "resolved": 1, "unread": 2});
    assert_eq!(counts, expected);
    assert_eq!(ana.connect(&world).await.snapshot["counts"], expected);
    world.stop().await;
}

#[tokio::test]
async fn a_contact_is_described_by_the_team_and_an_empty_text_clears() {
    let (world, ana, visitor) = shop().await;
    let path = format!("/contacts/{}", visitor.id);
    let mut team = ana.connect(&world).await;
    let change = json!({"name": " Lucía  Fernández ", "email": "Lucia@Mail.Example",
                        "phone": "+34 600", "remark": "likes tea"});
    let changed = ana.patch(&path, change).await.ok();
    assert_eq!((&changed["name"], &changed["named"]), (&json!("Lucía Fernández"), &json!(true)));
    assert_eq!(changed["email"], "lucia@mail.example");
    assert_eq!(team.event(|e| e["event"] == "contact").await["contact"], changed);
    let line = ana.get(&conversation(&visitor)).await.ok();
    assert_eq!(line["conversation"]["contact_name"], "Lucía Fernández");
    assert_eq!(line["contact"], changed);

    for (field, bad) in [
        ("name", "x".repeat(81)),
        ("email", "nobody".into()),
        ("phone", "1".repeat(41)),
        ("remark", "x".repeat(2_001)),
    ] {
        let answer = ana.patch(&path, json!({"remark": "lost", (field): bad})).await;
        assert_eq!((answer.code(), &answer.body["field"]), ("invalid", &json!(field)));
    }
    assert_eq!(ana.get(&path).await.ok(), changed);
    let cleared = ana.patch(&path, json!({"name": "", "email": " ", "phone": ""})).await.ok();
    assert_eq!((&cleared["named"], &cleared["email"]), (&json!(false), &json!(null)));
    assert_eq!(cleared["remark"], "likes tea");
    let unknown = "/contacts/con_00000000000000000000000000000000";
    assert_eq!(ana.patch(unknown, json!({"name": "x"})).await.code(), "not_found");
    world.stop().await;
}
