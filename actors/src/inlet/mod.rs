//! Where what platforms tell comes in: each event finds its account, then its conversation, and is
//! durable before the platform hears that we have it.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream;
use switchboard_channels::inbound::is_untimed;
use switchboard_channels::{Batch, Event, Hook, Route, Routed, Unreadable, What};
use switchboard_domain::{AccountId, Author, Channel, DeadLetterId, Identity, WorkspaceId};
use switchboard_store::account::{self, Owner, Speaker};
use switchboard_store::dead_letter::{self, NewDeadLetter};
use switchboard_store::seal::hex;
use switchboard_wire::Code;

use crate::conversation::{Act, Order, Received};
use crate::rejection::Rejection;
use crate::{Cast, clock, page};

mod find;
mod sort;

/// Conversations of one webhook that are told at the same time.
const AT_ONCE: usize = 16;
/// How often events look for their conversation again after it turned out to be another's.
const TRIES: u32 = 3;

/// What became of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// Whether it named accounts, none of which is connected here.
    pub unknown: bool,
}

/// The channel whose accounts a webhook names.
pub fn channel(hook: Hook) -> Channel {
    match hook {
        Hook::Whatsapp => Channel::Whatsapp,
        Hook::Messenger => Channel::Messenger,
        Hook::Instagram => Channel::Instagram,
        Hook::Telegram => Channel::Telegram,
    }
}

impl Cast {
    /// Takes in everything that one webhook held. Answered after it is durable.
    pub async fn inbound(&self, hook: Hook, batch: Batch) -> Result<Taken, Rejection> {
        let routes = batch.events.iter().map(|routed| &routed.route);
        let routes: Vec<&Route> =
            routes.chain(batch.unreadable.iter().filter_map(|item| item.route.as_ref())).collect();
        let found = find::Owners::of(&self.shared, channel(hook), &routes).await?;
        // What is ignored is heard by nobody, so it does not matter whose it is: tests from a
        // dashboard name account 0, news of a partner's solution name no account at all.
        let matters = |routed: &Routed| !matches!(routed.event.what, What::Ignored { .. });
        let concerns = batch.events.iter().any(matters)
            || batch.unreadable.iter().any(|item| item.route.is_some());
        let unknown = concerns && found.is_empty();
        self.bury(hook, &batch.unreadable, &found).await?;
        let mut by_owner: Vec<(Owner, String, Vec<Event>)> = Vec::new();
        for routed in batch.events {
            for owner in found.owners(&routed.route) {
                let event = routed.event.clone();
                match by_owner.iter_mut().find(|(known, _, _)| known == owner) {
                    Some((_, _, events)) => events.push(event),
                    None => by_owner.push((*owner, find::named(&routed.route), vec![event])),
                }
            }
        }
        let tellings = by_owner.into_iter().map(|(owner, external, events)| async move {
            self.take(owner, &external, events).await
        });
        let told: Vec<_> = stream::iter(tellings).buffer_unordered(AT_ONCE).collect().await;
        told.into_iter().collect::<Result<Vec<()>, Rejection>>()?;
        Ok(Taken { unknown })
    }

    /// Takes in what one account was told. Answered after it is durable.
    pub async fn receive(
        &self,
        workspace: WorkspaceId,
        account: AccountId,
        events: Vec<Event>,
    ) -> Result<(), Rejection> {
        self.take(Owner { workspace, account }, "", events).await
    }

