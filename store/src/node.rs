//! The nodes that share the database, as each says that it lives, by the database's clock.

use uuid::Uuid;

use crate::Store;
use crate::error::Result;
use crate::pool::Scope;

/// What there is to share, and among how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    /// Nodes that live, the asking one included.
    pub nodes: usize,
    /// Connected accounts.
    pub accounts: usize,
}

/// Says that this node lives. One that has not said so for as many seconds is not counted.
pub async fn note(store: &Store, node: Uuid, seconds: u32) -> Result<Shares> {
    let tx = store.writers.begin(Scope::default()).await?;
    let note = tx.prepare_cached("select alive, accounts from note_node($1, $2)").await?;
    let row = tx.query_one(&note, &[&node, &crate::lease::whole(seconds)]).await?;
    let count = |column| usize::try_from(row.get::<_, i64>(column)).unwrap_or_default();
    let shares = Shares { nodes: count(0), accounts: count(1) };
    tx.commit().await?;
    Ok(shares)
}

/// This node leaves.
pub async fn forget(store: &Store, node: Uuid) -> Result<()> {
    let tx = store.writers.begin(Scope::default()).await?;
    tx.execute("select forget_node($1)", &[&node]).await?;
    tx.commit().await
}
