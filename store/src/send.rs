//! What is to be told to platforms: rows that commit with what causes them, and are removed by
//! the commit that tells what became of them.

use switchboard_domain::{AccountId, ConversationId, MessageId, SendId};

use crate::error::Result;
use crate::seal::{Key, WorkspaceKeys};

const PAYLOAD: &str = "sends.payload";

/// A call that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSend {
    pub id: SendId,
    pub account: AccountId,
    pub conversation: ConversationId,
    pub message: MessageId,
    /// Which of the append's events causes it.
    pub event: usize,
    pub part: u16,
    /// Whether it posts the message itself, or says something about it.
    pub posts: bool,
    /// Whether a machine wrote it.
    pub automatic: bool,
    /// What is to be told, as JSON; see [`seal_payload`].
    pub payload: Vec<u8>,
}

/// Seals what is to be told with the contact's key.
pub fn seal_payload(keys: &WorkspaceKeys, key: &Key, id: SendId, json: &[u8]) -> Vec<u8> {
    key.seal(&keys.place(PAYLOAD, id), json)
}

pub fn open_payload(keys: &WorkspaceKeys, key: &Key, id: SendId, sealed: &[u8]) -> Result<Vec<u8>> {
    Ok(key.open(&keys.place(PAYLOAD, id), sealed)?)
}
