//! What was written before the number was connected: WhatsApp hands it over once, in chunks, when
//! a number of the WhatsApp Business app is connected.

use serde_json::{Value, json};
use switchboard_domain::{Delivery, DeliveryState, Failure, FailureCode};

use super::errors::Told;
use super::message::{self, Origin};
use super::people::{Who, digits};
use super::read::Change;
use crate::inbound::{AccountEvent, Event, InMessage, Notice, What};
use crate::meta::json::{id, list, scalar, time};

/// Reads a chunk: of each thing in it what it says, and the chunk with this thing alone.
pub(super) fn read(change: &Change<'_>, chunk: &Value) -> Vec<(Result<Vec<Event>, String>, Value)> {
    let mut told = vec![];
    let mut newest = None;
    for thread in list(chunk, "threads") {
        for item in list(thread, "messages") {
            newest = newest.max(time(item, "timestamp"));
            let alone = json!({ "threads": [{ "id": thread["id"], "messages": [item] }] });
            told.push((read_message(change, thread, item), alone));
        }
    }
    let at = newest.unwrap_or_else(|| change.at_about());
    let account = |event| Event { at, thread: None, what: What::Account(event) };
    for error in list(chunk, "errors") {
        let why = Told::of(error).sentence();
        let notice = Some(Notice::problem(format!("The history is not to be had. {why}")));
        let alone = json!({ "errors": [error] });
        told.push((Ok(vec![account(AccountEvent::Changed { notice })]), alone));
    }
    let progress = chunk.get("metadata").and_then(|metadata| metadata.get("progress"));
    if let Some(percent) = progress.and_then(Value::as_u64) {
        let percent = u32::try_from(percent).unwrap_or(100).min(100);
        let alone = json!({ "metadata": chunk["metadata"] });
        told.push((Ok(vec![account(AccountEvent::HistoryProgress { percent })]), alone));
    }
    if told.is_empty() {
        told.push((Err("a chunk of history without anything".to_owned()), chunk.clone()));
    }
    told
}

fn read_message(change: &Change<'_>, thread: &Value, item: &Value) -> Result<Vec<Event>, String> {
    let peer = Who::of(thread, "user_id", "id");
    let is_business = is_business(change, item, peer.phone.as_deref());
    let who = match peer == Who::default() {
        false => peer,
        true if is_business => Who::of(item, "to_user_id", "to"),
        true => Who::of(item, "from_user_id", "from"),
    };
    let place = who.thread(change.contacts()).ok_or("it names nobody")?;
    let origin = Origin { is_business, is_history: true };
    let mut events = message::events(change, item, place, None, origin)?;
    if is_business && let Some(receipt) = receipt(&events, item) {
        events.push(receipt);
    }
    Ok(events)
}

fn is_business(change: &Change<'_>, item: &Value, peer: Option<&str>) -> bool {
    let from = id(item, "from").and_then(|from| digits(&from));
    let own = id(change.metadata(), "display_phone_number").and_then(|own| digits(&own));
    match from {
        Some(from) if Some(from.as_str()) == peer => false,
        from if from.is_some() && from == own => true,
        _ => item.get("to").is_some() || item.get("to_user_id").is_some(),
    }
}

/// How far a message of the business had come.
fn receipt(events: &[Event], item: &Value) -> Option<Event> {
    let Some(Event { at, thread, what: What::Message(message) }) = events.first() else {
        return None;
    };
    let context = item.get("history_context")?;
    let (state, failure) = match scalar(context, "status")?.to_ascii_uppercase().as_str() {
        "SENT" => (DeliveryState::Sent, None),
        "DELIVERED" => (DeliveryState::Delivered, None),
        "READ" | "PLAYED" => (DeliveryState::Read, None),
        "ERROR" => (DeliveryState::Failed, Some(Failure::new(FailureCode::Refused))),
        _ => return None,
    };
    let what = What::Receipt {
        target: message.id.clone(),
        delivery: Delivery { state, failure },
        correlation: None,
    };
    Some(Event { at: *at, thread: thread.clone(), what })
}

/// The file of a message that was told of without it. It comes under the message's own name, so
/// it is a change to that message.
pub(super) fn read_file(change: &Change<'_>, item: &Value) -> Result<Vec<Event>, String> {
    let is_business = is_business(change, item, None);
    let who = match is_business {
        true => Who::of(item, "to_user_id", "to"),
        false => Who::of(item, "from_user_id", "from"),
    };
    let place = who.thread(change.contacts()).ok_or("it names nobody")?;
    let origin = Origin { is_business, is_history: true };
    let mut events = message::events(change, item, place, None, origin)?;
    for event in &mut events {
        let What::Message(message) = &event.what else { continue };
        let InMessage { id, text, media, extra, .. } = (**message).clone();
        event.what = What::Edited {
            target: id,
            text: Some(text),
            media: (!media.is_empty()).then_some(media),
            extra: extra.card.is_some().then(|| Box::new(extra)),
        };
    }
    Ok(events)
}
