//! What truly happened between a customer and a business, one thing after the other.

use jiff::Timestamp;
use proptest::prelude::*;
use switchboard_channels::ExternalId;
use switchboard_domain::DeliveryState;

use super::fold::{Shown, Side};

/// When the first thing happened; each is a second later than the one before.
const BEGINNING: i64 = 1_795_176_000;

/// A wish for something to happen, to a message that is picked among those there are.
#[derive(Debug, Clone)]
pub struct Op {
    kind: u8,
    pick: usize,
    side: Side,
    word: String,
}

pub fn op() -> impl Strategy<Value = Op> {
    let side = prop_oneof![Just(Side::Customer), Just(Side::Business)];
    (0u8..12, any::<usize>(), side, "[a-zé😀]{1,6}").prop_map(|(kind, pick, side, word)| Op {
        kind,
        pick,
        side,
        word,
    })
}

#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    pub at: Timestamp,
    pub what: Deed,
}

/// Messages are numbered from 0.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    Says {
        number: usize,
        side: Side,
        text: String,
    },
    Edits {
        number: usize,
        side: Side,
        text: String,
        said_at: Timestamp,
    },
    Deletes {
        number: usize,
        side: Side,
    },
    /// The customer; `None` takes it back.
    Reacts {
        number: usize,
        emoji: Option<&'static str>,
    },
    /// What the business sent came this far.
    Receipt {
        number: usize,
        state: DeliveryState,
    },
    /// The customer has got, or read, all that the business sent before. `last` is the newest.
    UpTo {
        last: usize,
        state: DeliveryState,
    },
}

/// What can have happened of what was wished: nothing is done to what is not there any more, nor
/// what the platform has no words for.
pub fn of(ops: &[Op], tells: impl Fn(&Deed) -> bool) -> Vec<Happening> {
    let mut history: Vec<Happening> = vec![];
    let mut said: Vec<(Side, Timestamp, bool)> = vec![];
    for op in ops {
        let at = moment(history.len());
        let Some(what) = deed(op, &said).filter(&tells) else { continue };
        match &what {
            Deed::Says { side, .. } => said.push((*side, at, true)),
            Deed::Deletes { number, .. } => said[*number].2 = false,
            _ => {}
        }
        history.push(Happening { at, what });
    }
    history
}

fn moment(number: usize) -> Timestamp {
    Timestamp::from_second(BEGINNING + number as i64).expect("in range")
}

fn deed(op: &Op, said: &[(Side, Timestamp, bool)]) -> Option<Deed> {
    let text = op.word.clone();
    if said.is_empty() || op.kind < 4 {
        return Some(Deed::Says { number: said.len(), side: op.side, text });
    }
    let number = op.pick % said.len();
    let (side, said_at, is_there) = said[number];
    let deed = match op.kind {
        4 | 5 => Deed::Edits { number, side, text, said_at },
        6 => Deed::Deletes { number, side },
        7 | 8 => {
            let emoji = ["👍", "❤", "🔥"].get(op.word.len() % 4).copied();
            Deed::Reacts { number, emoji }
        }
        9 | 10 => {
            use DeliveryState::*;
            let state = [Sent, Delivered, Read, Failed][op.word.len() % 4];
            return (side == Side::Business).then_some(Deed::Receipt { number, state });
        }
        _ => {
            let last = said.iter().rposition(|(side, ..)| *side == Side::Business)?;
            let state = match op.side {
                Side::Customer => DeliveryState::Read,
                Side::Business => DeliveryState::Delivered,
            };
            return Some(Deed::UpTo { last, state });
        }
    };
    is_there.then_some(deed)
}

pub struct Truth {
    pub messages: Vec<Shown>,
    pub last_inbound: Option<Timestamp>,
}

/// What a history comes to, when each thing is done in its turn.
pub fn truth(history: &[Happening], name: impl Fn(usize) -> String) -> Truth {
    let mut truth = Truth { messages: vec![], last_inbound: None };
    for Happening { at, what } in history {
        match what {
            Deed::Says { number, side, text } => {
                if *side == Side::Customer {
                    truth.last_inbound = Some(*at);
                }
                truth.messages.push(Shown {
                    id: ExternalId(name(*number)),
                    at: *at,
                    side: *side,
                    is_hidden: false,
                    text: Some(text.clone()),
                    reactions: vec![],
                    state: (*side == Side::Business).then_some(DeliveryState::Sent),
                });
            }
            Deed::Edits { number, text, .. } => {
                truth.messages[*number].text = Some(text.clone());
            }
            Deed::Deletes { number, .. } => {
                truth.messages[*number].text = None;
                truth.messages[*number].reactions.clear();
            }
            Deed::Reacts { number, emoji } => {
                let emoji = emoji.map(|emoji| (Side::Customer, vec![emoji.to_owned()]));
                truth.messages[*number].reactions = emoji.into_iter().collect();
            }
            Deed::Receipt { number, state } => forward(&mut truth.messages[*number], *state),
            Deed::UpTo { state, .. } => {
                truth.messages.iter_mut().for_each(|message| forward(message, *state));
            }
        }
    }
    truth
}

fn forward(message: &mut Shown, state: DeliveryState) {
    message.state = message.state.map(|held| held.max(state));
}
