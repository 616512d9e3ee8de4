//! The team's names, which visitors see beside messages.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use switchboard_domain::{MemberId, WorkspaceId};
use switchboard_store::{Result, Store, member};

/// The most workspaces whose names are kept at hand.
const WORKSPACES_MAX: u64 = 10_000;
/// Nodes tell one another when a name changes. This is for when that was lost.
const BELIEVED: Duration = Duration::from_secs(60);

/// The names of one workspace's members.
#[derive(Debug, Clone, Default)]
pub struct NamesOf(Arc<HashMap<MemberId, String>>);

impl NamesOf {
    /// A member's name; empty for one that is not known.
    pub fn of(&self, member: MemberId) -> String {
        self.0.get(&member).cloned().unwrap_or_default()
    }

    pub fn knows(&self, member: MemberId) -> bool {
        self.0.contains_key(&member)
    }
}

/// Names by workspace, read once and forgotten when a member changes.
#[derive(Debug)]
pub struct Names(Cache<WorkspaceId, NamesOf>);

impl Default for Names {
    fn default() -> Names {
        let names = Cache::builder().max_capacity(WORKSPACES_MAX).time_to_live(BELIEVED);
        Names(names.build())
    }
}

impl Names {
    pub async fn of(&self, store: &Store, workspace: WorkspaceId) -> Result<NamesOf> {
        if let Some(names) = self.0.get(&workspace) {
            return Ok(names);
        }
        let tx = store.readers.begin(workspace).await?;
        let members = member::list(&tx, workspace).await?;
        let names: HashMap<_, _> = members.into_iter().map(|m| (m.id, m.name)).collect();
        let names = NamesOf(Arc::new(names));
        self.0.insert(workspace, names.clone());
        Ok(names)
    }

    pub fn forget(&self, workspace: WorkspaceId) {
        self.0.invalidate(&workspace);
    }

    pub fn forget_all(&self) {
        self.0.invalidate_all();
    }
}
