//! The envelope of a webhook of Messenger and Instagram: what it holds, item by item.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::json::{id, label, parse, time};
use crate::inbound::{Batch, Event, Route, Routed, Unreadable, What};

/// One thing that a webhook holds, and what its envelope says of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item<'a> {
    /// The Page or Instagram account.
    pub account: &'a str,
    /// When the platform posted it.
    pub sent_at: Option<Timestamp>,
    pub form: Form<'a>,
}

impl Item<'_> {
    /// It tells nothing that is shown; it is only counted, by its kind.
    pub(crate) fn ignored(&self, kind: &str) -> Result<Vec<Event>, String> {
        let at = self.sent_at.ok_or("without a time")?;
        Ok(vec![Event { at, thread: None, what: What::Ignored { kind: label(kind) } }])
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Form<'a> {
    Messaging(&'a Value),
    /// As [`Form::Messaging`], of a conversation that another app answers.
    Standby(&'a Value),
    Change {
        field: &'a str,
        value: &'a Value,
    },
}

/// Reads an item, or says why it cannot be read.
pub(crate) type ReadItem = fn(&Item<'_>) -> Result<Vec<Event>, String>;

/// Reads a body whose `object` is this one, item by item.
pub(crate) fn read(object: &'static str, body: &[u8], read_item: ReadItem) -> Batch {
    let mut reader = Reader { object, read_item, batch: Batch::default() };
    match parse(body) {
        // Some documentation wraps the body in a list.
        Ok(Value::Array(bodies)) => bodies.iter().for_each(|body| reader.read_body(body)),
        Ok(body) => reader.read_body(&body),
        Err(why) => {
            reader.batch.unreadable.push(Unreadable { route: None, why, body: body.to_vec() });
        }
    }
    reader.batch
}

struct Reader {
    object: &'static str,
    read_item: ReadItem,
    batch: Batch,
}

impl Reader {
    fn read_body(&mut self, body: &Value) {
        let object = body.get("object").and_then(Value::as_str).unwrap_or_default();
        let why = match body.get("entry") {
            _ if object != self.object => format!("of {object:.40?}, not of {}", self.object),
            Some(Value::Array(entries)) => {
                return entries.iter().for_each(|entry| self.read_entry(entry));
            }
            _ => "without entries".to_owned(),
        };
        // A list within the list would be taken for the list itself.
        match body {
            Value::Array(_) => self.keep(None, why, &json!([body])),
            body => self.keep(None, why, body),
        }
    }

    fn read_entry(&mut self, entry: &Value) {
        let Some(account) = id(entry, "id") else {
            return self.keep_entry(None, "the entry names no account", entry);
        };
        let sent_at = time(entry, "time");
        let mut is_empty = true;
        for key in ["messaging", "standby", "changes"] {
            match entry.get(key) {
                None | Some(Value::Null) => continue,
                Some(Value::Array(items)) => items.iter().for_each(|item| {
                    self.read_item(&account, sent_at, key, entry, item);
                }),
                Some(_) => {
                    self.keep_entry(Some(&account), &format!("{key} is not a list"), entry);
                }
            }
            is_empty = false;
        }
        if entry.get("field").is_some() {
            // Documented for comments of Instagram Login: the change is the entry itself.
            let change = json!({ "field": entry["field"], "value": entry["value"] });
            self.read_item(&account, sent_at, "changes", entry, &change);
            is_empty = false;
        }
        match sent_at {
            Some(at) if is_empty => {
                let what = What::Ignored { kind: "entry without events".to_owned() };
                self.tell(&account, Event { at, thread: None, what });
            }
            None if is_empty => self.keep_entry(Some(&account), "the entry is empty", entry),
            _ => {}
        }
    }

    fn read_item(
        &mut self,
        account: &str,
        sent_at: Option<Timestamp>,
        key: &'static str,
        entry: &Value,
        item: &Value,
    ) {
        let form = match key {
            "messaging" => Ok(Form::Messaging(item)),
            "standby" => Ok(Form::Standby(item)),
            _ => change(item),
        };
        let read = form.and_then(|form| (self.read_item)(&Item { account, sent_at, form }));
        match read {
            Ok(events) => events.into_iter().for_each(|event| self.tell(account, event)),
            Err(why) => {
                let mut alone = json!({ "id": entry["id"], key: [item] });
                if let Some(time) = entry.get("time") {
                    alone["time"] = time.clone();
                }
                self.keep_entry(Some(account), &why, &alone);
            }
        }
    }

    fn tell(&mut self, account: &str, event: Event) {
        let route = Route::Account(account.to_owned());
        self.batch.events.push(Routed { route, event });
    }

    fn keep_entry(&mut self, account: Option<&str>, why: &str, entry: &Value) {
        let body = json!({ "object": self.object, "entry": [entry] });
        self.keep(account, why.to_owned(), &body);
    }

    fn keep(&mut self, account: Option<&str>, why: String, body: &Value) {
        let route = account.map(|account| Route::Account(account.to_owned()));
        // What was read can be written: the keys of JSON are strings.
        let body = serde_json::to_vec(body).unwrap_or_default();
        self.batch.unreadable.push(Unreadable { route, why, body });
    }
}

fn change(item: &Value) -> Result<Form<'_>, String> {
    let field = item.get("field").and_then(Value::as_str).ok_or("a change without a field")?;
    let value = item.get("value").ok_or("a change without a value")?;
    Ok(Form::Change { field, value })
}
