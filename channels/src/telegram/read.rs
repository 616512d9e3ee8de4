//! Updates, one in each webhook.

use serde_json::Value;
use switchboard_domain::extra::ChoiceKind;
use switchboard_domain::{Card, ChannelLine, Extra};

use super::place::Place;
use super::{business, json, message, people};
use crate::inbound::{
    AccountEvent, Batch, Direction, Event, ExternalId, InMessage, Notice, Route, Routed, UNTIMED,
    Unreadable, What, untimed,
};

/// What is asked for when a webhook is set or updates are polled. Posts of channels are left out:
/// they are the business's own words to everyone, and an answer to one would be published.
pub const ALLOWED: [&str; 12] = [
    "message",
    "edited_message",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "message_reaction",
    "callback_query",
    "my_chat_member",
    "poll_answer",
    "pre_checkout_query",
    "shipping_query",
];

/// Reads a webhook. An update holds one thing beside its number; should it hold several, each is
/// read by itself.
pub fn read(bot: &str, body: &[u8]) -> Batch {
    let route = Route::Account(bot.to_owned());
    let unreadable = |why: String, body: &[u8]| {
        let item = Unreadable { route: Some(route.clone()), why, body: body.to_vec() };
        Batch { events: vec![], unreadable: vec![item] }
    };
    let update = match json::parse(body) {
        Ok(Value::Object(update)) => update,
        Ok(_) => return unreadable("not an object".to_owned(), body),
        Err(why) => return unreadable(why, body),
    };
    let mut batch = Batch::default();
    let number = update.get("update_id").and_then(json::number).unwrap_or_default();
    for (kind, value) in update.iter().filter(|(kind, _)| *kind != "update_id") {
        match event(kind, value, bot, number) {
            Ok(mut event) => {
                if event.at == UNTIMED {
                    event.at = untimed(u32::try_from(number).unwrap_or_default());
                }
                batch.events.push(Routed { route: route.clone(), event });
            }
            Err(why) => {
                let mut alone = serde_json::Map::new();
                alone
                    .extend(update.get("update_id").map(|id| ("update_id".to_owned(), id.clone())));
                alone.insert(kind.clone(), value.clone());
                let body = Value::Object(alone).to_string();
                batch
                    .unreadable
                    .extend(unreadable(format!("{kind}: {why}"), body.as_bytes()).unreadable);
            }
        }
    }
    if batch == Batch::default() {
        return unreadable("an update of nothing".to_owned(), body);
    }
    batch
}

fn event(kind: &str, value: &Value, bot: &str, number: i64) -> Result<Event, String> {
    match kind {
        "message" | "business_message" => message::written(value, bot),
        "edited_message" | "edited_business_message" => message::edited(value, bot),
        "deleted_business_messages" => deleted(value),
        "business_connection" => business::told(value, number),
        "callback_query" => tap(value),
        "message_reaction" => reaction(value),
        "my_chat_member" => own_membership(value),
        "chat_member" => membership(value),
        "chat_join_request" => chat_line(value, ChannelLine::JoinAsked),
        "poll_answer" => {
            let line = match json::list(value, "option_ids") {
                [] => ChannelLine::PollAnswerWithdrawn,
                _ => ChannelLine::PollAnswered,
            };
            person_line(kind, value, "user", line)
        }
        "shipping_query" => person_line(kind, value, "from", ChannelLine::ShippingAsked),
        "pre_checkout_query" => person_line(kind, value, "from", ChannelLine::PaymentBegun),
        "purchased_paid_media" => person_line(kind, value, "from", ChannelLine::MediaBought),
        // Posts of channels, inline mode, guests' questions, boosts, counts of anonymous
        // reactions, polls' states, managed bots: nothing that someone here could answer.
        _ => Ok(Event {
            at: json::time(value, "date").unwrap_or(UNTIMED),
            thread: None,
            what: What::Ignored { kind: json::label(kind).unwrap_or_default() },
        }),
    }
}

/// The only deletions that Telegram tells of, and it does not tell when.
fn deleted(value: &Value) -> Result<Event, String> {
    let place = Place::of(value)?;
    let targets: Vec<ExternalId> = json::list(value, "message_ids")
        .iter()
        .filter_map(json::number)
        .map(|id| place.message(id))
        .collect();
    if targets.is_empty() {
        return Err("no message ids".to_owned());
    }
    let thread = Some(place.thread(people::peer(value)));
    Ok(Event { at: UNTIMED, thread, what: What::Deleted { targets } })
}

/// A button was tapped. It has no time of its own, and may be under a message that Telegram has
/// forgotten, or that was sent through the bot into a chat it does not know.
fn tap(value: &Value) -> Result<Event, String> {
    let id = json::raw(value, "id").ok_or("no id")?;
    let from = json::object(value, "from").ok_or("no from")?;
    let offered = json::object(value, "message");
    let (place, peer) = match offered {
        Some(offered) => {
            let place = Place::of(offered)?;
            let mut holder = offered.clone();
            holder["from"] = from.clone();
            (place, people::peer(&holder))
        }
        None => {
            let user = json::id(from, "id").ok_or("no user")?;
            (Place::private(user), people::person(from))
        }
    };
    let payload = json::raw(value, "data").map(json::body);
    let text = offered
        .and_then(|offered| button(offered, value.get("data")?))
        .or_else(|| payload.clone())
        .or_else(|| json::title(value, "game_short_name"))
        .unwrap_or_default();
    let extra = Extra {
        sender: people::full_name(from).filter(|_| peer.is_group),
        ..Extra::of(Card::Choice { by: ChoiceKind::Button, payload })
    };
    let reply_to = offered.and_then(|offered| json::id(offered, "message_id"));
    let what = What::Message(Box::new(InMessage {
        id: ExternalId(format!("callback:{id}")),
        direction: Direction::Customer,
        text,
        media: vec![],
        extra,
        reply_to: reply_to.map(|id| place.message(id)),
        // A connection's window is opened by messages alone.
        opens_window: false,
        acknowledge: Some(id.to_owned()),
    }));
    Ok(Event { at: UNTIMED, thread: Some(place.thread(peer)), what })
}

