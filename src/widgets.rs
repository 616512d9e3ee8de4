//! The widgets that were asked for lately: every page view of every shop asks for one.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use switchboard_domain::WorkspaceId;
use switchboard_store::{Result, Store, lookup, workspace};
use switchboard_wire::rest::settings::WidgetLook;

/// How long an answer of the database is believed.
const BELIEVED: Duration = Duration::from_secs(5);
const WIDGETS_CACHED: u64 = 20_000;
/// The longest public key that is looked for.
const KEY_MAX_BYTES: usize = 100;

/// A workspace's widget as those who meet it need it.
#[derive(Debug, Clone, PartialEq)]
pub struct Widget {
    pub workspace: WorkspaceId,
    /// The workspace's name.
    pub name: String,
    pub key: String,
    pub look: WidgetLook,
    /// Which pages may carry it; none means all.
    pub origins: Vec<String>,
    pub require_identity: bool,
}

/// A bounded memory of widgets. A key that names none is remembered as well.
pub struct Widgets {
    by_workspace: Cache<WorkspaceId, Option<Arc<Widget>>>,
    by_key: Cache<String, Option<WorkspaceId>>,
}

impl Default for Widgets {
    fn default() -> Self {
        Widgets {
            by_workspace: Cache::builder()
                .max_capacity(WIDGETS_CACHED)
                .time_to_live(BELIEVED)
                .build(),
            by_key: Cache::builder().max_capacity(WIDGETS_CACHED).time_to_live(BELIEVED).build(),
        }
    }
}

impl Widgets {
    pub async fn of(&self, store: &Store, workspace: WorkspaceId) -> Result<Option<Arc<Widget>>> {
        if let Some(known) = self.by_workspace.get(&workspace) {
            return Ok(known);
        }
        let widget = load(store, workspace).await?.map(Arc::new);
        self.by_workspace.insert(workspace, widget.clone());
        Ok(widget)
    }

    /// The widget of a snippet's public key.
    pub async fn by_key(&self, store: &Store, key: &str) -> Result<Option<Arc<Widget>>> {
        let plausible = (1..=KEY_MAX_BYTES).contains(&key.len());
        if !plausible || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(None);
        }
        let workspace = match self.by_key.get(key) {
            Some(known) => known,
            None => {
                let found = lookup::widget(store, key).await?;
                self.by_key.insert(key.to_owned(), found);
                found
            }
        };
        match workspace {
            None => Ok(None),
            Some(workspace) => self.of(store, workspace).await,
        }
    }

    /// Forgets a widget whose settings were changed.
    pub fn forget(&self, workspace: WorkspaceId) {
        self.by_workspace.invalidate(&workspace);
    }

    pub fn forget_all(&self) {
        self.by_workspace.invalidate_all();
        self.by_key.invalidate_all();
    }
}

async fn load(store: &Store, id: WorkspaceId) -> Result<Option<Widget>> {
    let tx = store.readers.begin(id).await?;
    let Some(workspace) = workspace::get(&tx, id).await? else { return Ok(None) };
    Ok(workspace::widget(&tx, id).await?.map(|widget| Widget {
        workspace: id,
        name: workspace.name,
        key: widget.key,
        // What an older version wrote and this one cannot read looks as it does by default.
        look: serde_json::from_value(widget.look).unwrap_or_default(),
        origins: widget.origins,
        require_identity: widget.require_identity,
    }))
}
