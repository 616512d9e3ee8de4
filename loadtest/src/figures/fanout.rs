//! One message to very many agents: the server's processor time for each delivery.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use crate::bench::{Plan, note};
use crate::client::Socket;
use crate::crowd::{self, Listeners};
use crate::figure::{Figure, median};
use crate::http::Owner;
use crate::posting::{Poster, Schedule, open_loop};
use crate::server::{Place, Server};

pub const NAMES: [&str; 2] = ["fanout_cpu_us_per_delivery", "fanout_cpu_us_per_delivery_alone"];

/// Agents' sockets that open at the same time.
const OPENING: usize = 16;
/// Visitors who write.
const POSTERS: usize = 32;
/// Messages a second. In bursts those of one burst arrive together and share their way out; alone
/// each goes its whole way by itself.
const PER_SECOND: f64 = 32.0;
const HEARD_WITHIN: Duration = Duration::from_secs(10);
/// About as long as the frame of a message to an agent.
const FRAME_BYTES: usize = 1_200;
const BARE_ROUNDS: usize = 100;

pub async fn measure(plan: &Plan, taken: &mut Vec<Figure>) -> Result<()> {
    let bare = tokio::task::spawn_blocking({
        let sockets = plan.agents;
        move || bare_writes(sockets)
    })
    .await??;
    let place = Place::new(&plan.server)?;
    let server = place.serve(None).await?;
    let owner = Owner::sign_up(&server, "fanout").await?;
    let agents =
        crowd::each(0..plan.agents, OPENING, |nth| Socket::agent(server.address, nth, &owner));
    let agents = Listeners::start(agents.await?);
    let mut posters = Poster::crowd(&server, std::slice::from_ref(&owner), POSTERS).await?;
    tokio::time::sleep(plan.warm).await;

    let (mut bursts, mut alone) = (vec![], vec![]);
    for round in 1..=plan.windows {
        let idle = idle_share(&server, plan).await?;
        for (burst, into) in [(POSTERS, &mut bursts), (1, &mut alone)] {
            let (back, cost) = window(&server, &agents, posters, burst, idle, plan).await?;
            posters = back;
            into.push(cost);
        }
        note(&format!(
            "    round {round}: {:.2} µs in bursts, {:.2} µs alone",
            bursts[round - 1],
            alone[round - 1]
        ));
    }
    let rss = server.rss_mib()?;
    drop((agents, posters));
    server.stop().await?;
    let (bursts, alone) = (median(bursts), median(alone));
    taken.extend([
        Figure::new(NAMES[0], bursts, "µs").against("budget", 1.0).cpu(bursts).rss(rss),
        Figure::new(NAMES[1], alone, "µs").against("bare_write_cpu_us", bare).cpu(alone).rss(rss),
    ]);
    Ok(())
}

/// The part of a processor that the server takes while nothing happens but beats.
async fn idle_share(server: &Server, plan: &Plan) -> Result<f64> {
    let (begun, before) = (Instant::now(), server.cpu()?);
    tokio::time::sleep(plan.window).await;
    Ok((server.cpu()? - before).as_secs_f64() / begun.elapsed().as_secs_f64())
}

/// Lets messages go out, `burst` of them at the same time, and answers with the processor time of
/// one delivery, in microseconds.
async fn window(
    server: &Server,
    agents: &Listeners,
    mut posters: Vec<Poster>,
    burst: usize,
    idle: f64,
    plan: &Plan,
) -> Result<(Vec<Poster>, f64)> {
    let posts = (PER_SECOND * plan.window.as_secs_f64()) as usize / burst * burst;
    let (heard, begun, before) = (agents.heard(), Instant::now(), server.cpu()?);
    for nth in 0..posts / burst {
        let due = begun + Duration::from_secs_f64((nth * burst) as f64 / PER_SECOND);
        tokio::time::sleep_until(due.into()).await;
        let prefix = format!("f{}-", uuid::Uuid::now_v7().simple());
        // All of a burst are due at once: each has a poster of its own.
        let schedule =
            Schedule { begins: Instant::now(), per_second: f64::INFINITY, posts: burst as u32 };
        posters = open_loop(posters, &prefix, schedule).await?;
        posters.rotate_left(burst % POSTERS);
    }
    let expected = heard + (posts * plan.agents) as u64;
    let until = Instant::now() + HEARD_WITHIN;
    while agents.heard() < expected && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let cpu = (server.cpu()? - before).as_secs_f64() - idle * begun.elapsed().as_secs_f64();
    if agents.heard() != expected || agents.lost_one() {
        bail!("{} deliveries were expected, {} came", expected - heard, agents.heard() - heard);
    }
    Ok((posters, cpu.max(0.0) * 1e6 / (posts * plan.agents) as f64))
}

/// The limit: the processor time of one `write` of such a frame to a bare socket of this machine.
fn bare_writes(sockets: usize) -> Result<f64> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..sockets {
        let stream = TcpStream::connect(listener.local_addr()?)?;
        stream.set_nodelay(true)?;
        ours.push(stream);
        theirs.push(listener.accept()?.0);
    }
    let frame = [b'x'; FRAME_BYTES];
    let mut buffer = [0; FRAME_BYTES];
    let mut spent = 0.0;
    for _ in 0..BARE_ROUNDS {
        let before = thread_cpu_us()?;
        for stream in &mut ours {
            stream.write_all(&frame).context("a bare socket")?;
        }
        spent += thread_cpu_us()? - before;
        for stream in &mut theirs {
            stream.read_exact(&mut buffer).context("a bare socket")?;
        }
    }
    Ok(spent / (BARE_ROUNDS * sockets) as f64)
}

fn thread_cpu_us() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_THREAD)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(micros as f64)
}
