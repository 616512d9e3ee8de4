//! Signed webhooks acknowledged per second, with all that belongs to them, beside bare inserts; and
//! how soon an agent sees what one brought.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use anyhow::Result;
use switchboard_sandbox::world::Platform;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::latency;
use crate::bench::{Plan, note};
use crate::client::Socket;
use crate::figure::{Figure, median};
use crate::hook::Hook;
use crate::inserts::Inserts;
use crate::meter::Window;
use crate::posting::Schedule;
use crate::server::Server;
use crate::shops::{Opening, Shop, Shops};
use crate::watch::Watch;

pub const NAMES: [&str; 5] = [
    "webhook_acked_per_second",
    "webhook_acked_per_second_one_account",
    "webhook_batched_per_second",
    "webhook_to_frame_p50_ms",
    "webhook_to_frame_p99_ms",
];

/// Accounts on WhatsApp, each of a workspace of its own: all of a workspace's messages go through
/// one journal.
const MANY: Opening =
    Opening { platform: Platform::Whatsapp, workspaces: 8, accounts: 1, people: 0 };
/// Messages of a batch; Meta sends up to a thousand.
const BATCH: usize = 100;
/// How much later than a bare insert's commit an agent may have the frame, in milliseconds.
const LATER_MS: f64 = 5.0;

pub async fn measure(plan: &Plan, taken: &mut Vec<Figure>) -> Result<()> {
    let shops = Shops::open(plan, MANY).await?;
    let inserts = Inserts::prepare(shops.place.postgres()?, plan.clients).await?;
    let rate = rates(plan, &shops, &inserts, taken).await?;
    lateness(plan, &shops, &inserts, rate / 2.0, taken).await?;
    shops.close().await
}

/// How many are acknowledged. Answers with that of single webhooks to many accounts.
async fn rates(
    plan: &Plan,
    shops: &Shops,
    inserts: &Inserts,
    taken: &mut Vec<Figure>,
) -> Result<f64> {
    let hook = shops.hook()?;
    let kinds = [(&shops.shops[..], 1), (&shops.shops[..1], 1), (&shops.shops[..], BATCH)];
    let (mut peer, mut rates) = (vec![], [const { vec![] }; 3]);
    for round in 1..=plan.windows {
        peer.push(inserts.per_second(plan.window).await?);
        note(&format!("    round {round}: {:.0} inserts", peer[round - 1]));
        for ((name, into), (shops_of_kind, each)) in NAMES.iter().zip(&mut rates).zip(kinds) {
            let window = window(&shops.server, &hook, plan, shops_of_kind, each).await?;
            note(&format!("    {name}: {:.0} messages", window.per_second));
            into.push(window);
        }
    }
    let (peer, rss) = (median(peer), shops.server.rss_mib()?);
    let middle = rates.map(|windows| Window::median(&windows));
    for (name, window) in NAMES.into_iter().zip(&middle) {
        let figure = Figure::new(name, window.per_second, "1/s").against(inserts.name(), peer);
        taken.push(figure.cpu(window.cpu_us).rss(rss).cores(window.cores));
    }
    Ok(middle[0].per_second)
}

/// Lets `clients` post as fast as they are answered, each as a customer of its own.
async fn window(
    server: &Server,
    hook: &Hook,
    plan: &Plan,
    shops: &[Shop],
    each: usize,
) -> Result<Window> {
    let (stop, acked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut tasks = JoinSet::new();
    for client in 0..plan.clients {
        let number = shops[client % shops.len()].number.clone();
        let (stop, acked, hook) = (stop.clone(), acked.clone(), hook.clone());
        tasks.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                hook.post(&number, client, each).await?;
                acked.fetch_add(each as u64, Ordering::Relaxed);
            }
            anyhow::Ok(())
        });
    }
    let measured = Window::watch(server, &acked, plan.warm, plan.window).await;
    stop.store(true, Ordering::Relaxed);
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    measured
}

/// From when a webhook was due to when an agent has its frame.
async fn lateness(
    plan: &Plan,
    shops: &Shops,
    inserts: &Inserts,
    rate: f64,
    taken: &mut Vec<Figure>,
) -> Result<()> {
    let (hook, watch) = (shops.hook()?, Arc::new(Watch::default()));
    let mut agents = JoinSet::new();
    for (nth, owner) in shops.owners.iter().enumerate() {
        let agent = Socket::agent(shops.server.address, nth, owner).await?;
        agents.spawn(watch.clone().listen(agent));
    }
    let (mut ours, mut theirs) = (vec![], vec![]);
    for round in 0..plan.windows {
        theirs.push(inserts.latencies(rate, plan.window).await?);
        let prefix = format!("w{round}-");
        let write = async |schedule| open_loop(&hook, plan, &shops.shops, &prefix, schedule).await;
        let ((), timed) =
            watch.window(&shops.server, (plan.warm, plan.window), rate, &prefix, write).await?;
        latency::tell(round, rate, &timed, &theirs[round]);
        ours.push(timed);
    }
    let rss = shops.server.rss_mib()?;
    for (name, quantile, peer, later) in [
        (NAMES[3], 0.50, "single_row_insert_p50_ms_at_the_same_rate", 0.0),
        (NAMES[4], 0.99, "single_row_insert_p99_ms_at_the_same_rate_plus_5", LATER_MS),
    ] {
        let (own, cost) = latency::middle(&ours, quantile);
        let limit = latency::middle_of(&theirs, quantile) + later;
        let figure = Figure::new(name, own, "ms").against(peer, limit);
        taken.push(figure.cpu(cost.cpu_us).rss(rss).cores(cost.cores));
    }
    Ok(())
}

/// Posts webhooks by the schedule, whether or not those before them have been answered.
async fn open_loop(
    hook: &Hook,
    plan: &Plan,
    shops: &[Shop],
    prefix: &str,
    schedule: Schedule,
) -> Result<()> {
    let (due, mut dues) = mpsc::unbounded_channel();
    // Whoever no longer listens has failed, and says so.
    let pace = schedule.pace(move |nth| {
        let _ = due.send(nth);
    });
    let mut posts = JoinSet::new();
    while let Some(nth) = dues.recv().await {
        let client = nth as usize % plan.clients;
        let number = shops[client % shops.len()].number.clone();
        let (hook, name) = (hook.clone(), format!("{prefix}{nth}"));
        posts.spawn(async move { hook.post_named(&number, client, &name).await });
        while let Some(done) = posts.try_join_next() {
            done??;
        }
    }
    pace.await?;
    while let Some(done) = posts.join_next().await {
        done??;
    }
    Ok(())
}
