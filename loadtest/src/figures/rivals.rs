//! The peers under the same load as ours: fan-out of messages as long, and idle sockets.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::bench::{Plan, note};
use crate::crowd::{self, Hear, Listeners};
use crate::peers::client::Client;
use crate::peers::{Kind, Peer};

/// Sockets that open at the same time.
const OPENING: usize = 16;
/// More do not slow down who only opens sockets.
const OPENING_IDLE: usize = 200;
const HEARD_WITHIN: Duration = Duration::from_secs(10);
/// Sockets that open and close before the memory is looked at: what is made once is no socket's.
const WARMING: usize = 100;
/// Until idle sockets have been pinged, and garbage has been collected.
const SETTLE: Duration = Duration::from_secs(12);

/// A peer with everybody who reads and writes there.
pub struct Rival {
    peer: Peer,
    readers: Listeners,
    writers: Vec<mpsc::UnboundedSender<String>>,
    _writing: JoinSet<()>,
}

impl Rival {
    pub async fn open(plan: &Plan, kind: Kind, writers: usize) -> Result<Rival> {
        let peer = start(plan, kind).await?;
        let readers = crowd::each(0..plan.agents, OPENING, |nth| peer.reader(nth)).await?;
        let mut rival = Rival {
            readers: Listeners::start(readers),
            peer,
            writers: vec![],
            _writing: JoinSet::new(),
        };
        for nth in 0..writers {
            let (orders, received) = mpsc::unbounded_channel();
            let client = rival.peer.writer(nth).await?;
            rival._writing.spawn(write(client, received));
            rival.writers.push(orders);
        }
        Ok(rival)
    }

    pub fn kind(&self) -> Kind {
        self.peer.kind
    }

    pub fn rss_mib(&self) -> Result<f64> {
        self.peer.rss_mib()
    }

    /// The part of a processor that it takes while nobody says anything.
    pub async fn idle_share(&self, window: Duration) -> Result<f64> {
        let (begun, before) = (Instant::now(), self.peer.cpu()?);
        tokio::time::sleep(window).await;
        Ok((self.peer.cpu()? - before).as_secs_f64() / begun.elapsed().as_secs_f64())
    }

    /// Lets all writers say `text` at the same moment, once a second, and answers with the
    /// processor time of one delivery, in microseconds.
    pub async fn window(&self, plan: &Plan, text: &str, idle: f64) -> Result<f64> {
        let (heard, begun, before) = (self.readers.heard(), Instant::now(), self.peer.cpu()?);
        let bursts = plan.window.as_secs().max(1);
        for nth in 0..bursts {
            tokio::time::sleep_until((begun + Duration::from_secs(nth)).into()).await;
            for writer in &self.writers {
                // One that has failed is missed below.
                let _ = writer.send(text.to_owned());
            }
        }
        let deliveries = bursts * self.writers.len() as u64 * plan.agents as u64;
        let until = Instant::now() + HEARD_WITHIN;
        while self.readers.heard() < heard + deliveries && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let cpu = (self.peer.cpu()? - before).as_secs_f64() - idle * begun.elapsed().as_secs_f64();
        let came = self.readers.heard() - heard;
        if came != deliveries || self.readers.lost_one() {
            bail!("{deliveries} deliveries of {} were expected, {came} came", self.kind().name());
        }
        Ok(cpu.max(0.0) * 1e6 / deliveries as f64)
    }
}

/// Says what it is told to, and answers the server's pings meanwhile.
async fn write(mut client: Client, mut orders: mpsc::UnboundedReceiver<String>) {
    loop {
        let done = tokio::select! {
            order = orders.recv() => match order {
                Some(text) => client.publish(&text).await,
                None => return,
            },
            heard = client.hear() => heard.map(drop),
        };
        if done.is_err() {
            return;
        }
    }
}

/// Memory of one idle socket that waits for messages, in KiB; and all of the peer's, in MiB.
pub async fn idle(plan: &Plan, kind: Kind) -> Result<(f64, f64)> {
    let peer = start(plan, kind).await?;
    let warming = WARMING.min(plan.sockets);
    drop(crowd::each(0..warming, OPENING_IDLE, |nth| peer.reader(nth)).await?);
    tokio::time::sleep(SETTLE / 4).await;
    let before = peer.rss_mib()?;
    let sockets = crowd::each(0..plan.sockets, OPENING_IDLE, |nth| peer.reader(nth)).await?;
    let sockets = Listeners::start(sockets);
    tokio::time::sleep(SETTLE).await;
    let rss = peer.rss_mib()?;
    if sockets.lost_one() {
        bail!("{} closed a socket", kind.name());
    }
    let kib = (rss - before) * 1024.0 / plan.sockets as f64;
    note(&format!("    {}: {kib:.1} KiB each", kind.name()));
    Ok((kib, rss))
}

async fn start(plan: &Plan, kind: Kind) -> Result<Peer> {
    let folder = plan.peers.as_deref().unwrap_or(&plan.repository);
    Peer::start(kind, folder, &plan.repository).await
}
