//! How far what we sent has come. Failures are told by the reply to a call, never afterwards.

use jiff::Timestamp;
use serde_json::Value;
use switchboard_domain::{Delivery, DeliveryState};

use super::Scene;
use crate::inbound::{Event, ExternalId, What};
use crate::meta::json::{id, list, time};

/// All up to the watermark was delivered; `mids` may be missing.
pub(super) fn read_delivery(scene: &Scene<'_>, delivery: &Value) -> Result<Vec<Event>, String> {
    let ids = list(delivery, "mids").iter().filter_map(Value::as_str);
    let mut what: Vec<Event> =
        ids.map(|mid| receipt(scene, mid.to_owned(), DeliveryState::Delivered)).collect();
    match time(delivery, "watermark") {
        Some(until) => what.push(watermark(scene, until, DeliveryState::Delivered)),
        None if what.is_empty() => return Err("neither a watermark nor mids".to_owned()),
        None => {}
    }
    in_thread(scene, what)
}

/// Messenger tells up to when the person has read, Instagram which message was the last one.
pub(super) fn read_seen(scene: &Scene<'_>, read: &Value) -> Result<Vec<Event>, String> {
    if let Some(until) = time(read, "watermark") {
        return in_thread(scene, vec![watermark(scene, until, DeliveryState::Read)]);
    }
    let mid = id(read, "mid").ok_or("neither a watermark nor a mid")?;
    // Everything before that message was read too, and it was the last one when this happened.
    let events = vec![
        receipt(scene, mid, DeliveryState::Read),
        watermark(scene, scene.at, DeliveryState::Read),
    ];
    in_thread(scene, events)
}

fn receipt(scene: &Scene<'_>, mid: String, state: DeliveryState) -> Event {
    scene.event(What::Receipt {
        target: ExternalId(mid),
        delivery: Delivery { state, failure: None },
        correlation: None,
    })
}

fn watermark(scene: &Scene<'_>, at: Timestamp, state: DeliveryState) -> Event {
    Event { at, ..scene.event(What::Watermark { state }) }
}

fn in_thread(scene: &Scene<'_>, events: Vec<Event>) -> Result<Vec<Event>, String> {
    match scene.person {
        Some(_) => Ok(events),
        None => Err("names nobody".to_owned()),
    }
}
