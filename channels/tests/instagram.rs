//! Instagram: what appears in conversations, and what is said to Instagram.

#[path = "instagram/accounts.rs"]
mod accounts;
#[path = "instagram/calls.rs"]
mod calls;
mod meta_calls;
mod support;
#[path = "instagram/tables.rs"]
mod tables;

use proptest::prelude::*;
use serde_json::{Value, json};
use switchboard_channels::{Batch, Hook, read};

fn read_account(body: &[u8]) -> Batch {
    read(Hook::Instagram, None, body)
}

fn described(cases: Vec<(&str, Vec<u8>)>) -> String {
    let words: Vec<String> = cases
        .into_iter()
        .map(|(name, body)| format!("## {name}\n{}", support::describe(&read_account(&body))))
        .collect();
    words.join("\n")
}

/// `expected/instagram.txt` is the specification.
#[test]
fn every_sample_appears_as_it_should() {
    let samples = support::webhooks("instagram");
    let cases = samples.iter().map(|(name, body)| (name.as_str(), body.clone())).collect();
    support::check("instagram", &described(cases));
}

/// What the reference describes and no sample shows; and what nobody described.
#[test]
fn what_no_sample_shows_appears_as_it_should() {
    let body =
        |entry: Value| json!({ "object": "instagram", "entry": [entry] }).to_string().into_bytes();
    let item = |mut happened: Value| {
        happened["sender"] = json!({ "id": "7" });
        happened["recipient"] = json!({ "id": "1" });
        happened["timestamp"] = json!(1_795_176_000_500_i64);
        body(json!({ "id": "1", "time": 1_795_176_000_600_i64, "messaging": [happened] }))
    };
    let message = |attachments: Value| {
        item(json!({ "message": { "mid": "aWd", "attachments": attachments } }))
    };
    let change = |field: &str, value: Value| {
        let change = json!({ "field": field, "value": value });
        body(json!({ "id": 1, "time": "1795176000", "changes": [change] }))
    };
    let between = |sender: &str, recipient: &str, mut happened: Value| {
        happened["sender"] = json!({ "id": sender });
        happened["recipient"] = json!({ "id": recipient });
        body(json!({ "id": "1", "time": 1_795_176_000_600_i64, "messaging": [happened] }))
    };
    let cdn = "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1";
    let cases = vec![
        ("shared media", message(json!([{ "type": "media", "payload": { "url": cdn } }]))),
        ("shared story", message(json!([{ "type": "story", "payload": { "url": cdn } }]))),
        ("unsupported type", message(json!([{ "type": "unsupported_type", "payload": null }]))),
        (
            "ephemeral with an address",
            message(json!([{ "type": "ephemeral", "payload": { "url": cdn } }])),
        ),
        (
            "story answered with a picture",
            item(json!({ "message": { "mid": "aWd",
                "attachments": [{ "type": "image", "payload": { "url": cdn } }],
                "reply_to": { "story": { "id": "18", "url": cdn } } } })),
        ),
        (
            "comment with comment_id and a number",
            change(
                "comments",
                json!({ "comment_id": 178,
            "from": { "id": 7, "username": "rita" }, "text": "Olá", "media": { "id": 179 } }),
            ),
        ),
        ("comment by nobody known", change("comments", json!({ "id": "178", "text": "Olá" }))),
        (
            "reply by nobody known",
            change("comments", json!({ "id": "178", "text": "Olá", "parent_id": "177" })),
        ),
        (
            "test comment of the dashboard",
            body(json!({ "id": "0", "time": 1_795_176_000,
            "changes": [{ "field": "comments", "value": { "id": "1" } }] })),
        ),
        ("customer types nothing known", item(json!({ "levitation": {} }))),
        (
            "echo that names the account by its other id",
            between(
                "27",
                "7",
                json!({ "message": { "mid": "aWd", "text": "hi", "is_echo": true } }),
            ),
        ),
        (
            "reaction of the account",
            between(
                "1",
                "7",
                json!({ "reaction":
                { "mid": "aWd", "action": "react", "reaction": "love", "emoji": "❤" } }),
            ),
        ),
        ("new field", change("levitation", json!({}))),
        ("comment without an id", change("comments", json!({ "text": "Olá" }))),
        ("mention without a post", change("mentions", json!({ "comment_id": "178" }))),
        (
            "without a time",
            body(json!({ "id": "1", "changes": [{ "field": "comments",
            "value": { "id": "178" } }] })),
        ),
        ("of a Page", br#"{"object":"page","entry":[]}"#.to_vec()),
    ];
    support::check("instagram_more", &described(cases));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn no_body_makes_it_panic(body in support::spoiled("instagram")) {
        meta_calls::keeps_what_it_cannot_read(Hook::Instagram, &body)?;
    }

    #[test]
    fn a_malformed_neighbour_changes_nothing(
        first in proptest::sample::select(meta_calls::entries("instagram")),
        last in proptest::sample::select(meta_calls::entries("instagram")),
        spoiled in support::spoiled("instagram"),
    ) {
        meta_calls::keeps_to_itself((Hook::Instagram, "instagram"), (&first, &spoiled, &last))?;
    }
}
