//! `loadtest load`: servers of their own under people that k6 plays, at a rate or at the highest one
//! that they sustain.

mod k6;
mod search;
mod theatre;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::ValueEnum;
use serde::Serialize;

use crate::bench::{self, note};
use crate::meter::Cores;

use k6::{Outcome, Trend};
use search::Search;
use theatre::Theatre;

/// What people do. Each is a script in loadtest/k6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Visitors write; an agent of each workspace sees everything.
    Visitors,
    /// A large team sees everything, and answers.
    Agents,
    /// Customers write on WhatsApp: signed webhooks.
    Webhooks,
    /// A mixture of all, with pages and searches beside it.
    Day,
    /// Visitors are dropped, answered meanwhile, and all come back at once.
    Storm,
    /// As `visitors`, beside agents' sockets that never read.
    Slow,
}

impl Scenario {
    fn name(self) -> &'static str {
        match self {
            Scenario::Visitors => "visitors",
            Scenario::Agents => "agents",
            Scenario::Webhooks => "webhooks",
            Scenario::Day => "day",
            Scenario::Storm => "storm",
            Scenario::Slow => "slow",
        }
    }

    fn needs_channels(self) -> bool {
        matches!(self, Scenario::Webhooks | Scenario::Day)
    }
}

/// What to play, and where.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[arg(value_enum, default_value_t = Scenario::Day)]
    scenario: Scenario,
    /// Messages a second, of everybody together.
    #[arg(long, default_value_t = 200)]
    rate: u32,
    /// How long everybody writes.
    #[arg(long, default_value_t = 30)]
    seconds: u32,
    /// Visitors with an open websocket.
    #[arg(long, default_value_t = 100)]
    visitors: u32,
    /// Agents with an open websocket [default: one in each workspace; 200 for `agents`].
    #[arg(long)]
    agents: Option<u32>,
    /// Sockets of the storm.
    #[arg(long, default_value_t = 1_000)]
    sockets: u32,
    /// Sockets that never read, for `slow`.
    #[arg(long, default_value_t = 20)]
    sleepers: usize,
    /// Workspaces that people are spread over [default: 8; 1 for `slow`, where much has to come
    /// for those who do not read].
    #[arg(long)]
    workspaces: Option<usize>,
    /// The most milliseconds that 99 of 100 messages may take to their acknowledgement, and to
    /// the frame of somebody else.
    #[arg(long, default_value_t = 250)]
    p99_ms: u32,
    /// Looks for the highest rate at which nothing is missing, doubled or later than that.
    #[arg(long)]
    find: bool,
    /// Servers that share a Postgres and a Redis.
    #[arg(long, default_value_t = 1)]
    nodes: usize,
    /// A running server instead of one's own; several are nodes of one. Workspaces are founded
    /// there and stay. Without processor times, and without webhooks.
    #[arg(long, value_name = "URL", conflicts_with = "nodes")]
    url: Vec<String>,
    /// The program that plays the people.
    #[arg(long, value_name = "FILE", default_value = "k6")]
    k6: PathBuf,
    /// The folder of its scripts.
    #[arg(long, value_name = "FOLDER", default_value = "loadtest/k6")]
    scripts: PathBuf,
    /// The server to start; the `switchboard` beside this program otherwise.
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
}

/// One line of the answer.
#[derive(Debug, Serialize)]
struct Line<'a> {
    name: String,
    nodes: usize,
    rate: u32,
    /// Whether nothing was missing, doubled, refused, unanswered or late.
    sustained: bool,
    acked_per_second: f64,
    #[serde(flatten)]
    outcome: &'a Outcome,
    /// While everybody wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    cores: Option<Cores>,
    /// Sockets that were closed because they did not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    too_slow: Option<u64>,
}

pub async fn run(args: Args) -> Result<()> {
    if !args.url.is_empty() && args.scenario.needs_channels() {
        bail!(
            "{} needs accounts on a channel, which only a server of one's own has here",
            args.scenario.name()
        );
    }
    bench::room_for(u64::from(args.sockets.max(args.visitors)));
    if args.find && args.scenario == Scenario::Storm {
        bail!("a storm has no rate to look for; give it more --sockets");
    }
    let theatre = Theatre::open(&args).await?;
    let done = match args.find {
        true => find(&args, &theatre).await,
        false => once(&args, &theatre).await,
    };
    theatre.close().await?;
    done
}

