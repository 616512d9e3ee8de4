//! What an append holds of a conversation that takes place elsewhere, and whether it holds: names
//! are given once, what waits for a message is not overlooked, and who speaks for an account is
//! the one that may tell what became of its calls.

use std::collections::HashSet;

use switchboard_domain::trace::Trace;
use switchboard_domain::{
    AccountId, AttachmentId, AttachmentKind, ContactId, DeliveryState, Identity, MessageId, SendId,
};
use uuid::Uuid;

use super::Append;
use crate::external::NewExternal;
use crate::fetch::NewFetch;
use crate::parked::NewParked;
use crate::send::NewSend;

pub(super) mod look;
pub(super) mod write;

use look::Found;

type Hash = [u8; 32];

/// Rows that only conversations elsewhere have.
#[derive(Debug, Clone)]
pub struct Outside {
    pub account: AccountId,
    /// Whether the conversation's place is written: where it is, who is at the other end, how far
    /// the customer has come.
    pub placed: bool,
    /// How the platform is told where to write, sealed; `None` when it is as before.
    pub address: Option<Vec<u8>>,
    /// Hashes of names by which the thread is found from now on.
    pub threads: Vec<Hash>,
    /// By what the contact is found from now on, unless another one is.
    pub identities: Vec<Identity>,
    pub externals: Vec<NewExternal>,
    pub parts: Vec<PartDelivery>,
    /// What is told of messages that are not there.
    pub parked: Vec<NewParked>,
    /// What waited for the append's messages and names, all of it. It waits no longer.
    pub unparked: Vec<(Hash, Uuid)>,
    /// What stands for the first message of a conversation that is new: names that are given to
    /// nothing, and for which something may wait.
    pub opened: Vec<Hash>,
    pub files: Vec<NewFile>,
    pub came: Vec<CameFile>,
    pub fetches: Vec<NewFetch>,
    pub fetched: Vec<AttachmentId>,
    pub sends: Vec<NewSend>,
    /// Calls that are done with.
    pub sent: Vec<SendId>,
    /// Messages of which nothing more is sent, but for what has been begun.
    pub kept_back: Vec<MessageId>,
    /// The epoch of the owner that tells this. It must be the owner still.
    pub epoch: Option<u64>,
    /// Whether it was found by the account's ids, which must be the account's still.
    pub routed: bool,
    /// Where it is appended, for what is done of it later; `None` when that is not recorded.
    pub trace: Option<Trace>,
}

impl Outside {
    pub fn of(account: AccountId) -> Outside {
        Outside {
            account,
            placed: false,
            address: None,
            threads: vec![],
            identities: vec![],
            externals: vec![],
            parts: vec![],
            parked: vec![],
            unparked: vec![],
            opened: vec![],
            files: vec![],
            came: vec![],
            fetches: vec![],
            fetched: vec![],
            sends: vec![],
            sent: vec![],
            kept_back: vec![],
            epoch: None,
            routed: false,
            trace: None,
        }
    }

    /// Whether nothing would be written.
    pub fn is_empty(&self) -> bool {
        !self.placed
            && self.threads.is_empty()
            && self.identities.is_empty()
            && self.externals.is_empty()
            && self.parts.is_empty()
            && self.parked.is_empty()
            && self.unparked.is_empty()
            && self.fetched.is_empty()
            && self.sends.is_empty()
            && self.sent.is_empty()
            && self.kept_back.is_empty()
    }
}

/// How far one part of a message of ours has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartDelivery {
    pub message: MessageId,
    pub part: u16,
    pub state: DeliveryState,
}

/// A file that a platform announced.
#[derive(Debug, Clone)]
pub struct NewFile {
    pub id: AttachmentId,
    pub message: MessageId,
    pub position: i16,
    /// Wrapped by the contact's key.
    pub key: Vec<u8>,
    /// Sealed with the file's key.
    pub name: Vec<u8>,
    pub mime: String,
    pub kind: AttachmentKind,
    pub size: u64,
    pub voice: bool,
    /// Whether it cannot be had.
    pub lost: bool,
}

/// A file that has come, or will not: then only its state changes.
#[derive(Debug, Clone)]
pub struct CameFile {
    pub id: AttachmentId,
    pub came: Option<FileAsItCame>,
}

#[derive(Debug, Clone)]
pub struct FileAsItCame {
    /// Wrapped by the contact's key.
    pub key: Vec<u8>,
    /// Sealed with the file's key.
    pub name: Vec<u8>,
    pub mime: String,
    pub kind: AttachmentKind,
    pub size: u64,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub has_thumbnail: bool,
}

/// Names that appends of this batch give or wait for.
#[derive(Debug, Default)]
pub(super) struct Names {
    messages: HashSet<(AccountId, Hash)>,
    threads: HashSet<(AccountId, Hash)>,
    contacts: HashSet<ContactId>,
}

impl Names {
    pub(super) fn add(&mut self, append: &Append) {
        let Some(outside) = append.outside.as_deref() else { return };
        self.messages.extend(names(outside));
        self.threads.extend(outside.threads.iter().map(|hash| (outside.account, *hash)));
        self.contacts.extend(append.new_contact.iter().map(|contact| contact.id));
    }
}

/// The names of messages that an append gives or waits for.
fn names(outside: &Outside) -> impl Iterator<Item = (AccountId, Hash)> {
    let given = outside.externals.iter().map(|external| external.hash);
    let awaited = outside.parked.iter().map(|parked| parked.hash);
    let opened = outside.opened.iter().copied();
    given.chain(awaited).chain(opened).map(|hash| (outside.account, hash))
}

/// Whether whoever tells this has been replaced, or the account was disconnected.
pub(super) fn is_fenced(append: &Append, found: &Found) -> bool {
    let Some(outside) = append.outside.as_deref() else { return false };
    if outside.routed && !found.connected.contains(&outside.account) {
        return true;
    }
    outside.epoch.is_some_and(|epoch| found.epochs.get(&outside.account) != Some(&epoch))
}

/// Whether all names are still free, and nothing came to wait for them meanwhile.
pub(super) fn holds(append: &Append, found: &Found, taken: &Names) -> bool {
    let Some(outside) = append.outside.as_deref() else { return true };
    let account = outside.account;
    let names_free = names(outside)
        .all(|name| !found.externals.contains(&name) && !taken.messages.contains(&name));
    // A conversation that is there already goes without a name that another has: one person may
    // have been met under two names before a platform tells that they are one.
    let is_there = append.expected.is_some();
    let threads_free = is_there
        || outside.threads.iter().all(|hash| {
            let owner = found.threads.get(&(account, *hash));
            owner.is_none_or(|owner| *owner == append.state.id)
                && !taken.threads.contains(&(account, *hash))
        });
    let given = outside.externals.iter().map(|external| external.hash);
    let given: HashSet<Hash> = given.chain(outside.opened.iter().copied()).collect();
    let overlooked = found.parked.iter().any(|(of, hash, id)| {
        *of == account && given.contains(hash) && !outside.unparked.contains(&(*hash, *id))
    });
    let contact_free = append.new_contact.as_ref().is_none_or(|contact| {
        !found.contacts.contains(&contact.id) && !taken.contacts.contains(&contact.id)
    });
    names_free && threads_free && !overlooked && contact_free
}
