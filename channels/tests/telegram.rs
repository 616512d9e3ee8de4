//! What Telegram says in words, and what it is told.

#[path = "telegram/account.rs"]
mod account;
#[path = "telegram/business.rs"]
mod business;
#[path = "telegram/cutting.rs"]
mod cutting;
#[path = "telegram/kinds.rs"]
mod kinds;
#[path = "telegram/replies.rs"]
mod replies;
#[path = "telegram/sending.rs"]
mod sending;
mod support;

use proptest::prelude::*;
use serde_json::{Value, json};
use support::{check, describe, sample, spoiled, too_deep, webhooks};
use switchboard_channels::telegram::read;
use switchboard_channels::{Batch, Hook, InMessage, Route, Source, What};
use switchboard_domain::Card;

/// The bot of the samples.
const BOT: &str = "7310022841";

#[test]
fn every_sample_says_what_is_expected() {
    let mut words = String::new();
    for (name, body) in webhooks("telegram") {
        words.push_str(&format!("# {name}\n{}\n", describe(&read(BOT, &body))));
    }
    check("telegram", &words);
}

#[test]
fn every_kind_of_update_that_is_asked_for_has_a_sample() {
    let told: Vec<Value> = webhooks("telegram")
        .iter()
        .map(|(_, body)| serde_json::from_slice(body).expect("sample"))
        .collect();
    for kind in account::allowed() {
        assert!(told.iter().any(|update| update.get(&kind).is_some()), "{kind}");
    }
}

/// A message of the samples' customer with these members.
fn update(members: Value) -> Vec<u8> {
    let mut update: Value =
        serde_json::from_slice(&sample("telegram", "message_text")).expect("sample");
    let message = update["message"].as_object_mut().expect("message");
    message.remove("text");
    message.extend(members.as_object().expect("members").clone());
    serde_json::to_vec(&update).expect("serializes")
}

/// The one message of a batch.
fn message(batch: Batch) -> InMessage {
    assert_eq!(batch.unreadable, [], "readable");
    let [routed] = batch.events.try_into().expect("one event");
    match routed.event.what {
        What::Message(message) => *message,
        other => panic!("{other:?}"),
    }
}

fn text_of(text: &str, entities: Value) -> String {
    message(read(BOT, &update(json!({ "text": text, "entities": entities })))).text
}

#[test]
fn an_address_behind_words_is_put_after_them_where_utf16_says() {
    let link = |offset, length| {
        let url = "https://a.example/x";
        json!([{ "type": "text_link", "offset": offset, "length": length, "url": url }])
    };
    assert_eq!(text_of("😀 tu 😀", link(3, 2)), "😀 tu (https://a.example/x) 😀");
    assert_eq!(text_of("tu 😀", link(3, 2)), "tu 😀 (https://a.example/x)");
    // Half of a pair, outside, nothing, and more than there are numbers for.
    assert_eq!(text_of("😀x", link(0, 1)), "😀 (https://a.example/x)x");
    assert_eq!(text_of("x", link(5, 2)), "x");
    assert_eq!(text_of("x", link(0, 0)), "x");
    assert_eq!(text_of("x", link(u64::MAX, u64::MAX)), "x");
    // The words are the address.
    assert_eq!(text_of("A.example/x", link(0, 11)), "A.example/x");
}

#[test]
fn what_other_entities_mark_is_in_the_text_already() {
    let marks =
        ["custom_emoji", "spoiler", "pre", "text_mention", "date_time", "blockquote", "new"];
    for kind in marks {
        let entities = json!([{ "type": kind, "offset": 0, "length": 2, "custom_emoji_id": "1" }]);
        assert_eq!(text_of("👍 ok", entities), "👍 ok");
    }
}

#[test]
fn a_command_for_this_bot_is_a_command() {
    let entities = json!([{ "type": "bot_command", "offset": 0, "length": 15 }]);
    let members = json!({ "text": "/start@oficina web_1", "entities": entities });
    let message = message(read(BOT, &update(members)));
    assert_eq!(message.text, "/start");
    assert_eq!(message.extra.referral.expect("referral").reference.as_deref(), Some("web_1"));
    // Without the entity it is a word.
    assert_eq!(text_of("/start x", json!([])), "/start x");
}

#[test]
fn what_no_one_sees_is_dropped_and_too_much_is_cut() {
    assert_eq!(text_of("a\u{0}b\r\nc\td", json!([])), "ab\nc\td");
    let long = text_of(&"é".repeat(40_000), json!([]));
    assert_eq!((long.chars().count(), long.chars().last()), (32_768, Some('…')));
}

#[test]
fn kinds_without_a_sample_are_shown_too() {
    let card = |members| message(read(BOT, &update(members))).extra.card.expect("card");
    let invoice = json!({ "title": "Serwis", "currency": "XTR", "total_amount": 50 });
    let Card::Details { title, lines, .. } = card(json!({ "invoice": invoice })) else {
        panic!("no details");
    };
    assert_eq!((title.as_deref(), lines[0].value.as_str()), (Some("Serwis"), "50 XTR"));
    for kind in
        ["game", "giveaway", "giveaway_winners", "refunded_payment", "chat_shared", "paid_media"]
    {
        let Card::Details { kind: told, .. } = card(json!({ kind: { "title": "x" } })) else {
            panic!("no details: {kind}");
        };
        assert_eq!(told, kind);
    }
    let blocks = json!([{ "type": "p", "text": "Jeden" }, { "text": { "text": "Dwa" } }]);
    let rich = json!({ "rich_message": { "blocks": blocks } });
    assert_eq!(message(read(BOT, &update(rich))).text, "Jeden\nDwa");
}

