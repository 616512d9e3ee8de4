//! How soon a server is ready, and what an idle one takes.

use std::time::Duration;

use anyhow::Result;

use crate::bench::Plan;
use crate::client::Socket;
use crate::crowd::Listeners;
use crate::figure::{Figure, median};
use crate::http::Owner;
use crate::server::Place;

pub const NAMES: [&str; 4] = ["ready_ms", "ready_private_ms", "ready_first_ms", "idle_rss_mib"];

const READY_MAX_MS: f64 = 300.0;
const RSS_MAX_MIB: f64 = 60.0;
const STARTS: usize = 5;
/// Until what starts once has started.
const SETTLE: Duration = Duration::from_secs(6);
const DATABASE: &str = "bench_start";

pub async fn measure(plan: &Plan, taken: &mut Vec<Figure>) -> Result<()> {
    // A first server makes a database cluster and keeps Postgres running for the second's starts.
    let host = Place::new(&plan.server)?;
    let server = host.serve(None).await?;
    let first = server.ready_in;
    let postgres = host.postgres()?;
    postgres
        .connect("postgres")
        .await?
        .batch_execute(&format!("create database {DATABASE}"))
        .await?;
    let database = postgres.url(DATABASE);

    let place = Place::new(&plan.server)?;
    let founding = place.serve(Some(&database)).await?;
    let mut owner = Owner::sign_up(&founding, "start").await?;
    founding.stop().await?;
    let mut ready = Vec::new();
    for _ in 0..STARTS {
        let server = place.serve(Some(&database)).await?;
        ready.push(ms(server.ready_in));
        server.stop().await?;
    }

    let idle = place.serve(Some(&database)).await?;
    owner.moved_to(&idle);
    let agent = Listeners::start(vec![Socket::agent(idle.address, 0, &owner).await?]);
    tokio::time::sleep(SETTLE).await;
    let rss = idle.rss_mib()?;
    drop(agent);
    idle.stop().await?;
    server.stop().await?;

    let mut private = Vec::new();
    for _ in 0..STARTS {
        let server = host.serve(None).await?;
        private.push(ms(server.ready_in));
        server.stop().await?;
    }
    taken.extend([
        Figure::new(NAMES[0], median(ready), "ms").against("budget", READY_MAX_MS),
        Figure::new(NAMES[1], median(private), "ms"),
        Figure::new(NAMES[2], ms(first), "ms"),
        Figure::new(NAMES[3], rss, "MiB").against("budget", RSS_MAX_MIB).rss(rss),
    ]);
    Ok(())
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
