//! From a visitor's post to the agent's frame, at half of what the server can take.

use std::sync::Arc;

use anyhow::Result;

use crate::bench::{Plan, note};
use crate::client::Socket;
use crate::figure::{Figure, median};
use crate::http::Owner;
use crate::inserts::Inserts;
use crate::latency::Latencies;
use crate::meter::Window;
use crate::posting::{Poster, closed_loop, open_loop};
use crate::server::Place;
use crate::watch::{Timed, Watch};

pub const NAMES: [&str; 2] = ["post_to_frame_p50_ms", "post_to_frame_p99_ms"];

const WORKSPACES: usize = 8;

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
        let prefix = format!("r{round}-");
        let write = async |schedule| open_loop(posters, &prefix, schedule).await;
        let (back, timed) =
            watch.window(&server, (plan.warm, plan.window), rate, &prefix, write).await?;
        posters = back;
        tell(round, rate, &timed, &theirs[round]);
        ours.push(timed);
    }
    let rss = server.rss_mib()?;
    agents.iter().for_each(tokio::task::JoinHandle::abort);
    drop(posters);
    server.stop().await?;
    for (name, peer, quantile) in [
        (NAMES[0], "single_row_insert_p50_ms_at_the_same_rate", 0.50),
        (NAMES[1], "single_row_insert_p99_ms_at_the_same_rate", 0.99),
    ] {
        let (own, cost) = middle(&ours, quantile);
        let figure = Figure::new(name, own, "ms").against(peer, middle_of(&theirs, quantile));
        taken.push(figure.cpu(cost.cpu_us).rss(rss).cores(cost.cores));
    }
    Ok(())
}

/// Says how a round went.
pub fn tell(round: usize, rate: f64, ours: &Timed, theirs: &Latencies) {
    note(&format!(
        "    round {}: p99 {:.1} ms at {rate:.0} a second; of inserts {:.1} ms",
        round + 1,
        ours.latencies.ms(0.99),
        theirs.ms(0.99),
    ));
}

/// A quantile in the middle of the rounds, and what they took.
pub fn middle(rounds: &[Timed], quantile: f64) -> (f64, Window) {
    let windows: Vec<Window> = rounds.iter().map(|timed| timed.window).collect();
    let ms = median(rounds.iter().map(|timed| timed.latencies.ms(quantile)).collect());
    (ms, Window::median(&windows))
}

pub fn middle_of(rounds: &[Latencies], quantile: f64) -> f64 {
    median(rounds.iter().map(|latencies| latencies.ms(quantile)).collect())
}
