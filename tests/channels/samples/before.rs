//! What was there before a sample that is about another message: a plain message of the samples,
//! under the name that is meant.

use serde_json::{Value, json};
use switchboard_channels::inbound::Hook;
use switchboard_channels::{Direction, Event, What};
use switchboard_domain::Card;

use super::Platform;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Theirs,
    Ours,
}

/// A plain message of the samples.
pub struct Base {
    side: Side,
    id: String,
    keys: Vec<String>,
    hook: Hook,
    body: Value,
}

pub fn bases(platform: &Platform, samples: &[(String, Value)]) -> Vec<Base> {
    let base = |(_, body): &(String, Value)| {
        let events = platform.events(body);
        let [Event { thread: Some(thread), what: What::Message(message), .. }] = &events[..] else {
            return None;
        };
        let mut extra = message.extra.clone();
        extra.via = None;
        extra.sender = None;
        let is_comment = matches!(extra.card, Some(Card::Comment { reply: false, .. }));
        let is_plain = extra.is_empty() || is_comment;
        let is_alone = message.media.is_empty() && message.reply_to.is_none();
        let side = match &message.direction {
            Direction::Customer => Side::Theirs,
            Direction::Business { .. } => Side::Ours,
        };
        let (hook, body) = (platform.hook, body.clone());
        (is_plain && is_alone && !message.text.is_empty()).then(|| {
            let (id, keys) = (message.id.0.clone(), thread.keys.clone());
            Base { side, id, keys, hook, body }
        })
    };
    let written: Vec<(String, Value)> = match platform.hook {
        Hook::Telegram => samples.iter().filter_map(|(_, body)| in_its_chat(body)).collect(),
        _ => vec![],
    };
    samples.iter().chain(&written).filter_map(base).collect()
}

/// A message of someone in the chat of a sample of Telegram: not all of them have one.
fn in_its_chat(sample: &Value) -> Option<(String, Value)> {
    let there = sample.get("message").filter(|message| message["chat"]["type"] != "private")?;
    let mut message = json!({"message_id": 1, "date": there["date"], "chat": there["chat"],
        "from": {"id": 5512007733_i64, "is_bot": false, "first_name": "Marek"},
        "text": "Jest tu kto?"});
    for member in ["message_thread_id", "is_topic_message"] {
        if let Some(value) = there.get(member) {
            message[member] = value.clone();
        }
    }
    Some((String::new(), json!({"update_id": 1, "message": message})))
}

impl Base {
    /// The same message under another name.
    fn called(&self, id: &str) -> Value {
        match self.hook {
            Hook::Telegram => {
                let number: i64 = id.rsplit(':').next().unwrap().parse().unwrap_or_default();
                let mut body = self.body.clone();
                for kind in ["message", "business_message"] {
                    if body.get(kind).is_some() {
                        body[kind]["message_id"] = json!(number);
                    }
                }
                body
            }
            _ => serde_json::from_str(&self.body.to_string().replace(&self.id, id)).unwrap(),
        }
    }
}

/// What an event is about: whose messages, and which. `None`: any.
fn about<'a>(sample: &str, event: &'a Event) -> (&'static [Side], Vec<Option<&'a str>>) {
    let writer = match sample.contains("echo") {
        true => &[Side::Ours],
        false => &[Side::Theirs],
    };
    match &event.what {
        What::Edited { target, .. } | What::Hidden { target, .. } => {
            (writer, vec![Some(&target.0)])
        }
        What::Deleted { targets } => (writer, targets.iter().map(|id| Some(&*id.0)).collect()),
        What::Reacted { target, .. } => (&[Side::Theirs, Side::Ours], vec![Some(&target.0)]),
        What::Receipt { target, .. } => (&[Side::Ours], vec![Some(&target.0)]),
        What::Watermark { .. } => (&[Side::Ours], vec![None]),
        What::Line(_) | What::Renamed { .. } => (&[Side::Theirs], vec![None]),
        What::Message(message) => match &message.reply_to {
            Some(target) => (&[Side::Theirs, Side::Ours], vec![Some(&target.0)]),
            None => (&[], vec![]),
        },
        What::Typing { .. } | What::Account(_) | What::Connection(_) | What::Ignored { .. } => {
            (&[], vec![])
        }
    }
}

/// The messages that a sample may be about, by whose they are.
pub fn fitting(sample: &str, events: &[Event], bases: &[Base]) -> Vec<(&'static str, Vec<Value>)> {
    let mut fitting = Vec::new();
    for (side, of_whom) in [(Side::Theirs, "theirs"), (Side::Ours, "ours")] {
        let mut bodies: Vec<Value> = Vec::new();
        for event in events {
            let (sides, targets) = about(sample, event);
            if !sides.contains(&side) {
                continue;
            }
            let was = match &event.what {
                What::Renamed { was } => was.as_slice(),
                _ => &[],
            };
            let thread = event.thread.iter().flat_map(|thread| &thread.keys);
            let keys: Vec<&String> = thread.chain(was).collect();
            let is_there = |base: &&Base| keys.iter().any(|key| base.keys.contains(key));
            let Some(base) = bases.iter().filter(|base| base.side == side).find(is_there) else {
                continue;
            };
            for target in targets {
                let body = base.called(target.unwrap_or(&base.id));
                if !bodies.contains(&body) {
                    bodies.push(body);
                }
            }
        }
        if !bodies.is_empty() {
            fitting.push((of_whom, bodies));
        }
    }
    fitting
}
