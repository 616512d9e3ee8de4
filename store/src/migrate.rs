//! Brings the schema up to date.
//!
//! Old and new versions of the server run side by side while an upgrade rolls, so a server may meet
//! migrations that it does not know. Those only add, and it goes on; but for one whose name begins
//! with [`CONTRACT`], which takes away what older versions need.

use std::time::Duration;

use tokio_postgres::Client;

use crate::error::{Error, Result};
use crate::pool::connect::{alone, unhurried};
use crate::pool::silence::SILENCE;
use crate::postgres::Address;

mod embedded {
    refinery::embed_migrations!("../migrations");
}

/// Only one process changes the schema at a time; the others wait for it.
const LOCK: i64 = 0x7377_6974_6368;
/// How often whoever waits for the others asks whether they are done.
const ASKED_EVERY: Duration = Duration::from_millis(200);
/// After how many questions it says so again.
const SAID_EVERY: u32 = 50;
/// What the name of a migration begins with that is not for versions which do not know it.
const CONTRACT: &str = "contract_";

/// A migration, as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    version: i64,
    name: String,
}

/// Applies what is missing, as the role that `address` names. Returns how many were applied.
///
/// Where nothing is missing, which is so at most starts, nobody is waited for.
pub async fn migrate(address: &Address) -> Result<usize> {
    let (mut client, driver) = alone(address).await?;
    let pending = match applied(&client).await? {
        None => true,
        Some(applied) => compare(&applied, &known()).map_err(Error::Migration)?.pending > 0,
    };
    if !pending {
        let applied = apply(&mut client).await;
        driver.abort();
        return applied;
    }
    driver.abort();
    let (mut client, driver) = unhurried(address).await?;
    lock(&client).await?;
    let applied = apply(&mut client).await;
    // The lock ends with the connection.
    drop(client);
    driver.abort();
    applied
}

/// Waits until nobody else changes the schema. Whoever asks again and again learns when the
/// connection is gone, which whoever waits for one answer may never.
pub(crate) async fn lock(client: &Client) -> Result<()> {
    let ask = format!("select pg_try_advisory_lock({LOCK})");
    let mut asked = 0_u32;
    loop {
        let answer = tokio::time::timeout(SILENCE, client.query_one(&ask, &[])).await;
        let answer = answer.map_err(|_| Error::Unavailable("it does not answer".to_owned()))?;
        if answer?.get(0) {
            return Ok(());
        }
        if asked.is_multiple_of(SAID_EVERY) {
            tracing::warn!("waiting for another process that changes the schema");
        }
        asked += 1;
        tokio::time::sleep(ASKED_EVERY).await;
    }
}

async fn apply(client: &mut Client) -> Result<usize> {
    let applied = applied(client).await?.unwrap_or_default();
    let standing = compare(&applied, &known()).map_err(Error::Migration)?;
    if standing.newer > 0 {
        tracing::info!(migrations = standing.newer, "the schema is newer than this version");
    }
    let report = embedded::migrations::runner()
        .set_abort_divergent(true)
        // What is not known here was judged above.
        .set_abort_missing(false)
        .run_async(client)
        .await
        .map_err(|error| Error::Migration(error.to_string()))?;
    Ok(report.applied_migrations().len())
}

/// How a schema stands to this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Migrations that are still to be applied.
    pub pending: usize,
    /// Migrations that only a newer version knows.
    pub newer: usize,
}

/// How the schema stands to this version; `None` where no migration was ever applied. A schema
/// that this version cannot work on is an error.
pub async fn standing(address: &Address) -> Result<Option<Standing>> {
    let (client, driver) = alone(address).await?;
    let applied = applied(&client).await;
    drop(client);
    driver.abort();
    match applied? {
        None => Ok(None),
        Some(applied) => compare(&applied, &known()).map(Some).map_err(Error::Migration),
    }
}

/// What was applied, in order; `None` where no migration ever was.
async fn applied(client: &Client) -> Result<Option<Vec<Step>>> {
    let exists = client
        .query_one("select to_regclass('public.refinery_schema_history') is not null", &[])
        .await?
        .get::<_, bool>(0);
    if !exists {
        return Ok(None);
    }
    let rows = client
        .query("select version::bigint, name from refinery_schema_history order by version", &[])
        .await?;
    Ok(Some(rows.iter().map(|row| Step { version: row.get(0), name: row.get(1) }).collect()))
}

fn known() -> Vec<Step> {
    let migrations = embedded::migrations::runner();
    let steps = migrations.get_migrations().iter();
    steps.map(|step| Step { version: step.version().into(), name: step.name().into() }).collect()
}

