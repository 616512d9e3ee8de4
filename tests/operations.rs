//! Running it: starting, leaving, looking after it, and what it writes down.

mod busy;
mod commands;
mod demo;
mod figures;
mod keys;
mod leaving;
mod logs;
mod private;
mod traces;
mod upgrade;

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

/// The text of every source file below a folder.
fn sources(folder: &str) -> Vec<String> {
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut texts = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                texts.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    texts
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
