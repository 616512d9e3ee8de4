//! Signed webhooks acknowledged per second, with all that belongs to them, beside bare inserts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use switchboard_sandbox::{Config, Sandbox};
use switchboard_wire::rest::channels::{Account, ConnectAccount};
use tokio::task::JoinSet;

use crate::bench::{Plan, note};
use crate::figure::{Figure, median};
use crate::hook::Hook;
use crate::http::Owner;
use crate::inserts::Inserts;
use crate::posting::Window;
use crate::server::{Place, Server};

pub const NAMES: [&str; 3] = [
    "webhook_acked_per_second",
    "webhook_acked_per_second_one_account",
    "webhook_batched_per_second",
];

/// How many accounts "many" are, each of a workspace of its own.
const ACCOUNTS: usize = 8;
/// Messages of a batch; Meta sends up to a thousand.
const BATCH: usize = 100;

pub async fn measure(plan: &Plan, taken: &mut Vec<Figure>) -> Result<()> {
    let config = Config::default();
    let secret = config.app_secret.clone();
    let sandbox = Sandbox::start(config).await?;
    let place = Place::with_platforms(&plan.server, &sandbox.url())?;
    let server = place.serve(None).await?;
    let inserts = Inserts::prepare(place.postgres()?, plan.clients).await?;
    let mut accounts = Vec::new();
    for nth in 0..ACCOUNTS {
        accounts.push(connected(&server, &sandbox, nth).await?);
    }
    let hook = Hook::new(&server, &secret)?;
    let (mut peer, mut rates) = (vec![], [const { vec![] }; 3]);
    for round in 1..=plan.windows {
        peer.push(inserts.per_second(plan.window).await?);
        note(&format!("    round {round}: {:.0} inserts", peer[round - 1]));
        for ((name, into), (accounts, each)) in NAMES.iter().zip(&mut rates).zip([
            (&accounts[..], 1),
            (&accounts[..1], 1),
            (&accounts[..], BATCH),
        ]) {
            let window = window(&server, &hook, plan, accounts, each).await?;
            note(&format!("    {name}: {:.0} messages", window.per_second));
            into.push(window);
        }
    }
    let (peer, rss) = (median(peer), server.rss_mib()?);
    server.stop().await?;
    sandbox.stop().await;
    for (name, windows) in NAMES.into_iter().zip(&rates) {
        let of = |value: fn(&Window) -> f64| median(windows.iter().map(value).collect());
        let figure = Figure::new(name, of(|w| w.per_second), "1/s").against(inserts.name(), peer);
        taken.push(figure.cpu(of(|w| w.cpu_us)).rss(rss));
    }
    Ok(())
}

/// Connects a number of its own, and answers its id.
async fn connected(server: &Server, sandbox: &Sandbox, nth: usize) -> Result<String> {
    let owner = Owner::sign_up(server, &format!("hooks-{nth}")).await?;
    let url = format!("{}/control/accounts", sandbox.url());
    let body = json!({"platform": "whatsapp", "name": format!("Shop {nth}"), "people": 0});
    let made: Value = reqwest::Client::new().post(url).json(&body).send().await?.json().await?;
    let text = |name: &str| made["account"][name].as_str().map(str::to_owned);
    let id = text("id").with_context(|| format!("the sandbox said {made}"))?;
    let account = ConnectAccount::WhatsappNumber {
        phone_number_id: id.clone(),
        business_account_id: text("owner").unwrap_or_default(),
        token: text("token").context("an account without a token")?,
    };
    let _: Account = owner.post("/channels/accounts", &account).await?;
    Ok(id)
}

/// Lets `clients` post as fast as they are answered, each as a customer of its own.
async fn window(
    server: &Server,
    hook: &Hook,
    plan: &Plan,
    accounts: &[String],
    each: usize,
) -> Result<Window> {
    let (stop, acked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut tasks = JoinSet::new();
    for client in 0..plan.clients {
        let account = accounts[client % accounts.len()].clone();
        let (stop, acked, mut hook) = (stop.clone(), acked.clone(), hook.clone());
        tasks.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                hook.post(&account, client, each).await?;
                acked.fetch_add(each as u64, Ordering::Relaxed);
            }
            anyhow::Ok(())
        });
    }
    let sample = || anyhow::Ok((Instant::now(), acked.load(Ordering::Relaxed), server.cpu()?));
    tokio::time::sleep(plan.warm).await;
    let (begun, before, cpu_before) = sample()?;
    tokio::time::sleep(plan.window).await;
    let (ended, after, cpu_after) = sample()?;
    stop.store(true, Ordering::Relaxed);
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    let messages = (after - before) as f64;
    if messages == 0.0 {
        bail!("not one webhook was acknowledged in {:?}", plan.window);
    }
    let cpu: Duration = cpu_after - cpu_before;
    Ok(Window {
        per_second: messages / (ended - begun).as_secs_f64(),
        cpu_us: cpu.as_secs_f64() * 1e6 / messages,
    })
}
