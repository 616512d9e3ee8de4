//! What replies to calls mean.

use serde_json::{Map, Value, json};
use switchboard_channels::outgoing::RetryScope;
use switchboard_channels::telegram::Telegram;
use switchboard_channels::{Outcome, Part, Platform, Reply, Sending};
use switchboard_domain::window::{Form, Voice, permit};
use switchboard_domain::{Access, Failure, FailureCode, Venue};

use super::sending::{credentials, someone};
use super::support::sample;

pub fn reply(status: u16, body: impl Into<Vec<u8>>) -> Reply {
    Reply { status, body: body.into(), ..Reply::default() }
}

/// A sample of a reply, with the status that Telegram repeats in it.
pub fn sampled(name: &str) -> Reply {
    let body = sample("telegram", name);
    let value: Value = serde_json::from_slice(&body).expect("sample");
    reply(value["error_code"].as_u64().unwrap_or(200) as u16, body)
}

fn refusal(code: u16, description: &str) -> Reply {
    let body = json!({ "ok": false, "error_code": code, "description": description });
    reply(code, body.to_string())
}

fn outcome(part: &Part, reply: &Reply) -> Outcome {
    let credentials = credentials();
    let now = jiff::Timestamp::UNIX_EPOCH;
    let permit = permit(now, Venue::TelegramBot, Access::Open, None, Voice::Person, Form::Free)
        .expect("permit");
    let sending = Sending {
        credentials: &credentials,
        venue: Venue::TelegramBot,
        thread: &["55".to_owned()],
        address: &Map::new(),
        permit,
        part,
        targets: &[],
        target_is_theirs: false,
        correlation: "",
        uploads: &[],
        urls: &[],
    };
    Telegram.outcome(&sending, reply)
}

fn text() -> Part {
    Part::Text { text: "x".to_owned(), reply_to: None }
}

fn sent(ids: &[&str]) -> Outcome {
    let ids = ids.iter().map(|id| switchboard_channels::ExternalId((*id).to_owned()));
    Outcome::Sent { ids: ids.collect() }
}

#[test]
fn success_names_the_messages_as_they_will_be_named_later() {
    assert_eq!(outcome(&text(), &sampled("api_send_ok")), sent(&["5512007733:1400"]));
    let album = Part::Album { files: vec![], caption: None, reply_to: None };
    let ids = sent(&["5512007733:1401", "5512007733:1402"]);
    assert_eq!(outcome(&album, &sampled("api_media_group_ok")), ids);
    let mut body: Value =
        serde_json::from_slice(&sample("telegram", "api_send_ok")).expect("sample");
    body["result"]["business_connection_id"] = "Bk1".into();
    let business = reply(200, body.to_string());
    assert_eq!(outcome(&text(), &business), sent(&["b:Bk1:5512007733:1400"]));
}

#[test]
fn what_something_in_between_says_leaves_open_whether_it_was_sent() {
    let page = |status| reply(status, "<html><title>Bad Gateway</title></html>");
    for (open, said) in [
        (true, page(502)),
        (true, page(504)),
        (true, page(500)),
        (true, page(520)),
        (true, refusal(502, "Bad Gateway")),
        (true, refusal(500, "Internal Server Error: restart")),
        (true, refusal(500, "Internal Server Error: sent message was immediately deleted")),
        // Turned away, and the platform's own word.
        (false, page(503)),
        (false, refusal(500, "Internal Server Error")),
        (false, refusal(429, "Too Many Requests: retry after 9")),
        (false, page(404)),
        (false, reply(200, "{\"ok\":true,\"result\":true}")),
    ] {
        assert_eq!(Telegram.leaves_open(&said), open, "{said:?}");
    }
}

#[test]
fn what_is_done_to_a_message_makes_no_new_one() {
    let done = reply(200, "{\"ok\":true,\"result\":true}");
    let edit = Part::Edit { target: someone(), text: "x".to_owned(), caption: false };
    let delete = Part::Delete { target: someone() };
    let react = Part::React { target: someone(), emoji: None };
    for part in [&edit, &delete, &react] {
        assert_eq!(outcome(part, &done), sent(&[]));
    }
    assert_eq!(outcome(&edit, &sampled("api_send_ok")), sent(&[]));
    // It is already as it should be.
    assert_eq!(outcome(&edit, &sampled("api_error_not_modified")), sent(&[]));
    let gone = refusal(400, "Bad Request: message to delete not found");
    assert_eq!(outcome(&delete, &gone), sent(&[]));
}

fn dead(code: FailureCode, detail: &str) -> Outcome {
    Outcome::Dead(Failure::because(code, detail))
}

