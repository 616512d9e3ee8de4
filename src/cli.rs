//! The command line.

use std::net::TcpListener;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};

use crate::config::{self, Config};
use crate::server::{self, Server};

/// A self-hosted, real-time messaging server.
#[derive(Debug, Parser)]
#[command(name = "switchboard", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// A file of settings, read over the defaults.
    #[arg(long, env = "SWITCHBOARD_CONFIG", global = true)]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server.
    Serve(ServeArgs),
    /// Brings the database's schema up to date and exits.
    Migrate,
}

#[derive(Debug, Args)]
struct ServeArgs {
    /// Prints the default settings with their explanations and exits.
    #[arg(long)]
    print_config: bool,
}

impl Cli {
    pub fn run(self) -> anyhow::Result<()> {
        if let Command::Serve(ServeArgs { print_config: true }) = self.command {
            print!("{}", config::DEFAULTS);
            return Ok(());
        }
        let config = Config::load(self.config.as_deref())?;
        match self.command {
            Command::Serve(_) => server::block_on(serve(config))?,
            Command::Migrate => server::block_on(migrate(config))?,
        }
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    config.require_master_keys()?;
    let listener = TcpListener::bind(config.listen)
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let server = Server::start(config, listener).await?;
    tokio::signal::ctrl_c().await?;
    server.stop().await;
    Ok(())
}

async fn migrate(_config: Config) -> anyhow::Result<()> {
    Ok(())
}
