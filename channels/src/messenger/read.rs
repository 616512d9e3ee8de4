//! What Facebook posts about a Page.

use serde_json::Value;
use switchboard_domain::ChannelLine;

use super::feed;
use crate::inbound::{AccountEvent, Batch, Event, What};
use crate::meta::envelope::{self, Form, Item};
use crate::meta::json::id;
use crate::meta::network::Network;
use crate::meta::reading;

/// Reads a webhook.
pub fn read(body: &[u8]) -> Batch {
    envelope::read("page", body, read_item)
}

fn read_item(item: &Item<'_>) -> Result<Vec<Event>, String> {
    // The dashboard's test button posts of a Page that nobody has.
    if item.account == "0" {
        return item.ignored("test of the dashboard");
    }
    match item.form {
        Form::Messaging(value) | Form::Standby(value) => {
            reading::read(Network::Messenger, item.account, item.sent_at, value)
        }
        Form::Change { field, value } => read_change(item, field, value),
    }
}

fn read_change(item: &Item<'_>, field: &str, value: &Value) -> Result<Vec<Event>, String> {
    let account_event = |event| -> Result<Vec<Event>, String> {
        let at = item.sent_at.ok_or("without a time")?;
        Ok(vec![Event { at, thread: None, what: What::Account(event) }])
    };
    match field {
        "feed" => feed::read(item, value),
        "message_template_status_update" => account_event(AccountEvent::TemplateChanged {
            template: id(value, "message_template_id"),
        }),
        "inbox_labels" => read_label(item, value),
        // The dashboard's tests put items of `messaging` here.
        _ if value.get("sender").is_some() || value.get("recipient").is_some() => {
            reading::read(Network::Messenger, item.account, item.sent_at, value)
        }
        _ => item.ignored(field),
    }
}

/// Someone put a label on a person, in Meta's inbox. Its name may tell of the person, so it is not
/// repeated.
fn read_label(item: &Item<'_>, value: &Value) -> Result<Vec<Event>, String> {
    let at = item.sent_at.ok_or("without a time")?;
    let person = value.get("user").and_then(|user| id(user, "id")).ok_or("names nobody")?;
    let line = match value.get("action").and_then(Value::as_str) {
        Some("add") => ChannelLine::LabelAdded,
        Some("remove") => ChannelLine::LabelRemoved,
        _ => return Err("a label that is neither added nor removed".to_owned()),
    };
    let thread = Some(Network::Messenger.thread(item.account, &person));
    Ok(vec![Event { at, thread, what: What::Line(line) }])
}
