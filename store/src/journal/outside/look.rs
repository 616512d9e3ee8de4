//! What appends elsewhere were decided on, read under the journal's lock.

use std::collections::{BTreeSet, HashMap, HashSet};

use switchboard_domain::{AccountId, ContactId, ConversationId};
use tokio::try_join;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::super::{Append, optional};
use super::{Hash, Outside, names};
use crate::column::to_u64;
use crate::error::Result;
use crate::pool::Tx;

/// What the lock holds still of all this.
#[derive(Debug, Default)]
pub(in super::super) struct Found {
    pub(super) externals: HashSet<(AccountId, Hash)>,
    pub(super) parked: HashSet<(AccountId, Hash, Uuid)>,
    pub(super) threads: HashMap<(AccountId, Hash), ConversationId>,
    pub(super) contacts: HashSet<ContactId>,
    pub(super) epochs: HashMap<AccountId, u64>,
    /// Accounts that are found by ids of theirs.
    pub(super) connected: HashSet<AccountId>,
}

/// Reads what appends elsewhere were decided on. Asks nothing where there is none.
pub(in super::super) async fn look(
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
    let accounts_of = |is: fn(&&Outside) -> bool| -> Vec<Uuid> {
        let accounts: BTreeSet<AccountId> =
            outsides().filter(is).map(|outside| outside.account).collect();
        accounts.into_iter().map(Uuid::from).collect()
    };
    let owners = accounts_of(|outside| outside.epoch.is_some());
    let routed = accounts_of(|outside| outside.routed);

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
        epochs: epoch.iter().map(|row| (AccountId(row.get(0)), to_u64(row.get(1)))).collect(),
        connected: connected.iter().map(|row| AccountId(row.get(0))).collect(),
    })
}
