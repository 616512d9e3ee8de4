//! What a conversation is, by the events that were told of it: a fold that does not care for
//! their order.
//!
//! - A message is there once, by its external id. What is told of one that is not there yet (an
//!   edit, a reaction, a receipt, a deletion) waits for it.
//! - Of two edits the later one holds, by the platform's time and not by that of arrival.
//! - A deletion is final: no edit or reaction brings anything back.
//! - Of each side's reactions to a message the newest hold, and an empty list takes them back.
//! - Receipts only move forward. A watermark is a receipt for all that we sent up to its time,
//!   also for what arrives after it.
//! - Keys that ever came together are keys of one conversation.
//! - The window follows the newest message that opens it, by the platform's time.
//!
//! Of two things at the same moment, which platforms with whole seconds make possible, nobody can
//! know which was later. The fold takes the greater one, so that it is the same one always.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use switchboard_channels::{Direction, ExternalId, Routed, Thread, What};
use switchboard_domain::DeliveryState;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    Customer,
    Business,
}

impl From<&Direction> for Side {
    fn from(direction: &Direction) -> Side {
        match direction {
            Direction::Customer => Side::Customer,
            Direction::Business { .. } => Side::Business,
        }
    }
}

/// All that was told of one message.
#[derive(Debug, Default)]
struct Told {
    written: Option<Written>,
    edit: Option<(Timestamp, String)>,
    hidden: Option<(Timestamp, bool)>,
    is_deleted: bool,
    reactions: BTreeMap<Side, (Timestamp, Vec<String>)>,
    receipt: Option<DeliveryState>,
}

/// Ordered by time first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Written {
    at: Timestamp,
    side: Side,
    text: String,
    key: String,
}

#[derive(Debug, Default)]
pub struct Fold {
    told: BTreeMap<ExternalId, Told>,
    /// Keys that belong together.
    keys: Vec<BTreeSet<String>>,
    watermarks: BTreeMap<(String, DeliveryState), Timestamp>,
    /// Lines have no name of their own: told again, they are the same.
    lines: BTreeSet<(String, Timestamp, String)>,
    names: BTreeMap<String, (Timestamp, String)>,
    last_inbound: BTreeMap<String, Timestamp>,
}

/// A message as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub id: ExternalId,
    pub at: Timestamp,
    pub side: Side,
    /// `None` when it was deleted.
    pub text: Option<String>,
    /// Whether the public does not see it.
    pub is_hidden: bool,
    pub reactions: Vec<(Side, Vec<String>)>,
    /// Of the business's messages.
    pub state: Option<DeliveryState>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Conversation {
    pub keys: BTreeSet<String>,
    pub name: Option<String>,
    /// By time.
    pub messages: Vec<Shown>,
    pub lines: BTreeSet<(Timestamp, String)>,
    pub last_inbound: Option<Timestamp>,
}

/// Puts the greater of the two there.
fn newer<T: Ord>(place: &mut Option<T>, told: T) {
    if place.as_ref().is_none_or(|held| *held < told) {
        *place = Some(told);
    }
}

