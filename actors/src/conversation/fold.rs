//! Makes what platforms told, one thing after the other, so in a conversation: each is decided on
//! what the ones before it led to, and all of it is one append.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use switchboard_channels::Media;
use switchboard_domain::conversation::decide;
use switchboard_domain::conversation::outside::{self, PartState, Placed};
use switchboard_domain::{
    AccountId, Author, Command, Delivery, DeliveryState, Extra, Failure, MessageId, SendId, Side,
};
use switchboard_store::external::{self, Known, NewExternal};
use switchboard_store::journal::PartDelivery;
use switchboard_store::message::{Message, Reaction};
use switchboard_store::parked::{self, NewParked};
use switchboard_store::seal::Key;
use switchboard_store::{Error, pending, thread};
use uuid::Uuid;

use super::receive::{Unheard, files, why_gone};
use super::record::Scribe;
use crate::rejection::Rejection;

pub type Hash = [u8; 32];

/// What is told of a message that may not be there yet. Kept sealed until it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "told", rename_all = "snake_case")]
pub enum Told {
    Edited {
        at: Timestamp,
        text: Option<String>,
        media: Option<Vec<Media>>,
        extra: Option<Box<Extra>>,
    },
    Deleted,
    Hidden {
        at: Timestamp,
        hidden: bool,
    },
    Reacted {
        at: Timestamp,
        emoji: Vec<String>,
        by_customer: bool,
    },
    Receipt {
        delivery: Delivery,
    },
    /// All that was sent by then has come this far. Waits for no message of its own, but for the
    /// first of its conversation.
    Reached {
        at: Timestamp,
        state: DeliveryState,
    },
}

/// What stands for the first message of a thread while there is none: under this name waits what
/// is told of the conversation as a whole.
pub fn first_message(thread: &str) -> String {
    format!("first:{thread}")
}

/// What waits for a message: rows, opened.
pub type Waiting = HashMap<Hash, Vec<(Uuid, Vec<u8>)>>;

/// What is known of what was told.
#[derive(Debug, Default)]
pub struct Grounds {
    /// Names of messages.
    pub names: HashMap<Hash, Known>,
    /// Messages of this conversation.
    pub messages: HashMap<MessageId, Message>,
    pub waiting: Waiting,
    /// How far the parts of messages have come.
    pub parts: HashMap<MessageId, BTreeMap<u16, DeliveryState>>,
    /// What of them is still to be sent.
    pub pending: HashMap<MessageId, BTreeMap<u16, SendId>>,
    /// What was handed to the platform and not heard of since: what is begun, and what was given up.
    pub unheard: Vec<Unheard>,
}

impl Grounds {
    pub fn add_parts(&mut self, rows: Vec<(MessageId, u16, Option<DeliveryState>)>) {
        for (message, part, state) in rows {
            let known = self.parts.entry(message).or_default().entry(part);
            let state = state.unwrap_or(DeliveryState::Sent);
            known.and_modify(|known| *known = (*known).max(state)).or_insert(state);
        }
    }

    pub fn add_pending(&mut self, rows: &[pending::Pending]) {
        for row in rows {
            self.pending.entry(row.message).or_default().insert(row.part, row.id);
        }
    }
}

/// A conversation as what was told changes it.
pub struct Fold<'a> {
    pub account: AccountId,
    pub account_key: &'a Key,
    pub grounds: Grounds,
    /// The names of the thread in which it was told.
    pub threads: &'a [String],
    pub scribe: Scribe<'a>,
}

