//! What replies say of what was sent.

use serde_json::json;
use switchboard_channels::outgoing::{Outcome, RetryScope};
use switchboard_channels::whatsapp::Whatsapp;
use switchboard_channels::{ExternalId, Part, Platform, Reply};
use switchboard_domain::{Failure, FailureCode};

use crate::given::{Given, message, reply};
use crate::support::sample;

fn outcome(status: u16, body: impl Into<Vec<u8>>) -> Outcome {
    let text = Part::Text { text: "Hi".into(), reply_to: None };
    Given::new(text).with(|sending| Whatsapp.outcome(sending, &reply(status, body)))
}

fn of_sample(status: u16, name: &str) -> Outcome {
    outcome(status, sample("whatsapp", name))
}

fn of_code(status: u16, code: i64) -> Outcome {
    let error = json!({ "error": { "message": "words", "code": code } });
    outcome(status, error.to_string())
}

#[test]
fn a_success_names_the_message() {
    let names = [
        ("api_send_accepted", "wamid.SEJnTE16UTJOVFV4TWpBNU9EYy1vdXQtNDI="),
        ("api_send_bsuid_accepted", "wamid.SEJnTE16UTJOVFV4TWpBNU9EYy1vdXQtNDQ="),
        ("api_send_held", "wamid.SEJnTE16UTJOVFV4TWpBNU9EYy1vdXQtNDU="),
    ];
    for (name, id) in names {
        let ids = vec![ExternalId(id.to_owned())];
        assert_eq!(of_sample(200, name), Outcome::Sent { ids }, "{name}");
    }
    // It was taken, whatever became of the words that say so.
    assert_eq!(outcome(200, "<html>"), Outcome::Sent { ids: vec![] });
}

#[test]
fn a_reaction_has_no_name_of_its_own() {
    let given = Given::new(Part::React { target: message(), emoji: Some("👍".into()) });
    let taken = reply(200, sample("whatsapp", "api_send_accepted"));
    let told = given.with(|sending| Whatsapp.outcome(sending, &taken));
    assert_eq!(told, Outcome::Sent { ids: vec![] });
    let gone = reply(400, json!({ "error": { "message": "old", "code": 131_009 } }).to_string());
    let told = given.with(|sending| Whatsapp.outcome(sending, &gone));
    assert_eq!(told, Outcome::Dead(Failure::because(FailureCode::TargetGone, "131009: old")));
}

#[test]
fn the_errors_of_the_samples() {
    let because = |code, detail: &str| Failure::because(code, detail);
    assert_eq!(
        of_sample(400, "api_error_window_closed"),
        Outcome::Dead(because(FailureCode::WindowClosed, "131047: Invented text: window closed."))
    );
    assert_eq!(
        of_sample(404, "api_error_template_missing"),
        Outcome::Dead(because(
            FailureCode::TemplateUnavailable,
            "132001: template name (envio) does not exist in es"
        ))
    );
    assert_eq!(
        of_sample(401, "api_error_token_expired"),
        Outcome::Reconnect(because(
            FailureCode::TokenLost,
            "190/463: Invented text: token expired."
        ))
    );
    assert_eq!(
        of_sample(400, "api_error_throughput"),
        Outcome::Retry {
            after: None,
            why: because(
                FailureCode::RateLimited,
                "130429: Invented text: number throughput reached."
            ),
            scope: RetryScope::Account,
        }
    );
    assert_eq!(
        of_sample(400, "api_block_users_partial_failure"),
        Outcome::Dead(because(
            FailureCode::Refused,
            "139100: Invented text: some users were not blocked."
        ))
    );
}

