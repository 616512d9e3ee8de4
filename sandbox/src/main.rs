//! A sandbox of its own, for development: `switchboard-sandbox --bind 127.0.0.1:8090`.

use std::net::SocketAddr;

use clap::Parser;
use switchboard_sandbox::{Config, Sandbox};

/// Pretends to be WhatsApp, Messenger, Instagram and Telegram.
#[derive(Parser)]
struct Arguments {
    #[arg(long, env = "SANDBOX_BIND", default_value = "127.0.0.1:8090")]
    bind: SocketAddr,
    /// Where the server under test takes webhooks; `/hooks/<platform>` is put behind it.
    #[arg(long, env = "SANDBOX_HOOK_BASE", default_value = "http://127.0.0.1:8080")]
    hook_base: String,
    /// All ids follow from it; 0 takes one from the clock.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let config = Config {
        bind: arguments.bind,
        meta_hook_base: arguments.hook_base,
        seed: arguments.seed,
        ..Config::default()
    };
    let sandbox = Sandbox::start(config).await?;
    println!("pretend phones: {}/phones", sandbox.url());
    tokio::signal::ctrl_c().await?;
    sandbox.stop().await;
    Ok(())
}
