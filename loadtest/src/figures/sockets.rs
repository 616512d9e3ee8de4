//! Very many visitors who only have the widget open: what each costs, and how soon all are back
//! when all were dropped.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use switchboard_domain::ConversationId;
use switchboard_wire::agent::Done;
use switchboard_wire::visitor::{VisitorCommand, VisitorFrame, VisitorRequest};

use super::rivals;
use crate::bench::{Plan, note};
use crate::client::{Closed, Cursor, Socket, peek, row};
use crate::crowd;
use crate::desk;
use crate::figure::{Figure, OURS, median};
use crate::http::Owner;
use crate::peers::Kind;
use crate::server::{Place, Server};

pub const NAMES: [&str; 6] = [
    "idle_socket_kib",
    "reconnect_storm_seconds",
    "reconnect_storm_deep_seconds",
    "idle_socket_kib_centrifugo",
    "idle_socket_kib_ws",
    "idle_socket_kib_socketio",
];

const IDLE_MAX_KIB: f64 = 12.0;
/// Connections that are being made at the same time. A storm is not more polite than this.
const AT_ONCE: usize = 1_000;
const BOOTING: usize = 64;
/// Until idle sockets have had a few beats.
const SETTLE: Duration = Duration::from_secs(12);
/// Sockets that open and close before the memory is looked at: what is made once is no socket's.
const WARMING: usize = 100;
/// Until the server has noticed that everyone left.
const GONE: Duration = Duration::from_secs(5);
/// A storm that takes longer is none that was weathered.
const BACK_WITHIN: Duration = Duration::from_secs(180);
/// Before the second try; doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// Messages that are missed meanwhile: few, which the server still has at hand, or more than that.
const FEW: usize = 200;
const MANY: usize = 2_000;

pub async fn measure(plan: &Plan, taken: &mut Vec<Figure>) -> Result<()> {
    let place = Place::new(&plan.server)?;
    let server = place.serve(None).await?;
    let owner = Owner::sign_up(&server, "sockets").await?;
    let tokens = crowd::each(0..plan.sockets, BOOTING, |_| owner.boot()).await?;
    let mut guests: Vec<Guest> =
        tokens.into_iter().enumerate().map(|(nth, token)| Guest::new(nth, token)).collect();

    connect(&server, &mut guests[..WARMING.min(plan.sockets)]).await?;
    drop_all(&mut guests).await;
    let before = server.rss_mib()?;
    let first = connect(&server, &mut guests).await?;
    tokio::time::sleep(SETTLE).await;
    let rss = server.rss_mib()?;
    let kib = (rss - before) * 1024.0 / plan.sockets as f64;
    note(&format!("    {} sockets: {kib:.1} KiB each; opened in {first:.1} s", plan.sockets));
    taken.push(Figure::new(NAMES[0], kib, "KiB").against("budget", IDLE_MAX_KIB).rss(rss));

    let newest = write_once(&mut guests).await?;
    crowd::each(guests.iter_mut(), plan.sockets, |guest| guest.read_up_to(newest)).await?;
    for (name, missed, rounds) in [(NAMES[1], FEW, 3.min(plan.windows)), (NAMES[2], MANY, 1)] {
        let (mut took, mut cost, mut rss) = (vec![], vec![], 0.0);
        for _ in 0..rounds {
            let storm = storm(&server, &owner, &mut guests, missed.min(plan.sockets)).await?;
            note(&format!(
                "    {missed} messages missed: all back in {:.1} s, {} turned away on the way",
                storm.seconds, storm.turned_away
            ));
            took.push(storm.seconds);
            cost.push(storm.cpu_us);
            rss = server.rss_mib()?;
        }
        let figure = Figure::new(name, median(took), "s").against("first_connect_seconds", first);
        taken.push(figure.cpu(median(cost)).rss(rss));
    }
    drop(guests);
    server.stop().await?;
    for kind in plan.rivals() {
        let name = match kind {
            Kind::Centrifugo => NAMES[3],
            Kind::Ws => NAMES[4],
            Kind::SocketIo => NAMES[5],
        };
        let (theirs, rss) = rivals::idle(plan, kind).await?;
        taken.push(Figure::new(name, theirs, "KiB").against(OURS, kib).rss(rss));
    }
    Ok(())
}

/// A visitor's browser: it remembers how far it came and what it has.
struct Guest {
    nth: usize,
    token: String,
    socket: Option<Socket>,
    conversation: Option<ConversationId>,
    cursor: Cursor,
    /// The numbers of the messages it was sent, in the order they came.
    received: Vec<u32>,
    /// How many it has to have.
    expected: usize,
}

impl Guest {
    fn new(nth: usize, token: String) -> Guest {
        Guest {
            nth,
            token,
            socket: None,
            conversation: None,
            cursor: Cursor::default(),
            received: vec![],
            expected: 0,
        }
    }

    async fn connect(&mut self, server: &Server) -> Result<()> {
        let resume = Some(&self.cursor).filter(|cursor| !cursor.epoch.is_empty());
        let socket = Socket::visitor(server.address, self.nth, &self.token, resume).await?;
        if let (true, Some(snapshot)) = (resume.is_some(), &socket.snapshot) {
            // Who missed more than the server has at hand is told how things are now.
            self.received = numbers(snapshot)?;
        }
        self.cursor = socket.cursor.clone();
        self.socket = Some(socket);
        Ok(())
    }

