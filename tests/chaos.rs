//! Several nodes, Postgres and Redis, and everything goes wrong with them at random moments while
//! people talk. Afterwards everybody has been told everything once and in order, or was told that
//! it is not known.
//!
//! `script/chaos` plays as many rounds as it is asked for. A seed decides what happens and when;
//! what the machine makes of it is its own chance. Where the machine permits it there is a network
//! between nodes and all else, whose packets are lost as well.

mod faults;
mod history;
mod line;
mod node;
mod people;
mod plan;
mod round;
mod rules;
mod system;
mod team;

use std::collections::VecDeque;
use std::io::Write;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use plan::{Bus, Plan};
use round::Outcome;

use crate::support::network;

/// Rounds that every run of the tests plays, beside one that chance picks.
const EVERY_TIME: [(u64, usize); 3] = [(1, 2), (2, 3), (3, 2)];
/// The one that it plays with network namespaces where there are any.
const WITH_NAMESPACES: (u64, usize) = (4, 2);

/// A round as a line of a log.
fn line(plan: &Plan, outcome: &Outcome) -> String {
    let faults: Vec<String> =
        plan.lanes.iter().flatten().map(|step| step.fault.to_string()).collect();
    let redis = match plan.bus {
        Bus::None => "none",
        Bus::There => "there",
        Bus::Gone => "gone",
    };
    let netns = if plan.network { "yes" } else { "no" };
    let verdict = if outcome.wrong.is_empty() { "ok" } else { "WRONG" };
    format!(
        "seed={} nodes={} redis={redis} netns={netns} faults={} messages={} resumed={} \
         snapshots={} caught_up_ms={} verdict={verdict} [{}]",
        plan.seed,
        plan.nodes,
        outcome.faults,
        outcome.messages,
        outcome.resumed,
        outcome.snapshots,
        outcome.caught_up.as_millis(),
        faults.join(" "),
    )
}

/// How rounds are played.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// Rounds at once: most of a round is waiting.
    at_once: usize,
    /// How soon everybody must have everything once all is well again.
    within: Duration,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace { at_once: 2, within: Duration::from_secs(60) }
    }
}

/// Plays rounds, some at once, and tells each as it ends. What was wrong with them.
async fn play(plans: VecDeque<Plan>, pace: Pace, tell: impl FnMut(&str)) -> Vec<String> {
    tokio::task::LocalSet::new().run_until(play_here(plans, pace, tell)).await
}

async fn play_here(
    mut plans: VecDeque<Plan>,
    pace: Pace,
    mut tell: impl FnMut(&str),
) -> Vec<String> {
    let mut playing = FuturesUnordered::new();
    let mut wrong = Vec::new();
    loop {
        while playing.len() < pace.at_once
            && let Some(plan) = plans.pop_front()
        {
            playing.push(tokio::task::spawn_local(async move {
                let outcome = round::play(&plan, pace.within).await;
                (plan, outcome)
            }));
        }
        let Some(played) = playing.next().await else { return wrong };
        match played {
            Ok((plan, outcome)) => {
                tell(&line(&plan, &outcome));
                for why in &outcome.wrong {
                    tell(&format!("  {}", why.replace('\n', "\n  ")));
                    wrong.push(format!("seed {}: {why}", plan.seed));
                }
                if let Some(kept) = outcome.kept {
                    tell(&format!("  what the nodes wrote: {}", kept.display()));
                }
            }
            Err(died) => {
                tell(&format!("  a round died: {died}"));
                wrong.push(died.to_string());
            }
        }
    }
}

fn chance() -> u64 {
    uuid::Uuid::now_v7().as_u64_pair().1 >> 32
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_fails_among_several_nodes_everybody_hears_everything_once_and_in_order() {
    let every_time = EVERY_TIME.iter().map(|(seed, nodes)| Plan::of(*seed, Some(*nodes), false));
    let plans = every_time.chain([Plan::of(chance(), None, false)]).collect();
    let wrong = play(plans, Pace::default(), |text| eprintln!("{text}")).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_packets_are_lost_everybody_hears_everything_once_and_in_order() {
    let (told, permitted) = namespaces().await;
    // Nobody asked for it, so it is said past what the tests' runner keeps to itself.
    writeln!(std::io::stderr(), "{told}").unwrap();
    if !permitted {
        return;
    }
    let (seed, nodes) = WITH_NAMESPACES;
    let plans = VecDeque::from([Plan::of(seed, Some(nodes), true)]);
    let wrong = play(plans, Pace::default(), |text| eprintln!("{text}")).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether nodes are to have network namespaces, and the same in words.
async fn namespaces() -> (String, bool) {
    if std::env::var_os("SWITCHBOARD_CHAOS_NO_NETNS").is_some() {
        return ("network namespaces: not asked for, wires go through proxies alone".into(), false);
    }
    match network::means().await {
        Ok(means) if means.netem => ("network namespaces: yes, with netem".into(), true),
        Ok(_) => ("network namespaces: yes, without netem: loss comes in bursts".into(), true),
        Err(why) => {
            (format!("network namespaces: no, wires go through proxies alone: {why}"), false)
        }
    }
}

/// A number that `script/chaos` was given.
fn asked(name: &str) -> Option<u64> {
    let value = std::env::var(format!("SWITCHBOARD_CHAOS_{name}")).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is a number, not {value:?}")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes as long as it is asked to; see script/chaos"]
async fn as_many_rounds_as_are_asked_for() {
    let nodes = asked("NODES").map(|nodes| nodes as usize);
    let usual = Pace::default();
    let pace = Pace {
        at_once: asked("AT_ONCE").map_or(usual.at_once, |rounds| rounds as usize),
        within: asked("WITHIN").map_or(usual.within, Duration::from_secs),
    };
    let until = asked("MINUTES").map(|minutes| Instant::now() + Duration::from_secs(60 * minutes));
    let rounds = asked("SEEDS").unwrap_or(1);
    let mut log = std::env::var("SWITCHBOARD_CHAOS_LOG")
        .ok()
        .map(|path| std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap());
    let mut tell = |text: &str| {
        println!("{text}");
        if let Some(log) = &mut log {
            writeln!(log, "{text}").unwrap();
        }
    };
    let (told, network) = namespaces().await;
    tell(&told);
    let mut seeds = asked("SEED").unwrap_or_else(chance)..;
    let (mut wrong, mut played) = (Vec::new(), 0);
    // In handfuls, so that time is looked at now and then.
    while until.map_or(played < rounds, |until| Instant::now() < until) {
        let left = until.map_or(rounds - played, |_| u64::MAX);
        let handful = left.min(4 * pace.at_once as u64);
        let plans =
            seeds.by_ref().take(handful as usize).map(|seed| Plan::of(seed, nodes, network));
        wrong.extend(play(plans.collect(), pace, &mut tell).await);
        played += handful;
    }
    assert!(wrong.is_empty(), "of what must hold, {} did not", wrong.len());
}
