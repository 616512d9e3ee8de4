//! A message that is right in itself, on its way to a person: recipient, file, rates, window.

use serde_json::{Value, json};

use super::content::{Content, Source};
use super::events::{Receipt, receipts};
use super::templates::Template;
use super::{files, render};
use crate::faults::Kind;
use crate::graph::{Fields, GraphError, Upload};
use crate::world::{
    Attachment, Message, Person, Phone, Platform, Reaction, Side, State, Status, World,
};

pub const WINDOW_MS: i64 = 24 * 60 * 60 * 1000;
/// Messages a second of a number, and the pair rate: a burst, and its seconds per message.
const NUMBER_RATE: usize = 80;
const PAIR_BURST: i64 = 45;
const PAIR_MS: i64 = 6_000;

/// A message that is right in itself, on its way to a person.
pub struct Order<'a> {
    pub number: &'a str,
    pub body: &'a Fields<'a>,
    pub json: &'a Value,
    pub quoted: Option<String>,
    pub content: Content,
    pub template: Option<Template>,
}

/// The answer, and the phone that shows something new.
pub struct Taken {
    pub json: Value,
    pub phone: Option<String>,
}

/// A file that was asked for by its address, or nothing when it could not be had.
pub type Fetched = Option<Upload>;

impl Order<'_> {
    /// Takes the message, or refuses it.
    pub fn take(
        mut self,
        world: &World,
        state: &mut State,
        fetched: Option<Fetched>,
    ) -> Result<Taken, GraphError> {
        let registered =
            state.account(Platform::Whatsapp, self.number).is_some_and(|one| one.registered);
        if !registered {
            return Err(GraphError::whatsapp(
                133_010,
                "Phone number not registered",
                "The account is not registered",
            ));
        }
        let (input, key, phone) = self.recipient(state)?;
        let file = self.file(state, fetched)?;
        let person = phone.as_ref().map_or(&key, |phone| &phone.person.id);
        self.keep_rates(state, person)?;
        let late = self.window_failure(state, phone.as_ref())?;
        let Some(phone) = phone else {
            let nobody = nobody(self.number, &key);
            let message = self.message(state, &nobody, None);
            let failure =
                failure(131_026, "Message undeliverable", "The recipient is not on WhatsApp.");
            let json = self.answer(&input, &nobody, &message);
            let hooks = receipts(
                world,
                state,
                &nobody,
                &message,
                self.category(),
                Receipt::Failed(failure),
            );
            world.push_all(state, hooks);
            return Ok(Taken { json, phone: None });
        };
        let message = self.message(state, &phone, file.as_ref().ok().cloned().flatten());
        let json = self.answer(&input, &phone, &message);
        let receipt = match (late, file) {
            (Some(failure), _) | (None, Err(failure)) => Receipt::Failed(failure),
            (None, Ok(_)) if phone.blocked => Receipt::SentOnly,
            (None, Ok(_)) if self.content.reaction.is_some() => self.react(state, &phone),
            (None, Ok(_)) => {
                let shown = Message { status: Status::Delivered, ..message.clone() };
                state.accept(&phone.id, shown, "messages", self.json.clone());
                Receipt::Delivered
            }
        };
        let dropped = {
            let chance = state.chance();
            state
                .faults
                .strike(Platform::Whatsapp, Kind::DropReceipts, "messages", chance)
                .is_some()
        };
        if !dropped {
            let hooks = receipts(world, state, &phone, &message, self.category(), receipt);
            world.push_all(state, hooks);
        }
        Ok(Taken { json, phone: Some(phone.id) })
    }

    /// What was asked for, who that is, and the phone of that person, if it is on WhatsApp.
    fn recipient(&self, state: &State) -> Result<(String, String, Option<Phone>), GraphError> {
        let (input, key) = match (self.body.text("to")?, self.body.text("recipient")?) {
            (Some(to), _) => (
                to,
                wa_id(state, self.number, to)
                    .ok_or_else(|| self.body.wrong("to", "must be a phone number"))?,
            ),
            (None, Some(recipient)) if is_user_id(recipient) => (recipient, recipient.to_owned()),
            (None, Some(_)) => return Err(self.body.wrong("recipient", "must be a user id")),
            (None, None) => return Err(self.body.missing("to")),
        };
        let own =
            state.account(Platform::Whatsapp, self.number).map(|account| digits(&account.handle));
        if own.as_deref() == Some(key.as_str()) {
            return Err(GraphError::whatsapp(
                131_021,
                "Recipient cannot be sender",
                "Sender and recipient are the same",
            ));
        }
        let phone = state.phone_of(Platform::Whatsapp, self.number, &key);
        let phone = phone.map(Phone::face);
        Ok((input.to_owned(), key, phone))
    }

    /// The file for the phone; the inner error comes later, as a status.
    fn file(
        &self,
        state: &mut State,
        fetched: Option<Fetched>,
    ) -> Result<Result<Option<Attachment>, Value>, GraphError> {
        let kind = render::file_kind(&self.content);
        let kind = if kind == "interactive" { "document" } else { kind };
        let voice = kind == "voice";
        let media = match (&self.content.file, fetched) {
            (Some(Source::Id(id)), _) => files::usable(state, self.number, kind, id, voice)?.id,
            (Some(Source::Link(_)), Some(Some(file))) => {
                let late = |error: GraphError| {
                    failure(131_053, "Media upload error", &error.details.unwrap_or_default())
                };
                if let Err(error) = files::check(kind, &file.mime, file.bytes.len(), voice) {
                    return Ok(Err(late(error)));
                }
                state.add_media(
                    Platform::Whatsapp,
                    self.number,
                    Side::Business,
                    &file.mime,
                    file.name,
                    file.bytes,
                )
            }
            (Some(Source::Link(link)), _) => {
                let details = format!("Downloading media from weblink {link} failed");
                return Ok(Err(failure(131_053, "Media upload error", &details)));
            }
            (None, _) => return Ok(Ok(None)),
        };
        let name = self.content.file_name.clone();
        Ok(Ok(Some(Attachment { media, kind: kind.to_owned(), name })))
    }

    /// The rates of the documentation, while they are asked for.
    fn keep_rates(&self, state: &mut State, person: &str) -> Result<(), GraphError> {
        let chance = state.chance();
        if state.faults.strike(Platform::Whatsapp, Kind::RateLimits, "messages", chance).is_none() {
            return Ok(());
        }
        let now = state.now();
        let sent = state.whatsapp.sent.entry(self.number.to_owned()).or_default();
        sent.retain(|at| at + 1000 > now);
        if sent.len() >= NUMBER_RATE {
            return Err(GraphError::whatsapp(
                130_429,
                "Rate limit hit",
                "Too many messages sent from this phone number",
            ));
        }
        sent.push(now);
        // One message takes six seconds of the pair's budget, of which 45 can be borrowed.
        let pair = state.whatsapp.sent.entry(format!("{}:{person}", self.number)).or_default();
        let free_at = pair.last().copied().unwrap_or(now).max(now);
        if free_at - now > (PAIR_BURST - 1) * PAIR_MS {
            return Err(GraphError::whatsapp(
                131_056,
                "(Business Account, Consumer Account) pair rate limit hit",
                "Too many messages to the same phone number in a short period of time",
            ));
        }
        *pair = vec![free_at + PAIR_MS];
        Ok(())
    }

    /// Why it would not be delivered although it is taken.
    fn window_failure(
        &self,
        state: &mut State,
        phone: Option<&Phone>,
    ) -> Result<Option<Value>, GraphError> {
        let Some(phone) = phone else { return Ok(None) };
        if let Some(template) = &self.template {
            let stopped = phone.no_marketing && template.category == "MARKETING";
            return Ok(stopped.then(|| {
                failure(
                    131_050,
                    "User stopped marketing messages",
                    "The recipient stopped marketing messages from this business",
                )
            }));
        }
        let now = state.now();
        let open = phone.last_said_at.is_some_and(|at| now < at + WINDOW_MS);
        let (first, second) = (state.chance(), state.chance());
        let mut strike = |kind, chance| {
            state.faults.strike(Platform::Whatsapp, kind, "messages", chance).is_some()
        };
        let details =
            "More than 24 hours have passed since the customer last replied to this number.";
        if strike(Kind::ClosedWindowAtOnce, first) {
            return Err(GraphError::whatsapp(131_047, "Re-engagement message", details));
        }
        let closed = !open || strike(Kind::ClosedWindow, second);
        Ok(closed.then(|| failure(131_047, "Re-engagement message", details)))
    }

    fn message(&self, state: &mut State, phone: &Phone, file: Option<Attachment>) -> Message {
        let now = state.now();
        let id = state.message_id(phone);
        let quoted = self.quoted.clone();
        let known = quoted
            .filter(|id| state.phone(&phone.id).is_some_and(|phone| phone.message(id).is_some()));
        Message {
            text: self.content.text.clone(),
            media: file.into_iter().collect(),
            reply_to: known,
            buttons: self.content.buttons.clone(),
            card: self.content.card.clone(),
            template: self
                .template
                .as_ref()
                .map(|one| json!({ "name": one.name, "language": one.language })),
            opaque: self.body.text("biz_opaque_callback_data").ok().flatten().map(str::to_owned),
            ..Message::new(id, Side::Business, self.content.kind.clone(), now)
        }
    }

    fn react(&mut self, state: &mut State, phone: &Phone) -> Receipt {
        let Some((target, emoji)) = self.content.reaction.clone() else { return Receipt::SentOnly };
        state.note(&phone.id, Some(target.clone()), "messages", self.json.clone());
        let found = state.phone_mut(&phone.id).and_then(|phone| phone.message_mut(&target));
        let Some(message) = found.filter(|message| !message.deleted) else {
            return Receipt::Failed(failure(
                131_009,
                "Parameter value is not valid",
                "The message reacted to is not there",
            ));
        };
        message.reactions.retain(|reaction| reaction.by != Side::Business);
        message.reactions.extend(emoji.map(|emoji| Reaction { by: Side::Business, emoji }));
        Receipt::SentOnly
    }

    fn category(&self) -> String {
        self.template
            .as_ref()
            .map_or("service".into(), |template| template.category.to_ascii_lowercase())
    }

    fn answer(&self, input: &str, phone: &Phone, message: &Message) -> Value {
        let mut contact = json!({ "input": input });
        if phone.person.username.is_none() {
            contact["wa_id"] = phone.person.id.clone().into();
        }
        if let Some(user_id) = &phone.person.user_id {
            contact["user_id"] = user_id.clone().into();
        }
        let mut made = json!({ "id": message.id });
        if self.template.is_some() {
            made["message_status"] = "accepted".into();
        }
        json!({ "messaging_product": "whatsapp", "contacts": [contact], "messages": [made] })
    }
}

