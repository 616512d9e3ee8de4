//! What WhatsApp, Messenger and Instagram share: the vectors for signatures, callbacks, logins,
//! and the table of errors.

#[path = "meta/logins.rs"]
mod logins;
mod meta_calls;
mod support;

use serde_json::{Value, json};
use switchboard_channels::messenger::Messenger;
use switchboard_channels::meta::signed_request::BadRequest;
use switchboard_channels::meta::{self, GraphError};
use switchboard_channels::outgoing::RetryScope;
use switchboard_channels::{Outcome, Part, Platform, Reply};
use switchboard_domain::{AccountKind, FailureCode, Venue};

use meta_calls::{Case, credentials, describe_outcome, reply};

fn vector(name: &str) -> Value {
    serde_json::from_slice(&support::sample("meta", name)).expect("JSON")
}

fn text<'a>(vector: &'a Value, key: &str) -> &'a str {
    vector[key].as_str().expect(key)
}

#[test]
fn signatures_are_verified_over_the_bytes_that_came() {
    let verify = |vector: &Value, header: &str, body: &str| {
        meta::verify(&[text(vector, "app_secret")], Some(header), body.as_bytes())
    };
    let valid = vector("signature_valid");
    let body = text(&valid, "raw_body");
    assert!(verify(&valid, text(&valid, "header"), body));
    assert!(verify(
        &valid,
        &text(&valid, "header").to_uppercase().replace("SHA256", "sha256"),
        body
    ));
    assert!(!verify(&valid, text(&valid, "header"), &format!("{body} ")));
    assert!(!meta::verify(&[text(&valid, "app_secret")], None, body.as_bytes()));
    assert!(!meta::verify(&[], Some(text(&valid, "header")), body.as_bytes()));
    // An app of Instagram Login has a secret of its own: either will do.
    let secrets = ["other", text(&valid, "app_secret")];
    assert!(meta::verify(&secrets, Some(text(&valid, "header")), body.as_bytes()));

    let escapes = vector("signature_unicode_escapes");
    assert!(verify(&escapes, text(&escapes, "header"), text(&escapes, "raw_body")));
    let wrong = text(&escapes, "wrong_header_from_reserialised");
    assert!(!verify(&escapes, wrong, text(&escapes, "raw_body")));
    assert!(verify(&escapes, wrong, text(&escapes, "reserialised_body")));

    let wrong = vector("signature_wrong_secret");
    assert!(!verify(&wrong, text(&wrong, "header"), text(&wrong, "raw_body")));
    let malformed = vector("signature_malformed_headers");
    for header in malformed["headers"].as_array().expect("headers") {
        let header = header.as_str().expect("a header");
        assert!(!verify(&malformed, header, text(&malformed, "raw_body")), "{header}");
    }
}

#[test]
fn a_token_is_proved_by_the_apps_secret() {
    let vector = vector("appsecret_proof");
    let proof = meta::appsecret_proof(text(&vector, "app_secret"), text(&vector, "access_token"));
    assert_eq!(proof, text(&vector, "appsecret_proof"));
}

#[test]
fn the_handshake_gives_back_the_challenge_as_it_came() {
    let vector = vector("verify_challenge");
    let token = text(&vector, "verify_token_configured");
    for case in vector["cases"].as_array().expect("cases") {
        let answer = meta::handshake(text(case, "query"), token);
        assert_eq!(answer.as_deref(), case["body"].as_str(), "{case}");
        assert_eq!(answer.is_some(), case["status"] == 200);
    }
    let escaped = "hub.mode=subscribe&hub.challenge=a%20b&hub.verify_token=vt%2D9c2b";
    assert_eq!(meta::handshake(escaped, token).as_deref(), Some("a b"));
    let empty = "hub.mode=subscribe&hub.challenge=1&hub.verify_token=";
    assert_eq!(meta::handshake(empty, ""), None);
}

