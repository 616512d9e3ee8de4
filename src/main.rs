//! The program. See `switchboard --help`.

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // In huge pages every buffer that a socket keeps for a bad day is resident from its first
    // byte on, and a fresh page is two megabytes to clear. Where it cannot be had, nothing breaks.
    let _ = nix::sys::prctl::set_thp_disable(true);
    match switchboard::cli::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("switchboard: {error:#}");
            ExitCode::FAILURE
        }
    }
}