    async fn take(
        &self,
        owner: Owner,
        external: &str,
        events: Vec<Event>,
    ) -> Result<(), Rejection> {
        let speaker = account::speaker(&self.shared.store, owner.workspace, owner.account).await?;
        let Some(speaker) = speaker else { return Ok(()) };
        let now = clock::now();
        let own = find::own(&self.shared, owner, speaker.kind.channel(), &events).await?;
        let mut told = Vec::with_capacity(events.len());
        for mut event in events {
            // A line has no time of its own here, and is known again by what it was given.
            if is_untimed(event.at) && !matches!(event.what, What::Line(_)) {
                event.at = now;
            }
            count(&speaker, &event);
            match event.what {
                What::Account(event) => {
                    self.shared.accounts.told(owner.workspace, owner.account, event);
                }
                What::Ignored { .. } => {}
                _ if is_by(&event, &own) => {}
                _ => told.push(event),
            }
        }
        for last in (0..TRIES).rev() {
            let groups = self.sorted(owner, external, &speaker, told).await?;
            let tellings = groups.into_iter().map(|group| self.tell(owner, group));
            let results: Vec<_> = stream::iter(tellings).buffer_unordered(AT_ONCE).collect().await;
            told = Vec::new();
            for result in results {
                match result {
                    Ok(()) => {}
                    // Its names may have become another conversation's meanwhile.
                    Err((received, rejection)) if retries(&rejection) && last > 0 => {
                        told.extend(received.events.iter().cloned());
                    }
                    Err((_, rejection)) => return Err(rejection),
                }
            }
            if told.is_empty() {
                return Ok(());
            }
        }
        Err(Rejection::unavailable())
    }

    async fn tell(
        &self,
        owner: Owner,
        group: sort::Group,
    ) -> Result<(), (Arc<Received>, Rejection)> {
        let received = Arc::new(group.received);
        let order = Order::Receive(received.clone());
        let act = Act { author: Author::System, order, newcomer: None };
        let done = self.act(owner.workspace, group.conversation, act).await;
        done.map(drop).map_err(|rejection| (received, rejection))
    }

    /// Keeps what could not be read, for people to look at.
    async fn bury(
        &self,
        hook: Hook,
        items: &[Unreadable],
        found: &find::Owners,
    ) -> Result<(), Rejection> {
        for item in items {
            metrics::counter!("switchboard_unreadable_total", "hook" => hook.name()).increment(1);
            let owner = match &item.route {
                Some(route) => found.owners(route).first().copied(),
                None => match found.any() {
                    Some(owner) => Some(owner),
                    None => find::only_tenant(&self.shared, channel(hook)).await?,
                },
            };
            let Some(owner) = owner else {
                tracing::warn!(
                    hook = hook.name(),
                    why = item.why,
                    "a webhook of nobody here could not be read"
                );
                continue;
            };
            let keys = page::keys(&self.shared.store, owner.workspace).await?;
            let body = hex(&switchboard_store::seal::digest(&item.body));
            let letter = NewDeadLetter {
                id: DeadLetterId(keys.id_of("dead letter", owner.account, &body)),
                account: Some(owner.account),
                hook: hook.name(),
                why: item.why.clone(),
                body: item.body.clone(),
            };
            let tx = self.shared.store.writers.begin(owner.workspace).await?;
            dead_letter::insert(&tx, &keys, owner.workspace, &letter, clock::now()).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

/// Whether an event is of a thread of one of these.
fn is_by(event: &Event, people: &[Identity]) -> bool {
    let thread = event.thread.iter().filter(|thread| thread.venue.is_comments());
    thread.flat_map(|thread| &thread.peer.identities).any(|person| people.contains(person))
}

fn retries(rejection: &Rejection) -> bool {
    matches!(rejection.code, Code::Conflict | Code::Unavailable)
}

fn count(speaker: &Speaker, event: &Event) {
    let what = match &event.what {
        What::Message(_) => "message",
        What::Edited { .. } => "edited",
        What::Deleted { .. } => "deleted",
        What::Hidden { .. } => "hidden",
        What::Reacted { .. } => "reacted",
        What::Receipt { .. } => "receipt",
        What::Watermark { .. } => "watermark",
        What::Typing { .. } => "typing",
        What::Line(_) => "line",
        What::Renamed { .. } => "renamed",
        What::Account(_) => "account",
        What::Ignored { .. } => "ignored",
    };
    let channel = speaker.kind.channel().name();
    metrics::counter!("switchboard_inbound_total", "channel" => channel, "what" => what)
        .increment(1);
}
