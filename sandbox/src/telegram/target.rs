//! Whom a call is for, and whether the bot may write to them now.

use std::time::Duration;

use serde_json::Value;

use super::memory::Connection;
use super::params::Params;
use super::refused::{Answer, Refused};
use super::shown::chat_id;
use crate::faults::Kind;
use crate::world::{Account, Phone, Platform, State};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const SECOND_MS: i64 = 1000;
const MINUTE_MS: i64 = 60 * 1000;
/// Messages in a second: to one person with a short burst, and of the whole bot.
const CHAT_BURST: usize = 3;
const BOT_PER_SECOND: usize = 30;
const GROUP_PER_MINUTE: usize = 20;

/// A chat that the bot may write to.
#[derive(Debug, Clone)]
pub struct Target {
    pub phone: Phone,
    pub account: Account,
}

/// The phone that a call names, whether or not it may be written to.
pub fn phone(state: &State, bot: &str, params: &Params) -> Answer<Phone> {
    let Some(chat) = params.text("chat_id").filter(|chat| !chat.is_empty()) else {
        return Err(Refused::bad("chat_id is empty"));
    };
    if let Some(new) = chat.parse().ok().and_then(|chat: i64| state.telegram.migrated.get(&chat)) {
        return Err(Refused::migrated(*new));
    }
    let account = match params.text("business_connection_id") {
        Some(connection) => enabled(state, bot, &connection)?.id.clone(),
        None => bot.to_owned(),
    };
    let found = match chat.strip_prefix('@') {
        None => state.phone_of(Platform::Telegram, &account, &chat),
        // Only public groups and channels have names that a bot can write to.
        Some(name) => state.phones().iter().find(|phone| {
            phone.account == account
                && phone.person.username.as_deref() == Some(name)
                && chat_id(phone) < 0
        }),
    };
    match found {
        Some(phone) if has_started(phone) => Ok(phone.face()),
        _ => Err(Refused::bad("chat not found")),
    }
}

/// A person has to write first; a group had to invite the bot.
fn has_started(phone: &Phone) -> bool {
    phone.last_said_at.is_some() || chat_id(phone) < 0
}

pub fn connection<'a>(state: &'a State, bot: &str, id: &str) -> Answer<&'a Connection> {
    let connection = state.telegram.connections.get(id).filter(|known| known.bot == bot);
    connection.ok_or_else(|| Refused::bad("business connection not found"))
}

/// A connection through which something may be done: whom it belongs to has not switched it off.
pub fn enabled<'a>(state: &'a State, bot: &str, id: &str) -> Answer<&'a Connection> {
    let connection = connection(state, bot, id)?;
    if connection.enabled { Ok(connection) } else { Err(not_allowed()) }
}

pub fn not_allowed() -> Refused {
    Refused::bad("BUSINESS_CONNECTION_NOT_ALLOWED")
}

/// The chat that a message may be sent to now. Counts the message for the rate limits.
pub fn writable(state: &mut State, bot: &str, method: &str, params: &Params) -> Answer<Target> {
    let phone = phone(state, bot, params)?;
    let account = state.account(Platform::Telegram, bot).cloned();
    let account = account.ok_or_else(Refused::unauthorized)?;
    if phone.blocked {
        return Err(Refused::forbidden("bot was blocked by the user"));
    }
    if params.number("message_thread_id").is_some() && chat_id(&phone) > 0 {
        return Err(Refused::bad("message thread not found"));
    }
    if let Some(connection) = state.telegram.connections.get(&phone.account).cloned() {
        may_answer(state, &connection, &phone, method)?;
    }
    keep_limits(state, bot, chat_id(&phone), method)?;
    Ok(Target { phone, account })
}

/// For a person's own account: with the right to reply, a day from the customer's last message.
fn may_answer(
    state: &mut State,
    connection: &Connection,
    phone: &Phone,
    method: &str,
) -> Answer<()> {
    if !connection.can_reply {
        return Err(not_allowed());
    }
    let now = state.now();
    let open = phone.last_said_at.is_some_and(|at| now - at < DAY_MS);
    let chance = state.chance();
    let closed = Kind::ClosedWindow;
    if !open || state.faults.strike(Platform::Telegram, closed, method, chance).is_some() {
        return Err(Refused::bad("BUSINESS_PEER_USAGE_MISSING"));
    }
    Ok(())
}

fn keep_limits(state: &mut State, bot: &str, chat: i64, method: &str) -> Answer<()> {
    let chance = state.chance();
    let kept = state.faults.strike(Platform::Telegram, Kind::RateLimits, method, chance);
    if kept.is_none() {
        return Ok(());
    }
    let now = state.now();
    let sent = &mut state.telegram.bot(bot).sent;
    sent.retain(|(at, _)| now - at < MINUTE_MS);
    let since = |ms: i64, of: Option<i64>| {
        let counted =
            |entry: &&(i64, i64)| now - entry.0 < ms && of.is_none_or(|chat| chat == entry.1);
        sent.iter().filter(counted).count()
    };
    if since(SECOND_MS, None) >= BOT_PER_SECOND {
        return Err(Refused::too_many(Duration::from_secs(1)));
    }
    if chat < 0 && since(MINUTE_MS, Some(chat)) >= GROUP_PER_MINUTE {
        return Err(Refused::too_many(Duration::from_secs(60)));
    }
    if since(CHAT_BURST as i64 * SECOND_MS, Some(chat)) >= CHAT_BURST {
        return Err(Refused::too_many(Duration::from_secs(3)));
    }
    sent.push_back((now, chat));
    Ok(())
}

/// The message that a new one answers. Answers to business accounts go out without it if need be.
pub fn reply_to(state: &State, phone: &Phone, params: &Params) -> Answer<Option<String>> {
    let given = params.nested("reply_parameters")?.unwrap_or(Value::Null);
    let number = given["message_id"].as_i64().or_else(|| params.number("reply_to_message_id"));
    let Some(number) = number else {
        return match given {
            Value::Null => Ok(None),
            _ => Err(Refused::bad("can't parse reply parameters: field \"message_id\" is missing")),
        };
    };
    let id = format!("{}:{number}", phone.person.id);
    let known = state.phone(&phone.id).and_then(|phone| phone.message(&id));
    if known.is_some_and(|message| !message.deleted) {
        return Ok(Some(id));
    }
    let lenient = given["allow_sending_without_reply"].as_bool().unwrap_or(false)
        || params.is_on("allow_sending_without_reply")
        || params.has("business_connection_id");
    if lenient { Ok(None) } else { Err(Refused::bad("message to be replied not found")) }
}