/// What is done after an error, in a word.
fn verdict(outcome: Outcome) -> (&'static str, FailureCode) {
    match outcome {
        Outcome::Reconnect(failure) => ("reconnect", failure.code),
        Outcome::Restricted(failure) => ("restricted", failure.code),
        Outcome::Dead(failure) => ("dead", failure.code),
        Outcome::Retry { why, scope: RetryScope::Account, .. } => ("account later", why.code),
        Outcome::Retry { why, scope: RetryScope::Conversation, .. } => ("later", why.code),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_documented_code_is_told() {
    use FailureCode as F;
    let table: &[(&[i64], u16, &str, F)] = &[
        (&[0, 190], 401, "reconnect", F::TokenLost),
        (&[33], 400, "reconnect", F::TokenLost),
        (&[3, 10, 200, 250, 299, 131_005], 403, "reconnect", F::Permission),
        (&[368, 131_031, 131_037, 131_045], 403, "restricted", F::AccountRestricted),
        (&[133_000, 133_005, 133_006, 133_008], 400, "restricted", F::AccountRestricted),
        (&[133_009, 133_010, 133_015], 400, "restricted", F::AccountRestricted),
        (&[131_042, 131_044, 134_011], 400, "restricted", F::Payment),
        (&[1, 131_000], 500, "later", F::PlatformDown),
        (&[2, 131_016, 133_004, 131_057, 2_494_100], 503, "account later", F::PlatformDown),
        (&[134_101], 400, "later", F::TemplateUnavailable),
        (&[4, 80_007, 130_429, 131_048, 133_016], 400, "account later", F::RateLimited),
        (&[131_056], 400, "later", F::RateLimited),
        (&[130_497, 131_064], 403, "dead", F::AccountRestricted),
        (&[131_026, 137_000], 400, "dead", F::Unreachable),
        (&[131_047], 400, "dead", F::WindowClosed),
        (&[131_049, 130_472], 400, "dead", F::CustomerLimit),
        (&[131_050], 400, "dead", F::OptedOut),
        (&[131_052, 131_053], 400, "dead", F::FileRejected),
        (&[132_000, 132_008, 132_012, 132_018], 400, "dead", F::TemplateParameters),
        (&[132_001, 132_007, 132_015, 132_016, 134_102], 400, "dead", F::TemplateUnavailable),
        (&[132_005], 400, "dead", F::TooLong),
        (&[100, 131_008, 131_009, 131_021, 131_030, 131_051, 135_000], 400, "dead", F::Refused),
        (&[131_055, 134_100, 1_752_041, 131_060, 131_062, 131_063], 400, "dead", F::Refused),
        (&[132_068, 132_069, 138_000, 139_000, 139_100, 147_001], 400, "dead", F::Refused),
        (&[131_020, 131_041, 131_201, 2_388_299, 2_593_107], 400, "dead", F::Refused),
        (&[7_777_777, -1], 400, "dead", F::Refused),
    ];
    for (codes, status, what, code) in table {
        for number in *codes {
            assert_eq!(verdict(of_code(*status, *number)), (*what, *code), "{number}");
        }
    }
}

#[test]
fn without_words_http_decides() {
    use FailureCode as F;
    let table = [
        (401, "reconnect", F::TokenLost),
        (429, "account later", F::RateLimited),
        (408, "account later", F::PlatformDown),
        (500, "account later", F::PlatformDown),
        (503, "account later", F::PlatformDown),
        (400, "dead", F::Refused),
        (404, "dead", F::Refused),
    ];
    for (status, what, code) in table {
        for body in ["", "<html>", "{}", "[1]", "\"error\""] {
            assert_eq!(verdict(outcome(status, body)), (what, code), "{status} {body}");
        }
    }
}

#[test]
fn a_platform_that_names_a_time_is_heard() {
    let text = Part::Text { text: "Hi".into(), reply_to: None };
    let busy = Reply { retry_after: Some(30), ..reply(429, "") };
    let told = Given::new(text).with(|sending| Whatsapp.outcome(sending, &busy));
    assert!(matches!(told, Outcome::Retry { after: Some(30), .. }), "{told:?}");
}

#[test]
fn an_upload_leads_to_a_handle() {
    let uploaded = Whatsapp.upload_outcome(&reply(200, r#"{"id":"1190774520318848"}"#));
    assert_eq!(uploaded, Outcome::Uploaded { handle: "1190774520318848".to_owned() });
    let nameless = Whatsapp.upload_outcome(&reply(200, "{}"));
    assert_eq!(verdict(nameless), ("later", FailureCode::PlatformDown));
    let refused = json!({ "error": { "message": "type", "code": 131_053 } }).to_string();
    let refused = Whatsapp.upload_outcome(&reply(400, refused));
    assert_eq!(verdict(refused), ("dead", FailureCode::FileRejected));
}
