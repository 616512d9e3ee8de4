//! A conversation, both ways.

use serde_json::json;

use crate::support::socket::{reply, say};
use crate::support::{Agent, Visitor, World};

#[tokio::test]
async fn a_visitor_writes_and_an_agent_answers() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut agent_socket = ana.connect(&world).await;
    let mut visitor_socket = visitor.connect(&world).await;

    let asked = visitor_socket.done(say("Where is my order?")).await;
    assert_eq!(asked["n"], 1);
    let seen = agent_socket.posted("Where is my order?").await;
    assert_eq!(seen["conversation"]["unread"], 1);
    assert_eq!(seen["message"]["id"], asked["message"]);

    let conversation = seen["conversation"]["id"].as_str().unwrap().to_owned();
    let answered = agent_socket.done(reply(&conversation, "public", "On its way.")).await;
    assert_eq!(answered["n"], 2);
    let got = visitor_socket.posted("On its way.").await;
    assert_eq!(got["message"]["author"], json!({"kind": "agent", "id": ana.id(), "name": "Ana"}));
    world.stop().await;
}

#[tokio::test]
async fn a_note_never_reaches_the_visitor() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut agent_socket = ana.connect(&world).await;
    let mut visitor_socket = visitor.connect(&world).await;
    visitor_socket.done(say("Hello")).await;
    let conversation = visitor.conversation();

    let note = agent_socket.done(reply(&conversation, "note", "a difficult one")).await;
    assert!(note.get("n").is_none());
    let react = json!({"type": "react", "message": note["message"], "emoji": "👀", "on": true,
        "conversation": conversation});
    agent_socket.done(react).await;
    agent_socket.done(reply(&conversation, "public", "Hi!")).await;
    visitor_socket.posted("Hi!").await;
    for frame in visitor_socket.until_beat().await {
        let text = frame.to_string();
        assert!(!text.contains("difficult") && !text.contains("👀"), "{text}");
        assert!(!text.contains(note["message"].as_str().unwrap()), "{text}");
    }
    let thread = visitor.get("/visitor/conversation").await.ok();
    let numbers: Vec<_> = thread["messages"].as_array().unwrap().iter().map(|m| &m["n"]).collect();
    assert_eq!(numbers, [1, 2]);
    let edit = json!({"type": "edit", "message": note["message"], "text": "x"});
    assert_eq!(visitor_socket.ask(edit).await["code"], "not_found");
    world.stop().await;
}

#[tokio::test]
async fn the_same_ref_is_one_message_however_often_and_wherever_it_is_sent() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let other_node = world.beside().await;
    let mut one = visitor.connect(&world).await;
    let mut two = visitor.connect(&other_node).await;
    let post = json!({"type": "post", "ref": "the-same", "text": "once"});

    let (first, second) = tokio::join!(one.done(post.clone()), two.done(post.clone()));
    let third = one.done(post.clone()).await;
    let rest = visitor.post("/visitor/messages", json!({"ref": "the-same", "text": "once"})).await;
    assert_eq!(first["message"], second["message"]);
    assert_eq!(first["message"], third["message"]);
    assert_eq!(rest.ok()["id"], first["message"]);
    let thread = visitor.get("/visitor/conversation").await.ok();
    assert_eq!(thread["messages"].as_array().unwrap().len(), 1);
    other_node.stop().await;
    world.stop().await;
}

#[tokio::test]
async fn two_nodes_share_one_conversation_without_gaps_or_doubles() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let other_node = world.beside().await;
    let mut one = visitor.connect(&world).await;
    let mut two = visitor.connect(&other_node).await;
    let mut agent = ana.connect(&world).await;
    let start = agent.seq;

    for round in 0..10 {
        let (a, b) = (say(&format!("one {round}")), say(&format!("two {round}")));
        tokio::join!(one.done(a), two.done(b));
    }
    let mut seqs = Vec::new();
    while seqs.len() < 20 {
        seqs.push(agent.event(|e| e["change"] == "posted").await["seq"].as_u64().unwrap());
    }
    assert_eq!(seqs, (start + 1..=start + 20).collect::<Vec<_>>());
    let thread = visitor.get("/visitor/conversation").await.ok();
    let numbers: Vec<u64> =
        thread["messages"].as_array().unwrap().iter().map(|m| m["n"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
    other_node.stop().await;
    world.stop().await;
}

#[tokio::test]
async fn typing_presence_and_marks_are_seen_by_the_other_side() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut visitor_socket = visitor.connect(&world).await;
    assert_eq!(visitor_socket.snapshot["online"], false);
    let mut agent = ana.connect(&world).await;
    visitor_socket.wait_for(|f| f["type"] == "presence" && f["online"] == true).await;

    visitor_socket.done(say("Hello")).await;
    let conversation = visitor.conversation();
    agent.posted("Hello").await;
    agent.done(json!({"type": "watch", "conversation": conversation})).await;
    visitor_socket.done(json!({"type": "typing", "on": true})).await;
    let typing = agent.wait_for(|f| f["type"] == "typing").await;
    assert_eq!(typing["who"], json!({"kind": "visitor", "id": visitor.id}));

    agent.done(json!({"type": "typing", "conversation": conversation, "on": true})).await;
    let typing = visitor_socket.wait_for(|f| f["type"] == "typing").await;
    assert_eq!(typing["name"], "Ana");

    let mark = json!({"type": "mark", "conversation": conversation, "delivered": 1, "read": 1});
    agent.done(mark.clone()).await;
    let marked = visitor_socket.event(|e| e["event"] == "conversation").await;
    assert_eq!(marked["conversation"]["team"], json!({"delivered": 1, "read": 1}));
    // Again it is already so: nothing happens.
    assert!(agent.done(mark).await.get("seq").is_none());
    drop(visitor_socket);
    agent
        .wait_for(|f| {
            f["type"] == "presence" && f["who"]["id"] == visitor.id && f["presence"] == "offline"
        })
        .await;
    world.stop().await;
}

