//! Measures Switchboard from outside: `loadtest bench` takes figures, `loadtest load` plays people,
//! `loadtest report` draws what came of both.
//!
//! It starts servers of its own, speaks to them as browsers do, and prints figures. It knows
//! `wire` and the public addresses alone; only `seed` reaches behind them.

mod bench;
mod client;
mod crowd;
mod desk;
mod drive;
mod figure;
mod figures;
mod hook;
mod http;
mod inserts;
mod latency;
mod load;
mod meter;
mod peers;
mod postgres;
mod posting;
mod process;
mod redis;
mod report;
mod seed;
mod server;
mod shops;
mod stage;
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

/// Measures Switchboard from outside.
#[derive(Debug, Parser)]
#[command(name = "loadtest", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measures the figures of the design's budgets and prints one JSON line for each.
    Bench(bench::Args),
    /// Plays people with k6, at a rate or at the highest one that holds.
    Load(load::Args),
    /// Holds very many sockets, and posts at a rate beside them.
    Drive(drive::Args),
    /// Draws a page from the lines that `bench` and `load` print: lines in, HTML out.
    Report,
    /// Founds workspaces on a running server, for the scripts of k6, and tells of them as JSON.
    Prepare(stage::Args),
}

#[tokio::main]
async fn main() -> ExitCode {
    let command = Cli::parse().command;
    // No HTTP client can be made without one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Whatever ends it, what it started ends with it.
    let done = tokio::select! {
        done = run(command) => done,
        broken = broken_off() => broken,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("loadtest: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Bench(args) => bench::run(args).await,
        Command::Load(args) => load::run(args).await,
        Command::Drive(args) => drive::run(args).await,
        Command::Report => report::run(),
        Command::Prepare(args) => stage::prepare(args).await,
    }
}

/// Returns when somebody wants an end of it.
async fn broken_off() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    anyhow::bail!("broken off")
}
