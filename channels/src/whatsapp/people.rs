//! Who is at the other end: the two ids of a person, groups, and how ids change.
//!
//! A person has a business-scoped id (BSUID) and a `wa_id`, the digits of the phone number. Either
//! may be missing: who hides the number behind a username has no `wa_id`, and older messages have
//! no BSUID. The BSUID changes together with the number.

use serde_json::Value;
use switchboard_domain::{ChannelLine, Identity, Venue};

use super::read::Change;
use crate::inbound::{Event, Peer, Thread, What};
use crate::meta::json::{id, scalar, title};

/// The longest number of ITU-T E.164 has 15 digits; test numbers are longer at times.
const DIGITS_MAX: usize = 20;

/// What the key of a group's conversation begins with.
pub(super) const GROUP: &str = "g:";

/// The ids by which an item names a person, as far as it does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Who {
    pub user: Option<String>,
    pub phone: Option<String>,
}

impl Who {
    pub fn of(item: &Value, user: &str, phone: &str) -> Who {
        Who { user: id(item, user), phone: id(item, phone).and_then(|id| digits(&id)) }
    }

    pub fn keys(&self) -> Vec<String> {
        let user = self.user.iter().map(|user| format!("u:{user}"));
        user.chain(self.phone.iter().map(|phone| format!("w:{phone}"))).collect()
    }

    /// Whether a member of `contacts` is this person.
    fn is(&self, contact: &Value) -> bool {
        let told = Who::of(contact, "user_id", "wa_id");
        match (&self.user, &told.user) {
            (Some(user), Some(told)) => user == told,
            _ => self.phone.is_some() && self.phone == told.phone,
        }
    }

    fn contact<'a>(&self, contacts: &'a [Value]) -> Option<&'a Value> {
        contacts.iter().find(|contact| self.is(contact))
    }

    /// What to call them beside others.
    pub fn name(&self, contacts: &[Value]) -> Option<String> {
        let profile = self.contact(contacts).and_then(|contact| contact.get("profile"));
        let name =
            profile.and_then(|profile| title(profile, "name").or(title(profile, "username")));
        name.or_else(|| self.phone.as_ref().map(|phone| format!("+{phone}")))
    }

    /// The conversation with this person; `None` for nobody.
    pub fn thread(mut self, contacts: &[Value]) -> Option<Thread> {
        let mut peer = Peer::default();
        if let Some(contact) = self.contact(contacts) {
            let told = Who::of(contact, "user_id", "wa_id");
            self = Who { user: self.user.or(told.user), phone: self.phone.or(told.phone) };
            let profile = contact.get("profile").unwrap_or(&Value::Null);
            peer.name = title(profile, "name");
            peer.username = title(profile, "username");
        }
        let keys = self.keys();
        peer.phone = self.phone.as_ref().map(|phone| format!("+{phone}"));
        peer.identities.extend(self.user.map(Identity::WhatsappUser));
        peer.identities.extend(self.phone.map(Identity::Whatsapp));
        (!keys.is_empty()).then_some(Thread { keys, venue: Venue::Whatsapp, peer })
    }
}

/// The conversation of a group.
pub(super) fn group(id: &str) -> Thread {
    let peer = Peer { is_group: true, ..Peer::default() };
    Thread { keys: vec![format!("{GROUP}{id}")], venue: Venue::Whatsapp, peer }
}

/// A number as WhatsApp writes it, without what people put between.
pub(super) fn digits(number: &str) -> Option<String> {
    let digits: String =
        number.chars().filter(|c| !matches!(c, '+' | ' ' | '-' | '(' | ')')).collect();
    let is_number = (1..=DIGITS_MAX).contains(&digits.len())
        && digits.chars().all(|digit| digit.is_ascii_digit());
    is_number.then_some(digits)
}