#[tokio::test]
async fn a_message_deleted_before_it_was_read_is_not_unread_any_more() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut agent = ana.connect(&world).await;
    let mut visitor_socket = visitor.connect(&world).await;
    let conversation = visitor.conversation();
    let path = format!("/conversations/{conversation}");

    let mut said = Vec::new();
    for text in ["Where is it?", "Oops", "Never mind"] {
        said.push(visitor_socket.done(say(text)).await["message"].clone());
    }
    for (gone, unread) in [(&said[1], 2), (&said[2], 1)] {
        visitor_socket.done(json!({"type": "delete", "message": gone})).await;
        let seen = agent.event(|e| e["change"] == "deleted").await;
        assert_eq!(seen["conversation"]["unread"], unread);
        assert_eq!(ana.get(&path).await.ok()["conversation"]["unread"], unread);
    }
    // A mark short of the end counts what lies beyond it, without what is gone.
    let mark = json!({"type": "mark", "conversation": conversation, "delivered": 1, "read": 1});
    agent.done(mark).await;
    assert_eq!(ana.get(&path).await.ok()["conversation"]["unread"], 0);
    assert_eq!(ana.get("/conversations/counts").await.ok()["unread"], 0);

    let answer = agent.done(reply(&conversation, "public", "Wrong window")).await;
    assert_eq!(visitor_socket.posted("Wrong window").await["conversation"]["unread"], 1);
    let delete = json!({"type": "delete", "conversation": conversation,
        "message": answer["message"]});
    agent.done(delete).await;
    let of_answer =
        |e: &serde_json::Value| e["change"] == "deleted" && e["message"]["id"] == answer["message"];
    assert_eq!(visitor_socket.event(of_answer).await["conversation"]["unread"], 0);
    let thread = visitor.get("/visitor/conversation").await.ok();
    assert_eq!(thread["conversation"]["unread"], 0);
    world.stop().await;
}

#[tokio::test]
async fn a_snooze_ends_by_itself_and_a_new_message_reopens() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut visitor_socket = visitor.connect(&world).await;
    let mut agent = ana.connect(&world).await;
    visitor_socket.done(say("Hello")).await;
    let conversation = visitor.conversation();

    let until = jiff::Timestamp::from_second(unix_now() + 2).unwrap();
    let status = json!({"state": "snoozed", "until": until});
    agent.done(json!({"type": "set_status", "conversation": conversation, "status": status})).await;
    let woken = agent
        .event(|e| {
            e["conversation"]["status"]["state"] == "open"
                && e["activity"]["author"] == json!({"kind": "system"})
        })
        .await;
    assert_eq!(woken["activity"]["kind"], "activity");

    let resolve = json!({"type": "set_status", "conversation": conversation, "status": {"state": "resolved"}});
    agent.done(resolve).await;
    visitor_socket.done(say("One more thing")).await;
    let reopened = agent.posted("One more thing").await;
    assert_eq!(reopened["conversation"]["status"]["state"], "open");
    world.stop().await;
}

fn unix_now() -> i64 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_secs().try_into().unwrap()
}

#[tokio::test]
async fn words_are_found_in_bodies_that_postgres_cannot_read() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut socket = visitor.connect(&world).await;
    socket.done(say("The Zürich parcel number is 4711")).await;
    let other = socket.done(say("unrelated")).await;

    for query in ["zurich", "ZÜRICH 4711", "parcel%20number"] {
        let found = ana.get(&format!("/search?q={query}")).await.ok();
        assert_eq!(found["items"].as_array().unwrap().len(), 1, "{query}: {found}");
    }
    let none = ana.get("/search?q=zurich%20unrelated").await.ok();
    assert_eq!(none["items"], json!([]));
    let delete = json!({"type": "delete", "message": other["message"]});
    socket.done(delete).await;
    assert_eq!(ana.get("/search?q=unrelated").await.ok()["items"], json!([]));

    let database = crate::support::database::superuser(&world.database).await;
    let dump = database
        .query_one("select string_agg(m::text, ' ') || string_agg(c::text, ' ') from messages m, contacts c", &[])
        .await
        .unwrap()
        .get::<_, String>(0);
    for word in ["Zürich", "parcel", "4711"] {
        assert!(!dump.contains(word) && !dump.contains(&hex(word)), "{word} is readable");
    }
    world.stop().await;
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}
