//! A running server: its parts put together around a bound listener.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix::Arbiter;
use actix_http::body::MessageBody;
use actix_http::{HttpService, KeepAlive, Request};
use actix_service::{IntoServiceFactory, ServiceFactory, map_config};
use actix_web::dev::{AppConfig, Server as HttpServerFuture, ServerHandle, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::rt::net::TcpStream;
use actix_web::{App as WebApp, web};
use anyhow::Context;
use switchboard_actors::accounts::Accounts;
use switchboard_actors::bus::redis::RedisBus;
use switchboard_actors::bus::{Bus, MemoryBus, NodeId};
use switchboard_actors::links::Links;
use switchboard_actors::trace::{self, Tracer};
use switchboard_actors::{Cast, Parts as CastParts};
use switchboard_store::{Store, migrate, partition, postgres};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::blobs::Blobs;
use crate::cluster::{Cluster, Options};
use crate::config::{Config, Files};
use crate::demo::{self, Demo};
use crate::http::{cors, headers, observe, shed};
use crate::platform_files::PlatformFiles;
use crate::spool::Spool;
use crate::state::{App, Parts};
use crate::uploads::Uploads;
use crate::ws::upgrade;
use crate::{clock, figures, housekeeping, keys, spool, telemetry};

/// How long a new server waits for a database that is still starting.
const DATABASE_WITHIN: Duration = Duration::from_secs(30);
/// A peer that acknowledges nothing of what was sent for this long is gone, also where its
/// websocket sleeps because it does not read.
const PEER_SILENT_FOR: Duration = Duration::from_secs(20);
/// Connections that wait to be accepted.
const BACKLOG: u32 = 4_096;
/// How often a leaving server looks whether its clients have left.
const DRAIN_STEP: Duration = Duration::from_millis(20);
/// A websocket that was told to leave and does not read is not waited for any longer.
const SOCKETS_LEAVE_WITHIN: Duration = Duration::from_secs(3);
/// What the last answers have to reach the network.
const LAST_BYTES: Duration = Duration::from_millis(100);

/// A server that answers. Several may live in one process.
pub struct Server {
    address: SocketAddr,
    app: web::Data<App>,
    handle: ServerHandle,
    serving: tokio::task::JoinHandle<std::io::Result<()>>,
    /// The listener of figures, if it is another.
    figures: Option<ServerHandle>,
    housekeeping: JoinHandle<()>,
    draining_spool: JoinHandle<()>,
    /// The threads of the actors.
    arbiters: Vec<Arbiter>,
    /// The private Postgres, stopped last.
    cluster: Option<Cluster>,
}

/// Says with what calls to others are sealed. Comes before the first client of the process is made.
pub fn choose_cryptography() {
    // Another part of the process may have chosen; any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Runs a future on an actix system over a multi-thread runtime, as the server needs.
pub fn block_on<F: Future>(future: F) -> std::io::Result<F::Output> {
    choose_cryptography();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut runtime = Some(runtime);
    let system = actix::System::with_tokio_rt(move || match runtime.take() {
        Some(runtime) => runtime,
        None => unreachable!("a system asks for one runtime"),
    });
    Ok(system.block_on(future))
}

impl Server {
    /// Starts everything and answers once requests are served. Must run inside an actix system,
    /// see [`block_on`].
    pub async fn start(config: Config, listener: TcpListener) -> anyhow::Result<Server> {
        Server::start_with(config, listener, None).await
    }

    /// The same, as the demo.
    pub async fn start_demo(
        config: Config,
        listener: TcpListener,
        demo: Demo,
    ) -> anyhow::Result<Server> {
        Server::start_with(config, listener, Some(demo)).await
    }

    async fn start_with(
        config: Config,
        listener: TcpListener,
        demo: Option<Demo>,
    ) -> anyhow::Result<Server> {
        telemetry::metrics();
        choose_cryptography();
        let address = listener.local_addr().context("the listener has no address")?;
        let master = config.require_master_keys()?;
        let blobs = open_files(&config).await?;
        let spool = Spool::open(&config.data, &master).context("the spool is not usable")?;
        let (database, cluster) = open_database(&config).await?;
        let store = Store::new(&database, master, tokio::runtime::Handle::current())?;
        if let Err(error) = keys::require_known(&store).await {
            if let Some(cluster) = &cluster {
                cluster.stop().await;
            }
            return Err(error);
        }
        let public_url = config
            .public_url
            .clone()
            .unwrap_or_else(|| format!("http://localhost:{}", address.port()));
        let links = Links::new(store.master.derive_all("file link"), public_url.clone());
        let uploads = Uploads::new(&config.uploads);
        let files = PlatformFiles { blobs: blobs.clone(), uploads: uploads.clone() };
        let node = NodeId::now_v7();
        let tracer = traces(&config, node);
        let platforms = config.platforms(&public_url);
        let accounts = Accounts::new(platforms, Arc::new(files), tracer.clone())?;
        let arbiters: Vec<Arbiter> = (0..cores()).map(|_| Arbiter::new()).collect();
        let cast = Cast::start(CastParts {
            store: store.clone(),
            links: links.clone(),
            node,
            bus: bus(&config, node, &store),
            accounts,
            tracer,
            arbiters: arbiters.iter().map(Arbiter::handle).collect(),
        });
        let login = match &demo {
            None => None,
            Some(demo) => Some(demo::found(demo, &store).await?),
        };
        let parts =
            Parts { config, public_url, store, cast, links, demo: login, blobs, uploads, spool };
        let app = web::Data::new(App::new(parts));
        app.clone().into_inner().listen();
        for arbiter in &arbiters {
            let app = app.clone();
            arbiter.spawn_fn(move || app.load.watch_thread("actors"));
        }
        demo::seed(&app).await?;
        let figures = figures::serve(&app)?;
        let server = serve(app.clone(), listener)?;
        let handle = server.handle();
        let serving = actix_web::rt::spawn(server);
        let housekeeping = tokio::spawn(housekeeping::keep(app.clone().into_inner(), database));
        let draining_spool = tokio::spawn(spool::keep(app.clone().into_inner()));
        metrics::gauge!("switchboard_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        metrics::gauge!("switchboard_started_seconds").set(clock::now().as_second() as f64);
        tracing::info!(%address, public_url = app.public_url, "serving");
        Ok(Server {
            address,
            app,
            handle,
            serving,
            figures: figures.map(|(_, handle)| handle),
            housekeeping,
            draining_spool,
            arbiters,
            cluster,
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn app(&self) -> &web::Data<App> {
        &self.app
    }

    /// Lets go of the clients, finishes what was begun and stops, the private Postgres last.
    pub async fn stop(self) {
        let within = self.app.config.http.drain();
        self.app.drain();
        self.handle.pause().await;
        if tokio::time::timeout(within, drained(&self.app)).await.is_err() {
            let (requests, sockets) = (self.app.requests.get(), self.app.sockets.get());
            tracing::warn!(requests, sockets, "some clients did not leave in time");
        }
        self.app.cast.close().await;
        tokio::time::sleep(LAST_BYTES).await;
        self.housekeeping.abort();
        self.draining_spool.abort();
        // Idle connections are no reason to wait; what was under way has ended above.
        self.handle.stop(false).await;
        if let Ok(Err(error)) = self.serving.await {
            tracing::error!(%error, "the listener failed");
        }
        if let Some(figures) = self.figures {
            figures.stop(false).await;
        }
        for arbiter in &self.arbiters {
            arbiter.stop();
        }
        if let Some(cluster) = &self.cluster {
            cluster.stop().await;
        }
        tracing::info!("stopped");
    }
}

/// The files of the settings, tried. A bucket that is away for now is no reason not to start.
async fn open_files(config: &Config) -> anyhow::Result<Blobs> {
    let place = match &config.files {
        Files::Data => format!("the data folder {}", config.data.display()),
        Files::Folder(folder) => format!("the folder {} of SWITCHBOARD_FILES", folder.display()),
        Files::Bucket(bucket) => format!("the bucket {} of SWITCHBOARD_FILES", bucket.name),
    };
    let unusable = || format!("{place} is not usable");
    if !config.redis.is_empty() && matches!(config.files, Files::Data) {
        tracing::warn!(
            "several nodes need files that all of them reach: name a bucket or a shared folder in \
             SWITCHBOARD_FILES"
        );
    }
    let blobs = Blobs::open(config).await.with_context(unusable)?;
    match blobs.check().await {
        Ok(()) => {}
        Err(error) if matches!(config.files, Files::Bucket(_)) && !is_refusal(&error) => {
            tracing::warn!(%error, place, "files cannot be kept or read for now");
        }
        Err(error) => return Err(error).with_context(unusable),
    }
    Ok(blobs)
}

/// Whether trying again would change nothing.
fn is_refusal(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::NotFound)
}

/// Tells the websockets to come back elsewhere, and waits until they and all requests are done.
async fn drained(app: &App) {
    app.cast.drain().await;
    let patience = Instant::now() + SOCKETS_LEAVE_WITHIN;
    while app.requests.get() > 0 || (app.sockets.get() > 0 && Instant::now() < patience) {
        tokio::time::sleep(DRAIN_STEP).await;
    }
}

/// How this node tells others what happens.
fn bus(config: &Config, node: NodeId, store: &Store) -> Arc<dyn Bus> {
    if config.redis.is_empty() {
        return MemoryBus::shared();
    }
    let runtime = tokio::runtime::Handle::current();
    RedisBus::start(config.redis.clone(), node, &store.master, &runtime)
}

/// Records what the settings ask for, and sends it to their collector.
fn traces(config: &Config, node: NodeId) -> Tracer {
    let Some(endpoint) = config.traces.endpoint.clone() else { return Tracer::default() };
    let (tracer, spans) = Tracer::new(config.traces.sample_ratio);
    tokio::spawn(trace::export(endpoint, node.to_string(), spans));
    tracer
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The database of the settings, reachable and up to date.
async fn open_database(config: &Config) -> anyhow::Result<(postgres::Address, Option<Cluster>)> {
    let (url, cluster) = match config.database.url() {
        Some(url) => (url.to_owned(), None),
        None => {
            let cluster = Cluster::start(Options::new(config.data.clone())).await?;
            (cluster.url(), Some(cluster))
        }
    };
    let database: postgres::Address =
        url.parse().context("the database's address could not be read")?;
    let applied = migrate_patiently(&database).await?;
    if applied > 0 {
        tracing::info!(applied, "brought the schema up to date");
    }
    // Before the first event of a month is written.
    partition::maintain(&database, clock::now()).await.context("the database is not usable")?;
    Ok((database, cluster))
}

/// Opens the database of the settings for a command that needs no server, and closes it after.
pub async fn with_database<T>(
    config: &Config,
    work: impl AsyncFnOnce(&postgres::Address) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let (database, cluster) = open_database(config).await?;
    let done = work(&database).await;
    if let Some(cluster) = cluster {
        cluster.stop().await;
    }
    done
}

/// Brings the schema up to date, waiting for a database that is on its way.
async fn migrate_patiently(database: &postgres::Address) -> anyhow::Result<usize> {
    let patience = Instant::now() + DATABASE_WITHIN;
    loop {
        match migrate::migrate(database).await {
            Err(error) if error.is_unavailable() && Instant::now() < patience => {
                tracing::warn!(%error, "waiting for the database");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            other => return other.context("the database is not usable"),
        }
    }
}

fn serve(app: web::Data<App>, listener: TcpListener) -> std::io::Result<HttpServerFuture> {
    let http = app.config.http.clone();
    let workers = if http.workers == 0 { cores() } else { http.workers };
    let patience = Duration::from_secs(http.request_timeout_seconds);
    let keep_alive = Duration::from_secs(http.keep_alive_seconds);
    listener.set_nonblocking(true)?;
    // This runs once on each worker's own thread.
    let service = move || {
        app.load.watch_thread("workers");
        let upgraded = map_config(application(&app), |()| AppConfig::default());
        HttpService::build()
            .client_request_timeout(patience)
            .client_disconnect_timeout(patience)
            .keep_alive(KeepAlive::Timeout(keep_alive))
            .on_connect_ext(|stream, _| tune(stream))
            .upgrade(upgrade::Upgrades::of(upgraded))
            .finish(map_config(application(&app), |()| AppConfig::default()))
            .tcp()
    };
    let server = HttpServerFuture::build()
        .workers(workers)
        .backlog(BACKLOG)
        .max_concurrent_connections(http.max_connections.div_ceil(workers))
        .shutdown_timeout(http.drain_seconds)
        .disable_signals()
        .listen("http", listener, service)?
        .run();
    Ok(server)
}

/// Everything that is served, as one worker serves it.
fn application(
    app: &web::Data<App>,
) -> impl ServiceFactory<
    Request,
    Config = AppConfig,
    Response = ServiceResponse<impl MessageBody + use<>>,
    Error = actix_web::Error,
    InitError = (),
> + use<> {
    let application = WebApp::new()
        .app_data(app.clone())
        .configure(crate::http::routes)
        // The last is the outermost: it sees what the others answer.
        .wrap(from_fn(shed::shed))
        .wrap(from_fn(headers::secure))
        .wrap(from_fn(cors::cors))
        .wrap(from_fn(observe::observe));
    application.into_factory()
}

/// Sets up each accepted socket.
fn tune(stream: &TcpStream) {
    let socket = socket2::SockRef::from(stream);
    // A socket that cannot be tuned is about to fail anyway.
    let _ = socket.set_tcp_nodelay(true);
    let _ = socket.set_tcp_user_timeout(Some(PEER_SILENT_FOR));
}
