//! Sorts an account's events by conversation: by the message they are about, where that is known,
//! and by their thread otherwise.

use std::collections::HashMap;

use switchboard_channels::{Direction, Event, Thread, What};
use switchboard_domain::{AccountKind, ConversationId, MessageId, Venue};
use switchboard_store::account::{Owner, Speaker};
use switchboard_store::{external, message, thread};

use crate::conversation::{Received, correlated};
use crate::rejection::Rejection;
use crate::{Cast, page};

/// What one conversation is told.
pub struct Group {
    pub conversation: ConversationId,
    pub received: Received,
}

impl Cast {
    pub(super) async fn sorted(
        &self,
        owner: Owner,
        account_external: &str,
        speaker: &Speaker,
        events: Vec<Event>,
    ) -> Result<Vec<Group>, Rejection> {
        if events.is_empty() {
            return Ok(vec![]);
        }
        let Owner { workspace, account } = owner;
        let keys = page::keys(&self.shared.store, workspace).await?;
        let tx = self.shared.store.readers.begin(workspace).await?;
        let thread_hash = |key: &String| thread::hash(&keys, account, key);
        let message_hash = |name: &str| external::hash(&keys, account, name);
        let threads: Vec<[u8; 32]> = events.iter().flat_map(names).map(thread_hash).collect();
        let about: Vec<[u8; 32]> = events.iter().flat_map(targets).map(message_hash).collect();
        let mut by_thread: HashMap<[u8; 32], ConversationId> =
            thread::find(&tx, workspace, account, &threads).await?.into_iter().collect();
        let known = external::find(&tx, workspace, account, &about).await?;
        let ours: Vec<MessageId> = events.iter().filter_map(correlation).collect();
        let ours = message::places(&tx, workspace, &ours).await?;
        drop(tx);

        let mut groups: Vec<Group> = Vec::new();
        for event in events {
            let about = targets(&event)
                .find_map(|name| known.get(&message_hash(name)))
                .map(|known| known.conversation)
                .or_else(|| ours.get(&correlation(&event)?).copied());
            let names: Vec<[u8; 32]> = names(&event).map(thread_hash).collect();
            let of_thread = names.iter().find_map(|hash| by_thread.get(hash).copied());
            let conversation = about.or(of_thread).unwrap_or_else(|| {
                // Every node makes the same conversation of the same name.
                let first = event.thread.as_ref().and_then(|thread| thread.keys.first());
                let name = first.map_or("nowhere", String::as_str);
                ConversationId(keys.id_of("conversation", account, name))
            });
            let at_home = about.is_none() || of_thread == about;
            if at_home {
                for name in names {
                    by_thread.entry(name).or_insert(conversation);
                }
            }
            let group = match groups.iter_mut().find(|group| group.conversation == conversation) {
                Some(group) => group,
                None => {
                    let thread = nowhere(speaker.kind);
                    let account_external = account_external.to_owned();
                    let kind = speaker.kind;
                    let received =
                        Received { account, kind, account_external, thread, events: vec![] };
                    groups.push(Group { conversation, received });
                    let Some(group) = groups.last_mut() else { continue };
                    group
                }
            };
            // Where a message is known elsewhere, that conversation has names of its own.
            if let Some(thread) = event.thread.as_ref().filter(|_| at_home) {
                join(&mut group.received.thread, thread);
            }
            group.received.events.push(event);
        }
        Ok(groups)
    }
}

/// Names by which an event's conversation may be known.
fn names(event: &Event) -> impl Iterator<Item = &String> {
    let was = match &event.what {
        What::Renamed { was } => was.as_slice(),
        _ => &[],
    };
    event.thread.iter().flat_map(|thread| &thread.keys).chain(was)
}

/// The messages that an event is about. A message of which it brings the first word is none of
/// them, but one that is brought again is.
fn targets(event: &Event) -> impl Iterator<Item = &str> {
    let (one, many) = match &event.what {
        What::Message(message) => (Some(&message.id), [].as_slice()),
        What::Edited { target, .. }
        | What::Hidden { target, .. }
        | What::Reacted { target, .. }
        | What::Receipt { target, .. } => (Some(target), [].as_slice()),
        What::Deleted { targets } => (None, targets.as_slice()),
        _ => (None, [].as_slice()),
    };
    one.into_iter().chain(many).map(|id| id.0.as_str())
}

/// The message of ours that an event names by what we sent along.
fn correlation(event: &Event) -> Option<MessageId> {
    let text = match &event.what {
        What::Message(message) => match &message.direction {
            Direction::Business { correlation, .. } => correlation.as_deref()?,
            Direction::Customer => return None,
        },
        What::Receipt { correlation, .. } => correlation.as_deref()?,
        _ => return None,
    };
    correlated(text).map(|(message, _)| message)
}

/// The thread of events that name none.
fn nowhere(kind: AccountKind) -> Thread {
    let venue = match kind {
        AccountKind::WhatsappNumber => Venue::Whatsapp,
        AccountKind::FacebookPage => Venue::Messenger,
        AccountKind::InstagramLogin | AccountKind::InstagramPage => Venue::Instagram,
        AccountKind::TelegramBot => Venue::TelegramBot,
    };
    Thread { keys: vec![], venue, peer: switchboard_channels::Peer::default() }
}

/// What several events say of one thread, the newest last.
fn join(thread: &mut Thread, next: &Thread) {
    let mut keys = next.keys.clone();
    keys.extend(thread.keys.iter().filter(|key| !next.keys.contains(key)).cloned());
    // An event that knows only some of the names does not change their order.
    if next.keys.iter().any(|key| !thread.keys.contains(key)) {
        thread.keys = keys;
    }
    thread.venue = next.venue;
    let (peer, next) = (&mut thread.peer, &next.peer);
    let strange = next.identities.iter().filter(|id| !peer.identities.contains(id)).cloned();
    let strange: Vec<_> = strange.collect();
    peer.identities.splice(0..0, strange);
    peer.name = next.name.clone().or(peer.name.take());
    peer.username = next.username.clone().or(peer.username.take());
    peer.phone = next.phone.clone().or(peer.phone.take());
    peer.locale = next.locale.clone().or(peer.locale.take());
    peer.is_group |= next.is_group;
    peer.address.extend(next.address.clone());
}
