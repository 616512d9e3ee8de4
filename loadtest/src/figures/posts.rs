//! Durable posts acknowledged per second, beside bare inserts on the same Postgres.

use anyhow::Result;

use crate::bench::{Plan, note};
use crate::client::Socket;
use crate::crowd::Listeners;
use crate::figure::{Figure, median};
use crate::http::Owner;
use crate::inserts::Inserts;
use crate::meter::Window;
use crate::posting::{Poster, closed_loop};
use crate::server::{Place, Server};

pub const NAMES: [&str; 2] = ["post_acked_per_second", "post_acked_per_second_one_workspace"];

/// How many workspaces "several" are.
const WORKSPACES: usize = 8;

pub async fn measure(plan: &Plan, taken: &mut Vec<Figure>) -> Result<()> {
    let place = Place::new(&plan.server)?;
    let server = place.serve(None).await?;
    let inserts = Inserts::prepare(place.postgres()?, plan.clients).await?;
    let mut several = Crowd::new(&server, plan, WORKSPACES).await?;
    let mut one = Crowd::new(&server, plan, 1).await?;

    // One after another and over again, so that a slow minute of the machine slows all of them.
    let (mut peer, mut in_several, mut in_one) = (vec![], vec![], vec![]);
    for round in 1..=plan.windows {
        peer.push(inserts.per_second(plan.window).await?);
        note(&format!("    round {round}: {:.0} inserts", peer[round - 1]));
        for (crowd, into, name) in
            [(&mut several, &mut in_several, "several workspaces"), (&mut one, &mut in_one, "one")]
        {
            let before = Commits::so_far(&server).await?;
            let window = crowd.window(&server, plan).await?;
            let commits = Commits::so_far(&server).await?;
            let (appends, ms) = commits.since(&before);
            let rate = window.per_second;
            note(&format!(
                "    in {name}: {rate:.0} posts, by commits of {appends:.1} posts in {ms:.2} ms"
            ));
            into.push(window);
        }
    }
    let (peer, rss) = (median(peer), server.rss_mib()?);
    drop((several, one));
    server.stop().await?;
    let figure = |name, windows: &[Window]| {
        let middle = Window::median(windows);
        let figure = Figure::new(name, middle.per_second, "1/s").against(inserts.name(), peer);
        figure.cpu(middle.cpu_us).rss(rss).cores(middle.cores)
    };
    taken.extend([figure(NAMES[0], &in_several), figure(NAMES[1], &in_one)]);
    Ok(())
}

/// Visitors of some workspaces, and an agent in each who sees everything.
struct Crowd {
    posters: Vec<Poster>,
    _agents: Listeners,
}

impl Crowd {
    async fn new(server: &Server, plan: &Plan, workspaces: usize) -> Result<Crowd> {
        let (mut owners, mut agents) = (vec![], vec![]);
        for nth in 0..workspaces {
            let owner = Owner::sign_up(server, &format!("{workspaces}-{nth}")).await?;
            agents.push(Socket::agent(server.address, nth, &owner).await?);
            owners.push(owner);
        }
        let agents = Listeners::start(agents);
        let posters = Poster::crowd(server, &owners, plan.clients).await?;
        Ok(Crowd { posters, _agents: agents })
    }

    async fn window(&mut self, server: &Server, plan: &Plan) -> Result<Window> {
        let posters = std::mem::take(&mut self.posters);
        let (posters, window) = closed_loop(server, posters, plan.warm, plan.window).await?;
        self.posters = posters;
        Ok(window)
    }
}

/// What the server says of its commits: why posting is as fast as it is.
struct Commits {
    count: f64,
    appends: f64,
    seconds: f64,
}

impl Commits {
    async fn so_far(server: &Server) -> Result<Commits> {
        let (seconds, count) = server.histogram("switchboard_journal_commit_seconds").await?;
        let (appends, _) = server.histogram("switchboard_journal_batch_appends").await?;
        Ok(Commits { count, appends, seconds })
    }

    /// Appends of the mean commit since then, and its milliseconds.
    fn since(&self, before: &Commits) -> (f64, f64) {
        let count = (self.count - before.count).max(1.0);
        let ms = (self.seconds - before.seconds) * 1e3 / count;
        ((self.appends - before.appends) / count, ms)
    }
}
