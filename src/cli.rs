//! The command line.

use std::net::TcpListener;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use switchboard_actors::accounts::rotation;
use switchboard_store::seal::{MasterKeys, random_token};
use switchboard_store::{Scope, Store, password_link, user};
use tokio::signal::unix::{SignalKind, signal};

use crate::config::{self, Config};
use crate::server::{self, Server};
use crate::{clock, demo, doctor, keys, telemetry};

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
    /// Runs the server with a workspace that is ready to look at.
    Demo,
    /// Brings the database's schema up to date and exits.
    Migrate,
    /// Looks at everything a server needs, and says what to do about the rest.
    Doctor,
    /// The master keys.
    #[command(subcommand)]
    Keys(Keys),
    /// Prints a link by which a login sets a new password.
    PasswordLink {
        /// The address of the login.
        email: String,
    },
}

#[derive(Debug, Subcommand)]
enum Keys {
    /// Has the first of SWITCHBOARD_MASTER_KEYS protect everything that is stored. Servers may run
    /// meanwhile, if all of them know that key. Stopped half-way, it goes on where it was.
    Rotate,
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
        telemetry::log(&config.log)?;
        match self.command {
            Command::Serve(_) => server::block_on(serve(config))?,
            Command::Demo => server::block_on(run_demo(config))?,
            Command::Migrate => server::block_on(migrate(config))?,
            Command::Doctor => server::block_on(examine(config))?,
            Command::Keys(Keys::Rotate) => server::block_on(rotate(config))?,
            Command::PasswordLink { email } => server::block_on(link(config, &email))?,
        }
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    config.require_master_keys()?;
    let listener = listen(&config)?;
    // Before the start, so that a signal during it is not lost.
    let stop = StopSignals::new()?;
    let server = Server::start(config, listener).await?;
    until_stopped(server, stop).await;
    Ok(())
}

async fn run_demo(mut config: Config) -> anyhow::Result<()> {
    let mut demo = demo::prepare(&mut config)?;
    let listener = listen(&config)?;
    let stop = StopSignals::new()?;
    let phones = demo::Phones::start(&mut demo, &mut config, listener.local_addr()?).await?;
    let server = Server::start_demo(config, listener, demo).await?;
    phones.connect(server.app()).await;
    println!("\n{}\n", demo::welcome(server.app()));
    until_stopped(server, stop).await;
    phones.stop().await;
    Ok(())
}

async fn migrate(config: Config) -> anyhow::Result<()> {
    server::with_database(&config, async |_| Ok(())).await?;
    println!("the schema is up to date");
    Ok(())
}

async fn examine(config: Config) -> anyhow::Result<()> {
    if doctor::examine(&config).await { Ok(()) } else { bail!("a server would not start") }
}

async fn rotate(config: Config) -> anyhow::Result<()> {
    let master = config.require_master_keys()?;
    server::with_database(&config, async |database| {
        let store = Store::new(database, master.clone(), tokio::runtime::Handle::current())?;
        keys::require_known(&store).await?;
        let rotated = rotation::rotate(&store, |rotated| {
            println!("{} workspaces, {} accounts so far", rotated.workspaces, rotated.accounts);
        })
        .await?;
        println!(
            "{} protects everything in the database; {} workspaces and {} accounts were changed",
            master.current(),
            rotated.workspaces,
            rotated.accounts
        );
        Ok(())
    })
    .await
}

async fn link(config: Config, email: &str) -> anyhow::Result<()> {
    // Logins are not sealed, so whoever reaches the database needs no key of it.
    let master = MasterKeys::parse(&MasterKeys::generate())?;
    let email = switchboard_domain::text::email(email).context("this is not an e-mail address")?;
    let public_url = config
        .public_url
        .clone()
        .unwrap_or_else(|| format!("http://localhost:{}", config.listen.port()));
    server::with_database(&config, async |database| {
        let store = Store::new(database, master, tokio::runtime::Handle::current())?;
        let tx = store.writers.begin(Scope::default()).await?;
        let login = user::find_login(&tx, &email).await?;
        let login = login.with_context(|| format!("nobody signs in as {email}"))?;
        tx.act_for(login.user).await?;
        let token = random_token();
        let expires = password_link::insert(&tx, login.user, &token, clock::now()).await?;
        tx.commit().await?;
        println!("{public_url}/console/reset/{token}");
        println!("works once, until {expires}");
        Ok(())
    })
    .await
}

fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    raise_file_limit();
    TcpListener::bind(config.listen).with_context(|| {
        format!(
            "cannot listen on {}; choose another as `listen` in the settings file or with \
             SWITCHBOARD_LISTEN",
            config.listen
        )
    })
}

/// A connection is a file, and the usual soft limit is 1,024 of them.
fn raise_file_limit() {
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard
        && let Err(error) = setrlimit(Resource::RLIMIT_NOFILE, hard, hard)
    {
        tracing::warn!(%error, soft, "the limit of open files stays low");
    }
}

/// What asks a server to leave.
struct StopSignals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl StopSignals {
    fn new() -> anyhow::Result<StopSignals> {
        let listen = |kind| signal(kind).context("signals cannot be heard");
        Ok(StopSignals {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Serves until asked to leave, and then leaves in good order; asked twice, at once.
async fn until_stopped(server: Server, mut stop: StopSignals) {
    stop.next().await;
    tracing::info!("stopping; a second signal stops at once");
    tokio::select! {
        () = server.stop() => {}
        () = stop.next() => tracing::warn!("left at once"),
    }
}
