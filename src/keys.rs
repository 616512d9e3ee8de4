//! Whether the master keys of the settings are those that the database was made with.

use anyhow::bail;
use switchboard_store::seal::MasterId;
use switchboard_store::{Store, rotation};

/// Refuses a ring that does not open all that is stored: what it cannot open would be answered by
/// errors, and what it adds could not be opened by whoever has the right one.
pub async fn require_known(store: &Store) -> anyhow::Result<()> {
    let unknown = unknown(store).await?;
    if unknown.is_empty() {
        return Ok(());
    }
    bail!("{}", words(&unknown, &store.master.ids()));
}

/// The master keys that protect something and are not in the ring.
pub async fn unknown(store: &Store) -> switchboard_store::Result<Vec<MasterId>> {
    let ring = store.master.ids();
    let used = rotation::in_use(store).await?;
    Ok(used.into_iter().filter(|id| !ring.contains(id)).collect())
}

/// What to do about keys that are missing.
pub fn words(unknown: &[MasterId], ring: &[MasterId]) -> String {
    format!(
        "what is stored is protected by the master key {}, and SWITCHBOARD_MASTER_KEYS holds {}; \
         put the missing key back, behind the others",
        list(unknown),
        list(ring)
    )
}

pub fn list(ids: &[MasterId]) -> String {
    ids.iter().map(MasterId::to_string).collect::<Vec<_>>().join(", ")
}
