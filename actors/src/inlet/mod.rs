//! Where what platforms tell comes in: each event finds its account, then its conversation, and is
//! durable before the platform hears that we have it.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream;
use switchboard_channels::inbound::is_untimed;
use switchboard_channels::{Batch, Event, Hook, Route, Routed, Unreadable, What};
use switchboard_domain::{AccountId, Author, Channel, DeadLetterId, Identity, WorkspaceId};
use switchboard_store::account::{self, Owner, Speaker};
use switchboard_store::dead_letter::{self, NewDeadLetter};
use switchboard_store::external;
use switchboard_store::seal::hex;
use switchboard_wire::Code;

use crate::conversation::{Act, Order, Received};
use crate::rejection::Rejection;
use crate::{Cast, clock, page};

mod connections;
mod find;
mod known;
mod memory;
mod sort;

pub(crate) use memory::Memory;

/// Accounts of one webhook that are told at the same time.
const ACCOUNTS_AT_ONCE: usize = 16;
/// Conversations of one webhook that are told at the same time.
const AT_ONCE: usize = 512;
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
        let Batch { events, unreadable } = batch;
        let routes = events.iter().map(|routed| &routed.route);
        let routes: Vec<Route> = routes
            .chain(unreadable.iter().filter_map(|item| item.route.as_ref()))
            .collect::<HashSet<_>>()
            .into_iter()
            .cloned()
            .collect();
        let found = find::Owners::of(&self.shared, channel(hook), &routes).await?;
        // What is ignored is heard by nobody, so it does not matter whose it is: tests from a
        // dashboard name account 0, news of a partner's solution name no account at all.
        let matters = |routed: &Routed| !matches!(routed.event.what, What::Ignored { .. });
        let concerns =
            events.iter().any(matters) || unreadable.iter().any(|item| item.route.is_some());
        let unknown = concerns && found.is_empty();
        self.bury(hook, &unreadable, &found).await?;
        let moved = self.take_all(&found, events).await?;
        if moved.is_empty() {
            return Ok(Taken { unknown });
        }
        // Whose they were has changed since it was found.
        for route in &routes {
            find::forget(&self.shared, channel(hook), route);
        }
        let found = find::Owners::of(&self.shared, channel(hook), &routes).await?;
        match self.take_all(&found, moved).await? {
            rest if rest.is_empty() => Ok(Taken { unknown: unknown || found.is_empty() }),
            _ => Err(Rejection::unavailable()),
        }
    }

    /// Takes in what each account was told. Gives back what was told to accounts that are not
    /// connected any more.
    async fn take_all(
        &self,
        found: &find::Owners,
        events: Vec<Routed>,
    ) -> Result<Vec<Routed>, Rejection> {
        let mut by_owner: Vec<(Owner, Vec<Routed>)> = Vec::new();
        for routed in events {
            let owners = found.owners(&routed.route);
            let Some((last, others)) = owners.split_last() else { continue };
            let mut give = |owner: Owner, routed: Routed| match by_owner
                .iter_mut()
                .find(|(known, _)| *known == owner)
            {
                Some((_, events)) => events.push(routed),
                None => by_owner.push((owner, vec![routed])),
            };
            others.iter().for_each(|owner| give(*owner, routed.clone()));
            give(*last, routed);
        }
        let tellings = by_owner.into_iter().filter_map(|(owner, routed)| {
            let route = routed.first()?.route.clone();
            let events = routed.into_iter().map(|routed| routed.event).collect();
            Some(async move {
                let moved = self.take(owner, Some(&route), events).await?;
                let routed = |event| Routed { route: route.clone(), event };
                Ok::<Vec<Routed>, Rejection>(moved.into_iter().map(routed).collect())
            })
        });
        let told: Vec<_> =
            stream::iter(tellings).buffer_unordered(ACCOUNTS_AT_ONCE).collect().await;
        Ok(told.into_iter().collect::<Result<Vec<_>, Rejection>>()?.concat())
    }

    /// Takes in what one account was told. Answered after it is durable.
    pub async fn receive(
        &self,
        workspace: WorkspaceId,
        account: AccountId,
        events: Vec<Event>,
    ) -> Result<(), Rejection> {
        match self.take(Owner { workspace, account }, None, events).await? {
            moved if moved.is_empty() => Ok(()),
            _ => Err(Rejection::not_found("this account was disconnected")),
        }
    }

    /// Takes in what one account was told, which was found by `route` if by anything. Gives back
    /// what comes too late, because the account is not connected any more.
    async fn take(
        &self,
        owner: Owner,
        route: Option<&Route>,
        events: Vec<Event>,
    ) -> Result<Vec<Event>, Rejection> {
        let speaker = account::speaker(&self.shared.store, owner.workspace, owner.account).await?;
        let Some(speaker) = speaker else { return Ok(vec![]) };
        let external = route.map(find::named).unwrap_or_default();
        let told = Told { owner, external: &external, speaker: &speaker, routed: route.is_some() };
        let (events, mut late) = connections::note(&self.shared, &told, events).await?;
        let mut events = self.heard(&told, events).await?;
        for last in (0..TRIES).rev() {
            let groups = self.groups(&told, events, last + 1 < TRIES).await?;
            let tellings = groups.into_iter().map(|group| self.tell(owner, group));
            let results: Vec<_> = stream::iter(tellings).buffer_unordered(AT_ONCE).collect().await;
            events = Vec::new();
            for result in results {
                match result {
                    Ok(()) => {}
                    Err((received, rejection)) if rejection.code == Code::Gone => {
                        late.extend(received.events.iter().cloned());
                    }
                    // Its names may have become another conversation's meanwhile.
                    Err((received, rejection)) if retries(&rejection) && last > 0 => {
                        events.extend(received.events.iter().cloned());
                    }
                    Err((_, rejection)) => return Err(rejection),
                }
            }
            if events.is_empty() {
                return Ok(late);
            }
        }
        Err(Rejection::unavailable())
    }

    /// What conversations are to hear of what was told. The rest is the account's, or nobody's.
    async fn heard(&self, told: &Told<'_>, events: Vec<Event>) -> Result<Vec<Event>, Rejection> {
        let Told { owner, speaker, .. } = *told;
        let now = clock::now();
        let own = find::own(&self.shared, owner, speaker.kind.channel(), &events).await?;
        let mut heard = Vec::with_capacity(events.len());
        for mut event in events {
            // A line has no time of its own here, and is known again by what it was given.
            if is_untimed(event.at) && !matches!(event.what, What::Line(_)) {
                event.at = now;
            }
            count(speaker, &event);
            match event.what {
                What::Account(event) => {
                    self.shared.accounts.told(owner.workspace, owner.account, event);
                }
                What::Connection(_) | What::Ignored { .. } => {}
                _ if is_by(&event, &own) => {}
                _ => heard.push(event),
            }
        }
        Ok(heard)
    }

    /// Sorts events by conversation, with what is known of them: read at once for all, unless what
    /// is kept at hand says that nothing needs to be read. `again` where that has failed.
    async fn groups(
        &self,
        told: &Told<'_>,
        events: Vec<Event>,
        again: bool,
    ) -> Result<Vec<sort::Group>, Rejection> {
        if events.is_empty() {
            return Ok(vec![]);
        }
        let keys = page::keys(&self.shared.store, told.owner.workspace).await?;
        let memory = &self.shared.memory;
        if !again && let Some(likely) = known::likely(memory, &keys, told, &events) {
            return Ok(sort::sorted(&keys, told, &likely, events));
        }
        let mut known = known::read(&self.shared, &keys, told, &events).await?;
        let mut groups = sort::sorted(&keys, told, &known, events);
        known::share(&keys, &mut known, &mut groups);
        Ok(groups)
    }

    async fn tell(
        &self,
        owner: Owner,
        group: sort::Group,
    ) -> Result<(), (Arc<Received>, Rejection)> {
        let received = Arc::new(group.received);
        let Ok(_turn) = self.shared.memory.turns.acquire().await else {
            return Err((received, Rejection::unavailable()));
        };
        let order = Order::Receive(received.clone());
        let act = Act { author: Author::System, order, newcomer: None };
        let done = self.act(owner.workspace, group.conversation, act).await;
        if done.is_ok() {
            self.remember(owner, &received).await;
        }
        done.map(drop).map_err(|rejection| (received, rejection))
    }

    /// Keeps in mind what was taken in, so that the same again is looked up before it is tried.
    async fn remember(&self, owner: Owner, received: &Received) {
        let Ok(keys) = page::keys(&self.shared.store, owner.workspace).await else { return };
        for event in &received.events {
            let What::Message(message) = &event.what else { continue };
            let name = external::hash(&keys, owner.account, &message.id.0);
            self.shared.memory.taken(owner.account, name);
        }
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

/// What one account is told, and how it was found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told<'a> {
    owner: Owner,
    /// The platform's id of the account.
    external: &'a str,
    speaker: &'a Speaker,
    /// Whether it was found by that id, and not by ours.
    routed: bool,
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
        What::Connection(_) => "connection",
        What::Ignored { .. } => "ignored",
    };
    let channel = speaker.kind.channel().name();
    metrics::counter!("switchboard_inbound_total", "channel" => channel, "what" => what)
        .increment(1);
}
