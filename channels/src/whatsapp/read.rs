//! The envelope of a webhook: entries, changes, and the items of each, one by one.
//!
//! A change is read by what its value holds and not by its field alone: one value may hold
//! messages, statuses and errors together, and several of each.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{account, calls, groups, history, message, people, status};
use crate::inbound::{AccountEvent, Batch, Event, Route, Routed, Unreadable, What};
use crate::meta::json::{id, list, parse, time};

const OBJECT: &str = "whatsapp_business_account";

/// Reads one item of a list, or says why it cannot be read.
type ReadItem = fn(&Change<'_>, &Value) -> Result<Vec<Event>, String>;

/// The lists that a value can hold, and who reads their items.
const LISTS: [(&str, ReadItem); 9] = [
    ("messages", message::read),
    ("message_echoes", message::read_echo),
    ("statuses", status::read),
    ("calls", calls::read),
    ("groups", groups::read),
    ("user_preferences", people::read_preference),
    ("user_id_update", people::read_new_id),
    ("state_sync", people::read_address_book),
    ("errors", account::read_error),
];

/// One change: a field, its value, and what its envelope says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change<'a> {
    pub entry: &'a Value,
    pub field: &'a str,
    pub value: &'a Value,
}

impl<'a> Change<'a> {
    /// The WhatsApp Business Account.
    pub fn parent(&self) -> Option<String> {
        id(self.entry, "id")
    }

    pub fn metadata(&self) -> &'a Value {
        self.value.get("metadata").unwrap_or(&Value::Null)
    }

    pub fn contacts(&self) -> &'a [Value] {
        list(self.value, "contacts")
    }

    /// When the platform posted it; webhooks of messages do not say.
    pub fn sent_at(&self) -> Option<Timestamp> {
        time(self.entry, "time")
    }

    /// When an item happened.
    pub fn at(&self, item: &Value) -> Result<Timestamp, String> {
        time(item, "timestamp").or_else(|| self.sent_at()).ok_or("it has no time".to_owned())
    }

    /// A time for what concerns the account. Errors of a number are told without any: what they
    /// lead to, a look at the account's health, does not depend on it.
    pub fn at_about(&self) -> Timestamp {
        let newest = LISTS.iter().flat_map(|(key, _)| list(self.value, key));
        let newest = newest.filter_map(|item| time(item, "timestamp")).max();
        self.sent_at().or(newest).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The number, or everything below the account when it names none.
    fn route(&self) -> Option<Route> {
        let number = id(self.metadata(), "phone_number_id").map(Route::Account);
        number.or_else(|| self.parent().map(Route::Parent))
    }

    /// A body that holds this change with no lists but the one given.
    fn alone(&self, key: &str, items: Value) -> Value {
        let is_list = |key: &str| key == "history" || LISTS.iter().any(|(list, _)| *list == key);
        let mut value = without(self.value, is_list);
        value.insert(key.to_owned(), items);
        envelope(self.entry, &json!({ "field": self.field, "value": value }))
    }
}

/// Reads a webhook.
pub fn read(body: &[u8]) -> Batch {
    let mut batch = Batch::default();
    match parse(body) {
        Ok(whole) => read_whole(&mut batch, &whole),
        Err(why) => batch.unreadable.push(Unreadable { route: None, why, body: body.to_vec() }),
    }
    batch
}

fn read_whole(batch: &mut Batch, whole: &Value) {
    let object = whole.get("object").and_then(Value::as_str).unwrap_or_default();
    let why = match whole.get("entry") {
        _ if object != OBJECT => format!("of {object:.40}, not of {OBJECT}"),
        Some(Value::Array(entries)) => {
            return entries.iter().for_each(|entry| read_entry(batch, entry));
        }
        _ => "without entries".to_owned(),
    };
    keep(batch, None, why, whole);
}

