//! What a number says of itself, and how it is.

use serde_json::Value;
use switchboard_domain::{Failure, FailureCode};

use super::errors;
use crate::account::{AccountInfo, Credentials, Health, Problem, ProblemKind};
use crate::http::{Base, Body, Reply, Request};
use crate::meta::json::{id, list, scalar, title};

const ABOUT: &str = "id,display_phone_number,verified_name";
const HEALTH: &str = "id,display_phone_number,verified_name,status,quality_rating,name_status,\
    throughput,account_mode,health_status,\
    whatsapp_business_manager_messaging_limit";

/// Facts that people are shown: the member, and what it is called.
const FACTS: [(&str, &str); 7] = [
    ("display_phone_number", "Number"),
    ("verified_name", "Name"),
    ("status", "Status"),
    ("quality_rating", "Quality"),
    ("whatsapp_business_manager_messaging_limit", "People it may write to first, a day"),
    ("name_status", "Review of the name"),
    ("account_mode", "Mode"),
];

pub(super) fn about(credentials: &Credentials) -> Request {
    Request::get(Base::Graph, format!("/{}", credentials.id)).query("fields", ABOUT)
}

pub(super) fn read_about(reply: &Reply) -> Result<AccountInfo, Failure> {
    if !reply.is_success() {
        return Err(errors::failure(reply));
    }
    let body = reply.json().unwrap_or_default();
    let id = id(&body, "id")
        .ok_or_else(|| Failure::because(FailureCode::Refused, "the reply names no number"))?;
    let handle = title(&body, "display_phone_number");
    let name = title(&body, "verified_name").or_else(|| handle.clone());
    let name = name.unwrap_or_else(|| id.clone());
    Ok(AccountInfo { id, name, handle, ..AccountInfo::default() })
}

/// The path of an account's subscription to our app.
fn subscribed_apps(credentials: &Credentials) -> Option<String> {
    credentials.parent.as_ref().map(|parent| format!("/{parent}/subscribed_apps"))
}

/// Subscribes the app to the whole WhatsApp Business Account; which fields it hears and where is a
/// matter of the app. Without a known account nothing can be done.
pub(super) fn subscribe(credentials: &Credentials) -> Vec<Request> {
    let path = subscribed_apps(credentials);
    path.map(|path| Request::post(Base::Graph, path, Body::Empty)).into_iter().collect()
}

/// Ends the subscription, of all numbers of the WhatsApp Business Account: for the last of them.
pub(super) fn unsubscribe(credentials: &Credentials) -> Vec<Request> {
    let path = subscribed_apps(credentials);
    path.map(|path| Request::delete(Base::Graph, path)).into_iter().collect()
}

pub(super) fn health(credentials: &Credentials) -> Vec<Request> {
    let number = Request::get(Base::Graph, format!("/{}", credentials.id)).query("fields", HEALTH);
    let apps = subscribed_apps(credentials).map(|path| Request::get(Base::Graph, path));
    std::iter::once(number).chain(apps).collect()
}

pub(super) fn read_health(replies: &[Reply]) -> Health {
    let mut health = Health::default();
    let mut replies = replies.iter();
    if let Some(reply) = replies.next() {
        match reply.is_success() {
            true => read_number(&mut health, &reply.json().unwrap_or_default()),
            false => health.problems.push(problem_of(&errors::failure(reply))),
        }
    }
    if let Some(reply) = replies.next() {
        let apps = reply.json().unwrap_or_default();
        match reply.is_success() {
            true if list(&apps, "data").is_empty() => health.problems.push(Problem {
                kind: ProblemKind::NotSubscribed,
                words: "WhatsApp does not tell us what happens on this account.".to_owned(),
            }),
            true => {}
            false => health.problems.push(problem_of(&errors::failure(reply))),
        }
    }
    // A lost token says the same in every reply.
    health
        .problems
        .dedup_by(|later, earlier| later.kind == earlier.kind && later.words == earlier.words);
    health.problems.sort_by_key(|problem| gravity(problem.kind));
    health
}

/// Worst first.
fn gravity(kind: ProblemKind) -> u8 {
    match kind {
        ProblemKind::Token => 0,
        ProblemKind::Permission => 1,
        ProblemKind::Restricted => 2,
        ProblemKind::Payment => 3,
        ProblemKind::NotSubscribed => 4,
        ProblemKind::Quality => 5,
        ProblemKind::Other => 6,
    }
}

fn problem_of(failure: &Failure) -> Problem {
    let kind = match failure.code {
        FailureCode::TokenLost => ProblemKind::Token,
        FailureCode::Permission => ProblemKind::Permission,
        FailureCode::AccountRestricted => ProblemKind::Restricted,
        FailureCode::Payment => ProblemKind::Payment,
        _ => ProblemKind::Other,
    };
    let detail = failure.detail.as_deref().map(|detail| format!(" ({detail})")).unwrap_or_default();
    Problem { kind, words: format!("{}{detail}", failure.code.words()) }
}

fn read_number(health: &mut Health, number: &Value) {
    let mut add = |kind, words: String| health.problems.push(Problem { kind, words });
    match scalar(number, "status").as_deref() {
        None | Some("CONNECTED") => {}
        Some(status) => add(ProblemKind::Restricted, format!("The number is {status}.")),
    }
    if scalar(number, "quality_rating").as_deref() == Some("RED") {
        let words = "Many people block or report this number. WhatsApp may restrict it.";
        add(ProblemKind::Quality, words.to_owned());
    }
    if let Some(status @ ("DECLINED" | "EXPIRED")) = scalar(number, "name_status").as_deref() {
        add(ProblemKind::Other, format!("The review of the display name ended: {status}."));
    }
    let entities = number.get("health_status").map_or(&[][..], |health| list(health, "entities"));
    for entity in entities {
        let kind = match scalar(entity, "can_send_message").as_deref() {
            Some("BLOCKED") => ProblemKind::Restricted,
            Some("LIMITED") => ProblemKind::Other,
            _ => continue,
        };
        reasons(entity).into_iter().for_each(|words| add(kind, words));
    }
    let facts = FACTS
        .iter()
        .filter_map(|(member, name)| Some(((*name).to_owned(), scalar(number, member)?)));
    health.facts.extend(facts);
    let level = number.get("throughput").and_then(|throughput| scalar(throughput, "level"));
    health.facts.extend(level.map(|level| ("Throughput".to_owned(), level)));
}

/// Why something cannot send, or not everything, and what WhatsApp suggests.
fn reasons(entity: &Value) -> Vec<String> {
    let of = scalar(entity, "entity_type").unwrap_or("account".to_owned()).to_lowercase();
    let errors = list(entity, "errors").iter().map(|error| {
        let parts = ["error_description", "possible_solution"].iter();
        let words: Vec<String> = parts.filter_map(|part| title(error, part)).collect();
        format!("{of}: {}", words.join(" "))
    });
    let info = list(entity, "additional_info").iter().filter_map(Value::as_str);
    let words: Vec<String> = errors.chain(info.map(|info| format!("{of}: {info}"))).collect();
    match words.is_empty() {
        true => vec![format!("{of}: WhatsApp does not say why it is held back.")],
        false => words,
    }
}
