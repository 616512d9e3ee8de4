//! Has the current master key take the place of all others: workspaces' keys are wrapped by it, and
//! accounts are found by hashes under it.
//!
//! A workspace and its accounts change in one transaction, so what was done is known by the key that
//! wraps the workspace's, and a run that was stopped goes on where it was.

use switchboard_domain::{AccountStatus, WorkspaceId};
use switchboard_store::{Store, account, rotation, workspace as workspaces};

use super::connect::speaks;
use super::speaking::credentials;
use crate::page;
use crate::rejection::Rejection;

/// Workspaces looked for at once.
const AT_ONCE: i32 = 200;

/// What was changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rotated {
    pub workspaces: u64,
    pub accounts: u64,
}

/// Puts everything under the current master key. `told` hears how far it is.
pub async fn rotate(store: &Store, told: impl Fn(Rotated)) -> Result<Rotated, Rejection> {
    let mut rotated = Rotated::default();
    let current = store.master.current();
    for master in rotation::in_use(store).await?.into_iter().filter(|id| *id != current) {
        loop {
            let found = rotation::workspaces(store, master, AT_ONCE).await?;
            if found.is_empty() {
                break;
            }
            for workspace in found {
                rotated.accounts += rotate_one(store, workspace).await?;
                rotated.workspaces += 1;
            }
            told(rotated);
        }
    }
    Ok(rotated)
}

/// Changes one workspace. How many accounts it has.
async fn rotate_one(store: &Store, workspace: WorkspaceId) -> Result<u64, Rejection> {
    let keys = page::keys(store, workspace).await?;
    let tx = store.writers.begin(workspace).await?;
    // Who connects an account takes this lock as well.
    workspaces::lock(&tx, workspace).await?;
    let mut changed = 0;
    // In the order in which holds on accounts are renewed.
    let mut accounts = account::list(&tx, &keys, workspace).await?;
    accounts.sort_unstable_by_key(|row| row.id);
    for row in accounts {
        if row.status == AccountStatus::Disconnected {
            continue;
        }
        let speaks = speaks(&store.master, &credentials(&row)?)?;
        account::set_routes(&tx, workspace, row.id, &speaks).await?;
        changed += 1;
    }
    rotation::rewrap(&tx, &store.master, workspace).await?;
    tx.commit().await?;
    Ok(changed)
}
