//! What a platform is told in passing: that someone of the team types, and how far it has read.

use std::sync::Arc;

use switchboard_channels::{Action, ExternalId};
use switchboard_domain::{AccountId, Author, Venue, WorkspaceId};
use switchboard_store::conversation::Stored;
use switchboard_store::{account, external};

use super::Typing;
use crate::accounts::ActTo;
use crate::rejection::Rejection;
use crate::{Shared, page};

/// Tells the customer that someone of the team types, unless it is a note.
pub fn typing(shared: &Arc<Shared>, workspace: WorkspaceId, stored: &Stored, typing: Typing) {
    if matches!(typing.author, Author::Agent(_)) && !typing.note {
        let on = typing.on;
        tell(shared, workspace, stored, move |_| Some(Action::Typing { on }));
    }
}

/// Tells the customer that the team has read what they wrote.
pub fn read(shared: &Arc<Shared>, workspace: WorkspaceId, stored: &Stored) {
    tell(shared, workspace, stored, |newest| Some(Action::Read { message: newest?.clone() }));
}

fn tell(
    shared: &Arc<Shared>,
    workspace: WorkspaceId,
    stored: &Stored,
    action: impl FnOnce(Option<&ExternalId>) -> Option<Action> + Send + 'static,
) {
    let (Some(account), false) = (stored.account, stored.state.venue == Venue::Web) else { return };
    let (shared, stored) = (shared.clone(), stored.clone());
    actix::spawn(async move {
        // Losing it costs nothing.
        let Ok(newest) = newest(&shared, workspace, account, &stored).await else { return };
        let Some(action) = action(newest.as_ref()) else { return };
        let to = ActTo { venue: stored.state.venue, address: stored.address, newest };
        shared.accounts.act(workspace, account, to, action);
    });
}

/// What the platform calls the customer's newest message.
async fn newest(
    shared: &Shared,
    workspace: WorkspaceId,
    account: AccountId,
    stored: &Stored,
) -> Result<Option<ExternalId>, Rejection> {
    let speaker = account::speaker(&shared.store, workspace, account).await?;
    let speaker = speaker.ok_or_else(Rejection::unavailable)?;
    let keys = page::keys(&shared.store, workspace).await?;
    let tx = shared.store.readers.begin(workspace).await?;
    let (key, id) = (&speaker.key, stored.state.id);
    let name = external::newest_of_customer(&tx, &keys, key, workspace, account, id).await?;
    Ok(name.map(ExternalId))
}
