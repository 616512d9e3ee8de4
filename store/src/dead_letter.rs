//! What a platform sent, verified, and could not be read.

use jiff::Timestamp;
use switchboard_domain::{AccountId, DeadLetterId, WorkspaceId};
use uuid::Uuid;

use crate::error::Result;
use crate::pool::Tx;
use crate::seal::WorkspaceKeys;

const BODY: &str = "dead_letters.body";

/// Something that could not be read, by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeadLetter {
    /// Made of the body: sent again, it is the same.
    pub id: DeadLetterId,
    pub account: Option<AccountId>,
    /// The address it came to: `whatsapp`.
    pub hook: &'static str,
    pub why: String,
    pub body: Vec<u8>,
}

/// Keeps it. Whether it was new.
pub async fn insert(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    new: &NewDeadLetter,
    now: Timestamp,
) -> Result<bool> {
    let insert = tx
        .prepare_cached(
            "insert into dead_letters (workspace_id, id, account_id, hook, why, body, received_at)
             values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
        )
        .await?;
    let sealed = keys.seal(BODY, new.id, &new.body);
    let done = tx
        .execute(
            &insert,
            &[
                &Uuid::from(workspace),
                &Uuid::from(new.id),
                &new.account.map(Uuid::from),
                &new.hook,
                &new.why,
                &sealed,
                &now,
            ],
        )
        .await?;
    Ok(done == 1)
}

/// The body of one, opened.
pub fn open_body(keys: &WorkspaceKeys, id: DeadLetterId, sealed: &[u8]) -> Result<Vec<u8>> {
    Ok(keys.open(BODY, id, sealed)?)
}
