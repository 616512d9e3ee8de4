//! Calls. One is told when it begins and when it ends; people see it once, when it has ended.

use serde_json::Value;
use switchboard_domain::{Card, Extra};

use super::message::external;
use super::people::Who;
use super::read::Change;
use crate::inbound::{Direction, Event, InMessage, What};
use crate::meta::json::{scalar, time};

/// An item of `calls`.
pub(super) fn read(change: &Change<'_>, item: &Value) -> Result<Vec<Event>, String> {
    let id = external(item, "id").ok_or("a call without an id")?;
    let told_at = change.at(item)?;
    let is_inbound = match scalar(item, "direction").as_deref() {
        Some("BUSINESS_INITIATED") => false,
        Some("USER_INITIATED") => true,
        other => return Err(format!("a call of direction {}", other.unwrap_or("unknown"))),
    };
    let who = match is_inbound {
        true => Who::of(item, "from_user_id", "from"),
        false => Who::of(item, "to_user_id", "to"),
    };
    let thread = Some(who.thread(change.contacts()).ok_or("it names nobody")?);
    let event = scalar(item, "event").unwrap_or_default();
    if event != "terminate" {
        let what = What::Ignored { kind: format!("call {event}") };
        return Ok(vec![Event { at: told_at, thread, what }]);
    }
    let seconds = scalar(item, "duration").and_then(|seconds| seconds.parse().ok());
    let call = Card::Call { inbound: is_inbound, outcome: outcome(item, is_inbound), seconds };
    let direction = match is_inbound {
        true => Direction::Customer,
        false => Direction::Business { via: None, correlation: None },
    };
    let message = InMessage {
        id,
        direction,
        text: String::new(),
        media: vec![],
        extra: Extra::of(call),
        reply_to: None,
        opens_window: is_inbound,
        acknowledge: None,
    };
    // The window opens when the customer calls, so the call stands at its beginning.
    let at = time(item, "start_time").map_or(told_at, |start| start.min(told_at));
    Ok(vec![Event { at, thread, what: What::Message(Box::new(message)) }])
}

/// `status` is a word, or a list with one.
fn outcome(item: &Value, is_inbound: bool) -> String {
    let status = scalar(item, "status")
        .or_else(|| item.get("status")?.as_array()?.first()?.as_str().map(str::to_owned));
    match status.as_deref() {
        Some("FAILED") | None if is_inbound => "missed".to_owned(),
        Some(status) => status.to_lowercase(),
        None => "ended".to_owned(),
    }
}
