//! Pages, each of which brings everything once.

use serde_json::{Value, json};

use super::{conversation, ids, newcomer, shop};
use crate::support::people::Answer;
use crate::support::socket::say;
use crate::support::{Visitor, World, database};

/// Walks by `next` until there is none, in pages of this many.
async fn walk(limit: usize, ask: impl AsyncFn(Option<String>) -> Answer) -> Vec<Value> {
    let (mut pages, mut next) = (Vec::new(), None);
    loop {
        let page = ask(next).await.ok();
        next = page["next"].as_str().map(str::to_owned);
        let items = page["items"].as_array().unwrap().len();
        assert!(items == limit || (items < limit && next.is_none()), "{items} of {limit}");
        pages.push(page);
        if next.is_none() {
            return pages;
        }
        assert!(pages.len() < 50, "it does not end");
    }
}

#[tokio::test]
async fn the_inbox_is_walked_once_newest_activity_first() {
    let (world, ana, first) = shop().await;
    let mut all = vec![first.conversation()];
    for n in 0..10 {
        all.push(newcomer(&world, &ana, &format!("Hello {n}")).await.conversation());
    }
    all.reverse();
    for limit in [1, 3, 5, 11, 100] {
        let pages = walk(limit, async |cursor| {
            let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            ana.get(&format!("/conversations?limit={limit}{cursor}")).await
        });
        let found: Vec<String> = pages.await.iter().flat_map(ids).collect();
        assert_eq!(found, all, "by {limit}");
    }
    // Whoever writes comes to the top.
    first.connect(&world).await.done(say("Again")).await;
    let page = ana.get("/conversations?limit=1").await.ok();
    assert_eq!(ids(&page), [first.conversation()]);
    assert_eq!(page["items"][0]["preview"]["excerpt"], "Again");
    world.stop().await;
}

#[tokio::test]
async fn a_conversation_is_walked_once_backwards_and_forwards() {
    let (world, ana, visitor) = shop().await;
    let path = format!("{}/messages", conversation(&visitor));
    for n in 0..12 {
        let kind = if n % 3 == 0 { "note" } else { "public" };
        ana.post(&path, json!({"text": format!("{n}"), "kind": kind})).await.ok();
    }
    let all = ana.get(&format!("{path}?limit=100")).await.ok();
    assert_eq!(all["next"], json!(null));
    let expected = ids(&all);
    assert_eq!(expected.len(), 13);
    let seqs: Vec<_> = all["items"].as_array().unwrap().iter().map(|m| m["seq"].as_u64()).collect();
    assert!(seqs.is_sorted(), "{seqs:?}");
    for limit in [1, 4, 5, 13] {
        let back = walk(limit, async |before| {
            let before = before.map(|seq| format!("&before={seq}")).unwrap_or_default();
            ana.get(&format!("{path}?limit={limit}{before}")).await
        });
        let found: Vec<String> = back.await.iter().rev().flat_map(ids).collect();
        assert_eq!(found, expected, "backwards by {limit}");
        let forth = walk(limit, async |after| {
            let after = after.unwrap_or_else(|| "0".to_owned());
            ana.get(&format!("{path}?limit={limit}&after={after}")).await
        });
        let found: Vec<String> = forth.await.iter().flat_map(ids).collect();
        assert_eq!(found, expected, "forwards by {limit}");
    }
    assert_eq!(ana.get(&format!("{path}?before=5&after=2")).await.code(), "invalid");

    let shown = visitor.get("/visitor/messages?limit=100").await.ok();
    let back = walk(4, async |before| {
        let before = before.map(|seq| format!("&before={seq}")).unwrap_or_default();
        visitor.get(&format!("/visitor/messages?limit=4{before}")).await
    });
    let found: Vec<String> = back.await.iter().rev().flat_map(ids).collect();
    assert_eq!((found.len(), &found), (9, &ids(&shown)), "without the notes");
    world.stop().await;
}

