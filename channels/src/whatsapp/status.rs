//! Statuses: how far a message of ours has come. What it cost is not kept.

use serde_json::Value;
use switchboard_domain::{Delivery, DeliveryState, Failure, FailureCode};

use super::errors::Told;
use super::message::{external, first_error};
use super::people::{self, Who};
use super::read::Change;
use crate::inbound::{Event, Thread, What};
use crate::meta::json::{id, scalar};

/// An item of `statuses`.
pub(super) fn read(change: &Change<'_>, item: &Value) -> Result<Vec<Event>, String> {
    let target = external(item, "id").ok_or("a status of nothing")?;
    let at = change.at(item)?;
    let status = scalar(item, "status").ok_or("it says no status")?;
    let state = match status.as_str() {
        "sent" => Some(DeliveryState::Sent),
        "delivered" => Some(DeliveryState::Delivered),
        "read" | "played" => Some(DeliveryState::Read),
        "failed" => Some(DeliveryState::Failed),
        _ => None,
    };
    let thread = thread(change, item);
    let is_call = scalar(item, "type").as_deref() == Some("call");
    let Some(state) = state.filter(|_| !is_call) else {
        let of = if is_call { "call" } else { "status" };
        let what = What::Ignored { kind: format!("{of} {}", status.to_lowercase()) };
        return Ok(vec![Event { at, thread, what }]);
    };
    let failure = (state == DeliveryState::Failed).then(|| failure(item));
    let what = What::Receipt {
        target,
        delivery: Delivery { state, failure },
        correlation: id(item, "biz_opaque_callback_data"),
    };
    Ok(vec![Event { at, thread, what }])
}

fn failure(item: &Value) -> Failure {
    match first_error(item) {
        Some(error) => Told::of(error).failure(),
        None => Failure::new(FailureCode::Refused),
    }
}

/// The conversation, as far as the status tells: the message itself is the better name.
fn thread(change: &Change<'_>, item: &Value) -> Option<Thread> {
    if scalar(item, "recipient_type").as_deref() == Some("group") {
        return id(item, "recipient_id").map(|group| people::group(&group));
    }
    Who::of(item, "recipient_user_id", "recipient_id").thread(change.contacts())
}
