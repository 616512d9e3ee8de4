//! Business connections: people who let a bot answer for them.

use serde_json::{Value, json};
use switchboard_domain::business::{Owner, Right};
use switchboard_domain::{BusinessConnection, Failure, FailureCode};

use super::write::call;
use super::{account, json as read, people};
use crate::http::{Reply, Request};
use crate::inbound::{CONNECTION, Event, What};

/// What Telegram calls the rights that matter to an inbox. A bot may have others: to edit a
/// profile, to handle gifts, to publish stories.
const RIGHTS: [(&str, Right); 4] = [
    ("can_reply", Right::Reply),
    ("can_read_messages", Right::Read),
    ("can_delete_sent_messages", Right::DeleteSent),
    ("can_delete_all_messages", Right::DeleteAll),
];
/// How Telegram says that there is no such connection, in lower case.
const GONE: [&str; 2] = ["business connection not found", "business_connection_invalid"];

/// Someone connected the bot, changed what it may do, or took it back. The update's number tells
/// which word is the later: the date is that of the connection, and stays.
pub fn told(value: &Value, number: i64) -> Result<Event, String> {
    let connection = connection(value, number)?;
    let at = connection.made_at;
    Ok(Event { at, thread: None, what: What::Connection(Box::new(connection)) })
}

fn connection(value: &Value, number: i64) -> Result<BusinessConnection, String> {
    let user = read::object(value, "user").ok_or("no user")?;
    let rights = read::object(value, "rights").unwrap_or(&Value::Null);
    Ok(BusinessConnection {
        id: read::raw(value, "id").ok_or("no id")?.to_owned(),
        owner: Owner {
            id: read::id(user, "id").ok_or("no user id")?.to_string(),
            name: people::full_name(user),
            username: read::title(user, "username"),
            chat: read::id(value, "user_chat_id"),
        },
        enabled: value.get("is_enabled").and_then(Value::as_bool).ok_or("no is_enabled")?,
        rights: RIGHTS
            .iter()
            .filter(|(name, _)| read::flag(rights, name))
            .map(|(_, right)| *right)
            .collect(),
        made_at: read::time(value, "date").ok_or("no date")?,
        number,
    })
}

/// Asks how a connection is.
pub fn ask(id: &str) -> Request {
    call("getBusinessConnection", json!({ CONNECTION: id }))
}

/// `None`: there is no such connection.
pub fn answered(reply: &Reply) -> Result<Option<BusinessConnection>, Failure> {
    match account::result(reply) {
        Ok(value) => connection(&value, 0)
            .map(Some)
            .map_err(|why| Failure::because(FailureCode::Refused, why)),
        Err(failure) => {
            let words = failure.detail.as_deref().unwrap_or_default().to_lowercase();
            if GONE.iter().any(|gone| words.contains(gone)) { Ok(None) } else { Err(failure) }
        }
    }
}
