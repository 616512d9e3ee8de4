//! Connected accounts: one actor for each, on one node, that sends, fetches and renews.

use switchboard_channels::{AccountEvent, Action};
use switchboard_domain::{AccountId, Venue, WorkspaceId};
use switchboard_store::conversation::Address;

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
        }
    }
}

/// The accounts of this node.
#[derive(Debug, Default)]
pub struct Accounts {}

impl Accounts {
    /// Something is to be sent or fetched for this account. Whoever owns it looks.
    pub fn wake(&self, workspace: WorkspaceId, account: AccountId) {
        let _ = (workspace, account);
    }

    /// The platform told something of the account itself. It is looked into; losing it costs time.
    pub fn told(&self, workspace: WorkspaceId, account: AccountId, event: AccountEvent) {
        let _ = (workspace, account, event);
    }

    /// Tells the platform something fleeting. Not repeated, not waited for.
    pub fn act(&self, workspace: WorkspaceId, account: AccountId, to: ActTo, action: Action) {
        let _ = (workspace, account, to, action);
    }
}

/// Whom something fleeting is told to.
#[derive(Debug, Clone)]
pub struct ActTo {
    pub venue: Venue,
    pub address: Address,
}
