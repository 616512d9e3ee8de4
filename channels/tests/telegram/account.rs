//! Connecting a bot, asking how it is, polling it, and fetching its files.

use serde_json::{Value, json};
use switchboard_channels::account::{AccountInfo, ProblemKind};
use switchboard_channels::platform::Fetch;
use switchboard_channels::telegram::{Telegram, read};
use switchboard_channels::{
    Auth, Base, Body, Media, Method, Outcome, Platform, Reply, Request, Source,
};
use switchboard_domain::{AttachmentKind, FailureCode};

use super::BOT;
use super::replies::{reply, sampled};
use super::sending::credentials;

const HOOK: &str = "https://inbox.example.com/hooks/telegram/acc_1";

/// The path and the parameters of a call.
fn said(request: Request) -> (String, Value) {
    assert_eq!((&request.base, request.auth), (&Base::Telegram, Auth::Path));
    match request.body {
        Body::Json(body) => (request.path, body),
        Body::Empty => (request.path, Value::Null),
        other => panic!("{other:?}"),
    }
}

/// The kinds of updates that a webhook is set for.
pub fn allowed() -> Vec<String> {
    let [request] = Telegram.subscribe(&credentials(), HOOK).try_into().expect("one call");
    serde_json::from_value(said(request).1["allowed_updates"].clone()).expect("list")
}

#[test]
fn a_webhook_is_set_with_its_secret_and_taken_away_with_nothing_lost() {
    let [request] = Telegram.subscribe(&credentials(), HOOK).try_into().expect("one call");
    let (path, body) = said(request);
    let wanted = json!({
        "url": HOOK,
        "secret_token": "s3cret",
        "max_connections": 40,
        "drop_pending_updates": false,
        "allowed_updates": [
            "message", "edited_message", "business_connection", "business_message",
            "edited_business_message", "deleted_business_messages", "message_reaction",
            "callback_query", "my_chat_member", "poll_answer", "pre_checkout_query",
            "shipping_query",
        ],
    });
    assert_eq!((path.as_str(), body), ("/setWebhook", wanted));
    let [request] = Telegram.unsubscribe(&credentials()).try_into().expect("one call");
    let wanted = json!({ "drop_pending_updates": false });
    assert_eq!(said(request), ("/deleteWebhook".to_owned(), wanted));
}

#[test]
fn a_bot_says_who_it_is() {
    assert_eq!(said(Telegram.about(&credentials())), ("/getMe".to_owned(), Value::Null));
    let wanted = AccountInfo {
        id: BOT.to_owned(),
        name: "Oficina".to_owned(),
        handle: Some("@oficina_invented_bot".to_owned()),
        ..AccountInfo::default()
    };
    assert_eq!(Telegram.read_about(&sampled("api_get_me")), Ok(wanted));
    let code = |reply: &Reply| Telegram.read_about(reply).expect_err("failure").code;
    assert_eq!(code(&sampled("api_error_unauthorized")), FailureCode::TokenLost);
    assert_eq!(code(&reply(502, "<html>")), FailureCode::PlatformDown);
    assert_eq!(code(&reply(200, "{\"ok\":true,\"result\":{}}")), FailureCode::Refused);
}

/// The problems of a bot whose webhook is like this.
fn problems(hook: Reply) -> Vec<(ProblemKind, String)> {
    let health = Telegram.read_health(&credentials(), HOOK, &[sampled("api_get_me"), hook]);
    health.problems.into_iter().map(|problem| (problem.kind, problem.words)).collect()
}

fn hook(changes: Value) -> Reply {
    let mut info = json!({ "url": HOOK, "pending_update_count": 0, "allowed_updates": allowed() });
    info.as_object_mut().expect("info").extend(changes.as_object().expect("changes").clone());
    reply(200, json!({ "ok": true, "result": info }).to_string())
}

#[test]
fn health_names_what_is_wrong() {
    let [me, info] = Telegram.health(&credentials()).try_into().expect("two calls");
    assert_eq!((said(me).0.as_str(), said(info).0.as_str()), ("/getMe", "/getWebhookInfo"));

    assert_eq!(problems(hook(json!({}))), []);
    // An error of the past, after which everything went through.
    assert_eq!(problems(hook(json!({ "last_error_message": "Connection timed out" }))), []);
    let kinds = |hook| problems(hook).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
    assert_eq!(kinds(hook(json!({ "url": "" }))), [ProblemKind::NotSubscribed]);
    assert_eq!(
        kinds(hook(json!({ "allowed_updates": ["message"] }))),
        [ProblemKind::NotSubscribed]
    );
    let elsewhere = problems(sampled("api_webhook_info_failing"));
    let wanted = [
        (ProblemKind::NotSubscribed, "Another program receives what customers write to this bot."),
        (
            ProblemKind::Other,
            "41 updates wait, because Telegram cannot hand them to us: \
             Wrong response from the webhook: 500 Internal Server Error",
        ),
    ];
    assert_eq!(elsewhere, wanted.map(|(kind, words)| (kind, words.to_owned())));

    let lost = sampled("api_error_unauthorized");
    let health = Telegram.read_health(&credentials(), HOOK, &[lost.clone(), lost]);
    assert_eq!(health.problems[0].kind, ProblemKind::Token);
    let health = Telegram.read_health(&credentials(), HOOK, &[reply(502, ""), reply(502, "")]);
    assert_eq!(health.problems[0].kind, ProblemKind::Other);
}

