//! Agents who look out for messages that were due at known times: how late each arrived.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use parking_lot::Mutex;

use crate::client::{Socket, peek, row};
use crate::latency::Latencies;
use crate::meter::{Meter, Window};
use crate::posting::Schedule;
use crate::server::Server;

/// After the last message, for its frame.
const LAST_FRAMES: Duration = Duration::from_secs(10);
/// Before the first is due.
const LEAD: Duration = Duration::from_millis(50);

/// What the agents look out for, and what they saw.
#[derive(Default)]
pub struct Watch(Mutex<Sight>);

#[derive(Default)]
struct Sight {
    expected: Option<Expected>,
    seen: u32,
    latencies: Option<Latencies>,
    /// Why an agent sees nothing any more.
    lost: Option<anyhow::Error>,
}

/// The messages of the window under way.
struct Expected {
    prefix: String,
    schedule: Schedule,
    /// Those before it warm up.
    counts_from: u32,
}

/// A window of messages that were due one after another, whatever became of those before.
#[derive(Debug, Clone)]
pub struct Timed {
    /// From when a message was due to when an agent had its frame.
    pub latencies: Latencies,
    pub window: Window,
}

impl Watch {
    /// Reads an agent's frames until the socket ends, which it should not. A message is told by its
    /// reference or, if it has none, by the first word of its text.
    pub async fn listen(self: Arc<Self>, agent: Socket) {
        if let Err(error) = self.read(agent).await {
            self.0.lock().lost = Some(error);
        }
    }

    async fn read(&self, mut agent: Socket) -> Result<()> {
        loop {
            let text = agent.frame().await?;
            let now = Instant::now();
            if peek(&text)?.kind == "event"
                && let Some(row) = row(&text)?
            {
                let first = row.text.as_deref().and_then(|text| text.split(' ').next());
                self.0.lock().note(row.reference.or(first).unwrap_or_default(), now);
            }
        }
    }

    /// Lets `write` bring messages by a schedule, each named by the prefix and its number, and
    /// waits until the agents have seen all of them. Those of the first part warm up.
    pub async fn window<T>(
        &self,
        server: &Server,
        (warm, window): (Duration, Duration),
        rate: f64,
        prefix: &str,
        write: impl AsyncFnOnce(Schedule) -> Result<T>,
    ) -> Result<(T, Timed)> {
        let posts = (rate * (warm + window).as_secs_f64()) as u32;
        let schedule = Schedule { begins: Instant::now() + LEAD, per_second: rate, posts };
        let counts_from = (rate * warm.as_secs_f64()) as u32;
        let expected = Expected { prefix: prefix.to_owned(), schedule, counts_from };
        let latencies = Some(Latencies::new());
        let lost = self.0.lock().lost.take();
        *self.0.lock() = Sight { expected: Some(expected), seen: 0, latencies, lost };
        let meter = Meter::start(server)?;
        let written = write(schedule).await?;
        let until = Instant::now() + LAST_FRAMES;
        while self.0.lock().seen < posts && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let reading = meter.read()?;
        let sight = std::mem::take(&mut *self.0.lock());
        if let Some(error) = sight.lost {
            return Err(error.context("an agent was lost"));
        }
        if sight.seen != posts {
            bail!("of {posts} messages the agents saw {}", sight.seen);
        }
        let latencies = sight.latencies.unwrap_or_else(Latencies::new);
        Ok((written, Timed { latencies, window: Window::new(&reading, f64::from(posts)) }))
    }
}

impl Sight {
    fn note(&mut self, name: &str, now: Instant) {
        let Some(expected) = &self.expected else { return };
        let nth = name.strip_prefix(&expected.prefix).and_then(|nth| nth.parse::<u32>().ok());
        let Some(nth) = nth else { return };
        self.seen += 1;
        if nth >= expected.counts_from
            && let Some(latencies) = &mut self.latencies
        {
            latencies.record(now.saturating_duration_since(expected.schedule.due(nth)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_counts_from_when_the_message_was_due() {
        let begins = Instant::now();
        let schedule = Schedule { begins, per_second: 100.0, posts: 3 };
        let expected = Expected { prefix: "r1-".to_owned(), schedule, counts_from: 1 };
        let latencies = Some(Latencies::new());
        let mut sight = Sight { expected: Some(expected), seen: 0, latencies, lost: None };
        for (name, ms) in [("r1-0", 500), ("r1-2", 50), ("r0-1", 900), ("", 900)] {
            sight.note(name, begins + Duration::from_millis(ms));
        }
        assert_eq!(sight.seen, 2, "only those of this window count");
        let latencies = sight.latencies.unwrap();
        // The first warms up; the third was due after 20 ms.
        assert!((latencies.ms(1.0) - 30.0).abs() < 0.1 && (latencies.ms(0.0) - 30.0).abs() < 0.1);
    }
}
