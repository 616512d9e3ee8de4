//! What every request may use: the parts of the server, made once.

use std::sync::atomic::{AtomicBool, Ordering};

use switchboard_actors::links::Links;
use switchboard_store::Store;

use crate::blobs::Blobs;
use crate::config::Config;
use crate::http::auth::Principals;
use crate::limits::Limits;
use crate::password::Passwords;
use crate::uploads::Uploads;
use crate::visitor_token::VisitorTokens;
use crate::widgets::Widgets;

/// The server's parts, shared by all workers as `web::Data<App>`.
pub struct App {
    pub config: Config,
    /// How people reach us: an origin without a slash at its end.
    pub public_url: String,
    pub store: Store,
    pub links: Links,
    pub principals: Principals,
    pub passwords: Passwords,
    pub limits: Limits,
    pub visitors: VisitorTokens,
    pub widgets: Widgets,
    pub blobs: Blobs,
    pub uploads: Uploads,
    /// Set when the server is about to leave: nothing new is taken on.
    draining: AtomicBool,
}

/// The parts that [`App`] is made of.
pub struct Parts {
    pub config: Config,
    pub public_url: String,
    pub store: Store,
    pub links: Links,
    pub blobs: Blobs,
}

impl App {
    pub fn new(parts: Parts) -> App {
        let Parts { config, public_url, store, links, blobs } = parts;
        App {
            visitors: VisitorTokens::new(store.master.derive_all("visitor token")),
            limits: Limits::new(&config.limits),
            passwords: Passwords::default(),
            uploads: Uploads::new(&config.uploads),
            widgets: Widgets::default(),
            config,
            public_url,
            store,
            links,
            blobs,
            principals: Principals::default(),
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
