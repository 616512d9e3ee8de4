//! What a number says of itself, its subscription and its health.

use serde_json::json;
use switchboard_channels::account::{Credentials, ProblemKind};
use switchboard_channels::whatsapp::Whatsapp;
use switchboard_channels::{Base, Body, Handover, Method, Platform, Reply, Request};
use switchboard_domain::{FailureCode, Venue};

use crate::given::{NUMBER, PARENT, credentials, reply};
use crate::support::sample;

fn told(body: serde_json::Value) -> Reply {
    reply(200, body.to_string())
}

#[test]
fn a_number_says_who_it_is() {
    let request = Whatsapp.about(&credentials());
    assert_eq!(request.path, format!("/{NUMBER}"));
    let body = json!({
        "id": NUMBER, "display_phone_number": "+49 1573 5990017", "verified_name": "Vivero",
    });
    let info = Whatsapp.read_about(&told(body)).expect("read");
    assert_eq!((info.id.as_str(), info.name.as_str()), (NUMBER, "Vivero"));
    assert_eq!(info.handle.as_deref(), Some("+49 1573 5990017"));
    let lost = reply(401, sample("whatsapp", "api_error_token_expired"));
    assert_eq!(Whatsapp.read_about(&lost).expect_err("lost").code, FailureCode::TokenLost);
    assert!(Whatsapp.read_about(&told(json!({}))).is_err());
}

#[test]
fn the_account_above_the_number_is_subscribed() {
    let path = format!("/{PARENT}/subscribed_apps");
    let subscribe = Whatsapp.subscribe(&credentials(), "https://hooks.example.com");
    assert_eq!(subscribe, [Request::post(Base::Graph, &path, Body::Empty)]);
    let unsubscribe = Whatsapp.unsubscribe(&credentials());
    assert_eq!(unsubscribe, [Request::delete(Base::Graph, &path)]);
    let unknown = Credentials { parent: None, ..credentials() };
    assert!(Whatsapp.subscribe(&unknown, "").is_empty());
    assert_eq!(Whatsapp.health(&unknown).len(), 1);
    assert!(Whatsapp.health(&credentials()).iter().all(|request| request.method == Method::Get));
}

fn health(replies: &[Reply]) -> (Vec<ProblemKind>, Vec<(String, String)>) {
    let health = Whatsapp.read_health(&credentials(), "", replies);
    (health.problems.iter().map(|problem| problem.kind).collect(), health.facts)
}

#[test]
fn a_healthy_number_has_facts_and_no_problems() {
    let number = json!({
        "id": NUMBER, "display_phone_number": "+49 1573 5990017", "verified_name": "Vivero",
        "status": "CONNECTED", "quality_rating": "GREEN", "name_status": "APPROVED",
        "throughput": { "level": "STANDARD" }, "account_mode": "LIVE",
        "whatsapp_business_manager_messaging_limit": "TIER_2K",
        "health_status": {
            "can_send_message": "AVAILABLE",
            "entities": [{ "entity_type": "WABA", "can_send_message": "AVAILABLE" }],
        },
    });
    let apps = json!({ "data": [{ "whatsapp_business_api_data": { "id": "1", "name": "Us" } }] });
    let (problems, facts) = health(&[told(number), told(apps)]);
    assert_eq!(problems, []);
    let facts: Vec<String> = facts.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    assert_eq!(
        facts,
        [
            "Number: +49 1573 5990017",
            "Name: Vivero",
            "Status: CONNECTED",
            "Quality: GREEN",
            "People it may write to first, a day: TIER_2K",
            "Review of the name: APPROVED",
            "Mode: LIVE",
            "Throughput: STANDARD",
        ]
    );
}

#[test]
fn problems_are_told_worst_first() {
    let error = json!({
        "error_code": 141_006, "error_description": "No payment method.",
        "possible_solution": "Add one.",
    });
    let number = json!({
        "status": "FLAGGED", "quality_rating": "RED", "name_status": "DECLINED",
        "health_status": { "entities": [
            { "entity_type": "WABA", "can_send_message": "BLOCKED", "errors": [error] },
            { "entity_type": "BUSINESS", "can_send_message": "LIMITED",
              "additional_info": ["Verify the business."] },
        ] },
    });
    let replies = [told(number), told(json!({ "data": [] }))];
    let told = Whatsapp.read_health(&credentials(), "", &replies);
    let words: Vec<(ProblemKind, &str)> =
        told.problems.iter().map(|problem| (problem.kind, problem.words.as_str())).collect();
    assert_eq!(
        words,
        [
            (ProblemKind::Restricted, "The number is FLAGGED."),
            (ProblemKind::Restricted, "waba: No payment method. Add one."),
            (ProblemKind::NotSubscribed, "WhatsApp does not tell us what happens on this account."),
            (
                ProblemKind::Quality,
                "Many people block or report this number. WhatsApp may restrict it."
            ),
            (ProblemKind::Other, "The review of the display name ended: DECLINED."),
            (ProblemKind::Other, "business: Verify the business."),
        ]
    );
}

#[test]
fn a_lost_token_is_one_problem() {
    let lost = reply(401, sample("whatsapp", "api_error_token_expired"));
    assert_eq!(health(&[lost.clone(), lost]).0, [ProblemKind::Token]);
    let denied = reply(403, r#"{"error":{"message":"no","code":200}}"#);
    assert_eq!(health(&[denied]).0, [ProblemKind::Permission]);
    assert_eq!(health(&[reply(503, "")]).0, [ProblemKind::Other]);
}

#[test]
fn the_limits_are_those_of_a_number() {
    let limits = Whatsapp.limits(Venue::Whatsapp);
    assert_eq!((limits.per_second, limits.burst, limits.refill_ms), (80, 45, 6_000));
    assert!(limits.awaits_receipt);
}

#[test]
fn what_a_number_on_a_phone_hands_over_is_asked_for_once_each() {
    let asked = Whatsapp.handover(&credentials());
    let bodies: Vec<&Body> = asked.iter().map(|request| &request.body).collect();
    let sync = |what| Body::Json(json!({ "messaging_product": "whatsapp", "sync_type": what }));
    assert_eq!(bodies, [&sync("smb_app_state_sync"), &sync("history")]);
    assert!(asked.iter().all(|request| request.path == format!("/{NUMBER}/smb_app_data")));

    let refused = |status, code: i64| {
        let body = json!({ "error": { "code": code, "message": "Invented" } });
        Whatsapp.read_handover(&reply(status, body.to_string()))
    };
    assert_eq!(Whatsapp.read_handover(&told(json!({ "request_id": "88" }))), Ok(()));
    assert_eq!(refused(400, 2_593_107), Ok(()), "it was asked for before");
    assert!(matches!(refused(400, 2_593_108), Err(Handover::Never(why)) if why.contains("a day")));
    assert_eq!(refused(400, 100), Err(Handover::Never("100: Invented".to_owned())));
    assert!(matches!(refused(500, 2), Err(Handover::Later(_))));
}
