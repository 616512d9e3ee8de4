//! Those who write and read while everything goes wrong.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::history::{Acked, Changed, Edit, Log};
use super::line::Line;
use super::team::Team;
use crate::channels::chaos::verdict::Posted;
use crate::support::dice::Dice;
use crate::support::stage::Stage;

/// From one thing that somebody does to the next, in milliseconds.
const PAUSE: Range<u64> = 40..500;
/// How often a reader looks whether it is over.
const STEP: Duration = Duration::from_millis(50);

/// How far a round is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Everybody writes.
    Storm,
    /// Nobody begins anything.
    Calm,
    /// Everybody has read everything.
    Over,
}

/// What someone who wrote and read has to tell.
#[derive(Debug, Default)]
pub struct Tale {
    pub acked: Vec<Acked>,
    pub changed: Vec<Changed>,
    pub log: Log,
}

/// What whoever takes part is given.
#[derive(Clone)]
pub struct Part {
    pub phase: watch::Receiver<Phase>,
    /// Told when one begins nothing any more.
    pub done: tokio::sync::mpsc::Sender<()>,
    /// How far its reading is.
    pub position: Arc<AtomicU64>,
}

impl Part {
    fn goes_on(&self) -> bool {
        *self.phase.borrow() == Phase::Storm
    }

    /// Reads for this long.
    async fn read(&self, line: &mut Line, time: Duration) {
        let until = tokio::time::Instant::now() + time;
        loop {
            let left = until.saturating_duration_since(tokio::time::Instant::now());
            if left.is_zero() || line.frame(left).await.is_none() {
                break;
            }
        }
        self.position.store(line.position(), Ordering::SeqCst);
    }

    /// Reads until all is over.
    async fn read_on(&self, line: &mut Line) {
        let _ = self.done.send(()).await;
        while *self.phase.borrow() != Phase::Over {
            self.read(line, STEP).await;
        }
    }
}

fn told(writer: &str, reference: &str, conversation: &str, done: &Value) -> Acked {
    Acked {
        writer: writer.to_owned(),
        conversation: conversation.to_owned(),
        reference: reference.to_owned(),
        message: done["message"].as_str().unwrap_or_default().to_owned(),
        seq: done["seq"].as_u64().unwrap_or_default(),
    }
}

fn pause(dice: &mut Dice) -> Duration {
    Duration::from_millis(dice.within(PAUSE))
}

/// A visitor writes and reads.
pub async fn visit(
    mut line: Line,
    name: String,
    conversation: String,
    mut dice: Dice,
    part: Part,
) -> Tale {
    let mut tale = Tale::default();
    let mut n = 0;
    // One message at least, so that there is a conversation.
    while n == 0 || part.goes_on() {
        let reference = format!("{name} {n}");
        let post = json!({"type": "post", "ref": reference, "text": reference});
        let (done, _) = line.ask(post).await;
        tale.acked.push(told(&name, &reference, &conversation, &done));
        n += 1;
        part.read(&mut line, pause(&mut dice)).await;
    }
    part.read_on(&mut line).await;
    tale.log = line.into_log();
    tale
}

/// An agent answers, changes what was answered, hands conversations around, and reads everything.
pub async fn attend(
    mut line: Line,
    name: String,
    me: String,
    conversations: Vec<String>,
    mut dice: Dice,
    part: Part,
) -> Tale {
    let mut tale = Tale::default();
    let mut n = 0;
    while part.goes_on() {
        let conversation = dice.of(&conversations).clone();
        match dice.within(0..10) {
            0..=4 => {
                let reference = format!("{name} {n}");
                n += 1;
                let kind = if dice.one_in(4) { "note" } else { "public" };
                let post = json!({"type": "post", "conversation": conversation, "kind": kind,
                    "ref": reference, "text": reference});
                let (done, _) = line.ask(post).await;
                let acked = told(&name, &reference, &conversation, &done);
                tale.changed.push(Changed { message: acked.message.clone(), ..Changed::default() });
                tale.acked.push(acked);
            }
            5..=6 => change(&mut line, &mut tale, &mut dice).await,
            7 => {
                let member = dice.one_in(2).then_some(&me);
                let assign =
                    json!({"type": "assign", "conversation": conversation, "member": member});
                line.ask(assign).await;
            }
            8 => {
                let state = *dice.of(&["open", "pending", "resolved"]);
                let set = json!({"type": "set_status", "conversation": conversation,
                    "status": {"state": state}});
                line.ask(set).await;
            }
            _ => {}
        }
        part.read(&mut line, pause(&mut dice)).await;
    }
    part.read_on(&mut line).await;
    tale.log = line.into_log();
    tale
}

