//! What of webhooks is kept at hand, so that most of them ask the database nothing before they are
//! written: whose an account is, in which conversation a thread is held, what was taken in lately.
//!
//! None of it is trusted. The journal looks, under its lock, whether the account is connected
//! still and whether a name is free, and what it refuses is read from the database and decided
//! again. So what is kept here may be old, and forgetting costs time alone.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use switchboard_domain::{AccountId, Channel, ConversationId};
use switchboard_store::account::Owner;
use tokio::sync::Semaphore;

type Hash = [u8; 32];

const OWNERS: u64 = 10_000;
/// An account that is connected elsewhere as well is found by then.
const OWNERS_FOR: Duration = Duration::from_secs(60);
const THREADS: u64 = 100_000;
/// Shorter than conversations without events stay: one that is kept here is likely loaded.
const THREADS_FOR: Duration = Duration::from_secs(90);
const NAMES: u64 = 100_000;
/// Conversations that are told at the same time. What a workspace's journal lets wait is more.
const AT_ONCE: usize = 4_096;

pub struct Memory {
    owners: Cache<(Channel, String), Arc<[Owner]>>,
    threads: Cache<(AccountId, Hash), ConversationId>,
    names: Cache<(AccountId, Hash), ()>,
    /// A turn to tell a conversation.
    pub turns: Semaphore,
}

impl Default for Memory {
    fn default() -> Self {
        Memory {
            owners: Cache::builder().max_capacity(OWNERS).time_to_live(OWNERS_FOR).build(),
            threads: Cache::builder().max_capacity(THREADS).time_to_idle(THREADS_FOR).build(),
            names: Cache::new(NAMES),
            turns: Semaphore::new(AT_ONCE),
        }
    }
}

impl Memory {
    /// Who was found by a platform's id of an account.
    pub fn owners(&self, channel: Channel, id: &str) -> Option<Arc<[Owner]>> {
        self.owners.get(&(channel, id.to_owned()))
    }

    pub fn found(&self, channel: Channel, id: &str, owners: &[Owner]) {
        self.owners.insert((channel, id.to_owned()), owners.into());
    }

    /// An account is not where it was found.
    pub fn forget(&self, channel: Channel, id: &str) {
        self.owners.invalidate(&(channel, id.to_owned()));
    }

    /// In which conversation a thread is held.
    pub fn thread(&self, account: AccountId, hash: &Hash) -> Option<ConversationId> {
        self.threads.get(&(account, *hash))
    }

    /// Keeps where a thread is. Threads never move.
    pub fn place(&self, account: AccountId, hash: Hash, conversation: ConversationId) {
        self.threads.insert((account, hash), conversation);
    }

    /// Whether a message of this name was taken in here lately.
    pub fn has(&self, account: AccountId, name: &Hash) -> bool {
        self.names.contains_key(&(account, *name))
    }

    pub fn taken(&self, account: AccountId, name: Hash) {
        self.names.insert((account, name), ());
    }
}