#[test]
fn signed_requests_are_read_when_the_app_signed_them() {
    let read = |vector: &Value| {
        // As it arrives: a form.
        let form = text(vector, "form_body");
        let value = meta::query::value(form, "signed_request").expect("a value");
        assert_eq!(value, text(vector, "signed_request"));
        meta::signed_request(&["other", text(vector, "app_secret")], &value)
    };
    for name in [
        "deauthorize_signed_request",
        "data_deletion_signed_request",
        "deauthorize_signed_request_no_expires",
        "deauthorize_signed_request_padded",
    ] {
        let vector = vector(name);
        let decoded = &vector["decoded_payload"];
        let payload = read(&vector).expect(name);
        assert_eq!(payload.user_id, text(decoded, "user_id"), "{name}");
        let seconds = |key: &str| decoded.get(key).and_then(Value::as_i64);
        assert_eq!(payload.issued_at.map(|at| at.as_second()), seconds("issued_at"), "{name}");
        assert_eq!(payload.expires.map(|at| at.as_second()), seconds("expires"), "{name}");
    }
    // The vector of the login reference, whose `expires` is 0.
    let value = "UczQ-7JNaEadCOZZLblIVjK7VUFBpx6Zr92zl-0GdvA.eyJ1c2VyX2lkIjoiMjE4NDcxIiwiYWxnb3JpdGhtIj\
                 oiSE1BQy1TSEEyNTYiLCJpc3N1ZWRfYXQiOjE3MDAwMDAwMDAsImV4cGlyZXMiOjB9";
    let payload = meta::signed_request(&["app_secret"], value).expect("signed");
    assert_eq!((payload.user_id.as_str(), payload.expires), ("218471", None));
}

#[test]
fn signed_requests_that_the_app_did_not_sign_are_refused() {
    let read = |name: &str| {
        let vector = vector(name);
        meta::signed_request(&[text(&vector, "app_secret")], text(&vector, "signed_request"))
    };
    assert_eq!(read("signed_request_bad_signature"), Err(BadRequest::Signature));
    assert_eq!(read("signed_request_wrong_algorithm"), Err(BadRequest::Algorithm));
    let malformed = vector("signed_request_malformed");
    for value in malformed["values"].as_array().expect("values") {
        let value = value.as_str().expect("a value");
        let read = meta::signed_request(&[text(&malformed, "app_secret")], value);
        assert!(matches!(read, Err(BadRequest::Malformed | BadRequest::Signature)), "{value}");
    }
    let valid = vector("deauthorize_signed_request");
    let unknown = meta::signed_request(&[], text(&valid, "signed_request"));
    assert_eq!(unknown, Err(BadRequest::Signature));
}

