//! What goes when a person asks a platform to have their data deleted. It is noted before it is
//! begun, and taken up again by any process where the one that began it died; done twice, it comes
//! to the same.

use std::sync::Arc;

use switchboard_actors::{Rejection, page};
use switchboard_channels::account::Credentials;
use switchboard_domain::{AccountId, AccountKind, Identity, WorkspaceId};
use switchboard_store::{account, contact, deletion, event, merge, workspace};

use crate::clock;
use crate::state::App;

/// Where people write under ids that these requests could name.
const KINDS: [AccountKind; 3] =
    [AccountKind::FacebookPage, AccountKind::InstagramLogin, AccountKind::InstagramPage];

/// Takes up what another process has begun and not ended. What fails again is claimed again later.
pub async fn go_on(app: &Arc<App>) -> switchboard_store::Result<()> {
    for open in deletion::claim(&app.store).await? {
        let Some(person) = open.person else {
            tracing::error!(
                deletion.code = open.code,
                "somebody's data cannot be deleted: the master key under which they asked is not \
                 in the ring; put it back until this is done"
            );
            continue;
        };
        tracing::info!(deletion.code = open.code, "a deletion is taken up again");
        if let Err(rejection) = delete(app.clone(), open.code, person).await {
            tracing::warn!(%rejection, "a deletion was not ended; later again");
        }
    }
    Ok(())
}

/// Disconnects the accounts that a person connected. How many there were.
pub async fn disconnect_all(app: &App, person: &str) -> Result<usize, Rejection> {
    let accounts = deletion::connected_by(&app.store, person).await?;
    for (workspace, id) in &accounts {
        app.cast.forget_account(*workspace, *id).await?;
    }
    Ok(accounts.len())
}

/// Does all that the request with this code asks for, and notes that it is done.
pub async fn delete(app: Arc<App>, code: String, person: String) -> Result<(), Rejection> {
    let disconnected = disconnect_all(&app, &person).await?;
    let mut erased = 0;
    for (workspace, id) in deletion::accounts_of(&app.store, &KINDS).await? {
        erased += usize::from(erase(&app, workspace, id, &person).await?);
    }
    deletion::finish(&app.store, &code).await?;
    tracing::info!(deletion.code = code, disconnected, erased, "somebody's data was deleted");
    Ok(())
}

/// Destroys what a person wrote to an account, if they did. Whether there was anything.
async fn erase(
    app: &App,
    workspace: WorkspaceId,
    id: AccountId,
    person: &str,
) -> Result<bool, Rejection> {
    let keys = page::keys(&app.store, workspace).await?;
    let tx = app.store.writers.begin(workspace).await?;
    workspace::lock(&tx, workspace).await?;
    let Some(row) = account::get(&tx, &keys, workspace, id).await? else { return Ok(false) };
    // An account that was disconnected has let go of what it was.
    let Ok(credentials) = serde_json::from_slice::<Credentials>(&row.credentials) else {
        return Ok(false);
    };
    let value = format!("{}:{person}", credentials.id);
    let identity = match row.kind {
        AccountKind::FacebookPage => Identity::Messenger(value),
        _ => Identity::Instagram(value),
    };
    let Some(found) = contact::find(&tx, &keys, workspace, &identity).await? else {
        return Ok(false);
    };
    let now = clock::now();
    deletion::erase(&tx, &keys, workspace, found, now).await?;
    let kind = event::Kind::ContactChanged;
    let seq = event::record(&tx, workspace, now, kind, Some(found.into())).await?;
    contact::stamp(&tx, workspace, found, seq).await?;
    let seq = merge::tell_person(&tx, workspace, found, now).await?.unwrap_or(seq);
    tx.commit().await?;
    app.changed(workspace, seq);
    Ok(true)
}
