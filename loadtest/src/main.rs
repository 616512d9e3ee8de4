//! Measures Switchboard from outside: `loadtest bench`.
//!
//! It starts servers of its own, speaks to them as browsers do, and prints figures. It knows
//! `wire` and the public addresses alone; only `seed` reaches behind them.

mod bench;
mod client;
mod crowd;
mod figure;
mod figures;
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
    match bench::run(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("loadtest: {error:#}");
            ExitCode::FAILURE
        }
    }
}
