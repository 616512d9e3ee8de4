//! What an append holds of a conversation that takes place elsewhere, and whether it holds: names
//! are given once, what waits for a message is not overlooked, and who speaks for an account is
//! the one that may tell what became of its calls.

use std::collections::{HashMap, HashSet};

use switchboard_domain::{
    AccountId, AttachmentId, AttachmentKind, ContactId, ConversationId, DeliveryState, Identity,
    MessageId, SendId,
};
use tokio::try_join;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::{Append, optional};
use crate::error::Result;
use crate::external::NewExternal;
use crate::fetch::NewFetch;
use crate::parked::NewParked;
use crate::pool::Tx;
use crate::send::NewSend;

mod write;

pub(super) use write::rows;

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

/// What the lock holds still of all this.
#[derive(Debug, Default)]
pub(super) struct Found {
    externals: HashSet<(AccountId, Hash)>,
    parked: HashSet<(AccountId, Hash, Uuid)>,
    threads: HashMap<(AccountId, Hash), ConversationId>,
    contacts: HashSet<ContactId>,
    epochs: HashMap<AccountId, u64>,
    /// Accounts that are found by ids of theirs.
    connected: HashSet<AccountId>,
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

/// Reads what appends elsewhere were decided on. Asks nothing where there is none.
pub(super) async fn look(
    tx: &Tx,
    workspace: Uuid,
    appends: &[Append],
) -> Result<Found, tokio_postgres::Error> {
    let outsides = || appends.iter().filter_map(|append| append.outside.as_deref());
    if outsides().next().is_none() {
        return Ok(Found::default());
    }
    let (accounts, hashes): (Vec<Uuid>, Vec<Vec<u8>>) = outsides()
        .flat_map(names)
        .map(|(account, hash)| (Uuid::from(account), hash.to_vec()))
        .unzip();
    let (of, threads): (Vec<Uuid>, Vec<Vec<u8>>) = outsides()
        .flat_map(|outside| {
            outside.threads.iter().map(|hash| (Uuid::from(outside.account), hash.to_vec()))
        })
        .unzip();
    let new = appends.iter().filter(|append| append.outside.is_some());
    let contacts: Vec<Uuid> =
        new.filter_map(|append| Some(append.new_contact.as_ref()?.id.into())).collect();
    let owned = outsides().filter(|outside| outside.epoch.is_some());
    let mut owners: Vec<Uuid> = owned.map(|outside| outside.account.into()).collect();
    owners.sort_unstable();
    owners.dedup();
    let mut routed: Vec<Uuid> =
        outsides().filter(|outside| outside.routed).map(|outside| outside.account.into()).collect();
    routed.sort_unstable();
    routed.dedup();

    // Name by name, whatever the planner thinks of tables that it has not analysed.
    let (external, parked, thread, contact, epoch, connected) = try_join!(
        tx.prepare_cached(
            "select e.account_id, e.hash from unnest($2::uuid[], $3::bytea[]) as n(account_id, hash)
             cross join lateral (
               select * from externals e where e.workspace_id = $1
                 and e.account_id = n.account_id and e.hash = n.hash
               offset 0) e",
        ),
        tx.prepare_cached(
            "select p.account_id, p.hash, p.id
             from unnest($2::uuid[], $3::bytea[]) as n(account_id, hash)
             cross join lateral (
               select * from parked p where p.workspace_id = $1
                 and p.account_id = n.account_id and p.hash = n.hash
               offset 0) p",
        ),
        tx.prepare_cached(
            "select t.account_id, t.hash, t.conversation_id
             from unnest($2::uuid[], $3::bytea[]) as n(account_id, hash)
             cross join lateral (
               select * from threads t where t.workspace_id = $1
                 and t.account_id = n.account_id and t.hash = n.hash
               offset 0) t",
        ),
        tx.prepare_cached(
            "select n.id from unnest($2::uuid[]) as n(id)
             cross join lateral (
               select from contacts c where c.workspace_id = $1 and c.id = n.id limit 1) c",
        ),
        // Held until the commit: nobody claims the account in between. Whoever renews holds on
        // accounts has many of them at once, and must not wait for this.
        tx.prepare_cached(
            "select id, lease_epoch from accounts where workspace_id = $1 and id = any($2)
             for key share",
        ),
        // What was brought before an account was disconnected may come in; nothing after it does.
        tx.prepare_cached(
            "select id from accounts
             where workspace_id = $1 and id = any($2) and status <> 'disconnected'",
        ),
    )?;
    let named: [&(dyn ToSql + Sync); 3] = [&workspace, &accounts, &hashes];
    let threaded: [&(dyn ToSql + Sync); 3] = [&workspace, &of, &threads];
    let contacted: [&(dyn ToSql + Sync); 2] = [&workspace, &contacts];
    let owned: [&(dyn ToSql + Sync); 2] = [&workspace, &owners];
    let routes: [&(dyn ToSql + Sync); 2] = [&workspace, &routed];
    let (external, parked, thread, contact, epoch, connected) = try_join!(
        optional(!hashes.is_empty(), tx.query(&external, &named)),
        optional(!hashes.is_empty(), tx.query(&parked, &named)),
        optional(!threads.is_empty(), tx.query(&thread, &threaded)),
        optional(!contacts.is_empty(), tx.query(&contact, &contacted)),
        optional(!owners.is_empty(), tx.query(&epoch, &owned)),
        optional(!routed.is_empty(), tx.query(&connected, &routes)),
    )?;
    let hash = |row: &tokio_postgres::Row| -> Hash {
        row.get::<_, &[u8]>(1).try_into().unwrap_or_default()
    };
    Ok(Found {
        externals: external.iter().map(|row| (AccountId(row.get(0)), hash(row))).collect(),
        parked: parked.iter().map(|row| (AccountId(row.get(0)), hash(row), row.get(2))).collect(),
        threads: thread
            .iter()
            .map(|row| ((AccountId(row.get(0)), hash(row)), ConversationId(row.get(2))))
            .collect(),
        contacts: contact.iter().map(|row| ContactId(row.get(0))).collect(),
        epochs: epoch
            .iter()
            .map(|row| {
                let epoch = u64::try_from(row.get::<_, i64>(1)).unwrap_or_default();
                (AccountId(row.get(0)), epoch)
            })
            .collect(),
        connected: connected.iter().map(|row| AccountId(row.get(0))).collect(),
    })
}
