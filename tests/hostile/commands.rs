//! Websocket commands that are no good.

use serde_json::{Value, json};

use super::{Two, lives};
use crate::support::socket::{reply, say};
use crate::support::{Agent, Socket, Visitor, World};

#[tokio::test]
async fn what_cannot_be_understood_is_answered_and_the_socket_lives() {
    let two = Two::start().await;
    let mut socket = two.ana.connect(&two.world).await;
    let deep = "[".repeat(20_000);
    for (text, id) in [
        ("{", None),
        ("", None),
        ("null", None),
        ("[]", None),
        ("\"post\"", None),
        (deep.as_str(), None),
        (r#"{"type":"watch","conversation":null}"#, None),
        (r#"{"id":-1,"type":"watch"}"#, None),
        (r#"{"id":4294967296,"type":"watch"}"#, None),
        (r#"{"id":7}"#, Some(7)),
        (r#"{"id":8,"type":"nonsense"}"#, Some(8)),
        (r#"{"id":9,"type":"hello"}"#, Some(9)),
        (r#"{"id":10,"type":"post","conversation":7,"ref":"x","kind":"public"}"#, Some(10)),
        (r#"{"id":11,"type":"post","conversation":"con_1","ref":"x","kind":"public"}"#, Some(11)),
        (r#"{"id":12,"type":"set_presence","presence":"invisible"}"#, Some(12)),
    ] {
        socket.send_text(text).await;
        let no = socket.wait_for(|frame| frame["type"] == "no").await;
        assert_eq!(no["code"], "invalid", "{text}");
        assert_eq!(no.get("id").and_then(Value::as_u64), id, "{text}");
        lives(&mut socket).await;
    }
    for _ in 0..20 {
        socket.send_text("{").await;
    }
    assert_eq!(socket.closed().await.code, Some(4010), "twenty in a row are enough");
    two.world.stop().await;
}

#[tokio::test]
async fn whatever_comes_before_hello_that_is_no_hello_ends_the_socket() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    for text in [
        "{",
        "{}",
        r#"{"id":1,"type":"watch","conversation":null}"#,
        r#"{"type":"hello","token":7}"#,
        r#"{"type":"hello","unknown":true}"#,
        r#"{"type":"hello","after":-1}"#,
    ] {
        let mut socket = ana.dial(&world).await;
        socket.send_text(text).await;
        let no = socket.receive().await.unwrap();
        assert_eq!((&no["type"], &no["code"]), (&json!("no"), &json!("invalid")), "{text}");
        assert_eq!(socket.closed().await.code, Some(4010), "{text}");
    }
    for hello in [json!({"type": "hello"}), json!({"type": "hello", "token": "x"})] {
        let mut socket = Socket::dial(&world, "/ws/agent", &[]).await;
        socket.send_text(&hello.to_string()).await;
        assert_eq!(socket.closed().await.code, Some(4001), "{hello}");
    }
    // A visitor's token is for the visitors' socket.
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut socket = Socket::dial(&world, "/ws/agent", &[]).await;
    socket.send_text(&json!({"type": "hello", "token": visitor.token}).to_string()).await;
    assert_eq!(socket.closed().await.code, Some(4001));
    world.stop().await;
}

#[tokio::test]
async fn an_agent_reaches_nothing_of_another_workspace() {
    let Two { world, ana, of_ana, zoe, .. } = Two::start().await;
    let mut socket = zoe.connect(&world).await;
    let path = format!("/conversations/{}/messages", of_ana.conversation());
    let page = ana.get(&path).await.ok();
    let label = ana.post("/labels", json!({"name": "A", "color": "#000000"})).await.ok();
    let (conversation, message) = (of_ana.conversation(), &page["items"][0]["id"]);
    let unknown = "cnv_00000000000000000000000000000000";
    for conversation in [conversation.as_str(), unknown] {
        for mut command in [
            reply(conversation, "public", "Hi"),
            reply(conversation, "note", "Hi"),
            json!({"type": "edit", "message": message, "text": "x"}),
            json!({"type": "delete", "message": message}),
            json!({"type": "react", "message": message, "emoji": "👍", "on": true}),
            json!({"type": "mark", "read": 1}),
            json!({"type": "set_status", "status": {"state": "resolved"}}),
            json!({"type": "assign", "member": null}),
            json!({"type": "label", "add": []}),
        ] {
            command["conversation"] = json!(conversation);
            let answer = socket.ask(command.clone()).await;
            assert_eq!(answer["code"], "not_found", "{command}: {answer}");
        }
    }
    // One's own conversation, with things of others.
    let own = Visitor::boot(&world, &zoe.widget_key().await).await;
    own.connect(&world).await.done(say("Hello")).await;
    for mut command in [
        json!({"type": "edit", "message": message, "text": "x"}),
        json!({"type": "delete", "message": message}),
        json!({"type": "react", "message": message, "emoji": "👍", "on": true}),
        json!({"type": "assign", "member": ana.id()}),
        json!({"type": "label", "add": [label["id"]]}),
        json!({"type": "post", "ref": "r", "kind": "public", "text": "x", "reply_to": message}),
        json!({"type": "post", "ref": "r", "kind": "public", "text": "x",
               "attachments": ["att_00000000000000000000000000000000"]}),
    ] {
        command["conversation"] = json!(own.conversation());
        let answer = socket.ask(command.clone()).await;
        assert_eq!(answer["code"], "not_found", "{command}: {answer}");
    }
    // Looking and typing are answered by nobody there.
    let mut of_ana_socket = of_ana.connect(&world).await;
    socket.done(json!({"type": "watch", "conversation": conversation})).await;
    socket.ask(json!({"type": "typing", "conversation": conversation, "on": true})).await;
    for frame in of_ana_socket.until_beat().await {
        assert_ne!(frame["type"], "typing", "{frame}");
    }
    assert_eq!(ana.get(&path).await.ok(), page, "nothing was changed");
    world.stop().await;
}

#[tokio::test]
async fn a_visitor_reaches_nothing_but_their_own() {
    let Two { world, ana, of_ana, of_zoe, .. } = Two::start().await;
    let neighbour = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut socket = neighbour.connect(&world).await;
    socket.done(say("Hello")).await;
    let first = |visitor: &Visitor| {
        let visitor = visitor.clone();
        async move { visitor.get("/visitor/conversation").await.ok()["messages"][0]["id"].clone() }
    };
    for message in [first(&of_ana).await, first(&of_zoe).await] {
        for command in [
            json!({"type": "edit", "message": message, "text": "x"}),
            json!({"type": "delete", "message": message}),
            json!({"type": "react", "message": message, "emoji": "👍", "on": true}),
            json!({"type": "post", "ref": "r", "text": "x", "reply_to": message}),
        ] {
            let answer = socket.ask(command.clone()).await;
            assert_eq!(answer["code"], "not_found", "{command}: {answer}");
        }
    }
    // What agents may say is no command here, and naming a conversation changes nothing.
    for command in [
        json!({"type": "assign", "conversation": neighbour.conversation(), "member": null}),
        json!({"type": "set_status", "status": {"state": "resolved"}}),
        json!({"type": "label", "add": []}),
    ] {
        assert_eq!(socket.ask(command.clone()).await["code"], "invalid", "{command}");
    }
    let mut elsewhere = say("mine");
    elsewhere["conversation"] = json!(of_ana.conversation());
    elsewhere["kind"] = json!("note");
    let done = socket.ask(elsewhere).await;
    if done["type"] == "ok" {
        assert_eq!(done["conversation"], neighbour.conversation());
    }
    let of_other = of_ana.get("/visitor/conversation").await.ok();
    assert_eq!(of_other["messages"].as_array().unwrap().len(), 1);
    // An agent's message is not theirs to change.
    let answered = ana.connect(&world).await;
    let mut answered = answered;
    let reply = answered.done(reply(&neighbour.conversation(), "public", "Hi")).await;
    for kind in ["edit", "delete"] {
        let command = json!({"type": kind, "message": reply["message"], "text": "x"});
        assert_eq!(socket.ask(command).await["code"], "forbidden", "{kind}");
    }
    world.stop().await;
}

#[tokio::test]
async fn values_out_of_bounds_are_refused_one_by_one() {
    let Two { world, ana, of_ana, .. } = Two::start().await;
    let mut socket = ana.connect(&world).await;
    let conversation = of_ana.conversation();
    let thread = of_ana.get("/visitor/conversation").await.ok();
    let message = &thread["messages"][0]["id"];
    let post = |change: Value| {
        let mut post = reply(&conversation, "public", "Hi");
        post.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        post
    };
    let at = |time: &str| {
        let status = json!({"state": "snoozed", "until": time});
        json!({"type": "set_status", "conversation": conversation, "status": status})
    };
    let react = |emoji: &str| {
        json!({"type": "react", "conversation": conversation, "message": message,
               "emoji": emoji, "on": true})
    };
    let none = "att_00000000000000000000000000000000";
    for (command, code) in [
        (post(json!({"text": ""})), "invalid"),
        (post(json!({"text": " \n\t "})), "invalid"),
        (post(json!({"text": "x".repeat(8_001)})), "invalid"),
        (post(json!({"ref": ""})), "invalid"),
        (post(json!({"ref": "r".repeat(65)})), "invalid"),
        (post(json!({"attachments": vec![none; 11]})), "not_found"),
        (post(json!({"kind": "activity"})), "invalid"),
        (at("2001-01-01T00:00:00Z"), "invalid"),
        (at("soon"), "invalid"),
        (react("abc"), "invalid"),
        (react(""), "invalid"),
        (react(&"👍".repeat(20)), "invalid"),
    ] {
        let answer = socket.ask(command.clone()).await;
        assert_eq!(answer["code"], code, "{command}: {answer}");
        assert!(!answer["message"].as_str().unwrap().is_empty());
    }
    socket.done(post(json!({"text": "é".repeat(8_000)}))).await;
    socket.done(react("👩🏽‍🚀")).await;
    // What a database cannot hold is taken out or refused, and no fault of the server's.
    for command in
        [post(json!({"text": "a\u{0}b"})), post(json!({"ref": "a\u{0}b"})), react("\u{0}")]
    {
        let answer = socket.ask(command.clone()).await;
        assert!(answer["code"] != "internal" && answer["code"] != "unavailable", "{command}");
    }
    lives(&mut socket).await;
    world.stop().await;
}

#[tokio::test]
async fn a_flood_of_commands_is_slowed_and_others_feel_nothing() {
    let world = World::with("limits.visitor_frames = { burst = 5, per_minute = 1 }").await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let key = ana.widget_key().await;
    let mut flooding = Visitor::boot(&world, &key).await.connect(&world).await;
    let mut other = Visitor::boot(&world, &key).await.connect(&world).await;
    for _ in 0..5 {
        flooding.done(say("again")).await;
    }
    let no = flooding.ask(say("again")).await;
    assert_eq!(no["code"], "rate_limited");
    assert!((1..=60).contains(&no["retry_after"].as_u64().unwrap()), "{no}");
    other.done(say("Hello")).await;
    flooding.until_beat().await;
    world.stop().await;
}
