//! What Facebook posts about a Page.

use serde_json::Value;

use super::feed;
use crate::inbound::{AccountEvent, Batch, Event, What};
use crate::meta::envelope::{self, Form, Item};
use crate::meta::json::{cleaned, id, title};
use crate::meta::network::Network;
use crate::meta::reading;

/// Reads a webhook.
pub fn read(body: &[u8]) -> Batch {
    envelope::read("page", body, read_item)
}

fn read_item(item: &Item<'_>) -> Result<Vec<Event>, String> {
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
            template: title(value, "message_template_name"),
        }),
        "inbox_labels" => read_label(item, value),
        // The dashboard's tests put items of `messaging` here.
        _ if value.get("sender").is_some() || value.get("recipient").is_some() => {
            reading::read(Network::Messenger, item.account, item.sent_at, value)
        }
        _ => {
            let at = item.sent_at.ok_or("without a time")?;
            let kind = cleaned(field, 60).unwrap_or_default();
            Ok(vec![Event { at, thread: None, what: What::Ignored { kind } }])
        }
    }
}

/// Someone put a label on a person, in Meta's inbox. Its name may tell of the person, so it is not
/// repeated.
fn read_label(item: &Item<'_>, value: &Value) -> Result<Vec<Event>, String> {
    let at = item.sent_at.ok_or("without a time")?;
    let person = value.get("user").and_then(|user| id(user, "id")).ok_or("names nobody")?;
    let action = title(value, "action").unwrap_or_default();
    let kind = format!("inbox_labels {action:.20}");
    let thread = Some(Network::Messenger.thread(item.account, &person));
    let what = What::Line(switchboard_domain::ChannelLine::Other { kind });
    Ok(vec![Event { at, thread, what }])
}
