//! The pretend world: who there is, what they said to each other, and what time it is.
//!
//! One lock holds all of it. What a customer does and the webhooks that follow are made under that
//! lock, so their order is the order in which they happened; nothing waits while it is held.

mod acts;
mod model;
pub mod preset;
mod sends;
mod state;

use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::{broadcast, mpsc};

pub use acts::{Action, Draft, Happening, Refusal};
pub use model::{
    Account, Attachment, Button, Comment, Media, Message, Person, Phone, Platform, Reaction, Side,
    Status,
};
pub use sends::Accepted;
pub use state::{State, Token, TokenKind, hex};

use crate::config::Config;
use crate::faults::{Fault, Kind};
use crate::hooks::Hook;

/// How many changes a slow watcher of the phones may lie behind.
const CHANGES: usize = 256;

/// A handle on the one pretend world of a sandbox.
#[derive(Clone)]
pub struct World(Arc<Inner>);

struct Inner {
    config: Config,
    address: SocketAddr,
    state: Mutex<State>,
    changes: broadcast::Sender<String>,
    hooks: mpsc::UnboundedSender<Hook>,
}

impl World {
    /// The preset world, and the webhooks that will come out of it.
    pub fn new(config: Config, address: SocketAddr) -> (World, mpsc::UnboundedReceiver<Hook>) {
        let (hooks, received) = mpsc::unbounded_channel();
        let state = Mutex::new(preset::state(&config));
        let changes = broadcast::channel(CHANGES).0;
        (World(Arc::new(Inner { config, address, state, changes, hooks })), received)
    }

    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Where the sandbox can be reached, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.0.address)
    }

    /// Never held across an await.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock()
    }

    /// Puts the preset world back. Webhooks on their way are forgotten.
    pub fn reset(&self) {
        let mut state = self.lock();
        let (epoch, serial) = (state.epoch + 1, state.serial);
        *state = preset::state(&self.0.config);
        state.epoch = epoch;
        state.serial = serial;
        let phones: Vec<String> = state.phones().iter().map(|phone| phone.id.clone()).collect();
        drop(state);
        phones.iter().for_each(|phone| self.changed(phone));
    }

    /// Milliseconds since 1970 in the pretend world; never the same twice.
    pub fn now(&self) -> i64 {
        self.lock().now()
    }

    /// Whether a fault of this kind strikes a call of this method.
    pub fn strike(&self, platform: Platform, kind: Kind, method: &str) -> Option<Fault> {
        let mut state = self.lock();
        let chance = state.chance();
        state.faults.strike(platform, kind, method, chance)
    }

    /// Sends a webhook, after those of its lane.
    pub fn push(&self, mut hook: Hook) {
        hook.epoch = self.lock().epoch;
        self.send(hook);
    }

    /// As `push`, by one who holds the lock.
    pub fn push_all(&self, state: &State, hooks: Vec<Hook>) {
        for mut hook in hooks {
            hook.epoch = state.epoch;
            self.send(hook);
        }
    }

    fn send(&self, hook: Hook) {
        // The deliverer is gone only while the sandbox stops.
        let _ = self.0.hooks.send(hook);
    }

    /// Tells whoever watches that a phone shows something new.
    pub fn changed(&self, phone: &str) {
        // Nobody need be watching.
        let _ = self.0.changes.send(phone.to_owned());
    }

    /// Ids of phones, each time one shows something new.
    pub fn watch(&self) -> broadcast::Receiver<String> {
        self.0.changes.subscribe()
    }
}
