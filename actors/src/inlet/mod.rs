//! Where what platforms tell comes in: each event finds its account, then its conversation, and is
//! durable before the platform hears that we have it.

use switchboard_channels::{Batch, Event, Hook};
use switchboard_domain::{AccountId, WorkspaceId};

use crate::Cast;
use crate::rejection::Rejection;

/// What became of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// Whether it named accounts, none of which is connected here.
    pub unknown: bool,
}

impl Cast {
    /// Takes in everything that one webhook held. Answered after it is durable.
    pub async fn inbound(&self, hook: Hook, batch: Batch) -> Result<Taken, Rejection> {
        let _ = (hook, batch);
        Ok(Taken::default())
    }

    /// Takes in what one account was told. Answered after it is durable.
    pub async fn receive(
        &self,
        workspace: WorkspaceId,
        account: AccountId,
        events: Vec<Event>,
    ) -> Result<(), Rejection> {
        let _ = (workspace, account, events);
        Ok(())
    }
}
