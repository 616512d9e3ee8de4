//! `loadtest drive`: as many sockets as the machine holds, from as many of its addresses as they
//! need, and posts at a rate beside them, whatever becomes of those before.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::Serialize;
use tokio::task::JoinSet;

use crate::bench::{self, note};
use crate::client::Socket;
use crate::crowd::{self, Listeners};
use crate::figure::rounded;
use crate::http::Owner;
use crate::latency::Quantiles;
use crate::meter::Cores;
use crate::posting::{Poster, open_loop};
use crate::server::Place;
use crate::watch::Watch;

/// Visitors' tokens that are asked for, and sockets that are opened, at the same time.
const AT_ONCE: usize = 256;
/// Until idle sockets have had a few beats.
const SETTLE: Duration = Duration::from_secs(12);
/// Posts that warm up.
const WARM: Duration = Duration::from_secs(3);

/// How much.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Visitors who only have the widget open.
    #[arg(long, default_value_t = 50_000)]
    sockets: usize,
    /// Visitors who write.
    #[arg(long, default_value_t = 200)]
    posters: usize,
    /// Posts a second, of all of them together.
    #[arg(long, default_value_t = 500.0)]
    rate: f64,
    /// How long they write.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    #[arg(long, default_value_t = 8)]
    workspaces: usize,
    /// The server to start; the `switchboard` beside this program otherwise.
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
}

/// The answer.
#[derive(Debug, Serialize)]
struct Line {
    name: &'static str,
    sockets: usize,
    opened_per_second: f64,
    /// Resident memory of the server for each of them.
    kib_per_socket: f64,
    posts_per_second: f64,
    /// From when a post was due until an agent had its frame.
    frame_ms: Quantiles,
    cpu_us_per_op: f64,
    rss_mib: f64,
    cores: Cores,
}

pub async fn run(args: Args) -> Result<()> {
    let beside = || anyhow::Ok(std::env::current_exe()?.with_file_name("switchboard"));
    let program = args.server.clone().map_or_else(beside, Ok)?;
    let program = program
        .canonicalize()
        .with_context(|| format!("there is no server at {}", program.display()))?;
    let others = args.posters + args.workspaces;
    let room = bench::room_for((args.sockets + others) as u64) as usize;
    let sockets = args.sockets.min(room.saturating_sub(others));

    let place = Place::new(&program)?;
    let server = place.serve(None).await?;
    let (mut owners, mut agents) = (vec![], JoinSet::new());
    let watch = Arc::new(Watch::default());
    for nth in 0..args.workspaces {
        let owner = Owner::sign_up(&server, &format!("drive-{nth}")).await?;
        let agent = Socket::agent(server.address, nth, &owner).await?;
        agents.spawn(watch.clone().listen(agent));
        owners.push(owner);
    }
    let posters = Poster::crowd(&server, &owners, args.posters).await?;

    let before = server.rss_mib()?;
    let owner = |nth: usize| &owners[nth % owners.len()];
    let tokens = crowd::each(0..sockets, AT_ONCE, |nth| owner(nth).boot()).await?;
    let begun = Instant::now();
    let opening = crowd::each(tokens.iter().enumerate(), AT_ONCE, |(nth, token)| {
        Socket::visitor(server.address, args.posters + nth, token, None)
    });
    let idle = Listeners::start(opening.await?);
    let opened_per_second = sockets as f64 / begun.elapsed().as_secs_f64();
    tokio::time::sleep(SETTLE).await;
    let kib = (server.rss_mib()? - before) * 1024.0 / sockets.max(1) as f64;
    note(&format!("    {sockets} sockets, {opened_per_second:.0} a second, {kib:.1} KiB each"));

    let span = (WARM, Duration::from_secs(args.seconds.max(1)));
    let write = async |schedule| open_loop(posters, "d-", schedule).await;
    let (posters, timed) = watch.window(&server, span, args.rate, "d-", write).await?;
    if idle.lost_one() {
        note("    one of the sockets was cut off");
    }
    let line = Line {
        name: "drive",
        sockets,
        opened_per_second: rounded(opened_per_second),
        kib_per_socket: rounded(kib),
        posts_per_second: rounded(timed.window.per_second),
        frame_ms: Quantiles::from(&timed.latencies),
        cpu_us_per_op: rounded(timed.window.cpu_us),
        rss_mib: rounded(server.rss_mib()?),
        cores: timed.window.cores,
    };
    println!("{}", serde_json::to_string(&line)?);
    drop((posters, idle, agents));
    server.stop().await
}
