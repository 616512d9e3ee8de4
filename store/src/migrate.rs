//! Brings the schema up to date.

use std::time::Duration;

use tokio_postgres::{Config, NoTls};

use crate::error::{Error, Result};

mod embedded {
    refinery::embed_migrations!("../migrations");
}

/// Only one process changes the schema at a time; the others wait for it.
pub(crate) const LOCK: i64 = 0x7377_6974_6368;

/// Applies what is missing, as the role that `config` names. Returns how many were applied.
pub async fn migrate(config: &Config) -> Result<usize> {
    let mut config = config.clone();
    config.connect_timeout(Duration::from_secs(10));
    let (mut client, connection) =
        config.connect(NoTls).await.map_err(|error| Error::Unavailable(error.to_string()))?;
    let driver = tokio::spawn(connection);
    client.batch_execute(&format!("select pg_advisory_lock({LOCK})")).await?;
    let report = embedded::migrations::runner()
        .set_abort_divergent(true)
        .run_async(&mut client)
        .await
        .map_err(|error| Error::Migration(error.to_string()));
    client.batch_execute(&format!("select pg_advisory_unlock({LOCK})")).await?;
    drop(client);
    driver.abort();
    Ok(report?.applied_migrations().len())
}

/// How many migrations this binary knows that the database lacks; `None` where none was ever
/// applied.
pub async fn pending(config: &Config) -> Result<Option<usize>> {
    let (client, connection) =
        config.connect(NoTls).await.map_err(|error| Error::Unavailable(error.to_string()))?;
    let driver = tokio::spawn(connection);
    let known = embedded::migrations::runner().get_migrations().len();
    let exists = client
        .query_one("select to_regclass('public.refinery_schema_history') is not null", &[])
        .await?
        .get::<_, bool>(0);
    let applied = if exists {
        let row = client.query_one("select count(*) from refinery_schema_history", &[]).await?;
        Some(usize::try_from(row.get::<_, i64>(0)).unwrap_or_default())
    } else {
        None
    };
    drop(client);
    driver.abort();
    Ok(applied.map(|applied| known.saturating_sub(applied)))
}
