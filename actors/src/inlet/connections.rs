//! What is told of the connections by which an account answers for people: it is the account's, and
//! durable before the platform hears that we have it.

use std::sync::Arc;

use switchboard_channels::{Event, What};
use switchboard_domain::BusinessConnection;
use switchboard_store::event::{self, Kind};
use switchboard_store::{account, business_connection as connections, workspace};

use super::{Told, count};
use crate::rejection::Rejection;
use crate::{Cast, Shared, clock, page};

/// Notes what is told of connections. Gives back the rest of the events, and those that come too
/// late because the account is not connected any more.
pub async fn note(
    shared: &Arc<Shared>,
    told: &Told<'_>,
    events: Vec<Event>,
) -> Result<(Vec<Event>, Vec<Event>), Rejection> {
    let (mut rest, mut late) = (Vec::with_capacity(events.len()), Vec::new());
    for event in events {
        let What::Connection(connection) = &event.what else {
            rest.push(event);
            continue;
        };
        count(told.speaker, &event);
        if !is_noted(shared, told, connection).await? {
            late.push(event);
        }
    }
    Ok((rest, late))
}

/// Whether the account is connected, and so knows of the connection by now. What was told before,
/// or of a time before what was told, changes nothing.
async fn is_noted(
    shared: &Arc<Shared>,
    told: &Told<'_>,
    connection: &BusinessConnection,
) -> Result<bool, Rejection> {
    let (owner, key) = (told.owner, &told.speaker.key);
    let keys = page::keys(&shared.store, owner.workspace).await?;
    let tx = shared.store.writers.begin(owner.workspace).await?;
    workspace::lock(&tx, owner.workspace).await?;
    if !account::hold(&tx, owner.workspace, owner.account).await? {
        return Ok(false);
    }
    let (workspace, account) = (owner.workspace, owner.account);
    let known = connections::get(&tx, &keys, key, workspace, account, &connection.id).await?;
    if known.is_some_and(|known| !connection.prevails(&known)) {
        return Ok(true);
    }
    connections::put(&tx, &keys, key, workspace, account, connection).await?;
    let kind = Kind::AccountChanged;
    let seq = event::record(&tx, workspace, clock::now(), kind, Some(account.into())).await?;
    account::stamp(&tx, workspace, account, seq).await?;
    tx.commit().await?;
    Cast { shared: shared.clone() }.poke(workspace, seq);
    Ok(true)
}
