//! What waits in the database, of all workspaces: for figures.

use crate::Store;
use crate::error::Result;
use crate::pool::Scope;

/// Rows of the outbox that are alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Sends {
    /// The kind of account that is to send them.
    pub kind: String,
    /// `waiting`, `sending`, `uncertain`, or `resting` where the account is paused or cut off.
    pub state: String,
    pub how_many: i64,
    /// For how long the one that is due first has been due.
    pub late_seconds: f64,
}

/// What waits to be sent.
pub async fn sends(store: &Store) -> Result<Vec<Sends>> {
    let tx = store.readers.begin(Scope::default()).await?;
    let select =
        tx.prepare_cached("select kind, state, how_many, late_seconds from count_sends()").await?;
    let rows = tx.query(&select, &[]).await?;
    let sends = rows.iter().map(|row| Sends {
        kind: row.get(0),
        state: row.get(1),
        how_many: row.get(2),
        late_seconds: row.get(3),
    });
    Ok(sends.collect())
}

/// How many connected accounts no node has spoken for since so many seconds.
pub async fn unheld_accounts(store: &Store, seconds: i32) -> Result<i64> {
    let tx = store.readers.begin(Scope::default()).await?;
    let select = tx.prepare_cached("select count_unheld_accounts($1)").await?;
    Ok(tx.query_one(&select, &[&seconds]).await?.get(0))
}
