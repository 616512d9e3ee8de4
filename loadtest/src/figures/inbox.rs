//! A page of a full inbox, and a search in it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures_util::future::try_join_all;

use crate::bench::{Plan, note};
use crate::figure::{Figure, median};
use crate::http::Owner;
use crate::latency::Latencies;
use crate::seed::{self, Dice, Field};
use crate::server::{Place, Server};

pub const NAMES: [&str; 4] =
    ["inbox_page_p99_ms", "inbox_page_growth", "search_p99_ms", "search_growth"];

const BUDGET_MS: f64 = 20.0;
/// The inbox to which the full one is compared.
const SMALL: usize = 1_000;
/// Requests a second: a busy team, and far from what the server can take.
const PER_SECOND: f64 = 40.0;
/// Pages that are turned from the first one on.
const DEPTH: usize = 5;

pub async fn measure(plan: &Plan, taken: &mut Vec<Figure>) -> Result<()> {
    let place = Place::new(&plan.server)?;
    let server = place.serve(None).await?;
    let database = place.postgres()?.url("postgres");
    let mut inboxes = Vec::new();
    for (name, many) in [("small", SMALL.min(plan.conversations)), ("full", plan.conversations)] {
        let owner = Owner::sign_up(&server, name).await?;
        let begun = Instant::now();
        let field = Field {
            database: database.clone(),
            keys: place.keys.clone(),
            workspace: owner.me.workspace.id,
            member: owner.me.member.id,
            messages: plan.messages,
        };
        seed::sow(&field, many).await.context("the inbox could not be filled")?;
        note(&format!("    {many} conversations put in, in {} s", begun.elapsed().as_secs()));
        inboxes.push(owner);
    }
    // As autovacuum would have done a minute later.
    place.postgres()?.connect("postgres").await?.batch_execute("vacuum analyze").await?;

    let mut pages = [vec![], vec![]];
    let mut searches = [vec![], vec![]];
    let mut costs = [vec![], vec![]];
    for round in 0..plan.windows {
        for (at, owner) in inboxes.iter().enumerate() {
            let (latencies, cost) =
                window(&server, plan, &paths_of_pages(owner).await?, owner).await?;
            pages[at].push(latencies);
            let (found, cost_of_search) =
                window(&server, plan, &paths_of_searches(round), owner).await?;
            searches[at].push(found);
            if at == 1 {
                costs[0].push(cost);
                costs[1].push(cost_of_search);
            }
        }
        note(&format!(
            "    round {}: p50 and p99 of a page {:.1} and {:.1} ms, of a search {:.1} and {:.1} ms",
            round + 1,
            pages[1][round].ms(0.5),
            pages[1][round].ms(0.99),
            searches[1][round].ms(0.5),
            searches[1][round].ms(0.99),
        ));
    }
    let rss = server.rss_mib()?;
    server.stop().await?;
    let ms = |windows: &[Latencies], quantile| {
        median(windows.iter().map(|latencies| latencies.ms(quantile)).collect())
    };
    let [cost_of_page, cost_of_search] = costs.map(median);
    let both = |p99, growth, windows: &[Vec<Latencies>; 2], cost| {
        let [small, full] = windows;
        [
            Figure::new(p99, ms(full, 0.99), "ms").against("budget", BUDGET_MS).cpu(cost).rss(rss),
            Figure::new(growth, ms(full, 0.5), "ms")
                .against("p50_ms_at_1000_conversations", ms(small, 0.5)),
        ]
    };
    taken.extend(both(NAMES[0], NAMES[1], &pages, cost_of_page));
    taken.extend(both(NAMES[2], NAMES[3], &searches, cost_of_search));
    Ok(())
}

/// The pages that people look at: several views, and on from the first page of each.
async fn paths_of_pages(owner: &Owner) -> Result<Vec<String>> {
    const VIEWS: [&str; 5] =
        ["status=open", "status=all", "assignee=me&status=open", "assignee=nobody", "unread=true"];
    let mut paths = Vec::new();
    for view in VIEWS {
        let mut path = format!("/conversations?{view}&limit=50");
        for _ in 0..DEPTH {
            paths.push(path.clone());
            let page: switchboard_wire::rest::Page<serde::de::IgnoredAny> =
                owner.get(&path).await?;
            let Some(next) = page.next else { break };
            path = format!("/conversations?{view}&limit=50&cursor={next}");
        }
    }
    Ok(paths)
}

/// Searches for a word or two, common and rare.
fn paths_of_searches(round: usize) -> Vec<String> {
    let mut dice = Dice::new(7 + round as u64);
    let one = |dice: &mut Dice| format!("/search?q={}&limit=20", dice.word());
    let two = |dice: &mut Dice| format!("/search?q={}%20{}&limit=20", dice.word(), dice.word());
    (0..200).map(|nth| if nth % 2 == 0 { one(&mut dice) } else { two(&mut dice) }).collect()
}

/// Asks for the paths in turn at a steady rate, each latency counted from when it was due; and
/// the server's processor time of one, in microseconds.
async fn window(
    server: &Server,
    plan: &Plan,
    paths: &[String],
    owner: &Owner,
) -> Result<(Latencies, f64)> {
    let warm = (PER_SECOND * plan.warm.as_secs_f64()) as usize;
    let all = warm + (PER_SECOND * plan.window.as_secs_f64()) as usize;
    let (begun, before) = (Instant::now(), server.cpu()?);
    let asked = (0..all).map(|nth| async move {
        let due = begun + Duration::from_secs_f64(nth as f64 / PER_SECOND);
        tokio::time::sleep_until(due.into()).await;
        owner.fetch(&paths[nth % paths.len()]).await?;
        anyhow::Ok((nth, due.elapsed()))
    });
    let mut latencies = Latencies::new();
    for (_, latency) in try_join_all(asked).await?.iter().filter(|(nth, _)| *nth >= warm) {
        latencies.record(*latency);
    }
    let cpu = server.cpu()? - before;
    Ok((latencies, cpu.as_secs_f64() * 1e6 / all as f64))
}