/// Edits, deletes or reacts to a message of one's own.
async fn change(line: &mut Line, tale: &mut Tale, dice: &mut Dice) {
    let open = tale.changed.iter().enumerate().filter(|(_, one)| !one.deleted);
    let open: Vec<usize> = open.map(|(at, _)| at).collect();
    if open.is_empty() {
        return;
    }
    let changed = &mut tale.changed[*dice.of(&open)];
    let acked = tale.acked.iter().find(|one| one.message == changed.message).unwrap();
    let mut command = json!({"conversation": acked.conversation, "message": acked.message});
    match dice.within(0..5) {
        0 => {
            command["type"] = json!("delete");
            line.ask(command).await;
            changed.deleted = true;
        }
        1 => {
            command["type"] = json!("react");
            command["emoji"] = json!("🎉");
            command["on"] = json!(dice.one_in(2));
            line.ask(command).await;
        }
        _ => {
            let text = format!("{}, edited {}", acked.reference, changed.edits.len());
            command["type"] = json!("edit");
            command["text"] = json!(text);
            let (_, may_come_late) = line.ask(command).await;
            changed.edits.push(Edit { text, may_come_late });
        }
    }
}

/// Someone posts everything twice at the same time, at any two nodes.
pub async fn post_twice(
    mut team: Team,
    name: String,
    conversations: Vec<String>,
    mut dice: Dice,
    part: Part,
) -> Tale {
    let mut tale = Tale::default();
    let mut n = 0;
    while part.goes_on() {
        let conversation = dice.of(&conversations).clone();
        let reference = format!("{name} {n}");
        n += 1;
        let path = format!("/conversations/{conversation}/messages");
        let body = json!({"ref": reference, "text": reference});
        let mut other = Team { seats: team.seats.clone(), dice: dice.split() };
        let (one, two) = tokio::join!(
            team.insist(|agent| agent.request(Method::POST, &path).json(&body)),
            other.insist(|agent| agent.request(Method::POST, &path).json(&body)),
        );
        for (message, _) in [one, two] {
            let done = json!({"message": message["id"], "seq": message["seq"]});
            tale.acked.push(told(&name, &reference, &conversation, &done));
        }
        tokio::time::sleep(pause(&mut dice)).await;
    }
    let _ = part.done.send(()).await;
    tale
}

/// What was said on a phone and posted to it.
pub struct Talk {
    pub phone: &'static str,
    pub conversation: String,
    pub said: Vec<String>,
    pub posted: Vec<Posted>,
    pub acked: Vec<Acked>,
}

/// A customer writes on a phone, and someone of the team answers.
pub async fn talk(
    stage: &Stage,
    (phone, conversation): (&'static str, String),
    mut team: Team,
    (mut customer, mut agent): (Dice, Dice),
    part: Part,
) -> Talk {
    let name = format!("to {phone}");
    let path = format!("/conversations/{conversation}/messages");
    let says = async {
        let mut said = vec![hello(phone)];
        while part.goes_on() {
            let text = format!("{phone} asks {}", said.len());
            stage.does(phone, "send", json!({"text": text})).await;
            said.push(text);
            tokio::time::sleep(pause(&mut customer) * 2).await;
        }
        said
    };
    let posts = async {
        let (mut posted, mut acked) = (Vec::new(), Vec::new());
        while part.goes_on() {
            let text = format!("{phone} is told {}", posted.len());
            let body = json!({"ref": text, "text": text});
            let post = team.insist(|agent| agent.request(Method::POST, &path).json(&body));
            let (message, _) = post.await;
            let done = json!({"message": message["id"], "seq": message["seq"]});
            acked.push(told(&name, &text, &conversation, &done));
            posted.push(Posted { text, file: None });
            tokio::time::sleep(pause(&mut agent) * 2).await;
        }
        (posted, acked)
    };
    let (said, (posted, acked)) = tokio::join!(says, posts);
    let _ = part.done.send(()).await;
    Talk { phone, conversation, said, posted, acked }
}

/// The first that a customer says.
pub fn hello(phone: &str) -> String {
    format!("Hello from {phone}")
}
