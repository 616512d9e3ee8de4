//! What the team wrote on its way to a platform: messages accepted there per second.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use futures_util::future::try_join_all;
use switchboard_domain::ConversationId;
use switchboard_sandbox::world::{Action, Draft, Platform};
use switchboard_wire::rest::channels::{Account, ChangeAccount};

use crate::bench::{Plan, note};
use crate::desk;
use crate::figure::{Figure, median};
use crate::inserts::Inserts;
use crate::meter::{Meter, Window};
use crate::shops::{Opening, Shops};

pub const NAMES: [&str; 1] = ["outbox_sent_per_second"];

/// The server sends 250 messages a second by one Page at most, since Meta allows 300 calls. These
/// together may send 8,000.
const PAGES: Opening =
    Opening { platform: Platform::Messenger, workspaces: 8, accounts: 4, people: 20 };
/// Until every customer has a conversation, and until everything has been sent.
const WITHIN: Duration = Duration::from_secs(120);
const GLANCE: Duration = Duration::from_millis(2);

pub async fn measure(plan: &Plan, taken: &mut Vec<Figure>) -> Result<()> {
    let shops = Shops::open(plan, PAGES).await?;
    let inserts = Inserts::prepare(shops.place.postgres()?, plan.clients).await?;
    let conversations = everyone_writes(&shops).await?;
    let (mut peer, mut rates) = (vec![], vec![]);
    for round in 1..=plan.windows {
        peer.push(inserts.per_second(plan.window).await?);
        pause(&shops, true).await?;
        for (owner, conversations) in shops.owners.iter().zip(&conversations) {
            for _ in 0..plan.sends {
                desk::write_to(&shops.server, owner, conversations.iter().copied()).await?;
            }
        }
        let all = plan.sends * conversations.iter().map(Vec::len).sum::<usize>();
        let window = drain(&shops, all).await?;
        note(&format!("    round {round}: {:.0} sent a second", window.per_second));
        rates.push(window);
    }
    let (middle, rss) = (Window::median(&rates), shops.server.rss_mib()?);
    let figure =
        Figure::new(NAMES[0], middle.per_second, "1/s").against(inserts.name(), median(peer));
    taken.push(figure.cpu(middle.cpu_us).rss(rss).cores(middle.cores));
    shops.close().await
}

/// Lets each customer open a conversation; the team may not write before. Answers with those of
/// each workspace.
async fn everyone_writes(shops: &Shops) -> Result<Vec<Vec<ConversationId>>> {
    for phone in shops.shops.iter().flat_map(|shop| &shop.phones) {
        let draft = Draft { text: Some("Is this still to be had?".to_owned()), ..Draft::default() };
        if let Err(refusal) = shops.sandbox.world().act(phone, Action::Say(draft)) {
            bail!("{phone} could not write: {refusal:?}");
        }
    }
    let expected = PAGES.accounts * PAGES.people;
    let until = Instant::now() + WITHIN;
    let mut all = vec![];
    for owner in &shops.owners {
        loop {
            let found = owner.conversations().await?;
            if found.len() == expected {
                all.push(found.into_iter().map(|conversation| conversation.id).collect());
                break;
            }
            if Instant::now() > until {
                bail!("{} of {expected} conversations came", found.len());
            }
            tokio::time::sleep(GLANCE * 50).await;
        }
    }
    Ok(all)
}

/// Holds back what is to be sent, or lets it go.
async fn pause(shops: &Shops, paused: bool) -> Result<()> {
    let change = ChangeAccount { name: None, paused: Some(paused) };
    let changed = shops.shops.iter().map(|shop| {
        let path = format!("/channels/accounts/{}", shop.id);
        let change = &change;
        async move { shops.owners[shop.owner].patch::<_, Account>(&path, change).await }
    });
    try_join_all(changed).await.map(drop)
}

/// Lets everything go and waits until the platform has it: each message once.
async fn drain(shops: &Shops, all: usize) -> Result<Window> {
    let world = shops.sandbox.world();
    let accepted = || world.lock().log.len();
    let (before, meter) = (accepted(), Meter::start(&shops.server)?);
    pause(shops, false).await?;
    let until = Instant::now() + WITHIN;
    while accepted() < before + all && Instant::now() < until {
        tokio::time::sleep(GLANCE).await;
    }
    let reading = meter.read()?;
    let came = accepted() - before;
    if came != all {
        let told = reqwest::get(shops.server.url("/metrics")).await?.text().await?;
        let told: Vec<&str> =
            told.lines().filter(|line| line.starts_with("switchboard_sends_total")).collect();
        bail!("of {all} messages {came} were sent; the server says {}", told.join(", "));
    }
    Ok(Window::new(&reading, all as f64))
}
