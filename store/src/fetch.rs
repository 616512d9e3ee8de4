//! Files of platforms that are to be fetched: rows that commit with the messages that show them.

use switchboard_domain::{AccountId, AttachmentId, MessageId};

use crate::error::Result;
use crate::seal::{Key, WorkspaceKeys};

const SOURCE: &str = "fetches.source";

/// A file that is to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFetch {
    pub attachment: AttachmentId,
    pub account: AccountId,
    pub message: MessageId,
    /// Where it is, as JSON; see [`seal_source`].
    pub source: Vec<u8>,
}

/// Seals where a file is with the account's key.
pub fn seal_source(keys: &WorkspaceKeys, key: &Key, id: AttachmentId, json: &[u8]) -> Vec<u8> {
    key.seal(&keys.place(SOURCE, id), json)
}

pub fn open_source(
    keys: &WorkspaceKeys,
    key: &Key,
    id: AttachmentId,
    sealed: &[u8],
) -> Result<Vec<u8>> {
    Ok(key.open(&keys.place(SOURCE, id), sealed)?)
}
