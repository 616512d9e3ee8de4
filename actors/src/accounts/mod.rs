//! Connected accounts: one actor for each, on one node, that sends, fetches and renews.

use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use actix::prelude::*;
use dashmap::DashMap;
use switchboard_channels::{AccountEvent, Action};
use switchboard_domain::{AccountId, ContactId, ConversationId, WorkspaceId};

use crate::Shared;
use crate::bus::{Hint, Notice, Topic};
use crate::files::Files;
use crate::trace::Tracer;

mod actor;
mod address;
mod business;
mod chores;
mod connect;
mod fetching;
mod fleeting;
mod guard;
mod health;
mod history;
pub mod hold;
pub mod http;
mod keeper;
mod pace;
mod polling;
mod queue;
pub mod rotation;
mod schedule;
mod sending;
mod settling;
mod share;
pub mod show;
mod speaking;
mod templates;
mod token;
mod wires;

use actor::Noticed;
pub use fleeting::ActTo;
use http::Http;

/// Where the platforms are, and what we are to them.
#[derive(Debug, Clone)]
pub struct Platforms {
    /// Addresses without a slash at their end.
    pub graph: String,
    pub instagram_graph: String,
    pub instagram_api: String,
    pub telegram: String,
    /// `v26.0`
    pub graph_version: String,
    pub meta: Option<App>,
    pub instagram: Option<App>,
    /// How platforms reach us: an origin without a slash at its end.
    pub public_url: String,
    /// By what their addresses are reached, if not directly.
    pub proxy: Option<Proxy>,
    /// How long a sign is waited for that a message was sent whose call was never answered.
    pub uncertain_grace: Duration,
    /// Between two calls for what was written before an account was connected.
    pub history_pause: Duration,
    /// How long a node holds an account without renewing its hold.
    pub lease_seconds: u32,
}

/// An app that is registered at a platform.
#[derive(Clone)]
pub struct App {
    pub id: String,
    pub secret: String,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A proxy for calls to the configured `https` addresses.
#[derive(Clone)]
pub struct Proxy {
    /// May hold a password.
    pub url: String,
    /// Hosts that are reached directly, as `NO_PROXY` lists them.
    pub except: Option<String>,
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxy").field("except", &self.except).finish_non_exhaustive()
    }
}

impl Default for Platforms {
    fn default() -> Self {
        Platforms {
            graph: "https://graph.facebook.com".to_owned(),
            instagram_graph: "https://graph.instagram.com".to_owned(),
            instagram_api: "https://api.instagram.com".to_owned(),
            telegram: "https://api.telegram.org".to_owned(),
            graph_version: "v26.0".to_owned(),
            meta: None,
            instagram: None,
            public_url: String::new(),
            proxy: None,
            uncertain_grace: Duration::from_secs(60),
            history_pause: Duration::from_millis(200),
            lease_seconds: 15,
        }
    }
}

impl Platforms {
    /// Whether platforms can call us: over https, or as stand-ins where we both are on this machine.
    pub fn can_reach_us(&self) -> bool {
        let stand_in = self.telegram.starts_with("http://");
        self.public_url.starts_with("https://") || stand_in && address::is_here(&self.public_url)
    }
}

/// The accounts of this node.
pub struct Accounts {
    pub platforms: Arc<Platforms>,
    http: Http,
    files: Arc<dyn Files>,
    fleeting: fleeting::Fleeting,
    hold: hold::Hold,
    running: DashMap<(WorkspaceId, AccountId), Addr<actor::Account>>,
    keeper: OnceLock<Addr<keeper::Keeper>>,
    shared: OnceLock<Weak<Shared>>,
}

impl Accounts {
    pub fn new(
        platforms: Platforms,
        files: Arc<dyn Files>,
        tracer: Tracer,
    ) -> reqwest::Result<Accounts> {
        let platforms = Arc::new(platforms);
        let lease = Duration::from_secs(platforms.lease_seconds.into());
        Ok(Accounts {
            http: Http::new(platforms.clone(), files.clone(), tracer)?,
            platforms,
            files,
            fleeting: fleeting::Fleeting::default(),
            hold: hold::Hold::new(lease),
            running: DashMap::new(),
            keeper: OnceLock::new(),
            shared: OnceLock::new(),
        })
    }