#[test]
fn polling_gives_what_webhooks_would() {
    let first = said(Telegram.poll(&credentials(), None).expect("polls"));
    let wanted = json!({ "limit": 100, "timeout": 25, "allowed_updates": allowed() });
    assert_eq!(first, ("/getUpdates".to_owned(), wanted));
    let next = said(Telegram.poll(&credentials(), Some(884120901)).expect("polls"));
    assert_eq!(next.1["offset"], 884120901);

    let (bodies, offset) = Telegram.read_poll(&sampled("api_get_updates")).expect("updates");
    assert_eq!((bodies.len(), offset), (1, Some(884120901)));
    let mut words = super::support::describe(&read(BOT, &bodies[0]));
    words.retain(|c| c != '\n');
    assert!(words.contains("customer writes 5512007733:1268"), "{words}");
    let nothing = Telegram.read_poll(&reply(200, "{\"ok\":true,\"result\":[]}"));
    assert_eq!(nothing, Ok((vec![], None)));
    let conflict = Telegram.read_poll(&sampled("api_error_conflict_webhook"));
    assert!(matches!(conflict, Err(Outcome::Retry { .. })), "{conflict:?}");
    let lost = Telegram.read_poll(&sampled("api_error_unauthorized"));
    assert!(matches!(lost, Err(Outcome::Reconnect(_))), "{lost:?}");
}

fn media(source: Source) -> Media {
    Media { kind: AttachmentKind::Image, mime: None, name: None, size: None, source }
}

fn by_id() -> Media {
    media(Source::Id { id: "AgAC".to_owned(), url: None, sha256: None })
}

#[test]
fn a_file_is_asked_for_and_then_fetched() {
    let fetch = |media: &Media, reply| Telegram.fetch(&credentials(), media, reply);
    let Fetch::Ask(request) = fetch(&by_id(), None) else { panic!("not asked") };
    assert_eq!(said(request), ("/getFile".to_owned(), json!({ "file_id": "AgAC" })));
    let Fetch::Bytes(request) = fetch(&by_id(), Some(&sampled("api_get_file_ok"))) else {
        panic!("not fetched")
    };
    let told = (request.method, request.base, request.path.as_str(), request.auth);
    let wanted = (Method::Get, Base::Telegram, "/photos/file_12.jpg", Auth::FilePath);
    assert_eq!(told, wanted);
}

#[test]
fn a_file_that_is_not_to_be_had_says_whether_to_come_again() {
    let failed =
        |media: &Media, reply: &Reply| match Telegram.fetch(&credentials(), media, Some(reply)) {
            Fetch::Failed { retry, failure } => (retry, failure.code),
            other => panic!("{other:?}"),
        };
    use FailureCode::*;
    let later = "Bad Request: wrong file_id or the file is temporarily unavailable";
    let later = json!({ "ok": false, "error_code": 400, "description": later }).to_string();
    let cases = [
        (sampled("api_error_file_too_big"), (false, FileRejected)),
        (reply(400, later), (true, FileRejected)),
        (sampled("api_error_retry_after"), (true, RateLimited)),
        (reply(502, "<html>"), (true, PlatformDown)),
        (sampled("api_error_unauthorized"), (true, TokenLost)),
        (reply(200, "{\"ok\":true,\"result\":{}}"), (false, FileRejected)),
    ];
    for (reply, wanted) in cases {
        assert_eq!(failed(&by_id(), &reply), wanted, "{reply:?}");
    }
    // A path that leaves the folder is not followed.
    for path in ["../getMe", "/etc/passwd", "photos//x", "a?b", "photos/../../x", "a b"] {
        let body = json!({ "ok": true, "result": { "file_path": path } });
        assert_eq!(
            failed(&by_id(), &reply(200, body.to_string())),
            (false, FileRejected),
            "{path}"
        );
    }
    let gone = media(Source::Gone { why: "too large".to_owned() });
    assert_eq!(failed(&gone, &reply(200, "")), (false, FileRejected));
}

#[test]
fn every_sample_of_a_reply_is_a_reply() {
    for (name, body) in super::support::samples("telegram") {
        let is_reply = serde_json::from_slice::<Value>(&body).expect("sample").get("ok").is_some();
        assert_eq!(is_reply, name.starts_with("api_"), "{name}");
    }
}
