//! The connection to one server: kept, and made again whenever it breaks.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use redis::RedisResult;
use redis::aio::MultiplexedConnection;
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc};
use tokio::task::AbortHandle;
use tokio::time::{Instant, MissedTickBehavior};

use super::super::ears::Ears;
use super::super::letter::{self, Letters};
use super::super::outbox::Outbox;
use super::super::{Hint, NodeId, Topic};
use super::hearing::{Numbers, Slot, WAITING_MAX, hear};
use super::{Address, Mine};
use crate::clock;

/// Letters published in one round trip.
const BATCH_MAX: usize = 512;
/// Channels subscribed to in one round trip.
const CHANNELS_MAX: usize = 500;
/// How often a silent server is asked whether it lives.
const PING_EVERY: Duration = Duration::from_secs(2);
/// Between two attempts to connect: from the first up to the last, each twice the one before.
const AGAIN_AFTER: Duration = Duration::from_millis(100);
const AGAIN_AFTER_MAX: Duration = Duration::from_secs(5);
/// A connection that lived as long was a good one: the next attempt comes soon again.
const GOOD_AFTER: Duration = Duration::from_secs(10);

/// What is to be done, as far as it is not done yet.
#[derive(Default)]
struct Waiting {
    outbox: Outbox,
    /// Topics for which to look whether anybody still, or only now, listens.
    listen: HashSet<Topic>,
    closing: bool,
}

struct State {
    address: Address,
    label: String,
    mine: Mine,
    node: NodeId,
    letters: Arc<Letters>,
    ears: Arc<Ears>,
    waiting: Mutex<Waiting>,
    bell: Notify,
    connected: AtomicBool,
    emptied: Notify,
    numbers: Arc<Mutex<Numbers>>,
}

pub struct Link {
    state: Arc<State>,
    task: AbortHandle,
}

impl Link {
    pub fn start(
        address: Address,
        mine: Mine,
        node: NodeId,
        letters: Arc<Letters>,
        ears: Arc<Ears>,
        runtime: &Handle,
    ) -> Link {
        let state = Arc::new(State {
            label: address.to_string(),
            address,
            mine,
            node,
            letters,
            ears,
            waiting: Mutex::default(),
            bell: Notify::new(),
            connected: AtomicBool::new(false),
            emptied: Notify::new(),
            numbers: Arc::default(),
        });
        let task = runtime.spawn(keep(state.clone())).abort_handle();
        Link { state, task }
    }

    pub fn publish(&self, topic: Topic, hint: Hint) {
        let kept = self.state.waiting.lock().outbox.push(topic, hint);
        if !kept {
            metrics::counter!("switchboard_bus_lost_total", "why" => "outbox").increment(1);
        }
        self.state.bell.notify_one();
    }

    /// Somebody has begun, or ceased, to listen to a topic.
    pub fn listen(&self, topic: Topic) {
        self.state.waiting.lock().listen.insert(topic);
        self.state.bell.notify_one();
    }

    pub fn is_connected(&self) -> bool {
        self.state.connected.load(Ordering::Relaxed)
    }

    /// Answered when nothing waits any more.
    pub async fn close(&self) {
        let emptied = self.state.emptied.notified();
        self.state.waiting.lock().closing = true;
        self.state.bell.notify_one();
        if self.is_connected() {
            emptied.await;
        }
    }

    pub fn end(&self) {
        self.task.abort();
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.end();
    }
}

/// Connects for ever.
async fn keep(state: Arc<State>) {
    let mut pause = AGAIN_AFTER;
    let mut said = false;
    loop {
        let begun = Instant::now();
        let result = state.live(&mut said).await;
        state.set_connected(false);
        if let Err(error) = result {
            if std::mem::replace(&mut said, true) {
                tracing::debug!(server = state.label, %error, "Redis is still away");
            } else {
                tracing::warn!(
                    server = state.label, %error,
                    "Redis is away: what other nodes do is seen a few seconds later until it is back"
                );
            }
        }
        if begun.elapsed() >= GOOD_AFTER {
            pause = AGAIN_AFTER;
        }
        tokio::time::sleep(pause.mul_f64(0.5 + clock::chance() / 2.0)).await;
        pause = (pause * 2).min(AGAIN_AFTER_MAX);
    }
}