    /// Takes the next frame in; says its kind.
    async fn hear(&mut self) -> Result<Heard> {
        let socket = self.socket.as_mut().context("not connected")?;
        let text = socket.soon().await?;
        let frame = peek(&text)?;
        match frame.kind {
            "event" => {
                self.cursor.after = self.cursor.after.max(frame.seq.unwrap_or_default());
                self.received.extend(row(&text)?.and_then(|row| row.n));
                Ok(Heard::Event)
            }
            "beat" => {
                self.cursor.after = self.cursor.after.max(frame.seq.unwrap_or_default());
                Ok(Heard::Beat)
            }
            "ok" => match serde_json::from_str(&text)? {
                VisitorFrame::Ok { done, .. } => Ok(Heard::Done(done)),
                other => bail!("not an answer: {other:?}"),
            },
            "no" => bail!("a post was refused: {text}"),
            _ => Ok(Heard::Other),
        }
    }

    /// Writes the message that opens the conversation. Its position.
    async fn write(&mut self) -> Result<u64> {
        let command = VisitorCommand::Post {
            reference: format!("guest-{}", self.nth),
            text: "Hello, I will be gone for a moment.".to_owned(),
            attachments: vec![],
            reply_to: None,
        };
        let socket = self.socket.as_mut().context("not connected")?;
        socket.send(&VisitorRequest { id: 1, command }).await?;
        self.expected += 1;
        loop {
            if let Heard::Done(done) = self.hear().await? {
                self.conversation = done.conversation;
                return Ok(done.seq.unwrap_or_default().0);
            }
        }
    }

    /// Reads until everything up to `seq` has been sent.
    async fn read_up_to(&mut self, seq: u64) -> Result<()> {
        loop {
            let beat = matches!(self.hear().await?, Heard::Beat);
            if beat && self.cursor.after >= seq {
                return Ok(());
            }
        }
    }

    /// Comes back and reads until nothing is missing; as often as the server asks. How often it
    /// was turned away.
    async fn come_back(&mut self, server: &Server) -> Result<u32> {
        let mut turned_away = 0;
        loop {
            match self.catch_up(server).await {
                Ok(()) => return Ok(turned_away),
                Err(error) if error.downcast_ref().is_some_and(Closed::may_come_back) => {
                    turned_away += 1;
                    let pause = FIRST_PAUSE * (1 << turned_away.min(4));
                    let part = 500 + (self.nth as u32 * 7919) % 1_000;
                    tokio::time::sleep(pause * part / 1_000).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn catch_up(&mut self, server: &Server) -> Result<()> {
        self.connect(server).await?;
        while self.received.len() < self.expected {
            self.hear().await?;
        }
        Ok(())
    }

    /// Whether each message came once, in order.
    fn check(&self) -> Result<()> {
        let wanted = 1..=self.expected as u32;
        if !self.received.iter().copied().eq(wanted) {
            bail!("a visitor has the messages {:?} of {}", self.received, self.expected);
        }
        Ok(())
    }
}

/// The numbers of the messages that a snapshot shows.
fn numbers(snapshot: &str) -> Result<Vec<u32>> {
    match serde_json::from_str(snapshot)? {
        VisitorFrame::Snapshot { snapshot, .. } => {
            Ok(snapshot.messages.iter().map(|message| message.n).collect())
        }
        other => bail!("not a snapshot: {other:?}"),
    }
}

enum Heard {
    Event,
    Beat,
    Done(Done),
    Other,
}

/// Connects everyone; how long it took.
async fn connect(server: &Server, guests: &mut [Guest]) -> Result<f64> {
    let begun = Instant::now();
    crowd::each(guests.iter_mut(), AT_ONCE, |guest| guest.connect(server)).await?;
    Ok(begun.elapsed().as_secs_f64())
}

async fn drop_all(guests: &mut [Guest]) {
    for guest in guests.iter_mut() {
        guest.socket = None;
    }
    tokio::time::sleep(GONE).await;
}

/// Everyone writes once. The newest position.
async fn write_once(guests: &mut [Guest]) -> Result<u64> {
    let positions = crowd::each(guests.iter_mut(), BOOTING, |guest| guest.write()).await?;
    positions.into_iter().max().context("nobody is there")
}

struct Storm {
    seconds: f64,
    /// The server's processor time for each who came back.
    cpu_us: f64,
    /// How often someone was told to come back later.
    turned_away: u32,
}

/// Drops everyone, lets the team write to some of them, and lets all come back at once.
async fn storm(
    server: &Server,
    owner: &Owner,
    guests: &mut [Guest],
    missed: usize,
) -> Result<Storm> {
    drop_all(guests).await;
    let newest = answer(server, owner, guests, missed).await?;
    let before = server.cpu()?;
    let begun = Instant::now();
    let coming = crowd::each(guests.iter_mut(), AT_ONCE, |guest| guest.come_back(server));
    let coming = tokio::time::timeout(BACK_WITHIN, coming).await;
    let turned_away = coming.context("not all were back in time")??.into_iter().sum();
    let seconds = begun.elapsed().as_secs_f64();
    let cpu_us = (server.cpu()? - before).as_secs_f64() * 1e6 / guests.len() as f64;
    // What is doubled comes before the beat that says that all has come.
    let all = guests.len();
    crowd::each(guests.iter_mut(), all, |guest| guest.read_up_to(newest)).await?;
    guests.iter().try_for_each(Guest::check)?;
    Ok(Storm { seconds, cpu_us, turned_away })
}

/// An agent writes to `many` of the guests, spread over all. The newest position.
async fn answer(server: &Server, owner: &Owner, guests: &mut [Guest], many: usize) -> Result<u64> {
    let step = (guests.len() / many.max(1)).max(1);
    let mut chosen = vec![];
    for guest in guests.iter_mut().step_by(step).take(many) {
        guest.expected += 1;
        chosen.push(guest.conversation.context("a visitor who never wrote")?);
    }
    desk::write_to(server, owner, chosen).await
}
