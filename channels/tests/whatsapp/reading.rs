//! What webhooks say.

use proptest::prelude::*;
use serde_json::{Value, json};
use switchboard_channels::{Batch, Hook, Route, What, read};

use crate::support::{self, describe, sample, samples, webhooks};

fn read_body(body: &[u8]) -> Batch {
    read(Hook::Whatsapp, None, body)
}

fn read_json(body: &Value) -> Batch {
    read_body(&serde_json::to_vec(body).expect("serializes"))
}

fn parsed(name: &str) -> Value {
    serde_json::from_slice(&sample("whatsapp", name)).expect("JSON")
}

#[test]
fn every_webhook_says_what_is_expected() {
    let mut words = String::new();
    for (name, body) in webhooks("whatsapp") {
        words.push_str(&format!("# {name}\n{}\n", describe(&read_body(&body))));
    }
    support::check("whatsapp", &words);
}

#[test]
fn nothing_of_the_samples_is_unreadable() {
    for (name, body) in webhooks("whatsapp") {
        let batch = read_body(&body);
        assert!(batch.unreadable.is_empty(), "{name}: {:?}", batch.unreadable);
        assert!(!batch.events.is_empty(), "{name} says nothing");
    }
}

/// The lists of a value, by their place in a webhook.
const LISTS: [&str; 8] = [
    "messages",
    "message_echoes",
    "statuses",
    "calls",
    "groups",
    "user_preferences",
    "user_id_update",
    "state_sync",
];

#[test]
fn a_malformed_neighbour_takes_nothing_along() {
    for (name, body) in webhooks("whatsapp") {
        let whole = read_body(&body);
        let mut spoiled: Value = serde_json::from_slice(&body).expect("JSON");
        let mut added = 0;
        for entry in spoiled["entry"].as_array_mut().expect("entries") {
            for change in entry["changes"].as_array_mut().expect("changes") {
                for list in LISTS {
                    let Some(items) = change["value"][list].as_array_mut() else { continue };
                    items.insert(0, json!({ "id": {}, "timestamp": "yesterday", "type": 7 }));
                    items.push(json!("no object at all"));
                    added += 2;
                }
            }
        }
        let batch = read_json(&spoiled);
        assert_eq!(batch.events, whole.events, "{name}");
        assert_eq!(batch.unreadable.len(), added, "{name}");
    }
}

#[test]
fn what_could_not_be_read_can_be_read_alone_once_it_is_whole() {
    let mut body = parsed("batch_two_numbers_mixed");
    let pointer = "/entry/0/changes/0/value/messages/1";
    let whole = body.pointer(pointer).expect("message").clone();
    body.pointer_mut(pointer).expect("message")["timestamp"] = json!("soon");
    let batch = read_json(&body);
    assert_eq!(batch.events.len(), 4);
    let [alone] = batch.unreadable.as_slice() else { panic!("{:?}", batch.unreadable) };
    assert_eq!(alone.route, Some(Route::Account("598213347710462".to_owned())));
    assert_eq!(alone.why, "it has no time");

    // Neither the neighbours nor the other number are in it; the names of people are.
    let mut again: Value = serde_json::from_slice(&alone.body).expect("JSON");
    assert_eq!(read_json(&again).unreadable.len(), 1);
    let place = again.pointer_mut("/entry/0/changes/0/value/messages/0").expect("message");
    place["timestamp"] = whole["timestamp"].clone();
    let repaired = read_json(&again);
    let untouched = read_body(&sample("whatsapp", "batch_two_numbers_mixed"));
    assert_eq!(repaired.events, [untouched.events[1].clone()]);
}

#[test]
fn a_message_of_history_is_kept_with_its_thread() {
    let mut body = parsed("history_chunk");
    let thread = "/entry/0/changes/0/value/history/0/threads/0";
    body.pointer_mut(thread).expect("thread")["messages"][1]["id"] = Value::Null;
    let batch = read_json(&body);
    let [alone] = batch.unreadable.as_slice() else { panic!("{:?}", batch.unreadable) };
    let mut again: Value = serde_json::from_slice(&alone.body).expect("JSON");
    again.pointer_mut(thread).expect("thread")["messages"][0]["id"] = json!("wamid.X");
    let words = describe(&read_json(&again));
    assert!(words.contains("in whatsapp w:34655120987"), "{words}");
    assert!(words.contains("customer writes wamid.X\n"), "{words}");
}

#[test]
fn what_cannot_be_read_at_all_is_kept_as_it_came() {
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let deeper = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    let bodies: [&[u8]; 8] = [
        b"",
        b"{",
        b"\xff\xfe",
        b"{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"\xff\"}]}",
        b"[]",
        b"{\"object\":\"page\",\"entry\":[]}",
        deep.as_bytes(),
        deeper.as_bytes(),
    ];
    for body in bodies {
        let batch = read_body(body);
        assert!(batch.events.is_empty());
        let [whole] = batch.unreadable.as_slice() else { panic!("{:?}", batch.unreadable) };
        assert_eq!(whole.route, None);
        assert!(!whole.why.is_empty());
        let is_kept = whole.body == body
            || serde_json::from_slice::<Value>(&whole.body).ok()
                == serde_json::from_slice::<Value>(body).ok();
        assert!(is_kept, "{:?}", String::from_utf8_lossy(&whole.body));
    }
}

