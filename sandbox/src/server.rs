//! The listener, and the thread it lives on.

use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use anyhow::Context;
use tokio::sync::{mpsc, oneshot};

use crate::config::Config;
use crate::hooks::{self, Hook};
use crate::world::World;
use crate::{control, graph, media, phones, telegram};

/// A running sandbox. It has a thread and a runtime of its own, so it can be started inside any
/// other.
pub struct Sandbox {
    address: SocketAddr,
    world: World,
    handle: ServerHandle,
    thread: JoinHandle<()>,
}

impl Sandbox {
    pub async fn start(config: Config) -> anyhow::Result<Sandbox> {
        // Who makes an HTTP client first needs one; a second installation changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind(config.bind).context("cannot listen")?;
        let address = listener.local_addr()?;
        let (world, received) = World::new(config, address);
        let (started, has_started) = oneshot::channel();
        let serving = world.clone();
        let thread = std::thread::Builder::new().name("sandbox".into()).spawn(move || {
            actix_web::rt::System::new().block_on(serve(serving, listener, received, started));
        })?;
        let handle = has_started.await.context("the sandbox did not start")??;
        Ok(Sandbox { address, world, handle, thread })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        self.world.url()
    }

    /// For tests in the same process.
    pub fn world(&self) -> &World {
        &self.world
    }

    pub async fn stop(self) {
        self.handle.stop(false).await;
        // Its runtime is on its way out; joining does not wait for anything else.
        let _ = tokio::task::spawn_blocking(move || self.thread.join()).await;
    }
}

async fn serve(
    world: World,
    listener: TcpListener,
    received: mpsc::UnboundedReceiver<Hook>,
    started: oneshot::Sender<anyhow::Result<ServerHandle>>,
) {
    let data = Data::new(world.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .configure(control::routes)
            .configure(graph::routes)
            .configure(media::routes)
            .configure(phones::routes)
            .configure(telegram::routes)
    })
    .on_connect(graph::keep_connection)
    // As long as large sites keep theirs, and longer than clients do.
    .keep_alive(Duration::from_secs(75))
    .workers(1)
    .disable_signals()
    .listen(listener);
    let server = match server {
        Ok(server) => server.run(),
        Err(error) => {
            let _ = started.send(Err(error.into()));
            return;
        }
    };
    actix_web::rt::spawn(hooks::run(world, received));
    // Whoever starts it may have given up waiting.
    let _ = started.send(Ok(server.handle()));
    if let Err(error) = server.await {
        tracing::error!(%error, "the sandbox ended");
    }
}
