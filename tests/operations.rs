//! Running it: starting, leaving, looking after it, and what it writes down.

mod commands;
mod demo;
mod leaving;
mod logs;
mod private;

use std::path::Path;
use std::process::{Command, Output};

use switchboard_store::seal::MasterKeys;

use crate::support::process::program;

/// Runs a command to its end.
async fn run(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// The program with a master key of its own.
fn with_keys(data: &Path) -> Command {
    let mut command = program(data);
    command.env("SWITCHBOARD_MASTER_KEYS", MasterKeys::generate());
    command
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
