//! Where it is played: servers of one's own with all that belongs to them, or somebody's.

use anyhow::{Context, Result};
use switchboard_sandbox::world::Platform;

use super::{Args, Scenario};
use crate::client::Socket;
use crate::meter::Processes;
use crate::redis::Redis;
use crate::server::{Place, Server};
use crate::shops::{Opening, Shops};
use crate::stage::{self, Prepared, Stage};

/// Servers, and the workspaces on them.
pub struct Theatre {
    pub stage: Stage,
    own: Option<Own>,
}

struct Own {
    /// The first server, its Postgres, and the workspaces.
    shops: Shops,
    /// The nodes beside it. A server goes before its folder.
    others: Vec<(Server, Place)>,
    redis: Option<Redis>,
}

impl Theatre {
    pub async fn open(args: &Args) -> Result<Theatre> {
        if !args.url.is_empty() {
            return Ok(Theatre {
                stage: stage::found(&args.url, args.workspaces()).await?,
                own: None,
            });
        }
        let beside = || anyhow::Ok(std::env::current_exe()?.with_file_name("switchboard"));
        let server = args.server.clone().map_or_else(beside, Ok)?;
        let server = server
            .canonicalize()
            .with_context(|| format!("there is no server at {}", server.display()))?;
        let redis = if args.nodes > 1 { Some(Redis::start().await?) } else { None };
        let opening = Opening {
            platform: Platform::Whatsapp,
            workspaces: args.workspaces(),
            accounts: 1,
            people: 0,
        };
        let url = redis.as_ref().map(|redis| redis.url.as_str());
        let shops = Shops::open_with(&server, opening, url).await?;
        let database = shops.place.postgres()?.url("postgres");
        let mut others = vec![];
        for _ in 1..args.nodes {
            let place = shops.place.beside()?;
            others.push((place.serve(Some(&database)).await?, place));
        }
        let mut workspaces = vec![];
        for shop in &shops.shops {
            let owner = &shops.owners[shop.owner];
            workspaces.push(Prepared::of(owner, Some(shop.number.clone())).await?);
        }
        let servers = std::iter::once(&shops.server).chain(others.iter().map(|(server, _)| server));
        let stage = Stage {
            bases: servers.map(|server| server.url("")).collect(),
            app_secret: Some(shops.secret.clone()),
            workspaces,
        };
        Ok(Theatre { stage, own: Some(Own { shops, others, redis }) })
    }

    pub fn nodes(&self) -> usize {
        self.stage.bases.len()
    }

    /// Whose processor time is to be looked at; nobody's where the servers are somebody else's.
    pub fn processes(&self, k6: Option<u32>) -> Result<Option<Processes>> {
        let Some(own) = &self.own else { return Ok(None) };
        let mut processes = Processes::of(&own.shops.server)?;
        for (server, _) in &own.others {
            processes.servers.push(server.pid()?);
        }
        processes.redis = own.redis.as_ref().and_then(Redis::pid);
        processes.k6 = k6;
        Ok(Some(processes))
    }

    /// Agents' sockets that nobody reads, as long as they are kept.
    pub async fn sleepers(&self, args: &Args) -> Result<Vec<Socket>> {
        let mut sleepers = vec![];
        if args.scenario == Scenario::Slow
            && let Some(own) = &self.own
        {
            for nth in 0..args.sleepers {
                let owner = &own.shops.owners[nth % own.shops.owners.len()];
                sleepers.push(Socket::narrow_agent(own.shops.server.address, nth, owner).await?);
            }
        }
        Ok(sleepers)
    }

    /// Sockets that the servers have closed because they did not read.
    pub async fn too_slow(&self) -> Result<u64> {
        let Some(own) = &self.own else { return Ok(0) };
        own.shops.server.counter("switchboard_sessions_too_slow_total").await
    }

    pub async fn close(self) -> Result<()> {
        let Some(own) = self.own else { return Ok(()) };
        for (server, _place) in own.others {
            server.stop().await?;
        }
        own.shops.close().await
    }
}
