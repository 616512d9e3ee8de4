//! Measures Switchboard from outside: `loadtest bench`.
//!
//! It starts servers of its own, speaks to them as browsers do, and prints figures. It knows
//! `wire` and the public addresses alone; only `seed` reaches behind them.

mod bench;
mod client;
mod crowd;
mod figure;
mod figures;
mod hook;
mod http;
mod inserts;
mod latency;
mod postgres;
mod posting;
mod process;
mod seed;
mod server;

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
}

#[tokio::main]
async fn main() -> ExitCode {
    let Command::Bench(args) = Cli::parse().command;
    // No HTTP client can be made without one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Whatever ends it, what it started ends with it.
    let done = tokio::select! {
        done = bench::run(args) => done,
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
