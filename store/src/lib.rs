//! Postgres: one file per aggregate, rows in and out, ciphertext sealed and opened.
//!
//! Rows become domain types here and nowhere else. This crate knows neither actors nor HTTP: it
//! is plain functions over a connection.

pub mod account;
pub mod attachment;
pub mod backlog;
pub mod business_connection;
mod column;
pub mod contact;
pub mod conversation;
pub mod dead_letter;
pub mod delay;
pub mod deletion;
pub mod error;
pub mod event;
pub mod external;
pub mod fetch;
pub mod foreknown;
pub mod invitation;
pub mod job;
pub mod journal;
pub mod label;
pub mod lease;
pub mod lookup;
pub mod member;
pub mod merge;
pub mod message;
pub mod migrate;
pub mod node;
pub mod parked;
pub mod partition;
pub mod password_link;
pub mod pending;
pub mod pool;
pub mod postgres;
pub mod probe;
pub mod rotation;
pub mod seal;
pub mod send;
pub mod session;
pub mod template;
pub mod thread;
pub mod timer;
pub mod token;
pub mod user;
pub mod workspace;

use std::sync::Arc;

use moka::sync::Cache;
use switchboard_domain::{AccountId, WorkspaceId};
use tokio::runtime::Handle;
use uuid::Uuid;

pub use error::{Error, Result};
pub use pool::{Connections, Purpose, Scope, Tx};
use postgres::Address;
use seal::{MasterKeys, Place, WorkspaceKeys};

/// Readers wait for pages and lookups; writers only commit. A workspace commits one batch at a
/// time, so this many workspaces share Postgres's own group commit.
const READERS: usize = 12;
const WRITERS: usize = 16;
/// Unwrapped workspace keys kept at hand.
const KEYS_CACHED: u64 = 10_000;
/// Accounts whose keys are kept at hand.
const SPEAKERS_CACHED: u64 = 10_000;

/// The database and the keys to what it holds.
#[derive(Debug, Clone)]
pub struct Store {
    pub readers: Connections,
    pub writers: Connections,
    pub master: MasterKeys,
    keys: Cache<WorkspaceId, Arc<WorkspaceKeys>>,
    speakers: Cache<(WorkspaceId, AccountId), account::Speaker>,
}

impl Store {
    /// Prepares the pools. Nothing is connected until it is needed, so a database that is away
    /// now may come later. Connections are driven by `runtime`.
    pub fn new(address: &Address, master: MasterKeys, runtime: Handle) -> Result<Store> {
        Ok(Store {
            readers: Connections::new(address, Purpose::Reading, READERS, runtime.clone())?,
            writers: Connections::new(address, Purpose::Writing, WRITERS, runtime)?,
            master,
            keys: Cache::new(KEYS_CACHED),
            speakers: Cache::new(SPEAKERS_CACHED),
        })
    }

    /// The keys of a workspace; `None` when there is no such workspace.
    pub async fn keys(&self, workspace: WorkspaceId) -> Result<Option<Arc<WorkspaceKeys>>> {
        if let Some(keys) = self.keys.get(&workspace) {
            return Ok(Some(keys));
        }
        let tx = self.readers.begin(workspace).await?;
        let row = tx
            .query_opt("select key from workspaces where id = $1", &[&Uuid::from(workspace)])
            .await?;
        let Some(row) = row else { return Ok(None) };
        let root = self.master.unwrap_key(&workspace_key_place(workspace), row.get(0))?;
        let keys = Arc::new(WorkspaceKeys::new(workspace.into(), root));
        self.keys.insert(workspace, keys.clone());
        Ok(Some(keys))
    }
}

/// Where a workspace's own key is kept.
pub(crate) fn workspace_key_place(workspace: WorkspaceId) -> Place<'static> {
    Place { workspace: workspace.into(), column: "workspaces.key", row: workspace.into() }
}