#[test]
fn each_sample_of_an_error_has_its_outcome() {
    use FailureCode::*;
    let blocked = dead(Unreachable, "403: Forbidden: bot was blocked by the user");
    let cases = [
        ("api_error_blocked", blocked),
        ("api_error_deactivated", dead(Unreachable, "403: Forbidden: user is deactivated")),
        ("api_error_chat_not_found", dead(Unreachable, "400: Bad Request: chat not found")),
        ("api_error_file_too_big", dead(FileRejected, "400: Bad Request: file is too big")),
        ("api_error_migrated", Outcome::Moved { key: "-1002233449999".to_owned() }),
        (
            "api_error_old_callback",
            dead(
                Refused,
                "400: Bad Request: query is too old and response timeout expired \
                 or query ID is invalid",
            ),
        ),
        (
            "api_error_retry_after",
            Outcome::Retry {
                after: Some(17),
                why: Failure::because(RateLimited, "429: Too Many Requests: retry after 17"),
                scope: RetryScope::Conversation,
            },
        ),
        (
            "api_error_unauthorized",
            Outcome::Reconnect(Failure::because(TokenLost, "401: Unauthorized")),
        ),
    ];
    for (name, wanted) in cases {
        assert_eq!(outcome(&text(), &sampled(name)), wanted, "{name}");
    }
}

#[test]
fn the_table_of_errors_is_kept() {
    use FailureCode::*;
    let cases = [
        (400, "Bad Request: message to be replied not found", TargetGone),
        (400, "Bad Request: message thread not found", TargetGone),
        (400, "Bad Request: message to edit not found", TargetGone),
        (400, "Bad Request: message to delete not found", TargetGone),
        (400, "Bad Request: message can't be edited", NotPossible),
        (400, "Bad Request: message can't be deleted for everyone", NotPossible),
        (400, "Bad Request: REACTION_INVALID", NotPossible),
        (400, "Bad Request: BUTTON_DATA_INVALID", NotPossible),
        (400, "Bad Request: can't parse entities: unexpected end", Refused),
        (400, "Bad Request: message text is empty", Refused),
        (400, "Bad Request: message is too long", TooLong),
        (400, "Bad Request: MEDIA_CAPTION_TOO_LONG", TooLong),
        (400, "Bad Request: wrong file identifier/HTTP URL specified", FileRejected),
        (400, "Bad Request: failed to get HTTP URL content", FileRejected),
        (400, "Bad Request: wrong type of the web page content", FileRejected),
        (400, "Bad Request: PHOTO_INVALID_DIMENSIONS", FileRejected),
        (400, "Bad Request: IMAGE_PROCESS_FAILED", FileRejected),
        (400, "Bad Request: VOICE_MESSAGES_FORBIDDEN", FileRejected),
        (400, "Bad Request: not enough rights to send text messages to the chat", Permission),
        (400, "Bad Request: CHAT_WRITE_FORBIDDEN", Permission),
        (400, "Bad Request: TOPIC_CLOSED", Permission),
        (400, "Bad Request: BUSINESS_PEER_INVALID", WindowClosed),
        (400, "Bad Request: BUSINESS_PEER_USAGE_MISSING", WindowClosed),
        (400, "Bad Request: BUSINESS_CONNECTION_INVALID", Permission),
        (400, "Bad Request: business connection not found", Permission),
        (403, "Forbidden: bot was kicked from the supergroup chat", Unreachable),
        (403, "Forbidden: bot is not a member of the channel chat", Unreachable),
        (403, "Forbidden: the group chat was deleted", Unreachable),
        (403, "Forbidden: bot can't initiate conversation with a user", Unreachable),
        (403, "Forbidden: bot can't send messages to bots", Unreachable),
        (403, "Forbidden: not enough rights", Permission),
        (413, "Request Entity Too Large", FileRejected),
        (418, "I'm a teapot", Refused),
    ];
    for (status, description, code) in cases {
        let detail = format!("{status}: {description}");
        assert_eq!(outcome(&text(), &refusal(status, description)), dead(code, &detail));
    }
    for (status, description) in [
        (404, "Not Found"),
        (421, "Misdirected Request"),
        (400, "Logged out"),
        (401, "Unauthorized"),
    ] {
        let told = outcome(&text(), &refusal(status, description));
        assert!(matches!(told, Outcome::Reconnect(_)), "{status}: {told:?}");
    }
}

#[test]
fn what_passes_is_tried_again() {
    let html = "<html>Bad Gateway</html>";
    for status in [408, 500, 502, 503, 504] {
        let told = outcome(&text(), &Reply { retry_after: Some(3), ..reply(status, html) });
        let why = Failure::because(FailureCode::PlatformDown, format!("{status}: no words"));
        let scope = RetryScope::Account;
        assert_eq!(told, Outcome::Retry { after: Some(3), why, scope }, "{status}");
    }
    // No parameters: the header, if there is one.
    let told =
        outcome(&text(), &Reply { retry_after: Some(9), ..refusal(429, "Too Many Requests") });
    assert!(matches!(told, Outcome::Retry { after: Some(9), .. }), "{told:?}");
    // Telegram says no although HTTP says yes.
    let body = json!({ "ok": false, "error_code": 403, "description": "Forbidden" });
    let told = outcome(&text(), &reply(200, body.to_string()));
    assert_eq!(told, dead(FailureCode::Unreachable, "403: Forbidden"));
}
