//! Doing one thing for very many at once, and listeners that only count what they hear.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use anyhow::Result;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::task::JoinHandle;

use crate::client::{Socket, peek};

/// Does `work` for each of `items`, `at_once` of them at a time. Gives back what came of each, in
/// their order.
pub async fn each<I, T, F>(
    items: impl IntoIterator<Item = I>,
    at_once: usize,
    work: impl FnMut(I) -> F,
) -> Result<Vec<T>>
where
    F: Future<Output = Result<T>>,
{
    stream::iter(items).map(work).buffered(at_once).try_collect().await
}

/// Somebody who is told events.
pub trait Hear: Send + 'static {
    /// Waits for the next frame: how many events it brought, and how many bytes these have.
    fn hear(&mut self) -> impl Future<Output = Result<(u64, u64)>> + Send;
}

impl Hear for Socket {
    async fn hear(&mut self) -> Result<(u64, u64)> {
        let text = self.frame().await?;
        let event = peek(&text).is_ok_and(|frame| frame.kind == "event");
        Ok(if event { (1, text.len() as u64) } else { (0, 0) })
    }
}

/// Sockets that read whatever comes, so that the server never waits for them.
pub struct Listeners {
    heard: Arc<AtomicU64>,
    bytes: Arc<AtomicU64>,
    failed: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Listeners {
    pub fn start<S: Hear>(sockets: Vec<S>) -> Listeners {
        let (heard, failed) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let bytes = Arc::new(AtomicU64::new(0));
        let tasks = sockets.into_iter().map(|mut socket| {
            let (heard, bytes, failed) = (heard.clone(), bytes.clone(), failed.clone());
            tokio::spawn(async move {
                while let Ok((events, long)) = socket.hear().await {
                    heard.fetch_add(events, Ordering::Relaxed);
                    bytes.fetch_add(long, Ordering::Relaxed);
                }
                failed.store(true, Ordering::Relaxed);
            })
        });
        Listeners { tasks: tasks.collect(), heard, bytes, failed }
    }

    /// The mean length of an event's frame, in bytes.
    pub fn frame_bytes(&self) -> usize {
        (self.bytes.load(Ordering::Relaxed) / self.heard().max(1)) as usize
    }

    /// Events heard so far, by all of them together.
    pub fn heard(&self) -> u64 {
        self.heard.load(Ordering::Relaxed)
    }

    /// Whether one was cut off.
    pub fn lost_one(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }
}

impl Drop for Listeners {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}
