//! What a reply says.

use serde_json::Value;
use switchboard_domain::{Failure, FailureCode};

use super::json;
use super::place::Place;
use crate::http::Reply;
use crate::inbound::ExternalId;
use crate::outgoing::{Outcome, Part, RetryScope, is_temporary};

/// What descriptions of error 400 contain, in lower case, and what it means. Texts are stable in
/// practice, but not promised; capitals come from the service underneath.
const WORDS: [(&str, FailureCode); 35] = [
    ("chat not found", FailureCode::Unreachable),
    ("user not found", FailureCode::Unreachable),
    ("peer_id_invalid", FailureCode::Unreachable),
    ("input_user_deactivated", FailureCode::Unreachable),
    ("business_peer_invalid", FailureCode::WindowClosed),
    ("business_peer_usage_missing", FailureCode::WindowClosed),
    ("business_connection", FailureCode::Permission),
    ("business connection not found", FailureCode::Permission),
    ("not enough rights", FailureCode::Permission),
    ("have no rights", FailureCode::Permission),
    ("chat_write_forbidden", FailureCode::Permission),
    ("chat_admin_required", FailureCode::Permission),
    ("topic_closed", FailureCode::Permission),
    ("message to be replied not found", FailureCode::TargetGone),
    ("message thread not found", FailureCode::TargetGone),
    ("message to edit not found", FailureCode::TargetGone),
    ("message to delete not found", FailureCode::TargetGone),
    ("message to react not found", FailureCode::TargetGone),
    ("message_id_invalid", FailureCode::TargetGone),
    ("message can't be edited", FailureCode::NotPossible),
    ("message can't be deleted", FailureCode::NotPossible),
    ("reaction_invalid", FailureCode::NotPossible),
    ("button_data_invalid", FailureCode::NotPossible),
    ("message is too long", FailureCode::TooLong),
    ("message_too_long", FailureCode::TooLong),
    ("caption_too_long", FailureCode::TooLong),
    ("caption is too long", FailureCode::TooLong),
    ("file is too big", FailureCode::FileRejected),
    ("wrong file", FailureCode::FileRejected),
    ("wrong type of the web page content", FailureCode::FileRejected),
    ("failed to get http url content", FailureCode::FileRejected),
    ("file must be non-empty", FailureCode::FileRejected),
    ("photo_", FailureCode::FileRejected),
    ("image_process_failed", FailureCode::FileRejected),
    ("voice_messages_forbidden", FailureCode::FileRejected),
];

/// The outcome of a part.
pub fn of(part: &Part, reply: &Reply) -> Outcome {
    let body = reply.json().unwrap_or_default();
    if reply.is_success() && !is_refused(&body) {
        return Outcome::Sent { ids: ids(part, &body["result"]) };
    }
    let description = body["description"].as_str().unwrap_or_default().to_lowercase();
    let already = description.contains("message is not modified")
        || matches!(part, Part::Delete { .. }) && description.contains("to delete not found");
    match already {
        true => Outcome::Sent { ids: vec![] },
        false => refused(reply),
    }
}

/// Whether the reply leaves open whether it was done: a gateway's own words, and of Telegram's those
/// of a server that restarts with calls under way, or that took a message and then removed it.
pub fn leaves_open(reply: &Reply) -> bool {
    let body = reply.json().unwrap_or_default();
    let said = body["description"].as_str().unwrap_or_default().to_lowercase();
    match reply.status {
        502 | 504 => true,
        503 => false,
        500.. if !is_refused(&body) => true,
        500.. => said.contains("restart") || said.contains("immediately deleted"),
        _ => false,
    }
}

fn is_refused(body: &Value) -> bool {
    body["ok"] == false
}

/// The names of new messages. What is done to a message makes no new one.
fn ids(part: &Part, result: &Value) -> Vec<ExternalId> {
    if matches!(part, Part::React { .. } | Part::Edit { .. } | Part::Delete { .. }) {
        return vec![];
    }
    let messages = result.as_array().map_or(std::slice::from_ref(result), Vec::as_slice);
    let name = |message| Some(Place::of(message).ok()?.message(json::id(message, "message_id")?));
    messages.iter().filter_map(name).collect()
}

/// What a reply that is no success means for any call.
pub fn refused(reply: &Reply) -> Outcome {
    let body = reply.json().unwrap_or_default();
    let code = json::id(&body, "error_code").unwrap_or(i64::from(reply.status));
    let description = body["description"].as_str().unwrap_or("no words");
    let detail = format!("{code}: {description}");
    let because = |code| Failure::because(code, detail.clone());
    let parameters = &body["parameters"];
    if let Some(chat) = json::id(parameters, "migrate_to_chat_id") {
        return Outcome::Moved { key: Place::private(chat).key() };
    }
    let lower = description.to_lowercase();
    match code {
        // A malformed token is a path that Telegram does not know.
        401 | 404 | 421 => Outcome::Reconnect(because(FailureCode::TokenLost)),
        400 if lower.contains("logged out") => Outcome::Reconnect(because(FailureCode::TokenLost)),
        400 => Outcome::Dead(because(meaning(&lower))),
        403 => Outcome::Dead(because(forbidden(&lower))),
        // Polled while a webhook is set, or by two at once. It ends when the other one ends.
        409 => Outcome::Retry {
            after: None,
            why: because(FailureCode::Refused),
            scope: RetryScope::Account,
        },
        413 => Outcome::Dead(because(FailureCode::FileRejected)),
        429 => {
            let after = json::id(parameters, "retry_after").and_then(|after| after.try_into().ok());
            Outcome::Retry {
                after: after.or(reply.retry_after),
                why: because(FailureCode::RateLimited),
                scope: RetryScope::Conversation,
            }
        }
        _ if code >= 500 || is_temporary(reply) => Outcome::Retry {
            after: reply.retry_after,
            why: because(FailureCode::PlatformDown),
            scope: RetryScope::Account,
        },
        _ => Outcome::Dead(because(FailureCode::Refused)),
    }
}

fn meaning(description: &str) -> FailureCode {
    let known = WORDS.iter().find(|(words, _)| description.contains(words));
    known.map_or(FailureCode::Refused, |(_, code)| *code)
}

/// Blocked, gone, put out of the group, never started: all but a lack of rights.
fn forbidden(description: &str) -> FailureCode {
    match meaning(description) {
        FailureCode::Permission => FailureCode::Permission,
        _ => FailureCode::Unreachable,
    }
}

/// The same, where only the failure is asked for.
pub fn failure(reply: &Reply) -> Failure {
    match refused(reply) {
        Outcome::Retry { why: failure, .. }
        | Outcome::Dead(failure)
        | Outcome::Reconnect(failure)
        | Outcome::Restricted(failure) => failure,
        Outcome::Sent { .. } | Outcome::Uploaded { .. } | Outcome::Moved { .. } => {
            Failure::new(FailureCode::Refused)
        }
    }
}
