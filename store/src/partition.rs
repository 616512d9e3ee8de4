//! The months that events are kept in: made ahead, dropped when they are too old to resume from.
//!
//! Only the owner of the tables may do this, so it has a connection of its own that does not work
//! as the application.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::error::Result;
use crate::migrate::lock;
use crate::pool::connect::{alone, unhurried};
use crate::postgres::Address;

/// Events older than this can no longer be resumed from; a client that far behind gets a
/// snapshot.
pub const KEPT_DAYS: i64 = 90;
/// Months made ahead, this one included.
const AHEAD: i32 = 3;

/// Makes the coming months and drops those that are over. Returns how many were dropped.
pub async fn maintain(address: &Address, now: Timestamp) -> Result<usize> {
    let (client, driver) = alone(address).await?;
    let made = names(&client).await?;
    driver.abort();
    let missing = ahead(now).any(|(month, _)| !made.contains(&name_of(month)));
    if !missing && old(&made, now).next().is_none() {
        return Ok(0);
    }
    let (client, driver) = unhurried(address).await?;
    let done = async {
        // One node at a time; the lock ends with the connection.
        lock(&client).await?;
        make_ahead(&client, now).await?;
        drop_old(&client, now).await
    }
    .await;
    drop(client);
    driver.abort();
    done
}

async fn make_ahead(client: &Client, now: Timestamp) -> Result<()> {
    for (from, to) in ahead(now) {
        let name = name_of(from);
        let made = client
            .batch_execute(&format!(
                "create table if not exists {name} partition of events
                   for values from ('{from}Z') to ('{to}Z');
                 alter table {name} enable row level security;
                 alter table {name} force row level security",
                from = from.at(0, 0, 0, 0),
                to = to.at(0, 0, 0, 0),
            ))
            .await;
        match made {
            // Events of this month went to the default partition already and stay there.
            Err(error) if error.code() == Some(&SqlState::CHECK_VIOLATION) => {
                tracing::warn!(partition = name, "a month of events was begun without a partition");
            }
            other => other?,
        }
    }
    Ok(())
}

async fn drop_old(client: &Client, now: Timestamp) -> Result<usize> {
    let made = names(client).await?;
    let mut dropped = 0;
    for (name, end) in old(&made, now) {
        // Where a client may resume from is moved before what lies behind it goes.
        client.query_one("select forget_events($1)", &[&end]).await?;
        client.batch_execute(&format!("drop table {name}")).await?;
        dropped += 1;
    }
    Ok(dropped)
}

/// The months that are there.
async fn names(client: &Client) -> Result<Vec<String>> {
    let rows = client
        .query(
            "select c.relname::text from pg_inherits i join pg_class c on c.oid = i.inhrelid
             where i.inhparent = 'events'::regclass and c.relname ~ '^events_[0-9]{4}_[0-9]{2}$'",
            &[],
        )
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// The months that are to be there: their first days, and those of the months after them.
fn ahead(now: Timestamp) -> impl Iterator<Item = (Date, Date)> {
    let this = month_of(now);
    (0..AHEAD).map(move |ahead| (this + ahead.months(), this + (ahead + 1).months()))
}

/// Those of which nothing is kept any more, and when they ended.
fn old(made: &[String], now: Timestamp) -> impl Iterator<Item = (&String, Timestamp)> {
    let cutoff = now - (KEPT_DAYS * 24).hours();
    let ended = made.iter().filter_map(|name| Some((name, end_of(name)?)));
    ended.filter(move |(_, end)| *end <= cutoff)
}

fn month_of(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date().first_of_month()
}

fn name_of(month: Date) -> String {
    format!("events_{:04}_{:02}", month.year(), month.month())
}

/// The moment after the last of a partition's month.
fn end_of(name: &str) -> Option<Timestamp> {
    let (year, month) = name.strip_prefix("events_")?.split_once('_')?;
    let first = Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
    let next = first.checked_add(1.months()).ok()?;
    Some(next.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_named_by_its_first_day_and_ends_with_the_next() {
        let now: Timestamp = "2026-12-31T23:59:59Z".parse().unwrap();
        let name = name_of(month_of(now));
        assert_eq!(name, "events_2026_12");
        assert_eq!(end_of(&name), Some("2027-01-01T00:00:00Z".parse().unwrap()));
        assert_eq!(end_of("events_default"), None);
    }
}
