//! From a visitor's post to the agent's frame, at half of what the server can take.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use parking_lot::Mutex;

use crate::bench::{Plan, note};
use crate::client::{Socket, peek, row};
use crate::figure::{Figure, median};
use crate::http::Owner;
use crate::inserts::Inserts;
use crate::latency::Latencies;
use crate::posting::{Poster, Schedule, closed_loop, open_loop};
use crate::server::{Place, Server};

pub const NAMES: [&str; 2] = ["post_to_frame_p50_ms", "post_to_frame_p99_ms"];

const WORKSPACES: usize = 8;
/// After the last post, for its frame.
const LAST_FRAMES: Duration = Duration::from_secs(10);
const LEAD: Duration = Duration::from_millis(50);

pub async fn measure(plan: &Plan, taken: &mut Vec<Figure>) -> Result<()> {
    let place = Place::new(&plan.server)?;
    let server = place.serve(None).await?;
    let inserts = Inserts::prepare(place.postgres()?, plan.clients).await?;
    let mut owners = vec![];
    let watch = Arc::new(Watch::default());
    let mut agents = vec![];
    for nth in 0..WORKSPACES {
        let owner = Owner::sign_up(&server, &format!("latency-{nth}")).await?;
        let agent = Socket::agent(server.address, nth, &owner).await?;
        agents.push(tokio::spawn(watch.clone().listen(agent)));
        owners.push(owner);
    }
    let posters = Poster::crowd(&server, &owners, plan.clients).await?;
    let (mut posters, most) = closed_loop(&server, posters, plan.warm, plan.window).await?;
    let rate = most.per_second / 2.0;

    let (mut ours, mut theirs) = (vec![], vec![]);
    for round in 0..plan.windows {
        theirs.push(inserts.latencies(rate, plan.window).await?);
        let (back, window) = window(&server, &watch, posters, round, rate, plan).await?;
        posters = back;
        note(&format!(
            "    round {}: p99 {:.1} ms at {rate:.0} posts/s; of inserts {:.1} ms",
            round + 1,
            window.latencies.ms(0.99),
            theirs[round].ms(0.99),
        ));
        ours.push(window);
    }
    let rss = server.rss_mib()?;
    for agent in &agents {
        agent.abort();
    }
    drop(posters);
    server.stop().await?;
    let cpu = median(ours.iter().map(|window| window.cpu_us).collect());
    let figure = |name, peer, quantile| {
        let own = median(ours.iter().map(|window| window.latencies.ms(quantile)).collect());
        let other = median(theirs.iter().map(|latencies| latencies.ms(quantile)).collect());
        Figure::new(name, own, "ms").against(peer, other).cpu(cpu).rss(rss)
    };
    taken.extend([
        figure(NAMES[0], "single_row_insert_p50_ms_at_the_same_rate", 0.50),
        figure(NAMES[1], "single_row_insert_p99_ms_at_the_same_rate", 0.99),
    ]);
    Ok(())
}

struct Window {
    latencies: Latencies,
    cpu_us: f64,
}

/// Posts at `rate` and waits until the agents have seen all of it.
async fn window(
    server: &Server,
    watch: &Watch,
    posters: Vec<Poster>,
    round: usize,
    rate: f64,
    plan: &Plan,
) -> Result<(Vec<Poster>, Window)> {
    let posts = (rate * (plan.warm + plan.window).as_secs_f64()) as u32;
    let schedule = Schedule { begins: Instant::now() + LEAD, per_second: rate, posts };
    let counts_from = (rate * plan.warm.as_secs_f64()) as u32;
    let prefix = format!("r{round}-");
    watch.begin(Expected { prefix: prefix.clone(), schedule, counts_from });
    let before = server.cpu()?;
    let posters = open_loop(posters, &prefix, schedule).await?;
    let until = Instant::now() + LAST_FRAMES;
    while watch.seen() < posts && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let cpu = server.cpu()? - before;
    let (seen, latencies) = watch.end();
    if seen != posts {
        bail!("of {posts} posts the agents saw {seen}");
    }
    let cpu_us = cpu.as_secs_f64() * 1e6 / f64::from(posts.max(1));
    Ok((posters, Window { latencies, cpu_us }))
}

/// The posts of the window under way.
struct Expected {
    prefix: String,
    schedule: Schedule,
    /// Those before it warm up.
    counts_from: u32,
}

/// What the agents look out for, and what they saw.
#[derive(Default)]
struct Watch(Mutex<Sight>);

#[derive(Default)]
struct Sight {
    expected: Option<Expected>,
    seen: u32,
    latencies: Option<Latencies>,
}

impl Watch {
    fn begin(&self, expected: Expected) {
        let latencies = Some(Latencies::new());
        *self.0.lock() = Sight { expected: Some(expected), seen: 0, latencies };
    }

    fn seen(&self) -> u32 {
        self.0.lock().seen
    }

    fn end(&self) -> (u32, Latencies) {
        let sight = std::mem::take(&mut *self.0.lock());
        (sight.seen, sight.latencies.unwrap_or_else(Latencies::new))
    }

    /// Reads an agent's frames until the socket ends.
    async fn listen(self: Arc<Self>, mut agent: Socket) -> Result<()> {
        loop {
            let text = agent.frame().await?;
            let now = Instant::now();
            if peek(&text)?.kind == "event"
                && let Some(reference) = row(&text)?.and_then(|row| row.reference)
            {
                self.0.lock().note(reference, now);
            }
        }
    }
}

impl Sight {
    fn note(&mut self, reference: &str, now: Instant) {
        let Some(expected) = &self.expected else { return };
        let nth = reference.strip_prefix(&expected.prefix).and_then(|nth| nth.parse::<u32>().ok());
        let Some(nth) = nth else { return };
        self.seen += 1;
        if nth >= expected.counts_from
            && let Some(latencies) = &mut self.latencies
        {
            latencies.record(now.saturating_duration_since(expected.schedule.due(nth)));
        }
    }
}