/// The title of the button that carries this data.
fn button(message: &Value, data: &Value) -> Option<String> {
    let rows = json::list(message.get("reply_markup")?, "inline_keyboard").iter();
    let mut buttons = rows.filter_map(Value::as_array).flatten();
    buttons
        .find(|button| button.get("callback_data") == Some(data))
        .and_then(|button| json::title(button, "text"))
}

/// Someone's reactions to a message, all of them.
fn reaction(value: &Value) -> Result<Event, String> {
    let place = Place::of(value)?;
    let target = place.message(json::id(value, "message_id").ok_or("no message id")?);
    let emoji = |reaction: &Value| {
        Some(match json::raw(reaction, "type")? {
            "emoji" => json::title(reaction, "emoji")?,
            "paid" => "⭐".to_owned(),
            // Custom emoji are pictures, of which Telegram gives the number alone.
            _ => "❔".to_owned(),
        })
    };
    let new = value.get("new_reaction").and_then(Value::as_array).ok_or("no new_reaction")?;
    let emoji = new.iter().filter_map(emoji).collect();
    let at = json::time(value, "date").ok_or("no date")?;
    let what = What::Reacted { target, emoji, by: Direction::Customer };
    Ok(Event { at, thread: Some(place.thread(people::peer(value))), what })
}

/// The bot itself was blocked or put out, or may write again.
fn own_membership(value: &Value) -> Result<Event, String> {
    let (was, is) = (status(value, "old_chat_member"), status(value, "new_chat_member"));
    let is = is.ok_or("no new_chat_member")?;
    let kind = json::raw(&value["chat"], "type");
    if kind == Some("channel") {
        return in_channel(value, is);
    }
    let is_alone = kind == Some("private");
    let line = match (was.is_some_and(is_inside), is_inside(is)) {
        (false, true) if is_alone => ChannelLine::Unblocked,
        (_, false) if is_alone => ChannelLine::Blocked,
        (false, true) => ChannelLine::AccountAdded,
        (_, false) => ChannelLine::AccountRemoved,
        (true, true) => match is {
            "creator" | "administrator" => ChannelLine::AccountPromoted,
            "restricted" => ChannelLine::AccountRestricted,
            _ => ChannelLine::AccountDemoted,
        },
    };
    chat_line(value, line)
}

/// Nobody writes with us in a channel, so what the bot is there concerns the account.
fn in_channel(value: &Value, is: &str) -> Result<Event, String> {
    let title = json::title(&value["chat"], "title").unwrap_or_default();
    let notice = match is {
        "creator" | "administrator" => {
            Notice::news(format!("The bot is an administrator of the channel {title} now."))
        }
        "member" => Notice::problem(format!(
            "The bot is no administrator of the channel {title}: it does not hear what is written there."
        )),
        "restricted" => {
            Notice::problem(format!("The bot may no longer do everything in the channel {title}."))
        }
        _ => Notice::problem(format!("The bot was put out of the channel {title}.")),
    };
    let at = json::time(value, "date").ok_or("no date")?;
    let what = What::Account(AccountEvent::Changed { notice: Some(notice) });
    Ok(Event { at, thread: None, what })
}

/// Someone else came or went.
fn membership(value: &Value) -> Result<Event, String> {
    let (was, is) = (status(value, "old_chat_member"), status(value, "new_chat_member"));
    let is = is.ok_or("no new_chat_member")?;
    let line = match (was.is_some_and(is_inside), is_inside(is)) {
        (false, true) => ChannelLine::Joined,
        (true, false) => ChannelLine::Left,
        _ => ChannelLine::MemberStandingChanged,
    };
    chat_line(value, line)
}

fn status<'a>(value: &'a Value, member: &str) -> Option<&'a str> {
    value.get(member).and_then(|member| json::raw(member, "status"))
}

fn is_inside(status: &str) -> bool {
    matches!(status, "creator" | "administrator" | "member" | "restricted")
}

fn chat_line(value: &Value, line: ChannelLine) -> Result<Event, String> {
    let place = Place::of(value)?;
    let at = json::time(value, "date").ok_or("no date")?;
    Ok(Event { at, thread: Some(place.thread(people::peer(value))), what: What::Line(line) })
}

/// Something a person did that names no chat: it belongs to their chat with the bot.
fn person_line(
    kind: &str,
    value: &Value,
    member: &str,
    line: ChannelLine,
) -> Result<Event, String> {
    let Some(user) = json::object(value, member) else {
        // Anonymous: nobody's conversation.
        let what = What::Ignored { kind: kind.to_owned() };
        return Ok(Event { at: UNTIMED, thread: None, what });
    };
    let place = Place::private(json::id(user, "id").ok_or("no user id")?);
    let what = What::Line(line);
    Ok(Event { at: UNTIMED, thread: Some(place.thread(people::person(user))), what })
}
