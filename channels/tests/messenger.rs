//! Facebook Pages: what appears in conversations, and what is said to Facebook.

#[path = "messenger/accounts.rs"]
mod accounts;
#[path = "messenger/calls.rs"]
mod calls;
mod meta_calls;
mod support;
#[path = "messenger/tables.rs"]
mod tables;

use proptest::prelude::*;
use serde_json::{Value, json};
use switchboard_channels::{Batch, Hook, What, read};

fn read_page(body: &[u8]) -> Batch {
    read(Hook::Messenger, None, body)
}

/// `expected/messenger.txt` is the specification.
#[test]
fn every_sample_appears_as_it_should() {
    let words: Vec<String> = support::webhooks("messenger")
        .into_iter()
        .map(|(name, body)| format!("## {name}\n{}", support::describe(&read_page(&body))))
        .collect();
    support::check("messenger", &words.join("\n"));
}

/// A webhook with one item.
fn item(item: Value) -> Vec<u8> {
    let entry = json!({ "id": "1", "time": 1_795_176_000_000_i64, "messaging": [item] });
    json!({ "object": "page", "entry": [entry] }).to_string().into_bytes()
}

fn change(field: &str, value: Value) -> Vec<u8> {
    let change = json!({ "field": field, "value": value });
    let entry = json!({ "id": "1", "time": 1_795_176_000, "changes": [change] });
    json!({ "object": "page", "entry": [entry] }).to_string().into_bytes()
}

/// What the reference describes and no sample shows; and what nobody described.
#[test]
fn what_no_sample_shows_appears_as_it_should() {
    let from = |mut happened: Value| {
        happened["sender"] = json!({ "id": "7" });
        happened["recipient"] = json!({ "id": "1" });
        happened["timestamp"] = json!(1_795_176_000_500_i64);
        item(happened)
    };
    let message = |attachments: Value| {
        from(json!({ "message": { "mid": "m_1", "attachments": attachments } }))
    };
    let cases: Vec<(&str, Vec<u8>)> = vec![
        (
            "location of an old client",
            message(json!([{ "type": "location",
                "payload": { "coordinates": { "lat": 45.75, "long": 4.85 } } }])),
        ),
        ("image without an address", message(json!([{ "type": "image", "payload": {} }]))),
        ("unknown attachment", message(json!([{ "type": "hologram", "payload": {} }]))),
        (
            "unknown attachment with an address",
            message(
                json!([{ "type": "hologram", "payload": { "url": "https://h.example.com/1" } }]),
            ),
        ),
        (
            "two shares",
            message(json!([
                { "type": "post", "payload": { "url": "https://f.example.com/1", "title": "One" } },
                { "type": "post", "payload": { "url": "https://f.example.com/2", "title": "Two" } },
            ])),
        ),
        (
            "link whose title stands beside the payload",
            message(json!([{ "type": "fallback", "payload": null, "title": "Pot",
                "url": "https://shop.example.com/p" }])),
        ),
        (
            "reaction without emoji",
            from(json!({ "reaction":
            { "mid": "m_1", "action": "react", "reaction": "sad" } })),
        ),
        (
            "marketing resumed",
            from(json!({ "optin":
            { "type": "notification_messages", "notification_messages_status": "RESUME_NOTIFICATIONS" } })),
        ),
        (
            "customer information",
            from(json!({ "messaging_customer_information":
            { "screens": [{ "screen_id": "s", "responses": [{ "key": "zip", "value": "69003" }] }] } })),
        ),
        ("game", from(json!({ "game_play": { "game_id": "1" } }))),
        ("something new", from(json!({ "levitation": { "height": 3 } }))),
        ("something new of the account", item(json!({ "timestamp": 1, "levitation": {} }))),
        (
            "without a time of its own",
            item(json!({ "sender": { "id": 7 }, "recipient": { "id": 1 },
            "message": { "mid": "m_1", "text": "hi" } })),
        ),
        (
            "hidden comment without its text",
            change(
                "feed",
                json!({ "item": "comment",
            "verb": "hide", "comment_id": "9_1", "post_id": "1_9", "from": { "id": "7" } }),
            ),
        ),
        (
            "reaction to a comment",
            change(
                "feed",
                json!({ "item": "reaction", "verb": "add",
            "comment_id": "9_1", "post_id": "1_9", "reaction_type": "wow",
            "from": { "id": "7" }, "created_time": 1_795_176_000 }),
            ),
        ),
        (
            "reaction to a comment taken back",
            change(
                "feed",
                json!({ "item": "reaction",
            "verb": "remove", "comment_id": "9_1", "post_id": "1_9", "reaction_type": "wow",
            "from": { "id": "7" }, "created_time": 1_795_176_000 }),
            ),
        ),
        (
            "comment with a video",
            change(
                "feed",
                json!({ "item": "comment", "verb": "add",
            "comment_id": "9_1", "post_id": "1_9", "parent_id": "1_9",
            "video": "https://video.example.com/1.mp4", "from": { "id": "7" } }),
            ),
        ),
        ("new kind of feed", change("feed", json!({ "item": "event", "verb": "add" }))),
        (
            "test of the dashboard",
            br#"{"object":"page","entry":[{"id":"0","time":1795176000,
                "changes":[{"field":"feed","value":{"item":"status"}}]}]}"#
                .to_vec(),
        ),
        ("new field", change("ratings", json!({ "rating": 5 }))),
        (
            "messages as a change",
            change(
                "messages",
                json!({ "sender": { "id": "7" },
            "recipient": { "id": "1" }, "message": { "mid": "m_1", "text": "hi" } }),
            ),
        ),
        (
            "entry without events",
            br#"{"object":"page","entry":[{"id":"1","time":1795176000}]}"#.to_vec(),
        ),
        ("list of bodies", [b"[".to_vec(), change("ratings", json!({})), b"]".to_vec()].concat()),
    ];
    let words: Vec<String> = cases
        .into_iter()
        .map(|(name, body)| format!("## {name}\n{}", support::describe(&read_page(&body))))
        .collect();
    support::check("messenger_more", &words.join("\n"));
}