impl State {
    /// One connection, from its beginning to its end.
    async fn live(&self, said: &mut bool) -> RedisResult<()> {
        let (to, letters) = mpsc::channel(WAITING_MAX);
        let slot = Slot { to, overflowed: Arc::default(), ended: Arc::default() };
        let (ended, overflowed) = (slot.ended.clone(), slot.overflowed.clone());
        let mut connection = self
            .address
            .connect(move |push| {
                slot.put(push);
                Ok(())
            })
            .await?;
        // Ends when the connection lets go of its slot.
        let (ears, numbers) = (self.ears.clone(), self.numbers.clone());
        tokio::spawn(hear(letters, self.node, self.letters.clone(), ears, numbers));
        let mut subscribed = HashSet::new();
        self.waiting.lock().listen.clear();
        let topics = self.ears.topics().into_iter().filter(|topic| self.mine.has(*topic));
        self.subscribe(&mut connection, &mut subscribed, topics.collect()).await?;
        let stale = self.waiting.lock().outbox.drop_fleeting();
        metrics::counter!("switchboard_bus_lost_total", "why" => "away").increment(stale as u64);
        self.set_connected(true);
        if std::mem::take(said) {
            tracing::info!(server = self.label, "Redis is back");
        }
        self.serve(connection, subscribed, &ended, &overflowed).await
    }

    async fn serve(
        &self,
        mut connection: MultiplexedConnection,
        mut subscribed: HashSet<Topic>,
        ended: &Notify,
        overflowed: &AtomicBool,
    ) -> RedisResult<()> {
        let mut ping = tokio::time::interval(PING_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = ended.notified() => {
                    return Err((redis::ErrorKind::Io, "the connection was closed").into());
                }
                () = self.bell.notified() => {
                    self.listen(&mut connection, &mut subscribed).await?;
                    self.publish(&mut connection).await?;
                }
                _ = ping.tick() => {
                    let () = redis::cmd("PING").query_async(&mut connection).await?;
                }
            }
            if overflowed.swap(false, Ordering::Relaxed) {
                for topic in &subscribed {
                    self.ears.gap(*topic);
                }
            }
        }
    }

    /// Subscribes to what somebody has begun to listen to, and no longer to what nobody does.
    async fn listen(
        &self,
        connection: &mut MultiplexedConnection,
        subscribed: &mut HashSet<Topic>,
    ) -> RedisResult<()> {
        let changed = std::mem::take(&mut self.waiting.lock().listen);
        let (wanted, unwanted): (Vec<Topic>, Vec<Topic>) =
            changed.into_iter().partition(|topic| self.ears.has(*topic));
        let gone: Vec<Topic> =
            unwanted.into_iter().filter(|topic| subscribed.remove(topic)).collect();
        for topics in gone.chunks(CHANNELS_MAX) {
            let channels: Vec<String> = topics.iter().copied().map(letter::channel).collect();
            connection.unsubscribe(channels).await?;
        }
        self.subscribe(connection, subscribed, wanted).await
    }

    /// Whoever listens is told to look once it hears: what was told before is not repeated.
    async fn subscribe(
        &self,
        connection: &mut MultiplexedConnection,
        subscribed: &mut HashSet<Topic>,
        topics: Vec<Topic>,
    ) -> RedisResult<()> {
        for topics in topics.chunks(CHANNELS_MAX) {
            let fresh: Vec<Topic> =
                topics.iter().filter(|topic| !subscribed.contains(topic)).copied().collect();
            if !fresh.is_empty() {
                let channels: Vec<String> = fresh.iter().copied().map(letter::channel).collect();
                connection.subscribe(channels).await?;
            }
            subscribed.extend(fresh);
            for topic in topics {
                self.ears.gap(*topic);
            }
        }
        metrics::gauge!("switchboard_bus_subscriptions", "server" => self.label.clone())
            .set(subscribed.len() as f64);
        Ok(())
    }

    /// Publishes all that waits, many in one round trip.
    async fn publish(&self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        loop {
            let batch = self.waiting.lock().outbox.take(BATCH_MAX);
            if batch.is_empty() {
                if self.waiting.lock().closing {
                    self.emptied.notify_waiters();
                }
                return Ok(());
            }
            let mut pipe = redis::pipe();
            let mut letters = 0u64;
            for (topic, hint) in &batch {
                if let Some(letter) = self.letters.seal(*topic, hint) {
                    pipe.cmd("PUBLISH").arg(letter::channel(*topic)).arg(letter).ignore();
                    letters += 1;
                }
            }
            if letters == 0 {
                continue;
            }
            let started = Instant::now();
            let published: RedisResult<()> = pipe.query_async(connection).await;
            let server = self.label.clone();
            metrics::histogram!("switchboard_bus_publish_seconds", "server" => server)
                .record(started.elapsed().as_secs_f64());
            match published {
                Ok(()) => metrics::counter!("switchboard_bus_published_total").increment(letters),
                Err(error) => {
                    let lost = self.waiting.lock().outbox.put_back(batch);
                    metrics::counter!("switchboard_bus_lost_total", "why" => "away")
                        .increment(lost as u64);
                    return Err(error);
                }
            }
        }
    }

    fn set_connected(&self, connected: bool) {
        self.connected.store(connected, Ordering::Relaxed);
        if !connected {
            self.emptied.notify_waiters();
        }
        metrics::gauge!("switchboard_bus_connected", "server" => self.label.clone())
            .set(f64::from(u8::from(connected)));
    }
}
