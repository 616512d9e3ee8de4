//! Questions about the database itself, for those who look after it.

use crate::error::Result;
use crate::pool::connect::alone;
use crate::postgres::Address;

/// What a database says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Such as 160004 for 16.4.
    pub version: u32,
    /// Whether this login may make roles, which the first migration does.
    pub may_make_roles: bool,
    pub database: String,
}

const PROBE: &str = "
select current_setting('server_version_num')::int4,
       coalesce((select rolcreaterole or rolsuper from pg_roles where rolname = current_user), false),
       current_database()";

/// Asks with a connection of its own.
pub async fn probe(address: &Address) -> Result<Probe> {
    let (client, driver) = alone(address).await?;
    let row = client.query_one(PROBE, &[]).await;
    driver.abort();
    let row = row?;
    Ok(Probe {
        version: u32::try_from(row.get::<_, i32>(0)).unwrap_or_default(),
        may_make_roles: row.get(1),
        database: row.get(2),
    })
}