/// A message of this type and body, in the envelope of the sample.
fn of_type(kind: &str, body: Value) -> Batch {
    let mut whole = parsed("message_text");
    let message = whole.pointer_mut("/entry/0/changes/0/value/messages/0").expect("message");
    message["type"] = json!(kind);
    message.as_object_mut().expect("object").remove("text");
    message[kind] = body;
    read_json(&whole)
}

fn says(batch: &Batch, words: &str) {
    let said = describe(batch);
    assert!(said.contains(words), "{said}");
    assert!(said.contains("opens the window"), "{said}");
}

#[test]
fn an_unknown_type_is_a_message_that_says_so() {
    says(&of_type("hologram", json!({ "depth": 3 })), r#""kind":"hologram""#);
    says(&of_type("text", json!({ "body": "" })), r#""kind":"text""#);
    says(&of_type("text", json!(["a", "b"])), r#""kind":"text""#);
    says(&of_type("image", json!({ "caption": "no id" })), r#""kind":"image""#);
    says(&of_type("location", json!({ "latitude": 91, "longitude": 0 })), r#""kind":"location""#);
    says(
        &of_type("location", json!({ "latitude": "NaN", "longitude": 0 })),
        r#""kind":"location""#,
    );
    let odd =
        json!({ "type": "nfm_reply", "nfm_reply": { "response_json": "{oh", "body": "Sent" } });
    says(&of_type("interactive", odd), r#""fields":[{"name":"response","value":"{oh"}]"#);
    let dance = json!({ "type": "dance_reply", "dance_reply": {} });
    says(&of_type("interactive", dance), r#""kind":"interactive dance_reply""#);
}

#[test]
fn numbers_and_strings_are_told_in_either_form() {
    says(
        &of_type("location", json!({ "latitude": "41.5", "longitude": "-2" })),
        r#""latitude":41.5,"longitude":-2.0"#,
    );
    says(&of_type("image", json!({ "id": 11_907, "mime_type": "image/png" })), "as 11907");
    let item = json!({ "product_retailer_id": 5, "quantity": "3", "item_price": "7.50" });
    says(
        &of_type("order", json!({ "product_items": [item] })),
        r#""product":"5","quantity":3,"price":"7.50""#,
    );
    let mut body = parsed("message_text");
    let time = body.pointer_mut("/entry/0/changes/0/value/messages/0/timestamp").expect("time");
    *time = json!(1_795_176_000);
    assert_eq!(read_json(&body), read_body(&sample("whatsapp", "message_text")));
}

#[test]
fn a_text_is_kept_whole_without_what_no_one_sees() {
    let long = "ñ".repeat(4_096);
    says(
        &of_type("text", json!({ "body": format!("a\u{0}\r\n\t{long}") })),
        &format!("a\\n\\t{long}"),
    );
    let batch = of_type("text", json!({ "body": "x".repeat(40_000) }));
    let What::Message(message) = &batch.events[0].event.what else { panic!("{batch:?}") };
    assert_eq!(message.text.chars().count(), 32_768);
    assert!(message.text.ends_with("x…"));
}

#[test]
fn a_group_message_names_who_wrote_it_as_well_as_it_can() {
    let mut body = parsed("message_text_group");
    body.pointer_mut("/entry/0/changes/0/value/contacts").expect("contacts").take();
    says(&read_json(&body), r#""sender":"+34655120987""#);
}

#[test]
fn a_webhook_that_names_no_number_is_kept_for_its_account() {
    let mut body = parsed("message_text");
    body.pointer_mut("/entry/0/changes/0/value/metadata").expect("metadata").take();
    let batch = read_json(&body);
    assert_eq!(batch.events[0].route, Route::Parent("310428876512904".to_owned()));
    body["entry"][0]["id"].take();
    let batch = read_json(&body);
    assert_eq!(batch.events, []);
    assert_eq!(batch.unreadable[0].why, "it names no account");
}

#[test]
fn a_field_of_the_future_is_counted() {
    let change = json!({ "field": "telepathy", "value": { "thought": 1 } });
    let entry = json!({ "id": "1", "time": 1_795_176_000, "changes": [change] });
    let body = json!({ "object": "whatsapp_business_account", "entry": [entry] });
    let words = "accounts below 1 at 2026-11-20T12:00:00Z\n  ignored telepathy\n";
    assert_eq!(describe(&read_json(&body)), words);
}

#[test]
fn replies_of_calls_are_no_webhooks() {
    for (name, body) in samples("whatsapp").iter().filter(|(name, _)| name.starts_with("api_")) {
        assert!(read_body(body).events.is_empty(), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn nothing_that_arrives_makes_the_reader_panic(body in support::spoiled("whatsapp")) {
        let batch = read_body(&body);
        describe(&batch);
        // What is kept can be read again, and does not multiply.
        for item in &batch.unreadable {
            let again = read_body(&item.body);
            prop_assert!(again.events.is_empty(), "{}", describe(&again));
            prop_assert_eq!(again.unreadable.len(), 1);
        }
    }
}