#[test]
fn files_of_paid_media_are_had_once_they_are_paid_for() {
    let photo = json!({ "type": "photo", "photo": [{ "file_id": "p" }] });
    let media = json!([{ "type": "preview" }, photo]);
    let paid = json!({ "paid_media": { "star_count": 5, "paid_media": media } });
    let files = message(read(BOT, &update(paid))).media;
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].source, Source::Id { id: "p".to_owned(), url: None, sha256: None });
}

#[test]
fn exactly_what_can_be_fetched_is_fetched() {
    for (size, gone) in [(20 << 20, false), ((20 << 20) + 1, true)] {
        let file = json!({ "document": { "file_id": "d", "file_size": size } });
        let files = message(read(BOT, &update(file))).media;
        assert_eq!(matches!(files[0].source, Source::Gone { .. }), gone, "{size}");
    }
}

#[test]
fn the_same_ids_in_a_chat_with_the_bot_and_in_one_of_a_person_are_two_messages() {
    let business = sample("telegram", "business_message_from_customer");
    let mut bot: Value = serde_json::from_slice(&business).expect("sample");
    let mut message = bot["business_message"].take();
    message.as_object_mut().expect("message").remove("business_connection_id");
    let bot = json!({ "update_id": 1, "message": message });
    let (bot, business) = (read(BOT, bot.to_string().as_bytes()), read(BOT, &business));
    let names = |batch: Batch| {
        let thread = batch.events[0].event.thread.clone().expect("thread").keys;
        (thread, self::message(batch).id)
    };
    let (bot, business) = (names(bot), names(business));
    assert_ne!(bot.0, business.0);
    assert_ne!(bot.1, business.1);
}

#[test]
fn numbers_may_be_strings_and_what_is_unknown_is_passed_over() {
    let plain = read(BOT, &sample("telegram", "message_text"));
    let mut odd: Value =
        serde_json::from_slice(&sample("telegram", "message_text")).expect("sample");
    odd["message"]["message_id"] = "1201".into();
    odd["message"]["chat"]["id"] = "5512007733".into();
    odd["message"]["date"] = "1795176001".into();
    odd["message"]["forward_origin"] = Value::Null;
    odd["message"]["novelty"] = json!({ "a": [1] });
    assert_eq!(read(BOT, odd.to_string().as_bytes()), plain);
}

#[test]
fn in_a_topic_only_answers_are_answers() {
    let answered = |members: Value| {
        let mut opening = json!({ "message_id": 77, "chat": { "id": 5512007733i64 } });
        opening
            .as_object_mut()
            .expect("object")
            .extend(members.as_object().expect("object").clone());
        let members = json!({ "text": "x", "is_topic_message": true, "message_thread_id": 77,
            "reply_to_message": opening });
        message(read(BOT, &update(members))).reply_to.map(|id| id.0)
    };
    assert_eq!(answered(json!({ "forum_topic_created": { "name": "Zwroty" } })), None);
    assert_eq!(answered(json!({ "text": "?" })).as_deref(), Some("5512007733:77"));
}

#[test]
fn what_is_nested_too_deeply_is_not_read_however_sound_the_rest() {
    let nested = |depth| (0..depth).fold(json!(1), |inner, _| json!([inner]));
    let unreadable = |depth| {
        read(BOT, &update(json!({ "text": "x", "novelty": nested(depth) }))).unreadable.len()
    };
    // The update and the message are two levels.
    assert_eq!((unreadable(62), unreadable(63)), (0, 1));
}

#[test]
fn what_cannot_be_read_is_kept_whole() {
    let deep = format!("{}1{}", "[".repeat(90), "]".repeat(90));
    let bottomless = "[".repeat(100_000);
    let bodies: [&[u8]; 8] = [
        b"",
        b"\xff\xfe{}",
        b"{",
        b"[]",
        b"{\"update_id\":5}",
        b"{\"message\":null,\"update_id\":5}",
        format!("{{\"message\":{deep},\"update_id\":5}}").leak().as_bytes(),
        bottomless.leak().as_bytes(),
    ];
    for body in bodies {
        let batch = read(BOT, body);
        assert_eq!((batch.events.len(), batch.unreadable.len()), (0, 1), "{body:?}");
        let item = &batch.unreadable[0];
        assert_eq!(item.route, Some(Route::Account(BOT.to_owned())));
        assert_eq!(item.body, body);
    }
}

proptest! {
    #[test]
    fn nothing_makes_it_panic_and_everything_is_kept(body in spoiled("telegram")) {
        let batch = switchboard_channels::read(Hook::Telegram, Some(BOT), &body);
        prop_assert!(!batch.events.is_empty() || !batch.unreadable.is_empty());
    }

    /// Telegram sends one thing in an update; were it to send two, each would stand by itself.
    #[test]
    fn a_malformed_neighbour_keeps_nothing_back(
        spoiled in spoiled("telegram"), pick in any::<proptest::sample::Index>(),
    ) {
        let sound = webhooks("telegram");
        let (_, body) = pick.get(&sound);
        let object = |body| serde_json::from_slice::<serde_json::Map<String, Value>>(body).ok();
        let (Some(sound), Some(spoiled)) = (object(body), object(&spoiled)) else { return Ok(()) };
        let alone = read(BOT, body);
        let mut both = spoiled;
        both.extend(sound);
        let together = read(BOT, Value::Object(both).to_string().as_bytes());
        prop_assume!(!together.unreadable.iter().any(too_deep));
        for event in alone.events {
            prop_assert!(together.events.contains(&event));
        }
        // What was kept can be read again, to the same end.
        for item in together.unreadable {
            prop_assert_eq!(read(BOT, &item.body).unreadable, [item]);
        }
    }
}