async fn once(args: &Args, theatre: &Theatre) -> Result<()> {
    match play(args, theatre, args.rate).await? {
        true => Ok(()),
        false => bail!("not everything held, see above"),
    }
}

/// Raises the rate until something does not hold, then narrows it down.
async fn find(args: &Args, theatre: &Theatre) -> Result<()> {
    let mut search = Search::from(args.rate);
    while let Some(rate) = search.next() {
        let held = play(args, theatre, rate).await?;
        search.told(rate, held);
    }
    match search.best() {
        Some(rate) => note(&format!("the highest rate that held: {rate} messages a second")),
        None => bail!("no rate held down to {} messages a second", search.lowest()),
    }
    Ok(())
}

/// Plays once at a rate, tells how it went, and says whether everything held.
async fn play(args: &Args, theatre: &Theatre, rate: u32) -> Result<bool> {
    note(&match args.scenario {
        Scenario::Storm => format!("a storm of {} sockets", args.sockets),
        other => format!("{} at {rate} messages a second", other.name()),
    });
    let slow_before = theatre.too_slow().await?;
    let sleepers = theatre.sleepers(args).await?;
    let (outcome, cores) = k6::run(args, theatre, rate).await?;
    let asleep = !sleepers.is_empty();
    drop(sleepers);
    let too_slow = match asleep {
        true => Some(theatre.too_slow().await?.saturating_sub(slow_before)),
        false => None,
    };
    let sustained = outcome.broken.is_empty();
    let line = Line {
        name: format!("load_{}", args.scenario.name()),
        nodes: theatre.nodes(),
        rate,
        sustained,
        acked_per_second: outcome.acked as f64 / f64::from(args.seconds.max(1)),
        outcome: &outcome,
        cores,
        too_slow,
    };
    println!("{}", serde_json::to_string(&line)?);
    tell(&line);
    Ok(sustained)
}

/// The same for people.
fn tell(line: &Line<'_>) {
    let ms = |name, trend: &Option<Trend>| {
        let words = |t: &Trend| format!("; {name} p50 {:.0} ms, p99 {:.0} ms", t.p50, t.p99);
        trend.as_ref().map(words).unwrap_or_default()
    };
    let it = line.outcome;
    note(&format!(
        "    {:.0} acknowledged a second; {} gaps, {} doubles, {} refused, {} unanswered, {} cut \
         off{}{}{}",
        line.acked_per_second,
        it.gaps,
        it.doubles,
        it.refused,
        it.unanswered,
        it.cut,
        ms("acknowledged", &it.ack_ms),
        ms("seen by others", &it.frame_ms),
        ms("back after the storm", &it.back_ms),
    ));
    if let Some(cores) = &line.cores {
        let part = |name, cores: Option<f64>| {
            cores.map(|cores| format!("{name} {cores:.2}, ")).unwrap_or_default()
        };
        note(&format!(
            "    processors in use: server {:.2}, {}{}{}driver {:.2}",
            cores.server,
            part("Postgres", cores.postgres),
            part("Redis", cores.redis),
            part("k6", cores.k6),
            cores.driver,
        ));
    }
    if let Some(closed) = line.too_slow {
        note(&format!("    {closed} sockets that did not read were closed"));
    }
    if !it.broken.is_empty() {
        note(&format!("    did not hold: {}", it.broken.join("; ")));
    }
}

impl Args {
    fn workspaces(&self) -> usize {
        let usual = if self.scenario == Scenario::Slow { 1 } else { 8 };
        self.workspaces.unwrap_or(usual).max(1)
    }

    /// Until everybody is there: the more, the longer.
    fn lead(&self) -> Duration {
        let people = match self.scenario {
            Scenario::Storm => self.sockets,
            _ => self.visitors + self.agents.unwrap_or_default(),
        };
        Duration::from_secs(u64::from(5 + people / 100))
    }
}
