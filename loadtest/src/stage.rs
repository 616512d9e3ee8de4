//! Workspaces for scripts that play people: `loadtest prepare` makes them on a running server, and
//! `loadtest load` on servers of its own. Both tell of them as JSON.

use anyhow::Result;
use serde::Serialize;
use switchboard_wire::rest::account::{CreateToken, NewApiToken};

use crate::http::Owner;

/// What a script reads.
#[derive(Debug, Clone, Serialize)]
pub struct Stage {
    /// The addresses of the servers, without a slash at their end.
    pub bases: Vec<String>,
    /// By which webhooks are signed; without it there are no accounts on channels.
    pub app_secret: Option<String>,
    pub workspaces: Vec<Prepared>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Prepared {
    /// The public key of its widget.
    pub key: String,
    /// An API token of its owner.
    pub token: String,
    /// The id of its number on WhatsApp.
    pub number: Option<String>,
}

impl Prepared {
    pub async fn of(owner: &Owner, number: Option<String>) -> Result<Prepared> {
        let token = CreateToken { name: "Measurements".to_owned() };
        let token: NewApiToken = owner.post("/tokens", &token).await?;
        Ok(Prepared { key: owner.key.clone(), token: token.secret, number })
    }
}

/// Where to make workspaces, and how many.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The address of a running server, without a slash at its end. Several are nodes of one.
    #[arg(long, value_name = "URL", required = true)]
    url: Vec<String>,
    /// How many workspaces to found there.
    #[arg(long, default_value_t = 8)]
    workspaces: usize,
}

/// Founds workspaces and prints them.
pub async fn prepare(args: Args) -> Result<()> {
    println!("{}", serde_json::to_string(&found(&args.url, args.workspaces).await?)?);
    Ok(())
}

/// Founds workspaces on the first of these nodes. They stay.
pub async fn found(bases: &[String], many: usize) -> Result<Stage> {
    let bases: Vec<String> = bases.iter().map(|url| url.trim_end_matches('/').into()).collect();
    // Workspaces and logins of earlier runs may be there.
    let run = uuid::Uuid::now_v7().simple().to_string();
    let mut workspaces = vec![];
    for nth in 0..many {
        let owner = Owner::sign_up_at(&bases[0], &format!("{run}-{nth}")).await?;
        workspaces.push(Prepared::of(&owner, None).await?);
    }
    Ok(Stage { bases, app_secret: None, workspaces })
}
