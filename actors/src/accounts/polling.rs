//! Where a platform cannot reach us it is asked, again and again, what has happened.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use switchboard_channels::{Hook, Reply, read};
use switchboard_domain::{AccountId, AccountStatus, WorkspaceId};
use switchboard_store::account as accounts;

use super::speaking::Speaking;
use crate::Shared;

/// The platform holds its answer back while nothing happens.
const ANSWER_WITHIN: Duration = Duration::from_secs(70);
const AGAIN: Duration = Duration::from_secs(3);
/// An account that does nothing now is looked at again after this long.
const LOOK: Duration = Duration::from_secs(30);

impl Speaking {
    /// Whether the account's platform is asked, since it cannot reach us.
    pub fn is_polled(&self) -> bool {
        !self.shared.accounts.platforms.can_reach_us()
            && self.platform.poll(&self.credentials, None).is_some()
    }
}

/// Asks for as long as the account's actor lives; ends at once where that is not needed.
pub async fn poll(shared: Arc<Shared>, workspace: WorkspaceId, id: AccountId, epoch: u64) {
    let mut asked_before = false;
    loop {
        let it = match Speaking::load(&shared, workspace, id, epoch).await {
            Ok(Some(it)) if it.is_polled() => it,
            Ok(_) => return,
            Err(error) => {
                tracing::debug!(%error, "an account could not be loaded to be polled");
                tokio::time::sleep(AGAIN).await;
                continue;
            }
        };
        if it.row.status != AccountStatus::Active {
            tokio::time::sleep(LOOK).await;
            continue;
        }
        if !std::mem::replace(&mut asked_before, true) {
            // As long as it posts to an address, the platform answers no questions.
            for request in it.platform.unsubscribe(&it.credentials) {
                let _ = it.call(&request).await;
            }
        }
        if let Err(why) = once(&it).await {
            tracing::warn!(account.id = %id, why, "a platform could not be asked; later again");
            tokio::time::sleep(AGAIN).await;
        }
    }
}

/// Asks once. What came is durable before the platform is told so, by the next question.
async fn once(it: &Speaking) -> Result<(), String> {
    let Some(request) = it.platform.poll(&it.credentials, it.row.poll_offset) else {
        return Ok(());
    };
    let none = HashMap::new();
    let caller = it.caller(&none);
    let reply: Reply = it
        .shared
        .accounts
        .http()
        .call_within(caller, &request, ANSWER_WITHIN)
        .await
        .map_err(|error| error.to_string())?;
    let (bodies, next) = it
        .platform
        .read_poll(&reply)
        .map_err(|outcome| format!("status {}: {outcome:?}", reply.status))?;
    for body in &bodies {
        let batch = read(Hook::Telegram, Some(&it.credentials.id), body);
        let taken = it.cast().inbound(Hook::Telegram, batch).await;
        taken.map_err(|rejection| rejection.message)?;
    }
    if next.is_some() && next != it.row.poll_offset {
        let noted = async {
            let tx = it.write().await?;
            accounts::set_poll_offset(&tx, it.workspace, it.id, next).await?;
            tx.commit().await
        };
        noted.await.map_err(|error: switchboard_store::Error| error.to_string())?;
    }
    Ok(())
}
