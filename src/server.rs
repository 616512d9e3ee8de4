//! A running server: its parts put together around a bound listener.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::{Server as HttpServerFuture, ServerHandle};
use actix_web::http::KeepAlive;
use actix_web::{App as WebApp, HttpServer, web};
use anyhow::Context;
use switchboard_actors::links::Links;
use switchboard_store::{PostgresConfig, Store, migrate};
use tokio::task::JoinHandle;

use crate::blobs::Blobs;
use crate::cluster::{Cluster, Options};
use crate::config::Config;
use crate::state::{App, Parts};

/// How long a new server waits for a database that is still starting.
const DATABASE_WITHIN: Duration = Duration::from_secs(30);

/// A server that answers. Several may live in one process.
pub struct Server {
    address: SocketAddr,
    app: web::Data<App>,
    handle: ServerHandle,
    serving: JoinHandle<std::io::Result<()>>,
    /// The private Postgres, stopped last.
    cluster: Option<Cluster>,
}

/// Runs a future on an actix system over a multi-thread runtime, as the server needs.
pub fn block_on<F: Future>(future: F) -> std::io::Result<F::Output> {
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
        let address = listener.local_addr().context("the listener has no address")?;
        let master = config.require_master_keys()?;
        let (database, cluster) = open_database(&config).await?;
        let runtime = tokio::runtime::Handle::current();
        let store = Store::new(&database, master, runtime)?;
        let public_url = config
            .public_url
            .clone()
            .unwrap_or_else(|| format!("http://localhost:{}", address.port()));
        let blobs = Blobs::open(&config.data).await.with_context(|| {
            format!("the data folder {} is not usable", config.data.display())
        })?;
        let links = Links::new(store.master.derive_all("file link"), public_url.clone());
        let app = web::Data::new(App::new(Parts { config, public_url, store, links, blobs }));
        let server = serve(app.clone(), listener)?;
        let handle = server.handle();
        let serving = actix_web::rt::spawn(server);
        Ok(Server { address, app, handle, serving, cluster })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn app(&self) -> &web::Data<App> {
        &self.app
    }

    /// Lets go of the clients, finishes what was begun and stops, the private Postgres last.
    pub async fn stop(self) {
        self.app.drain();
        self.handle.stop(true).await;
        if let Ok(Err(error)) = self.serving.await {
            tracing::error!(%error, "the listener failed");
        }
        if let Some(cluster) = &self.cluster {
            cluster.stop().await;
        }
    }
}

/// The database of the settings, reachable and up to date.
async fn open_database(config: &Config) -> anyhow::Result<(PostgresConfig, Option<Cluster>)> {
    let (url, cluster) = match config.database.url() {
        Some(url) => (url.to_owned(), None),
        None => {
            let cluster = Cluster::start(Options::new(config.data.clone())).await?;
            (cluster.url(), Some(cluster))
        }
    };
    let database: PostgresConfig = url.parse().context("the database's address is not one")?;
    migrate_patiently(&database).await?;
    Ok((database, cluster))
}

/// Brings the schema up to date, waiting for a database that is on its way.
pub async fn migrate_patiently(database: &PostgresConfig) -> anyhow::Result<usize> {
    let patience = tokio::time::Instant::now() + DATABASE_WITHIN;
    loop {
        match migrate::migrate(database).await {
            Err(error) if error.is_unavailable() && tokio::time::Instant::now() < patience => {
                tracing::warn!(%error, "waiting for the database");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            other => return other.context("the database is not usable"),
        }
    }
}

fn serve(app: web::Data<App>, listener: TcpListener) -> std::io::Result<HttpServerFuture> {
    let http = app.config.http.clone();
    let workers = match http.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    let server = HttpServer::new(move || {
        WebApp::new().app_data(app.clone()).configure(crate::http::routes)
    })
    .workers(workers)
    .max_connections(http.max_connections.div_ceil(workers))
    .client_request_timeout(Duration::from_secs(http.request_timeout_seconds))
    .client_disconnect_timeout(Duration::from_secs(http.request_timeout_seconds))
    .keep_alive(KeepAlive::Timeout(Duration::from_secs(http.keep_alive_seconds)))
    .shutdown_timeout(http.drain_seconds)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(server)
}
