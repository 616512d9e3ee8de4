//! One message to very many agents: the server's processor time for each delivery.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use super::rivals::Rival;
use crate::bench::{Plan, note};
use crate::client::Socket;
use crate::crowd::{self, Listeners};
use crate::figure::{Figure, OURS, median};
use crate::http::Owner;
use crate::peers::Kind;
use crate::posting::{Poster, Schedule, open_loop};
use crate::server::{Place, Server};

pub const NAMES: [&str; 5] = [
    "fanout_cpu_us_per_delivery",
    "fanout_cpu_us_per_delivery_alone",
    "fanout_cpu_us_per_delivery_centrifugo",
    "fanout_cpu_us_per_delivery_ws",
    "fanout_cpu_us_per_delivery_socketio",
];

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

    let mut rivals = Rivals::open(plan).await?;
    let (mut bursts, mut alone) = (vec![], vec![]);
    for round in 1..=plan.windows {
        let idle = idle_share(&server, plan).await?;
        for (burst, into) in [(POSTERS, &mut bursts), (1, &mut alone)] {
            let (back, cost) = window(&server, &agents, posters, burst, idle, plan).await?;
            posters = back;
            into.push(cost);
        }
        let (in_bursts, one) = (bursts[round - 1], alone[round - 1]);
        note(&format!("    round {round}: {in_bursts:.2} µs in bursts, {one:.2} µs alone"));
        rivals.round(plan, agents.frame_bytes()).await?;
    }
    let rss = server.rss_mib()?;
    drop((agents, posters));
    server.stop().await?;
    let (bursts, alone) = (median(bursts), median(alone));
    taken.extend([
        Figure::new(NAMES[0], bursts, "µs").against("budget", 1.0).cpu(bursts).rss(rss),
        Figure::new(NAMES[1], alone, "µs").against("bare_write_cpu_us", bare).cpu(alone).rss(rss),
    ]);
    rivals.tell(bursts, taken)
}

/// The peers that are there, and what a delivery of each took.
struct Rivals(Vec<(Rival, Vec<f64>)>);

impl Rivals {
    async fn open(plan: &Plan) -> Result<Rivals> {
        let mut open = vec![];
        for kind in plan.rivals() {
            open.push((Rival::open(plan, kind, POSTERS).await?, vec![]));
        }
        Ok(Rivals(open))
    }

    /// Each in turn passes on messages as long as our frames.
    async fn round(&mut self, plan: &Plan, bytes: usize) -> Result<()> {
        let text = "x".repeat(bytes);
        for (rival, costs) in &mut self.0 {
            let idle = rival.idle_share(plan.window).await?;
            let cost = rival.window(plan, &text, idle).await?;
            note(&format!("        {}: {cost:.2} µs in bursts", rival.kind().name()));
            costs.push(cost);
        }
        Ok(())
    }

    fn tell(self, ours: f64, taken: &mut Vec<Figure>) -> Result<()> {
        for (rival, costs) in self.0 {
            let name = match rival.kind() {
                Kind::Centrifugo => NAMES[2],
                Kind::Ws => NAMES[3],
                Kind::SocketIo => NAMES[4],
            };
            let cost = median(costs);
            let figure = Figure::new(name, cost, "µs").against(OURS, ours);
            taken.push(figure.cpu(cost).rss(rival.rss_mib()?));
        }
        Ok(())
    }
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