#[tokio::test]
async fn a_search_is_walked_once_newest_first() {
    let (world, ana, visitor) = shop().await;
    let path = format!("{}/messages", conversation(&visitor));
    for n in 0..7 {
        ana.post(&path, json!({"text": format!("parcel number {n}")})).await.ok();
        ana.post(&path, json!({"text": format!("something else {n}")})).await.ok();
    }
    let pages = walk(3, async |cursor| {
        let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        ana.get(&format!("/search?q=PARCEL&limit=3{cursor}")).await
    });
    let pages = pages.await;
    let hits = pages.iter().flat_map(|page| page["items"].as_array().unwrap());
    let texts: Vec<_> = hits.map(|hit| hit["message"]["text"].clone()).collect();
    let expected: Vec<_> = (0..7).rev().map(|n| json!(format!("parcel number {n}"))).collect();
    assert_eq!(texts, expected);
    assert_eq!(pages[0]["items"][0]["conversation"]["id"], visitor.conversation());
    world.stop().await;
}

#[tokio::test]
async fn events_are_what_a_socket_would_have_resumed_with() {
    let (world, ana, visitor) = shop().await;
    let neighbour = newcomer(&world, &ana, "From next door").await;
    ana.post("/labels", json!({"name": "Order", "color": "#2f7d4f"})).await.ok();
    let path = format!("{}/messages", conversation(&visitor));
    ana.post(&path, json!({"text": "a secret", "kind": "note"})).await.ok();
    ana.post(&path, json!({"text": "Hi"})).await.ok();

    let whole = ana.get("/events?after=0").await.ok();
    assert_eq!(whole["more"], false);
    let events = whole["events"].as_array().unwrap();
    let seqs: Vec<_> = events.iter().map(|e| e["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    let last = *seqs.last().unwrap();
    let mut found = Vec::new();
    loop {
        let after = found.last().map_or(0, |e: &Value| e["seq"].as_u64().unwrap());
        let page = ana.get(&format!("/events?limit=2&after={after}")).await.ok();
        found.extend(page["events"].as_array().unwrap().clone());
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(&found, events);
    let mut socket = ana.dial(&world).await;
    socket.greet(json!({"type": "hello", "epoch": whole["epoch"], "after": 0})).await;
    for event in events {
        // The rows may be as they were then, or as they are now.
        let frame = socket.event(|_| true).await;
        for name in ["seq", "at", "event", "change"] {
            assert_eq!(frame[name], event[name], "{frame}");
        }
        assert_eq!(frame["message"]["id"], event["message"]["id"]);
    }

    assert_eq!(ana.get(&format!("/events?after={last}")).await.ok()["events"], json!([]));
    assert_eq!(ana.get(&format!("/events?after={}", last + 1)).await.code(), "gone");
    of_visitor_alone(&visitor, &neighbour, last).await;
    forgotten(&world).await;
    assert_eq!(ana.get("/events?after=1").await.code(), "gone");
    ana.get("/events?after=2").await.ok();
    world.stop().await;
}

/// A visitor's events are their own, and cover the position all the same.
async fn of_visitor_alone(visitor: &Visitor, neighbour: &Visitor, last: u64) {
    let page = visitor.get("/visitor/events?after=0").await.ok();
    assert_eq!((&page["seq"], &page["more"]), (&json!(last), &json!(false)));
    let text = page.to_string();
    assert!(text.contains("\"Hi\"") && text.contains("Hello"), "{text}");
    for hidden in ["a secret", "next door", &neighbour.id, "Order"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
    let (mut after, mut found) = (0, Vec::new());
    loop {
        let part = visitor.get(&format!("/visitor/events?limit=1&after={after}")).await.ok();
        found.extend(part["events"].as_array().unwrap().clone());
        after = part["seq"].as_u64().unwrap();
        if part["more"] == false {
            break;
        }
    }
    assert_eq!((json!(found), after), (page["events"].clone(), last));
}

/// Old history is dropped.
async fn forgotten(world: &World) {
    let database = database::superuser(&world.database).await;
    database.batch_execute("update workspaces set first_seq = 2").await.unwrap();
}