fn read_entry(batch: &mut Batch, entry: &Value) {
    let Some(Value::Array(changes)) = entry.get("changes") else {
        let whole = json!({ "object": OBJECT, "entry": [entry] });
        return keep(batch, parent(entry), "an entry without changes".to_owned(), &whole);
    };
    for change in changes {
        let field = change.get("field").and_then(Value::as_str);
        let value = change.get("value").filter(|value| value.is_object());
        match (field, value) {
            (Some(field), Some(value)) => read_change(batch, &Change { entry, field, value }),
            _ => {
                let why = "a change without a field or a value".to_owned();
                keep(batch, parent(entry), why, &envelope(entry, change));
            }
        }
    }
}

fn read_change(batch: &mut Batch, change: &Change<'_>) {
    // The button "Test" of the app's dashboard tells of an account that is nobody's.
    if change.parent().as_deref() == Some("0") {
        let what = Err("test of the dashboard".to_owned());
        let event = account_event(change, what);
        return batch.events.push(Routed { route: Route::Parent("0".to_owned()), event });
    }
    let route = change.route();
    let mut is_empty = true;
    for (key, read_item) in LISTS {
        // Files of messages that history has told of before.
        let read_item = match (change.field, key) {
            ("history", "messages") => history::read_file,
            _ => read_item,
        };
        match change.value.get(key) {
            None | Some(Value::Null) => {}
            // What is told of a flow has errors of its own kind.
            Some(_) if key == "errors" && change.metadata().is_null() => {}
            Some(Value::Array(items)) => {
                for item in items {
                    is_empty = false;
                    let events = read_item(change, item);
                    tell(batch, route.clone(), events, || change.alone(key, json!([item])));
                }
            }
            Some(odd) => {
                is_empty = false;
                let why = format!("{key} is not a list");
                keep(batch, route.clone(), why, &change.alone(key, odd.clone()));
            }
        }
    }
    for chunk in list(change.value, "history") {
        is_empty = false;
        for (events, alone) in history::read(change, chunk) {
            tell(batch, route.clone(), events, || change.alone("history", json!([alone])));
        }
    }
    if is_empty {
        let (route, what) = account::read(change);
        let event = account_event(change, what);
        tell(batch, route.or_else(|| change.route()), Ok(vec![event]), || {
            envelope(change.entry, &json!({ "field": change.field, "value": change.value }))
        });
    }
}

fn account_event(change: &Change<'_>, what: Result<AccountEvent, String>) -> Event {
    let what = match what {
        Ok(event) => What::Account(event),
        Err(kind) => What::Ignored { kind },
    };
    Event { at: change.at_about(), thread: None, what }
}

/// Adds what an item says, or the item itself where nobody can be told.
fn tell(
    batch: &mut Batch,
    route: Option<Route>,
    events: Result<Vec<Event>, String>,
    alone: impl FnOnce() -> Value,
) {
    match (events, route) {
        (Ok(events), Some(route)) => {
            let routed = events.into_iter().map(|event| Routed { route: route.clone(), event });
            batch.events.extend(routed);
        }
        (Ok(_), None) => keep(batch, None, "it names no account".to_owned(), &alone()),
        (Err(why), route) => keep(batch, route, why, &alone()),
    }
}

fn keep(batch: &mut Batch, route: Option<Route>, why: String, body: &Value) {
    // What was read can be written: the keys of JSON are strings.
    let body = serde_json::to_vec(body).unwrap_or_default();
    batch.unreadable.push(Unreadable { route, why, body });
}

fn parent(entry: &Value) -> Option<Route> {
    id(entry, "id").map(Route::Parent)
}

/// A body with one change.
fn envelope(entry: &Value, change: &Value) -> Value {
    let mut members = without(entry, |key| key == "changes");
    members.insert("changes".to_owned(), json!([change]));
    json!({ "object": OBJECT, "entry": [members] })
}

/// An object's members but for some. Those are not copied: they can be megabytes.
fn without(object: &Value, is_left_out: impl Fn(&str) -> bool) -> Map<String, Value> {
    let members = object.as_object().into_iter().flatten();
    let kept = members.filter(|(key, _)| !is_left_out(key));
    kept.map(|(key, member)| (key.clone(), member.clone())).collect()
}