impl Fold {
    pub fn apply(&mut self, routed: Routed) {
        let event = routed.event;
        let Some(thread) = event.thread else { return };
        let at = event.at;
        let key = self.join(&thread, &[]);
        if let Some(name) = thread.peer.name.clone() {
            let name = (at, name);
            let held = self.names.entry(key.clone()).or_insert_with(|| name.clone());
            *held = name.max(held.clone());
        }
        match event.what {
            What::Message(message) => {
                if message.opens_window {
                    let last = self.last_inbound.entry(key.clone()).or_insert(at);
                    *last = at.max(*last);
                }
                let (side, text) = (Side::from(&message.direction), message.text);
                let written = Written { at, side, text, key };
                let told = self.told.entry(message.id).or_default();
                // The samples have two messages of one name; no platform has.
                told.written =
                    Some(told.written.take().map_or(written.clone(), |w| w.min(written)));
            }
            What::Edited { target, text: Some(text), .. } => {
                newer(&mut self.told.entry(target).or_default().edit, (at, text));
            }
            What::Hidden { target, hidden } => {
                newer(&mut self.told.entry(target).or_default().hidden, (at, hidden));
            }
            What::Deleted { targets } => {
                for target in targets {
                    self.told.entry(target).or_default().is_deleted = true;
                }
            }
            What::Reacted { target, emoji, by } => {
                let reactions = &mut self.told.entry(target).or_default().reactions;
                let mut held = reactions.remove(&Side::from(&by));
                newer(&mut held, (at, emoji));
                reactions.extend(held.map(|held| (Side::from(&by), held)));
            }
            What::Receipt { target, delivery, .. } => {
                newer(&mut self.told.entry(target).or_default().receipt, delivery.state);
            }
            What::Watermark { state } => {
                let until = self.watermarks.entry((key, state)).or_insert(at);
                *until = at.max(*until);
            }
            What::Line(line) => {
                self.lines.insert((key, at, format!("{line:?}")));
            }
            What::Renamed { was } => {
                self.join(&thread, &was);
            }
            What::Edited { .. }
            | What::Typing { .. }
            | What::Account(_)
            | What::Connection(_)
            | What::Ignored { .. } => {}
        }
    }

    /// Makes all these keys those of one conversation, and gives one of them.
    fn join(&mut self, thread: &Thread, was: &[String]) -> String {
        let venue = thread.venue.name();
        let name = |key: &String| format!("{venue} {key}");
        let mut together: BTreeSet<String> = thread.keys.iter().chain(was).map(name).collect();
        let one = together.first().cloned().expect("a thread has a key");
        self.keys.retain(|keys| {
            let apart = keys.is_disjoint(&together);
            if !apart {
                together.extend(keys.iter().cloned());
            }
            apart
        });
        self.keys.push(together);
        one
    }

    /// All conversations, by their keys.
    pub fn conversations(&self) -> Vec<Conversation> {
        let mut all: Vec<_> = self.keys.iter().map(|keys| self.conversation(keys)).collect();
        all.sort_by(|a, b| a.keys.cmp(&b.keys));
        all
    }

    fn conversation(&self, keys: &BTreeSet<String>) -> Conversation {
        let mut messages: Vec<Shown> = self
            .told
            .iter()
            .filter_map(|(id, told)| {
                let written =
                    told.written.as_ref().filter(|written| keys.contains(&written.key))?;
                Some(self.shown(id, written, told, keys))
            })
            .collect();
        messages.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        let newest = keys.iter().filter_map(|key| self.names.get(key)).max();
        let lines = self.lines.iter().filter(|(key, ..)| keys.contains(key));
        Conversation {
            keys: keys.clone(),
            name: newest.map(|(_, name)| name.clone()),
            messages,
            lines: lines.map(|(_, at, line)| (*at, line.clone())).collect(),
            last_inbound: keys.iter().filter_map(|key| self.last_inbound.get(key)).max().copied(),
        }
    }

    fn shown(
        &self,
        id: &ExternalId,
        written: &Written,
        told: &Told,
        keys: &BTreeSet<String>,
    ) -> Shown {
        let text = told.edit.as_ref().map_or(&written.text, |(_, text)| text);
        let reactions = told.reactions.iter().filter(|(_, (_, emoji))| !emoji.is_empty());
        let reactions = reactions.map(|(side, (_, emoji))| (*side, emoji.clone()));
        let covered = |((key, _), until): &(&(String, DeliveryState), &Timestamp)| {
            keys.contains(key) && written.at <= **until
        };
        let watermarks = self.watermarks.iter().filter(covered).map(|((_, state), _)| *state);
        let state = watermarks.chain(told.receipt).chain([DeliveryState::Sent]).max();
        Shown {
            id: id.clone(),
            at: written.at,
            side: written.side,
            text: (!told.is_deleted).then(|| text.clone()),
            is_hidden: told.hidden.is_some_and(|(_, hidden)| hidden),
            reactions: if told.is_deleted { vec![] } else { reactions.collect() },
            state: state.filter(|_| written.side == Side::Business),
        }
    }
}