/// An error as statuses carry it.
fn failure(code: i64, title: &str, details: &str) -> Value {
    json!({
        "code": code, "title": title, "message": title,
        "error_data": { "details": details },
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    })
}

/// Somebody who is not on WhatsApp.
fn nobody(number: &str, key: &str) -> Phone {
    let person = Person { id: key.to_owned(), name: String::new(), username: None, user_id: None };
    Phone {
        id: String::new(),
        platform: Platform::Whatsapp,
        account: number.to_owned(),
        person,
        thread: vec![],
        last_said_at: None,
        typing_until: 0,
        blocked: false,
        no_marketing: false,
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The number in its international form. Without `+`, the sender's own country code goes before
/// it, as documented.
fn wa_id(state: &State, number: &str, to: &str) -> Option<String> {
    let plausible = to.chars().all(|c| c.is_ascii_digit() || "+-() ".contains(c));
    let digits = digits(to);
    if !plausible || !(7..=15).contains(&digits.len()) {
        return None;
    }
    let country = state
        .account(Platform::Whatsapp, number)?
        .handle
        .trim_start_matches('+')
        .split(' ')
        .next()?
        .to_owned();
    Some(if to.trim_start().starts_with('+') { digits } else { country + &digits })
}

/// `CC.` and up to 128 letters and digits.
fn is_user_id(text: &str) -> bool {
    text.split_once('.').is_some_and(|(country, rest)| {
        country.len() == 2
            && country.chars().all(|c| c.is_ascii_uppercase())
            && (1..=132).contains(&rest.len())
    })
}
