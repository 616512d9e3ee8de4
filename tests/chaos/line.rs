//! A client's connection that comes back: at whichever node, with what it has had so far.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::history::{Log, Seen};
use crate::support::Socket;
use crate::support::dice::Dice;

/// Whoever hears nothing for this long asks again, elsewhere.
pub const ANSWER: Duration = Duration::from_secs(3);
/// A connection on which nothing came for this long is dead: a position comes every five seconds.
const SILENCE: Duration = Duration::from_secs(8);
/// The pause before asking again doubles from the first to the last of these: many who ask again at
/// once would keep a server in trouble there.
pub const PAUSES: [Duration; 2] = [Duration::from_millis(40), Duration::from_millis(1_000)];
/// Nobody waits longer for an acknowledgement, whatever happens.
pub const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(180);

/// Where clients reach the nodes: what a load balancer without stickiness chooses from.
pub type Ways = Arc<[SocketAddr]>;

/// Who connects.
#[derive(Clone)]
pub enum Who {
    /// By cookie.
    Agent(String),
    /// By token.
    Visitor(String),
}

pub struct Line {
    who: Who,
    ways: Ways,
    dice: Dice,
    socket: Option<Socket>,
    heard: Instant,
    /// Of which history the position is, and the position of what was had.
    epoch: String,
    after: Option<u64>,
    next_id: u64,
    log: Log,
}

impl Line {
    pub fn new(name: &str, who: Who, ways: &Ways, dice: Dice) -> Line {
        let visitor = matches!(who, Who::Visitor(_));
        Line {
            who,
            ways: Arc::clone(ways),
            dice,
            socket: None,
            heard: Instant::now(),
            epoch: String::new(),
            after: None,
            next_id: 1,
            log: Log { name: name.to_owned(), visitor, seen: vec![] },
        }
    }

    pub fn position(&self) -> u64 {
        self.after.unwrap_or_default()
    }

    pub fn into_log(self) -> Log {
        self.log
    }

    /// The next frame, if one comes within this time, however often that needs a new connection.
    pub async fn frame(&mut self, within: Duration) -> Option<Value> {
        // One that is being made is not given up for want of time.
        if self.socket.is_none() {
            self.connect().await;
        }
        tokio::time::timeout(within, self.next()).await.ok()
    }

    async fn next(&mut self) -> Value {
        loop {
            let Some(socket) = &mut self.socket else {
                self.connect().await;
                continue;
            };
            let left = SILENCE.saturating_sub(self.heard.elapsed());
            match tokio::time::timeout(left, socket.receive()).await {
                Ok(Ok(frame)) => {
                    self.heard = Instant::now();
                    self.note(&frame);
                    return frame;
                }
                Ok(Err(_)) | Err(_) => self.socket = None,
            }
        }
    }

    /// Tries once, at any node.
    async fn connect(&mut self) {
        let address = *self.dice.of(&self.ways);
        let hello = self.hello();
        let (path, headers) = match &self.who {
            Who::Agent(cookie) => (
                "/ws/agent",
                vec![("cookie", cookie.clone()), ("origin", format!("http://{address}"))],
            ),
            Who::Visitor(_) => ("/ws/visitor", vec![]),
        };
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let connecting = async {
            let mut socket = Socket::try_dial(address, path, &headers).await.ok()?;
            let greeted = tokio_tungstenite::tungstenite::Message::text(hello.to_string());
            socket.send_message(greeted).await.ok()?;
            // A server that cannot serve says so instead of a welcome.
            let welcome = socket.receive().await.ok()?;
            (welcome["type"] == "welcome").then_some((socket, welcome))
        };
        match tokio::time::timeout(ANSWER, connecting).await {
            Ok(Some((socket, welcome))) => {
                self.heard = Instant::now();
                self.socket = Some(socket);
                self.note(&welcome);
            }
            _ => tokio::time::sleep(PAUSES[0]).await,
        }
    }

    fn hello(&self) -> Value {
        let mut hello = json!({"type": "hello"});
        if let Who::Visitor(token) = &self.who {
            hello["token"] = json!(token);
        }
        if let Some(after) = self.after {
            hello["epoch"] = json!(self.epoch);
            hello["after"] = json!(after);
        }
        hello
    }

    fn note(&mut self, frame: &Value) {
        let seq = frame["seq"].as_u64().unwrap_or_default();
        let seen = match frame["type"].as_str().unwrap_or_default() {
            "welcome" => {
                self.epoch = frame["epoch"].as_str().unwrap_or_default().to_owned();
                Seen::Welcome { asked: self.after, snapshot: frame["snapshot"] == true }
            }
            "snapshot" => {
                self.after = Some(seq);
                Seen::Snapshot { seq, rows: frame["snapshot"].clone() }
            }
            "event" => {
                self.after = Some(seq);
                Seen::Event(frame.clone())
            }
            "beat" => {
                // Most events are not for visitors; a beat says that they have had theirs.
                if self.log.visitor {
                    self.after = self.after.max(Some(seq));
                }
                Seen::Beat(seq)
            }
            _ => return,
        };
        self.log.seen.push(seen);
    }

    /// Asks until it is done. Also whether it had to ask again.
    pub async fn ask(&mut self, command: Value) -> (Value, bool) {
        let until = Instant::now() + ACKNOWLEDGED_WITHIN;
        let mut again = false;
        let mut pause = PAUSES[0];
        loop {
            assert!(Instant::now() < until, "{}: never acknowledged: {command}", self.log.name);
            let id = self.next_id;
            self.next_id += 1;
            let mut command = command.clone();
            command["id"] = json!(id);
            match tokio::time::timeout(ANSWER, self.asked(id, &command)).await {
                Ok(Some(answer)) if answer["type"] == "ok" => return (answer, again),
                Ok(Some(answer)) => {
                    let code = answer["code"].as_str().unwrap_or_default();
                    let later = matches!(code, "unavailable" | "rate_limited");
                    assert!(later, "{}: {command} is answered {answer}", self.log.name);
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(PAUSES[1]);
                }
                Ok(None) => {}
                // It is not heard any more, and goes elsewhere.
                Err(_) => self.socket = None,
            }
            again = true;
        }
    }

    /// Asks once. `None` when the connection ended meanwhile.
    async fn asked(&mut self, id: u64, command: &Value) -> Option<Value> {
        while self.socket.is_none() {
            self.connect().await;
        }
        let said = tokio_tungstenite::tungstenite::Message::text(command.to_string());
        if self.socket.as_mut()?.send_message(said).await.is_err() {
            self.socket = None;
            return None;
        }
        loop {
            let received = self.socket.as_mut()?.receive().await;
            let Ok(frame) = received else {
                self.socket = None;
                return None;
            };
            self.heard = Instant::now();
            self.note(&frame);
            if frame["id"] == id && matches!(frame["type"].as_str(), Some("ok" | "no")) {
                return Some(frame);
            }
        }
    }
}
