//! Sorts an account's events by conversation: by the message they are about, where that is known,
//! and by their thread otherwise.

use std::collections::HashMap;

use switchboard_channels::{Direction, Event, Thread, What};
use switchboard_domain::{AccountKind, ConversationId, MessageId, Venue};
use switchboard_store::foreknown::Foreknown;
use switchboard_store::seal::WorkspaceKeys;
use switchboard_store::{external, thread};

use super::Told;
use crate::conversation::{Received, correlated};

/// What one conversation is told.
pub struct Group {
    pub conversation: ConversationId,
    pub received: Received,
}

/// Sorts what was told, by what is known of it.
pub fn sorted(
    keys: &WorkspaceKeys,
    told: &Told<'_>,
    known: &Foreknown,
    events: Vec<Event>,
) -> Vec<Group> {
    let account = told.owner.account;
    let mut by_thread = known.threads.clone();
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<ConversationId, usize> = HashMap::new();
    for event in events {
        let about = targets(&event)
            .find_map(|name| known.names.get(&external::hash(keys, account, name)))
            .map(|known| known.conversation)
            .or_else(|| known.ours.get(&correlation(&event)?).copied())
            .or_else(|| {
                let mut names = targets(&event).map(|name| external::hash(keys, account, name));
                names.find_map(|name| known.answers.get(&name).copied())
            });
        let names: Vec<[u8; 32]> =
            names(&event).map(|key| thread::hash(keys, account, key)).collect();
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
        let place = *places.entry(conversation).or_insert_with(|| {
            groups.push(Group { conversation, received: nothing(told) });
            groups.len() - 1
        });
        let received = &mut groups[place].received;
        // Where a message is known elsewhere, that conversation has names of its own.
        if let Some(thread) = event.thread.as_ref().filter(|_| at_home) {
            join(&mut received.thread, thread);
        }
        received.events.push(event);
    }
    groups
}

fn nothing(told: &Told<'_>) -> Received {
    Received {
        account: told.owner.account,
        kind: told.speaker.kind,
        account_external: told.external.to_owned(),
        routed: told.routed,
        thread: nowhere(told.speaker.kind),
        events: vec![],
        before: Default::default(),
    }
}

/// Names by which an event's conversation may be known.
pub fn names(event: &Event) -> impl Iterator<Item = &String> {
    let was = match &event.what {
        What::Renamed { was } => was.as_slice(),
        _ => &[],
    };
    event.thread.iter().flat_map(|thread| &thread.keys).chain(was)
}

/// The messages that an event is about. A message of which it brings the first word is none of
/// them, but one that is brought again is.
pub fn targets(event: &Event) -> impl Iterator<Item = &str> {
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
pub fn correlation(event: &Event) -> Option<MessageId> {
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
