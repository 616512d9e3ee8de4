//! What every request may use: the parts of the server, made once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use switchboard_actors::Cast;
use switchboard_actors::links::Links;
use switchboard_domain::WorkspaceId;
use switchboard_store::Store;

use crate::blobs::Blobs;
use crate::config::Config;
use crate::doors::Doors;
use crate::http::auth::Principals;
use crate::limits::Limits;
use crate::load::{Load, Of};
use crate::password::Passwords;
use crate::spool::Spool;
use crate::uploads::Uploads;
use crate::visitor_token::VisitorTokens;
use crate::widgets::Widgets;

/// The server's parts, shared by all workers as `web::Data<App>`.
pub struct App {
    pub config: Config,
    /// How people reach us: an origin without a slash at its end.
    pub public_url: String,
    pub store: Store,
    pub cast: Cast,
    pub links: Links,
    pub principals: Principals,
    pub passwords: Passwords,
    pub limits: Limits,
    /// How late the server's work is, and whom it refuses for that.
    pub load: Load,
    pub visitors: VisitorTokens,
    pub widgets: Widgets,
    pub blobs: Blobs,
    pub uploads: Uploads,
    /// Where webhooks wait while the database is away.
    pub spool: Spool,
    pub doors: Doors,
    /// Present when this is the demo.
    pub demo: Option<DemoLogin>,
    /// Requests that are not answered yet.
    pub requests: Count,
    /// Websockets that are open.
    pub sockets: Count,
    /// Set when the server is about to leave: nothing new is taken on.
    draining: AtomicBool,
}

/// What the demo's page tells its visitor.
#[derive(Debug, Clone)]
pub struct DemoLogin {
    pub workspace: WorkspaceId,
    pub widget_key: String,
    pub email: String,
    /// A second login, with the same password.
    pub colleague: String,
    pub password: String,
    /// The page of pretend phones.
    pub phones_url: Option<String>,
}

/// The parts that [`App`] is made of.
pub struct Parts {
    pub config: Config,
    pub public_url: String,
    pub store: Store,
    pub cast: Cast,
    pub links: Links,
    pub demo: Option<DemoLogin>,
    pub blobs: Blobs,
    pub spool: Spool,
    pub uploads: Uploads,
}

impl App {
    pub fn new(parts: Parts) -> App {
        let Parts { config, public_url, store, cast, links, demo, blobs, uploads, spool } = parts;
        let load = Load::new(config.shedding, config.sockets);
        load.watch("read", Of::Everything, store.readers.delay().clone());
        load.watch("write", Of::Changes, store.writers.delay().clone());
        load.watch("journal", Of::Changes, cast.shared().journal.clone());
        App {
            load,
            visitors: VisitorTokens::new(store.master.derive_all("visitor token")),
            limits: Limits::new(&config.limits),
            passwords: Passwords::default(),
            uploads,
            widgets: Widgets::default(),
            config,
            public_url,
            store,
            cast,
            links,
            demo,
            blobs,
            spool,
            doors: Doors::default(),
            principals: Principals::default(),
            requests: Count::default(),
            sockets: Count::default(),
            draining: AtomicBool::new(false),
        }
    }

    pub fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
    }

    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }
}

/// How many of something there are now.
#[derive(Debug, Clone, Default)]
pub struct Count(Arc<AtomicUsize>);

impl Count {
    /// One more, until the answer is dropped.
    pub fn enter(&self) -> Counted {
        self.0.fetch_add(1, Ordering::SeqCst);
        Counted(self.0.clone())
    }

    pub fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// One of those counted.
#[derive(Debug)]
pub struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
