//! People's own accounts for which an account of ours answers, as the platform told of them last.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use switchboard_domain::business::{Owner, Right};
use switchboard_domain::{Access, AccountId, BusinessConnection, WorkspaceId};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::account::Account;
use crate::error::{Error, Result};
use crate::pool::Tx;
use crate::seal::{Key, WorkspaceKeys};

/// The connections of an account that are shown, and asked about: the newest.
pub const LISTED_MAX: i64 = 50;
/// Connections kept of an account. Of older ones nothing is known any more, and the platform
/// refuses what they do not allow.
const KEPT_MAX: i64 = 1_000;

const SEALED: &str = "business_connections.sealed";

/// What is sealed of a connection.
#[derive(Serialize, Deserialize)]
struct Sealed {
    id: String,
    owner: Owner,
}

fn row_id(keys: &WorkspaceKeys, account: AccountId, id: &str) -> Uuid {
    keys.id_of("business connection", account, id)
}

const COLUMNS: &str = "account_id, id, sealed, enabled, rights, made_at, number";

fn read(keys: &WorkspaceKeys, key: &Key, row: &Row) -> Result<BusinessConnection> {
    let json = key.open(&keys.place(SEALED, row.get::<_, Uuid>(1)), row.get(2))?;
    let Sealed { id, owner } =
        serde_json::from_slice(&json).map_err(|error| Error::Corrupt(error.to_string()))?;
    Ok(BusinessConnection {
        id,
        owner,
        enabled: row.get(3),
        rights: rights(row.get(4)),
        made_at: row.get(5),
        number: row.get(6),
    })
}

/// What a newer server stores beside these is none of our business.
fn rights(names: Vec<&str>) -> BTreeSet<Right> {
    names.into_iter().filter_map(Right::parse).collect()
}

/// Whether whoever it belongs to lets us write; `None` for a connection that is not known.
pub async fn access(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    account: AccountId,
    id: &str,
) -> Result<Option<Access>> {
    let row = row(tx, keys, workspace, account, id).await?;
    Ok(row.map(|row| Access::of(row.get(3), &rights(row.get(4)))))
}

pub async fn get(
    tx: &Tx,
    keys: &WorkspaceKeys,
    key: &Key,
    workspace: WorkspaceId,
    account: AccountId,
    id: &str,
) -> Result<Option<BusinessConnection>> {
    let row = row(tx, keys, workspace, account, id).await?;
    row.map(|row| read(keys, key, &row)).transpose()
}

async fn row(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    account: AccountId,
    id: &str,
) -> Result<Option<Row>> {
    let sql = format!(
        "select {COLUMNS} from business_connections
         where workspace_id = $1 and account_id = $2 and id = $3"
    );
    let select = tx.prepare_cached(&sql).await?;
    let id = row_id(keys, account, id);
    Ok(tx.query_opt(&select, &[&Uuid::from(workspace), &Uuid::from(account), &id]).await?)
}

/// The newest connections of these accounts, up to [`LISTED_MAX`] of each.
pub async fn of_accounts(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    accounts: &[Account],
) -> Result<HashMap<AccountId, Vec<BusinessConnection>>> {
    let by_id: HashMap<Uuid, &Account> =
        accounts.iter().map(|account| (account.id.into(), account)).collect();
    let ids: Vec<Uuid> = by_id.keys().copied().collect();
    let sql = format!(
        "select {COLUMNS} from unnest($2::uuid[]) as n(owner) cross join lateral (
           select * from business_connections c
           where c.workspace_id = $1 and c.account_id = n.owner
           order by c.made_at desc, c.id limit {LISTED_MAX}) c
         order by account_id, made_at desc, id"
    );
    let select = tx.prepare_cached(&sql).await?;
    let mut found: HashMap<AccountId, Vec<BusinessConnection>> = HashMap::new();
    for row in tx.query(&select, &[&Uuid::from(workspace), &ids]).await? {
        let Some(account) = by_id.get(&row.get::<_, Uuid>(0)) else { continue };
        found.entry(account.id).or_default().push(read(keys, &account.key, &row)?);
    }
    Ok(found)
}

/// Makes this be what is known of a connection. Whether it is the later word is for the caller to
/// say, who holds the account; see [`crate::account::hold`].
pub async fn put(
    tx: &Tx,
    keys: &WorkspaceKeys,
    key: &Key,
    workspace: WorkspaceId,
    account: AccountId,
    connection: &BusinessConnection,
) -> Result<()> {
    let id = row_id(keys, account, &connection.id);
    let sealed = Sealed { id: connection.id.clone(), owner: connection.owner.clone() };
    let json = serde_json::to_vec(&sealed).map_err(|error| Error::Corrupt(error.to_string()))?;
    let sealed = key.seal(&keys.place(SEALED, id), &json);
    let rights: Vec<&str> = connection.rights.iter().map(|right| right.name()).collect();
    let (workspace, account) = (Uuid::from(workspace), Uuid::from(account));
    let upsert = tx
        .prepare_cached(
            "insert into business_connections
               (workspace_id, account_id, id, sealed, enabled, rights, made_at, number)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (workspace_id, account_id, id) do update
             set sealed = excluded.sealed, enabled = excluded.enabled, rights = excluded.rights,
               made_at = excluded.made_at, number = excluded.number",
        )
        .await?;
    let (enabled, made_at, number) = (connection.enabled, connection.made_at, connection.number);
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 8] =
        [&workspace, &account, &id, &sealed, &enabled, &rights, &made_at, &number];
    tx.execute(&upsert, &values).await?;
    let forget = tx
        .prepare_cached(
            "delete from business_connections
             where workspace_id = $1 and account_id = $2 and id in (
               select c.id from business_connections c
               where c.workspace_id = $1 and c.account_id = $2
               order by c.made_at desc, c.id offset $3)",
        )
        .await?;
    tx.execute(&forget, &[&workspace, &account, &KEPT_MAX]).await?;
    Ok(())
}
