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

/// Sockets that read whatever comes, so that the server never waits for them.
pub struct Listeners {
    heard: Arc<AtomicU64>,
    failed: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Listeners {
    pub fn start(sockets: Vec<Socket>) -> Listeners {
        let (heard, failed) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let tasks = sockets.into_iter().map(|mut socket| {
            let (heard, failed) = (heard.clone(), failed.clone());
            tokio::spawn(async move {
                while let Ok(text) = socket.frame().await {
                    if peek(&text).is_ok_and(|frame| frame.kind == "event") {
                        heard.fetch_add(1, Ordering::Relaxed);
                    }
                }
                failed.store(true, Ordering::Relaxed);
            })
        });
        Listeners { tasks: tasks.collect(), heard, failed }
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
