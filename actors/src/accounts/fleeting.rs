//! What is told to platforms and forgotten: typing, how far was read, taps that are confirmed. And
//! what is asked once: who someone is.

use std::sync::Arc;

use switchboard_channels::platform::ActionTo;
use switchboard_channels::{Action, ExternalId};
use switchboard_domain::{AccountId, AccountStatus, ContactId, Venue, WorkspaceId};
use switchboard_store::conversation::Address;
use tokio::sync::Semaphore;

use super::speaking::{BY_PEOPLE, Speaking};
use crate::{Cast, Shared};

/// Calls of this kind under way at once; what exceeds them is left out.
const AT_ONCE: usize = 64;

/// Whom something fleeting is told to.
#[derive(Debug, Clone)]
pub struct ActTo {
    pub venue: Venue,
    pub address: Address,
    /// The customer's newest message: some platforms show typing under a message alone.
    pub newest: Option<ExternalId>,
}

#[derive(Debug, Clone)]
pub struct Fleeting(Arc<Semaphore>);

impl Default for Fleeting {
    fn default() -> Self {
        Fleeting(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Fleeting {
    /// Does something while there is room for it.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let Ok(permit) = self.0.clone().try_acquire_owned() else { return };
        tokio::spawn(async move {
            work.await;
            drop(permit);
        });
    }
}

pub async fn act(
    shared: Arc<Shared>,
    workspace: WorkspaceId,
    account: AccountId,
    to: ActTo,
    action: Action,
) {
    let Some(it) = active(&shared, workspace, account).await else { return };
    let request = it.platform.action(
        &ActionTo {
            credentials: &it.credentials,
            venue: to.venue,
            thread: &to.address.keys,
            address: &to.address.data,
            newest: to.newest.as_ref(),
        },
        &action,
    );
    let Some(request) = request else { return };
    match it.call(&request).await {
        Ok(reply) if reply.is_success() => {}
        Ok(reply) => tracing::debug!(reply.status, "something fleeting was refused"),
        Err(error) => tracing::debug!(%error, "something fleeting was not told"),
    }
}

/// Asks the platform who a person without a name is.
pub async fn introduce(
    shared: Arc<Shared>,
    workspace: WorkspaceId,
    account: AccountId,
    contact: ContactId,
    thread: Vec<String>,
) {
    let Some(it) = active(&shared, workspace, account).await else { return };
    let Some(request) = it.platform.profile(&it.credentials, &thread) else { return };
    let profile = match it.call(&request).await {
        Ok(reply) => it.platform.read_profile(&reply),
        Err(error) => {
            tracing::debug!(%error, "nobody told who a person is");
            return;
        }
    };
    let Some(profile) = profile else { return };
    let channel = it.row.kind.channel();
    let cast = Cast { shared };
    let changed = cast.change_contact(workspace, contact, |details| {
        // What the team wrote, or the person told, stays.
        details.name = details.name.take().or(profile.name);
        details.locale = details.locale.take().or(profile.locale);
        if let Some(username) = profile.username
            && !details.handles.iter().any(|(known, _)| *known == channel)
        {
            details.handles.push((channel, format!("@{username}")));
        }
    });
    if let Err(rejection) = changed.await {
        tracing::debug!(%rejection, "a person's name was not noted");
    }
}

async fn active(
    shared: &Arc<Shared>,
    workspace: WorkspaceId,
    account: AccountId,
) -> Option<Speaking> {
    let it = Speaking::load(shared, workspace, account, BY_PEOPLE).await.ok().flatten()?;
    Some(it).filter(|it| it.row.status == AccountStatus::Active)
}
