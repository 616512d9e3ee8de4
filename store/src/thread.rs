//! By what platforms call a conversation.

use switchboard_domain::AccountId;

use crate::seal::WorkspaceKeys;

/// The hash under which a thread's key is kept.
pub fn hash(keys: &WorkspaceKeys, account: AccountId, key: &str) -> [u8; 32] {
    keys.name_hash("thread", account, key)
}
