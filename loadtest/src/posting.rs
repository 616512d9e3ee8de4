//! Visitors who write: as fast as they are answered, or at given times.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use switchboard_wire::visitor::{VisitorCommand, VisitorRequest};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

use crate::client::{Socket, peek};
use crate::crowd;
use crate::http::Owner;
use crate::meter::Window;
use crate::server::Server;

/// What people write, more or less: of several lengths, 70 bytes in the middle.
const TEXTS: [&str; 5] = [
    "Hello, is anyone there?",
    "I ordered the blue one on Monday and have heard nothing since.",
    "Thanks, that helped a lot!",
    "The parcel says delivered, but it is neither with me nor with my neighbours. What now?",
    "Could you please send the invoice once more, made out to the company and not to me? \
     Our accountants insist on it, and the quarter ends on Friday.",
];
/// Visitors that open their sockets at the same time.
const OPENING: usize = 32;

/// A visitor with an open socket who writes.
pub struct Poster {
    socket: Socket,
    name: String,
    count: u32,
}

impl Poster {
    /// `many` new visitors, spread over the owners' workspaces. Each has written once, so that
    /// every conversation exists.
    pub async fn crowd(server: &Server, owners: &[Owner], many: usize) -> Result<Vec<Poster>> {
        crowd::each(0..many, OPENING, |nth| async move {
            let token = owners[nth % owners.len()].boot().await?;
            let socket = Socket::visitor(server.address, nth, &token, None).await?;
            let name = format!("{nth}-{}", uuid::Uuid::now_v7().simple());
            let mut poster = Poster { socket, name, count: 0 };
            poster.post().await?;
            Ok(poster)
        })
        .await
    }

    fn request(&mut self, reference: String) -> VisitorRequest {
        self.count += 1;
        let text = TEXTS[self.count as usize % TEXTS.len()].to_owned();
        let (attachments, reply_to) = (vec![], None);
        let command = VisitorCommand::Post { reference, text, attachments, reply_to };
        VisitorRequest { id: self.count, command }
    }

    /// Writes a message and waits until it is acknowledged.
    async fn post(&mut self) -> Result<()> {
        let reference = format!("{}-{}", self.name, self.count);
        let request = self.request(reference);
        self.socket.send(&request).await?;
        loop {
            let text = self.socket.soon().await?;
            let frame = peek(&text)?;
            match (frame.kind, frame.id) {
                ("ok", Some(id)) if id == request.id => return Ok(()),
                ("no", _) => bail!("a post was refused: {text}"),
                _ => {}
            }
        }
    }

    /// Posts under the references that come, without waiting for answers, and reads what comes
    /// back. Ends, all answered, when nothing more is to be posted.
    pub async fn follow(mut self, mut orders: mpsc::UnboundedReceiver<String>) -> Result<Poster> {
        let mut open = 0u32;
        let mut ended = false;
        while !ended || open > 0 {
            tokio::select! {
                order = orders.recv(), if !ended => match order {
                    None => ended = true,
                    Some(reference) => {
                        let request = self.request(reference);
                        self.socket.send(&request).await?;
                        open += 1;
                    }
                },
                text = self.socket.soon() => {
                    let text = text?;
                    match peek(&text)?.kind {
                        "ok" => open = open.saturating_sub(1),
                        "no" => bail!("a post was refused: {text}"),
                        _ => {}
                    }
                }
            }
        }
        Ok(self)
    }
}

/// Lets everyone write as fast as they are answered: `warm` unmeasured, then `window`.
pub async fn closed_loop(
    server: &Server,
    posters: Vec<Poster>,
    warm: Duration,
    window: Duration,
) -> Result<(Vec<Poster>, Window)> {
    let (stop, acked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut tasks = JoinSet::new();
    for mut poster in posters {
        let (stop, acked) = (stop.clone(), acked.clone());
        tasks.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                poster.post().await?;
                acked.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(poster)
        });
    }
    let measured = Window::watch(server, &acked, warm, window).await;
    stop.store(true, Ordering::Relaxed);
    let mut posters = Vec::new();
    while let Some(poster) = tasks.join_next().await {
        posters.push(poster??);
    }
    Ok((posters, measured?))
}

/// When each post of an open loop is due, whatever became of those before it.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    pub begins: Instant,
    pub per_second: f64,
    pub posts: u32,
}

impl Schedule {
    pub fn due(&self, nth: u32) -> Instant {
        self.begins + Duration::from_secs_f64(f64::from(nth) / self.per_second)
    }

    /// Calls `act` with each number when it is due; in a thread, since a runtime's timers go by
    /// the millisecond. Whatever `act` needs is let go at the end.
    pub fn pace(self, mut act: impl FnMut(u32) + Send + 'static) -> JoinHandle<()> {
        tokio::task::spawn_blocking(move || {
            for nth in 0..self.posts {
                std::thread::sleep(self.due(nth).saturating_duration_since(Instant::now()));
                act(nth);
            }
        })
    }
}

/// Lets the posters write by the schedule, in turn; the reference of a post is its number.
pub async fn open_loop(
    posters: Vec<Poster>,
    prefix: &str,
    schedule: Schedule,
) -> Result<Vec<Poster>> {
    let (senders, receivers): (Vec<_>, Vec<_>) =
        posters.iter().map(|_| mpsc::unbounded_channel()).unzip();
    let following: Vec<_> = posters
        .into_iter()
        .zip(receivers)
        .map(|(poster, orders)| tokio::spawn(poster.follow(orders)))
        .collect();
    let prefix = prefix.to_owned();
    let pace = schedule.pace(move |nth| {
        // A poster that has failed is noticed below.
        let _ = senders[nth as usize % senders.len()].send(format!("{prefix}{nth}"));
    });
    pace.await?;
    let mut posters = Vec::new();
    for poster in following {
        posters.push(poster.await.context("a poster broke down")??);
    }
    Ok(posters)
}
