//! Messages from before an account was connected: how soon all of them are there, and the memory
//! that it takes.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use switchboard_sandbox::world::{Message, Platform, Side};
use switchboard_wire::rest::channels::{Account, Channels};

use crate::bench::{Plan, note};
use crate::figure::Figure;
use crate::meter::{Meter, Window};
use crate::shops::{Opening, Shops};

pub const NAMES: [&str; 3] =
    ["backfill_seconds", "backfill_messages_per_second", "backfill_peak_rss_mib"];

/// As many as the platform hands out of one conversation.
const EACH: usize = 20;
const WITHIN: Duration = Duration::from_secs(1_800);
const GLANCE: Duration = Duration::from_millis(100);

pub async fn measure(plan: &Plan, taken: &mut Vec<Figure>) -> Result<()> {
    let opening =
        Opening { platform: Platform::Messenger, workspaces: 1, accounts: 1, people: plan.threads };
    let shops = Shops::open(plan, opening).await?;
    // It was brought when the account was connected, while there was none yet.
    brought(&shops).await?;
    let all = past(&shops);
    let before = shops.server.rss_mib()?;
    let meter = Meter::start(&shops.server)?;
    bring(&shops).await?;
    let reading = meter.read()?;
    let came: usize = shops.owners[0]
        .conversations()
        .await?
        .iter()
        .map(|conversation| conversation.last_n as usize)
        .sum();
    if came != all {
        bail!("of {all} messages {came} were brought");
    }
    let (window, peak) = (Window::new(&reading, all as f64), shops.server.peak_rss_mib()?);
    note(&format!("    {all} messages in {:.1} s; {peak:.0} MiB at most", reading.seconds));
    let figure = |name, value, unit| {
        Figure::new(name, value, unit).cpu(window.cpu_us).rss(peak).cores(window.cores)
    };
    taken.extend([
        figure(NAMES[0], reading.seconds, "s"),
        figure(NAMES[1], window.per_second, "1/s"),
        figure(NAMES[2], peak, "MiB").against("rss_mib_before", before),
    ]);
    shops.close().await
}

/// Fills every customer's thread, of which the server hears nothing. How many messages that are.
fn past(shops: &Shops) -> usize {
    let world = shops.sandbox.world();
    let mut all = 0;
    for phone in shops.shops.iter().flat_map(|shop| &shop.phones) {
        let mut state = world.lock();
        for nth in 0..EACH {
            let Some(face) = state.phone(phone).map(|phone| phone.face()) else { continue };
            let (at, id) = (state.now(), state.message_id(&face));
            let from = if nth % 2 == 0 { Side::Customer } else { Side::Business };
            let mut message = Message::new(id, from, "text", at);
            message.text = Some(format!("The {nth}th thing that was said about the blue one."));
            match from {
                // The phone was there a moment ago.
                Side::Customer => drop(state.put(phone, message, Some(at))),
                Side::Business => state.accept(phone, message, "messages", Value::Null),
            }
            all += 1;
        }
    }
    all
}

/// Lets the server bring the history, to its end.
async fn bring(shops: &Shops) -> Result<()> {
    let path = format!("/channels/accounts/{}/history", shops.shops[0].id);
    let _: Account = shops.owners[0].post(&path, &Value::Null).await?;
    brought(shops).await
}

/// Waits until the server says that all of it is there.
async fn brought(shops: &Shops) -> Result<()> {
    let (owner, shop) = (&shops.owners[0], &shops.shops[0]);
    let until = Instant::now() + WITHIN;
    loop {
        let channels: Channels = owner.get("/channels").await?;
        let account = channels.accounts.into_iter().find(|account| account.id == shop.id);
        let job = account.and_then(|account| account.history).context("no history is brought")?;
        match job.state.as_str() {
            "done" => return Ok(()),
            "failed" => bail!("the history was given up: {}", job.note.unwrap_or_default()),
            _ if Instant::now() > until => bail!("{} conversations were brought in time", job.done),
            _ => tokio::time::sleep(GLANCE).await,
        }
    }
}