/// Compares what was applied with what this version knows; says why it cannot work on it.
fn compare(applied: &[Step], known: &[Step]) -> std::result::Result<Standing, String> {
    let is_in = |steps: &[Step], step: &Step| steps.iter().any(|one| one.version == step.version);
    let newer: Vec<&Step> = applied.iter().filter(|step| !is_in(known, step)).collect();
    if let Some(step) = newer.iter().find(|step| step.name.starts_with(CONTRACT)) {
        return Err(format!(
            "this version is too old for the database: migration V{}__{} took away what it needs; \
             run the newer version, or restore a backup from before it",
            step.version, step.name
        ));
    }
    let last = applied.iter().map(|step| step.version).max();
    let pending: Vec<&Step> = known.iter().filter(|step| !is_in(applied, step)).collect();
    if let Some(step) = pending.iter().find(|step| last.is_some_and(|last| step.version < last)) {
        return Err(format!(
            "migration V{}__{} was passed over: later ones were applied without it, so this \
             database was made by something else than a release",
            step.version, step.name
        ));
    }
    Ok(Standing { pending: pending.len(), newer: newer.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(steps: &[(i64, &str)]) -> Vec<Step> {
        steps.iter().map(|&(version, name)| Step { version, name: name.to_owned() }).collect()
    }

    #[test]
    fn a_newer_schema_is_worked_on_until_it_took_something_away() {
        let known = steps(&[(1, "a"), (2, "b"), (4, "d")]);
        let compare = |applied: &[(i64, &str)]| compare(&steps(applied), &known);
        assert_eq!(compare(&[]), Ok(Standing { pending: 3, newer: 0 }));
        assert_eq!(compare(&[(1, "a")]), Ok(Standing { pending: 2, newer: 0 }));
        let all = [(1, "a"), (2, "b"), (4, "d")];
        assert_eq!(compare(&all), Ok(Standing::default()));
        let newer = [&all[..], &[(5, "e"), (6, "f")]].concat();
        assert_eq!(compare(&newer), Ok(Standing { pending: 0, newer: 2 }));
        let taken = [&newer[..], &[(7, "contract_b")]].concat();
        assert!(compare(&taken).unwrap_err().contains("V7__contract_b"));
    }

    #[test]
    fn a_contract_that_this_version_knows_is_one_like_any_other() {
        let known = steps(&[(1, "a"), (2, "contract_a")]);
        assert_eq!(compare(&known, &known), Ok(Standing::default()));
    }

    #[test]
    fn a_migration_that_was_passed_over_is_noticed() {
        let known = steps(&[(1, "a"), (2, "b"), (3, "c")]);
        let refused = compare(&steps(&[(1, "a"), (3, "c")]), &known).unwrap_err();
        assert!(refused.contains("V2__b was passed over"), "{refused}");
    }

    /// What breaks a version that does not know of it. Written in lower case, as migrations are.
    const TAKES_AWAY: [&str; 9] = [
        "drop table",
        "drop column",
        "drop function",
        "drop type",
        "drop role",
        "rename ",
        "set not null",
        "truncate",
        " type ",
    ];

    /// The statements that would break an older version.
    fn breaking(sql: &str) -> Vec<String> {
        let code: String = sql
            .lines()
            .map(|line| line.split("--").next().unwrap_or_default())
            .collect::<Vec<_>>()
            .join(" ");
        let statements = code.split(';').map(str::trim);
        statements
            .filter(|statement| {
                let adds = statement.split("add column").skip(1);
                let demands = adds
                    .flat_map(|add| add.split(',').next())
                    .any(|column| column.contains("not null") && !column.contains("default"));
                let alters = statement.starts_with("alter table");
                demands
                    || TAKES_AWAY
                        .iter()
                        .any(|words| statement.contains(words) && (*words != " type " || alters))
            })
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn migrations_only_add_unless_they_are_called_contracts() {
        // Before the first release nothing ran beside anything.
        for migration in embedded::migrations::runner().get_migrations() {
            if migration.version() <= 2 || migration.name().starts_with(CONTRACT) {
                continue;
            }
            let sql = migration.sql().unwrap();
            assert_eq!(breaking(sql), Vec::<String>::new(), "{migration}");
        }
    }

    #[test]
    fn what_takes_away_is_recognised() {
        for sql in [
            "drop table a;",
            "alter table a drop column b;",
            "alter table a rename column b to c;",
            "alter table a alter column b type bigint;",
            "alter table a alter column b set not null;",
            "alter table a add column b text not null;",
            "drop function f(text);",
        ] {
            assert_eq!(breaking(sql).len(), 1, "{sql}");
        }
        for sql in [
            "-- drop table a\ncreate table a (b text not null);",
            "alter table a add column b text, add column c text not null default '';",
            "alter table a drop constraint a_check;",
            "create index a_by_b on a (b); drop index a_by_c;",
        ] {
            assert_eq!(breaking(sql), Vec::<String>::new(), "{sql}");
        }
    }
}
