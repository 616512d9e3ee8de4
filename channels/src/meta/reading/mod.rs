//! Items of `messaging` and `standby`: what happens in conversations of Messenger and Instagram.
//!
//! Exactly one thing happens in each item; which one is told by the key that is present.

mod attachments;
mod forms;
mod lines;
mod message;
mod receipts;
mod referral;

use jiff::Timestamp;
use serde_json::Value;
use switchboard_domain::ChannelLine;

use super::json::{id, label, time};
use super::network::Network;
use crate::inbound::{Direction, Event, ExternalId, Thread, What};

use attachments::gather;
pub(crate) use attachments::of_history;
pub(crate) use message::named_emoji;

/// What people answer in at Meta.
const INBOX: &str = "inbox";
/// What other tools are called, of which only numbers are told.
const OTHER_APP: &str = "another app";

/// Stand beside what happens and tell more of it.
const BESIDE: [&str; 6] =
    ["sender", "recipient", "timestamp", "prior_message", "hop_context", "lead"];

type Read = fn(&Scene<'_>, &Value) -> Result<Vec<Event>, String>;

const KINDS: [(&str, Read); 22] = [
    ("message", message::read),
    ("message_edit", message::read_edit),
    ("reaction", message::read_reaction),
    ("postback", message::read_postback),
    ("delivery", receipts::read_delivery),
    ("read", receipts::read_seen),
    ("referral", referral::read),
    ("order", forms::read_order),
    ("form", forms::read_instant_form),
    ("messaging_customer_information", forms::read_customer_information),
    ("messaging_feedback", forms::read_feedback),
    ("optin", lines::read_optin),
    ("account_linking", lines::read_account_linking),
    ("pass_thread_control", lines::read_pass),
    ("take_thread_control", lines::read_take),
    ("request_thread_control", lines::read_request),
    ("response_feedback", lines::read_feedback),
    ("template", lines::read_template),
    ("game_play", lines::read_game),
    ("policy_enforcement", lines::read_policy),
    ("app_roles", lines::read_roles),
    ("message_context", |scene, _| Ok(vec![scene.ignored("message_context")])),
];

/// Reads an item.
pub(crate) fn read(
    network: Network,
    account: &str,
    sent_at: Option<Timestamp>,
    item: &Value,
) -> Result<Vec<Event>, String> {
    let Value::Object(members) = item else { return Err("not an object".to_owned()) };
    let at = time(item, "timestamp").or(sent_at).ok_or("without a time")?;
    let scene = Scene::of(network, account, at, item);
    if let Some((kind, read)) = KINDS.iter().find(|(kind, _)| members.contains_key(*kind)) {
        return read(&scene, &item[kind]).map_err(|why| format!("{kind}: {why}"));
    }
    let kind = members.keys().find(|key| !BESIDE.contains(&key.as_str()));
    Ok(vec![scene.line(kind.map_or("nothing", String::as_str))])
}

/// Who is there, and when.
pub(crate) struct Scene<'a> {
    pub network: Network,
    pub account: &'a str,
    pub at: Timestamp,
    pub item: &'a Value,
    /// The customer, whoever of the two acts.
    person: Option<String>,
    /// Whether the business acts.
    ours: bool,
}

impl<'a> Scene<'a> {
    fn of(network: Network, account: &'a str, at: Timestamp, item: &'a Value) -> Scene<'a> {
        let who = |key| item.get(key).and_then(|who| id(who, "id"));
        let (sender, recipient) = (who("sender"), who("recipient"));
        // Of an echo the roles are inverted. Instagram knows an account by two ids, so the
        // sender's alone would not do.
        let echo = item.pointer("/message/is_echo").and_then(Value::as_bool).unwrap_or(false);
        let ours = echo || sender.as_deref() == Some(account);
        let person = if ours { recipient } else { sender };
        Scene { network, account, at, item, person, ours }
    }

    /// Whether the account wrote to itself.
    fn is_alone(&self) -> bool {
        self.person.as_deref() == Some(self.account)
    }

    fn thread(&self) -> Option<Thread> {
        self.person.as_deref().map(|person| self.network.thread(self.account, person))
    }

    fn event(&self, what: What) -> Event {
        Event { at: self.at, thread: self.thread(), what }
    }

    /// An event that only a person's conversation can hold.
    fn in_thread(&self, what: What) -> Result<Vec<Event>, String> {
        match self.person {
            Some(_) => Ok(vec![self.event(what)]),
            None => Err("names nobody".to_owned()),
        }
    }

    /// About the account as a whole.
    fn of_account(&self, what: What) -> Event {
        Event { at: self.at, thread: None, what }
    }

    fn ignored(&self, kind: &str) -> Event {
        self.event(What::Ignored { kind: kind.to_owned() })
    }

    /// Something that has no words of its own here.
    fn line(&self, kind: &str) -> Event {
        match self.person {
            Some(_) => self.event(What::Line(ChannelLine::Other { kind: label(kind) })),
            None => self.ignored(&label(kind)),
        }
    }

    /// Names what has no id of its own, the same each time it is posted.
    fn made_id(&self, kind: &str) -> ExternalId {
        let person = self.person.as_deref().unwrap_or_default();
        ExternalId(format!("{kind}:{person}:{}", self.at.as_millisecond()))
    }

    fn side(&self, message: &Value) -> Direction {
        match self.ours {
            false => Direction::Customer,
            true => Direction::Business {
                via: via(self.network, message),
                correlation: super::json::title(message, "metadata"),
            },
        }
    }
}

/// By which tool the business wrote: the number of an app says nothing to anyone. Without an app,
/// a person did in the Page's inbox; Instagram does not tell.
fn via(network: Network, message: &Value) -> Option<String> {
    match id(message, "app_id") {
        Some(app) if super::network::is_inbox(&app) => Some(INBOX.to_owned()),
        Some(_) => Some(OTHER_APP.to_owned()),
        None => (network == Network::Messenger).then(|| INBOX.to_owned()),
    }
}