impl Fold<'_> {
    pub fn hash(&self, name: &str) -> Hash {
        external::hash(self.scribe.recording.keys, self.account, name)
    }

    /// Decides a command that leads to one event, or to none.
    pub fn decide(
        &self,
        by: Author,
        command: &Command,
    ) -> Result<Vec<switchboard_domain::Event>, Rejection> {
        Ok(decide(self.scribe.recording.now, &self.scribe.after.state, by, command)?)
    }

    /// A platform's name is a message's from now on. What waited for it happens.
    pub fn name(
        &mut self,
        name: &str,
        message: MessageId,
        part: u16,
        delivery: Option<DeliveryState>,
    ) -> Result<(), Rejection> {
        let hash = self.hash(name);
        if self.grounds.names.contains_key(&hash) {
            return Ok(());
        }
        let keys = self.scribe.recording.keys;
        let sealed = external::seal(keys, self.account_key, self.account, name);
        let external = NewExternal { hash, message, part, sealed, delivery };
        self.scribe.name(self.account, external);
        let conversation = self.scribe.after.state.id;
        self.grounds.names.insert(hash, Known { conversation, message, part });
        if let Some(state) = delivery {
            self.grounds.parts.entry(message).or_default().insert(part, state);
        }
        for (id, json) in self.grounds.waiting.remove(&hash).unwrap_or_default() {
            self.scribe.outside(self.account).unparked.push((hash, id));
            self.happen(message, part, read_told(&json)?)?;
        }
        Ok(())
    }

    /// A platform told something of a message, by its name there.
    pub fn tell(&mut self, name: &str, told: Told) -> Result<(), Rejection> {
        let hash = self.hash(name);
        match self.grounds.names.get(&hash).copied() {
            Some(known) => self.happen(known.message, known.part, told),
            None => self.park(hash, &told),
        }
    }

    /// Keeps what is told until its message comes.
    fn park(&mut self, hash: Hash, told: &Told) -> Result<(), Rejection> {
        let json = serde_json::to_vec(told).map_err(|error| Error::Corrupt(error.to_string()))?;
        let keys = self.scribe.recording.keys;
        let text =
            format!("{} {}", switchboard_store::seal::hex(&hash), String::from_utf8_lossy(&json));
        let id = keys.id_of("parked", self.account, &text);
        let what = parked::seal(keys, self.account_key, id, &json);
        let named = self.threads.first();
        let thread = named.map(|name| thread::hash(keys, self.account, name));
        let parked = &mut self.scribe.outside(self.account).parked;
        if parked.iter().all(|other| other.id != id) {
            parked.push(NewParked { hash, id, what, thread });
        }
        metrics::counter!("switchboard_parked_total").increment(1);
        Ok(())
    }

    fn happen(&mut self, message: MessageId, part: u16, told: Told) -> Result<(), Rejection> {
        // A message of another conversation is told of there.
        let Some(target) = self.grounds.messages.get(&message).cloned() else { return Ok(()) };
        match told {
            Told::Edited { at, text, media, extra } => self.edit(target, at, text, media, extra),
            Told::Deleted => self.delete(&target),
            Told::Hidden { at, hidden } => self.hide(target, at, hidden),
            Told::Reacted { at, emoji, by_customer } => {
                let contact = self.scribe.after.state.contact;
                let by = if by_customer { Author::Visitor(contact) } else { Author::Elsewhere };
                self.react(target, by, &emoji, at)
            }
            Told::Receipt { delivery } => self.advance(message, part, delivery),
            Told::Reached { at, state } => self.reach(at, state),
        }
    }

    /// The customer has come this far with all that was sent by then. Where nothing is there yet
    /// that could have been, it waits for the first message: the business may have written it
    /// elsewhere, and its echo be late.
    pub fn reach(&mut self, at: Timestamp, state: DeliveryState) -> Result<(), Rejection> {
        if self.scribe.after.state.last_n == 0 {
            let Some(thread) = self.threads.first() else { return Ok(()) };
            return self.park(self.hash(&first_message(thread)), &Told::Reached { at, state });
        }
        let reached = |wanted| (state == wanted).then_some(at);
        let command = Command::Reach {
            delivered_at: reached(DeliveryState::Delivered),
            read_at: reached(DeliveryState::Read),
        };
        for event in self.decide(Author::System, &command)? {
            self.scribe.moved(&event);
        }
        Ok(())
    }

    /// The first message of the conversation is there. What waited for it happens, and nothing that
    /// comes to wait meanwhile may be overlooked.
    pub fn opened(&mut self) -> Result<(), Rejection> {
        for thread in self.threads {
            let hash = self.hash(&first_message(thread));
            self.scribe.outside(self.account).opened.push(hash);
            for (id, json) in self.grounds.waiting.remove(&hash).unwrap_or_default() {
                self.scribe.outside(self.account).unparked.push((hash, id));
                if let Told::Reached { at, state } = read_told(&json)? {
                    self.reach(at, state)?;
                }
            }
        }
        Ok(())
    }

    fn edit(
        &mut self,
        target: Message,
        at: Timestamp,
        text: Option<String>,
        media: Option<Vec<Media>>,
        extra: Option<Box<Extra>>,
    ) -> Result<(), Rejection> {
        let text = text.unwrap_or_else(|| target.text.clone());
        let prevails = outside::text_prevails(target.edited_at, &target.text, at, &text);
        let command = Command::ReceiveEdit { target: target.head(), prevails };
        for event in self.decide(target.author, &command)? {
            let brought = media.as_ref().map(|media| {
                let voice = extra.as_deref().unwrap_or(&target.extra);
                files(&self.scribe, self.account, self.account_key, target.id, media, voice)
            });
            let brought = brought.transpose()?;
            let mut message = Message { text: text.clone(), edited_at: Some(at), ..target.clone() };
            if let Some(extra) = &extra {
                message.extra = outside::edited_extra(&target.extra, extra);
            }
            if let Some(brought) = &brought {
                message.files = brought.iter().map(|brought| brought.file.clone()).collect();
                message.extra.file_gone = media.as_deref().and_then(why_gone);
            }
            self.scribe.edit_told(&event, self.account, &message, Some(at), brought)?;
            self.grounds.messages.insert(message.id, message);
        }
        Ok(())
    }

    fn hide(&mut self, target: Message, at: Timestamp, hidden: bool) -> Result<(), Rejection> {
        let card = target.extra.card.as_ref();
        let card = card.and_then(|card| outside::hiding(card, at, hidden));
        let command = Command::ReceiveHiding { target: target.head(), prevails: card.is_some() };
        for event in self.decide(target.author, &command)? {
            let extra = Extra { card: card.clone(), ..target.extra.clone() };
            let message = Message { extra, ..target.clone() };
            self.scribe.edit_told(&event, self.account, &message, None, None)?;
            self.grounds.messages.insert(message.id, message);
        }
        Ok(())
    }

    fn delete(&mut self, target: &Message) -> Result<(), Rejection> {
        let command = Command::ReceiveDelete { target: target.head() };
        for event in self.decide(target.author, &command)? {
            let message = self.scribe.deletion_told(&event, target);
            self.grounds.messages.insert(message.id, message);
        }
        Ok(())
    }

    fn react(
        &mut self,
        mut target: Message,
        by: Author,
        emoji: &[String],
        at: Timestamp,
    ) -> Result<(), Rejection> {
        let placed = |r: &Reaction| Placed { by: r.by, emoji: r.emoji.clone(), at: r.at };
        let known: Vec<Placed> = target.reactions.iter().map(placed).collect();
        let after = outside::reactions(&known, by, emoji, at);
        let put_at = (by.side() == Side::Visitor && !emoji.is_empty()).then_some(at);
        let changes = after.is_some();
        let command = Command::ReceiveReaction { target: target.head(), changes, put_at };
        let reaction = |p: Placed| Reaction { by: p.by, emoji: p.emoji, at: p.at };
        let after: Vec<Reaction> = after.unwrap_or_default().into_iter().map(reaction).collect();
        for event in self.decide(by, &command)? {
            if !matches!(event, switchboard_domain::Event::ReactionsTold { .. }) {
                self.scribe.moved(&event);
                continue;
            }
            target.reactions = after.clone();
            self.scribe.reactions_told(&event, &target, after.clone());
            self.grounds.messages.insert(target.id, target.clone());
        }
        Ok(())
    }

    /// One part of a message has come this far, or failed. The message has come as far as the
    /// part that lags.
    pub fn advance(&mut self, id: MessageId, part: u16, told: Delivery) -> Result<(), Rejection> {
        let Some(target) = self.grounds.messages.get(&id).cloned() else { return Ok(()) };
        if target.author.side() == Side::Visitor {
            return Ok(());
        }
        let count = target.parts.unwrap_or(1);
        let before = target.delivery.clone();
        let after = if count <= 1 {
            forward(before.clone(), told)
        } else {
            let states = self.grounds.parts.entry(id).or_default();
            let state = states.entry(part).or_insert(told.state);
            *state = (*state).max(told.state);
            let state = *state;
            let named = PartDelivery { message: id, part, state };
            self.scribe.outside(self.account).parts.push(named);
            self.of_parts(id, count, before.clone(), told.failure)
        };
        self.set_delivery(target, after)
    }

    /// How far a message of several parts has come.
    pub fn of_parts(
        &self,
        id: MessageId,
        count: u16,
        before: Option<Delivery>,
        failure: Option<Failure>,
    ) -> Delivery {
        let before = before.unwrap_or_else(Delivery::queued);
        let told = self.grounds.parts.get(&id);
        let pending = self.grounds.pending.get(&id);
        let states: Vec<PartState> = (0..count)
            .map(|part| match told.and_then(|told| told.get(&part)) {
                Some(state) => PartState::Told(*state),
                None if pending.is_some_and(|p| p.contains_key(&part)) => PartState::Pending,
                None => PartState::Left,
            })
            .collect();
        let state = outside::whole(before.state, &states);
        let failure =
            (state == DeliveryState::Failed).then(|| failure.or(before.failure)).flatten();
        Delivery { state, failure }
    }

    pub fn set_delivery(&mut self, target: Message, to: Delivery) -> Result<(), Rejection> {
        let from = target.delivery.clone();
        let command = Command::Advance { message: target.id, from, to };
        for event in self.decide(Author::System, &command)? {
            let switchboard_domain::Event::Progressed { delivery, .. } = &event else { continue };
            let message = Message { delivery: Some(delivery.clone()), ..target.clone() };
            self.scribe.progressed(&event, &message, delivery)?;
            self.grounds.messages.insert(message.id, message);
        }
        Ok(())
    }

    /// A message of ours is known to have left: by its name there, or what was sent along.
    pub fn attach(&mut self, name: &str, message: MessageId, part: u16) -> Result<(), Rejection> {
        let pending = self.grounds.pending.get_mut(&message).and_then(|parts| parts.remove(&part));
        self.scribe.outside(self.account).sent.extend(pending);
        self.name(name, message, part, Some(DeliveryState::Sent))?;
        let sent = Delivery { state: DeliveryState::Sent, failure: None };
        self.advance(message, part, sent)
    }
}

fn read_told(json: &[u8]) -> Result<Told, Error> {
    serde_json::from_slice(json)
        .map_err(|error| Error::Corrupt(format!("what waits for a message: {error}")))
}

/// The later of the two. A message of which nothing was known has come as far as was told.
pub fn forward(before: Option<Delivery>, told: Delivery) -> Delivery {
    match before {
        Some(before) => before.forward(told),
        None => told,
    }
}