#[test]
fn what_cannot_be_read_is_kept_with_the_reason() {
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", vec![]),
        ("no UTF-8", b"{\"object\":\"\xff\"}".to_vec()),
        ("too deep", [b"[".repeat(100), b"]".repeat(100)].concat()),
        ("of something else", br#"{"object":"instagram","entry":[]}"#.to_vec()),
        ("list in a list", b"[[]]".to_vec()),
        ("without entries", br#"{"object":"page"}"#.to_vec()),
        ("entry without account", br#"{"object":"page","entry":[{"messaging":[]}, 5]}"#.to_vec()),
        ("no list", br#"{"object":"page","entry":[{"id":"1","messaging":{"a":1}}]}"#.to_vec()),
        ("no object", item(json!("hello"))),
        ("without mid", item(json!({ "sender": { "id": "7" }, "message": { "text": "x" } }))),
        ("without anyone", item(json!({ "message": { "mid": "m_1", "text": "x" } }))),
        (
            "neither react nor unreact",
            item(json!({ "sender": { "id": "7" },
            "reaction": { "mid": "m_1" } })),
        ),
        (
            "change without a field",
            br#"{"object":"page","entry":[{"id":"1","changes":[{}]}]}"#.to_vec(),
        ),
        ("feed without a comment", change("feed", json!({ "item": "comment", "verb": "add" }))),
    ];
    let words: Vec<String> = cases
        .into_iter()
        .map(|(name, body)| format!("## {name}\n{}", support::describe(&read_page(&body))))
        .collect();
    support::check("messenger_unreadable", &words.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn no_body_makes_it_panic(body in support::spoiled("messenger")) {
        meta_calls::keeps_what_it_cannot_read(Hook::Messenger, &body)?;
    }

    #[test]
    fn a_malformed_neighbour_changes_nothing(
        first in proptest::sample::select(meta_calls::entries("messenger")),
        last in proptest::sample::select(meta_calls::entries("messenger")),
        spoiled in support::spoiled("messenger"),
    ) {
        meta_calls::keeps_to_itself((Hook::Messenger, "page"), (&first, &spoiled, &last))?;
    }
}

/// However much a batch holds, all of it is read.
#[test]
fn every_item_of_a_batch_is_read() {
    let entries = meta_calls::entries("messenger");
    let body = json!({ "object": "page", "entry": entries }).to_string();
    let batch = read_page(body.as_bytes());
    assert!(batch.unreadable.is_empty());
    let alone: usize =
        support::webhooks("messenger").iter().map(|(_, body)| read_page(body).events.len()).sum();
    assert_eq!(batch.events.len(), alone);
    let times =
        batch.events.iter().filter(|routed| !matches!(routed.event.what, What::Ignored { .. }));
    assert!(times.count() > 80);
}