/// A message of type `system`: the person's number, id or device changed.
pub(super) fn read_system(change: &Change<'_>, item: &Value) -> Result<Vec<Event>, String> {
    let at = change.at(item)?;
    let system = item.get("system").unwrap_or(&Value::Null);
    let kind = title(system, "type").unwrap_or("system".to_owned());
    let before = Who::of(item, "from_user_id", "from");
    let now = Who::of(system, "user_id", "wa_id");
    let is_change = matches!(kind.as_str(), "user_changed_number" | "user_changed_user_id");
    if is_change && now != Who::default() {
        let was = before.keys();
        let thread = now.thread(change.contacts());
        if was.is_empty() {
            // Who hides the number is named by the new id alone; `user_id_update` has both.
            let kind = format!("{kind} without the former id");
            return Ok(vec![Event { at, thread, what: What::Ignored { kind } }]);
        }
        let mut events = vec![Event { at, thread: thread.clone(), what: What::Renamed { was } }];
        if kind == "user_changed_number" {
            events.push(Event { at, thread, what: What::Line(ChannelLine::NumberChanged) });
        }
        return Ok(events);
    }
    let line = match kind.as_str() {
        "user_changed_number" => ChannelLine::NumberChanged,
        "customer_identity_changed" => ChannelLine::IdentityChanged,
        _ => ChannelLine::Other { kind },
    };
    let who = if before == Who::default() { now } else { before };
    let thread = who.thread(change.contacts()).ok_or("it names nobody")?;
    Ok(vec![Event { at, thread: Some(thread), what: What::Line(line) }])
}

/// An item of `user_id_update`, the reliable link between a person's former and present id.
pub(super) fn read_new_id(change: &Change<'_>, item: &Value) -> Result<Vec<Event>, String> {
    let at = change.at(item)?;
    let ids = item.get("user_id").unwrap_or(&Value::Null);
    let current = id(ids, "current").ok_or("it names no present id")?;
    let was = id(ids, "previous").map(|previous| vec![format!("u:{previous}")]);
    let who = Who { user: Some(current), ..Who::of(item, "", "wa_id") };
    let thread = who.thread(change.contacts());
    let what = match was {
        Some(was) => What::Renamed { was },
        None => What::Ignored { kind: "user_id_update without the former id".to_owned() },
    };
    Ok(vec![Event { at, thread, what }])
}

/// An item of `user_preferences`: whether the person wants marketing messages.
pub(super) fn read_preference(change: &Change<'_>, item: &Value) -> Result<Vec<Event>, String> {
    let at = change.at(item)?;
    let category = scalar(item, "category").unwrap_or_default();
    let value = scalar(item, "value").unwrap_or_default();
    let line = match (category.as_str(), value.as_str()) {
        ("marketing_messages", "stop") => ChannelLine::MarketingStopped,
        ("marketing_messages", "resume") => ChannelLine::MarketingResumed,
        ("marketing_messages", "signup") => ChannelLine::MarketingAllowed,
        _ => ChannelLine::Other { kind: format!("{category} {value}") },
    };
    let who = Who::of(item, "user_id", "wa_id");
    let thread = who.thread(change.contacts()).ok_or("it names nobody")?;
    Ok(vec![Event { at, thread: Some(thread), what: What::Line(line) }])
}

/// An item of `state_sync`: the address book of the business's phone. A name there names the
/// conversation's person; that an entry went takes nothing from us.
pub(super) fn read_address_book(change: &Change<'_>, item: &Value) -> Result<Vec<Event>, String> {
    let metadata = item.get("metadata").unwrap_or(&Value::Null);
    let at = change.at(metadata)?;
    let contact = item.get("contact").unwrap_or(&Value::Null);
    let who = Who::of(contact, "user_id", "phone_number");
    let was = who.keys();
    let mut thread = who.thread(&[]);
    let name = title(contact, "full_name").or_else(|| title(contact, "first_name"));
    let what = match (scalar(item, "action").as_deref(), &mut thread, name) {
        (Some("add"), Some(thread), Some(name)) => {
            thread.peer.name = Some(name);
            What::Renamed { was }
        }
        (action, _, _) => {
            let kind = format!("address book {}", action.unwrap_or("change"));
            What::Ignored { kind }
        }
    };
    Ok(vec![Event { at, thread, what }])
}