#[test]
fn usage_is_the_highest_figure_of_all_headers() {
    let vector = vector("rate_limit_headers");
    let headers = vector.as_object().expect("headers");
    let headers: Vec<(String, &str)> = headers
        .iter()
        .map(|(name, value)| (name.to_lowercase(), value.as_str().expect("a value")))
        .collect();
    let usage = |headers: &[(&str, &str)]| meta::usage(headers.iter().copied());
    let all: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    assert_eq!(usage(&all), (Some(95), Some(12)));
    assert_eq!(
        usage(&[("X-App-Usage", r#"{"call_count":28,"total_time":25.5}"#)]),
        (Some(28), None)
    );
    assert_eq!(usage(&[("x-page-usage", r#"{"total_cputime":99.2}"#)]), (Some(100), None));
    assert_eq!(usage(&[("Retry-After", "5"), ("x-app-usage", "no JSON")]), (None, None));
    let regained = r#"{"1":[{"call_count":3,"estimated_time_to_regain_access":0}]}"#;
    assert_eq!(usage(&[("x-business-use-case-usage", regained)]), (Some(3), None));
}

fn outcome(reply: &Reply) -> Outcome {
    let page = credentials(AccountKind::FacebookPage, "104", None);
    let part = Part::Text { text: "hi".to_owned(), reply_to: None };
    let case = Case::new(page, Venue::Messenger, part, "");
    case.with(|sending| Messenger.outcome(sending, reply))
}

/// The tables of errors of Messenger and Instagram, row by row.
#[test]
fn errors_mean_what_the_tables_say() {
    use FailureCode::*;
    let dead = |code| ("never", code);
    let later = |code| ("later", code);
    let table = [
        (1, Some(99), dead(Refused)),
        (1, Some(1_357_046), dead(Refused)),
        (1, Some(2_018_382), dead(Refused)),
        (1, None, later(PlatformDown)),
        (-1, Some(2_207_001), later(PlatformDown)),
        (2, None, later(PlatformDown)),
        (2, Some(2_018_344), dead(Refused)),
        (4, None, later(RateLimited)),
        (4, Some(2_018_022), later(RateLimited)),
        (9, Some(2_018_352), later(RateLimited)),
        (10, Some(2_018_278), dead(WindowClosed)),
        (10, Some(2_018_065), dead(WindowClosed)),
        (10, Some(2_534_022), dead(WindowClosed)),
        (10, Some(2_534_048), dead(Permission)),
        (10, Some(2_018_300), dead(Permission)),
        (10, None, dead(Permission)),
        (17, None, later(RateLimited)),
        (32, None, later(RateLimited)),
        (100, None, dead(Refused)),
        (100, Some(33), dead(TargetGone)),
        (100, Some(2_018_001), dead(Unreachable)),
        (100, Some(2_534_014), dead(Unreachable)),
        (100, Some(2_018_008), dead(FileRejected)),
        (100, Some(2_018_047), dead(FileRejected)),
        (100, Some(2_018_074), dead(FileRejected)),
        (100, Some(2_018_109), dead(FileRejected)),
        (100, Some(2_018_294), dead(FileRejected)),
        (190, Some(463), ("reconnect", TokenLost)),
        (190, None, ("reconnect", TokenLost)),
        (200, None, dead(Permission)),
        (200, Some(1_545_041), dead(Unreachable)),
        (230, None, dead(Permission)),
        (299, None, dead(Permission)),
        (368, None, ("restricted", AccountRestricted)),
        (506, None, dead(Refused)),
        (551, None, dead(Unreachable)),
        (551, Some(1_545_041), dead(Unreachable)),
        (613, None, later(RateLimited)),
        (1200, None, later(PlatformDown)),
        (2022, None, dead(Unreachable)),
        (10_900, None, dead(Refused)),
        (10_903, None, dead(Refused)),
        (10_904, None, dead(Refused)),
        (80_001, None, later(RateLimited)),
        (80_002, None, later(RateLimited)),
        (80_006, None, later(RateLimited)),
        (99_999, None, dead(Refused)),
    ];
    for (code, subcode, expected) in table {
        let error = json!({ "message": "words", "code": code, "error_subcode": subcode });
        let outcome = outcome(&reply(400, json!({ "error": error }).to_string()));
        let (kind, failure) = match outcome {
            Outcome::Dead(failure) => ("never", failure),
            Outcome::Reconnect(failure) => ("reconnect", failure),
            Outcome::Restricted(failure) => ("restricted", failure),
            Outcome::Retry { why, scope, .. } => {
                let everyone = why.code == RateLimited;
                assert_eq!(scope == RetryScope::Account, everyone, "{code}/{subcode:?}");
                ("later", why)
            }
            other => panic!("{code}/{subcode:?}: {other:?}"),
        };
        assert_eq!((kind, failure.code), expected, "{code}/{subcode:?}");
        let name = subcode.map_or(code.to_string(), |subcode| format!("{code}/{subcode}"));
        assert_eq!(failure.detail, Some(format!("{name}: words")));
    }
}

/// `expected/meta_errors.txt` is the specification.
#[test]
fn errors_of_every_shape_are_understood() {
    let mut words = String::new();
    let mut tell = |name: &str, reply: &Reply| {
        words += &format!("{name}: {}\n", describe_outcome(&outcome(reply)));
    };
    for (name, body) in support::samples("meta") {
        if name.starts_with("graph_error_") || name == "oauth_instagram_error" {
            tell(&name, &reply(400, body));
        }
    }
    for status in [401, 403, 404, 408, 429, 500, 503] {
        tell(&format!("HTTP {status}"), &reply(status, "<html>"));
    }
    tell("HTTP 500 with words", &reply(500, r#"{"error":{"code":7,"message":"x"}}"#));
    let limited = r#"{"error":{"code":613,"message":"x"}}"#;
    tell("asked to wait", &Reply { retry_after: Some(30), ..reply(429, limited) });
    tell("regains access", &Reply { regain_minutes: Some(12), ..reply(400, limited) });
    support::check("meta_errors", &words);
}

#[test]
fn an_error_keeps_the_more_exact_words() {
    let body = r#"{"error":{"message":"(#131009) short","code":131009,"error_subcode":2494010,
                   "is_transient":true,"error_data":{"details":"exact"}}}"#;
    let error = GraphError::read(&reply(400, body)).expect("an error");
    assert_eq!((error.code, error.subcode, error.is_transient), (131_009, Some(2_494_010), true));
    assert_eq!(error.detail(), "131009/2494010: exact");
    assert_eq!(GraphError::read(&reply(400, "{}")), None);
    assert_eq!(GraphError::read(&reply(400, r#"{"error":"text"}"#)), None);
}