    /// Begins to keep accounts on this node.
    pub(crate) fn start(&self, shared: &Arc<Shared>, home: &ArbiterHandle) {
        let _ = self.shared.set(Arc::downgrade(shared));
        let keeper = keeper::Keeper::new(shared.clone());
        let _ = self.keeper.set(keeper::Keeper::start_in_arbiter(home, move |_| keeper));
    }

    /// Finishes what is under way, and lets other nodes go on.
    pub(crate) async fn leave(&self) {
        if let Some(keeper) = self.keeper.get() {
            let _ = keeper.send(keeper::Leave).await;
        }
    }

    pub fn http(&self) -> &Http {
        &self.http
    }

    pub fn files(&self) -> &Arc<dyn Files> {
        &self.files
    }

    /// An account that nobody holds has come: this node takes it, or another.
    pub fn offer(&self) {
        self.claim();
        if let Some(shared) = self.shared() {
            shared.tell_nodes(Hint::Free);
        }
    }

    /// Something is to be sent or fetched for this account. Whoever owns it looks.
    pub fn wake(&self, workspace: WorkspaceId, account: AccountId) {
        self.notice((workspace, account), Notice::Wake);
    }

    /// The account is not as it was.
    pub fn reload(&self, workspace: WorkspaceId, account: AccountId) {
        self.notice((workspace, account), Notice::Reload);
    }

    /// The platform told something of the account itself. It is looked into; losing it costs time.
    pub fn told(&self, workspace: WorkspaceId, account: AccountId, event: AccountEvent) {
        self.notice((workspace, account), Notice::Told(event));
    }

    /// A receipt has confirmed what was sent last: the conversation's next message may follow.
    pub fn confirmed(
        &self,
        workspace: WorkspaceId,
        account: AccountId,
        conversation: ConversationId,
    ) {
        self.notice((workspace, account), Notice::Confirmed(conversation));
    }

    /// Tells the platform something fleeting. Not repeated, not waited for.
    pub fn act(&self, workspace: WorkspaceId, account: AccountId, to: ActTo, action: Action) {
        if let Some(shared) = self.shared() {
            self.fleeting.spawn(fleeting::act(shared, workspace, account, to, action));
        }
    }

    /// Asks the platform who a person without a name is. `thread`: the keys of a conversation.
    pub fn introduce(
        &self,
        workspace: WorkspaceId,
        account: AccountId,
        contact: ContactId,
        thread: Vec<String>,
    ) {
        if let Some(shared) = self.shared() {
            let asked = fleeting::introduce(shared, workspace, account, contact, thread);
            self.fleeting.spawn(asked);
        }
    }

    fn shared(&self) -> Option<Arc<Shared>> {
        self.shared.get().and_then(Weak::upgrade)
    }

    /// Looks for accounts that nobody holds.
    pub(crate) fn claim(&self) {
        if let Some(keeper) = self.keeper.get() {
            keeper.do_send(keeper::Claim);
        }
    }

    /// Tells the account's actor, here or at the node where it is. A notice that does not fit into
    /// the mailbox is lost: what it tells of is found without it.
    fn notice(&self, key: (WorkspaceId, AccountId), notice: Notice) {
        if let Some(actor) = self.running.get(&key) {
            let _ = actor.try_send(Noticed(notice));
        } else if let Some(shared) = self.shared() {
            let topic = Topic::Account(key.0, key.1);
            shared.bus.publish(shared.node, topic, Hint::Account(notice));
        }
    }

    fn note(&self, key: (WorkspaceId, AccountId), actor: Addr<actor::Account>) {
        self.running.insert(key, actor);
    }

    fn forget(&self, key: (WorkspaceId, AccountId)) {
        self.running.remove(&key);
    }
}
