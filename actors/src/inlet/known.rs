//! What is known of a webhook before its conversations hear of it: nothing needs to be read where
//! all of it is messages of customers who wrote a moment ago; otherwise all of it is read at once.

use switchboard_channels::{Direction, Event, InMessage, What};
use switchboard_domain::AccountId;
use switchboard_store::conversation::Stored;
use switchboard_store::foreknown::{self, Foreknown, Question};
use switchboard_store::seal::WorkspaceKeys;
use switchboard_store::{external, thread};

use super::sort::{self, Group};
use super::{Memory, Told};
use crate::Shared;
use crate::conversation::{Before, Read, awaits_echo};
use crate::rejection::Rejection;

/// What is likely, without asking anyone: none of it has been told before, and its conversations
/// are at work here. `None` where it must be asked.
pub fn likely(
    memory: &Memory,
    keys: &WorkspaceKeys,
    told: &Told<'_>,
    events: &[Event],
) -> Option<Foreknown> {
    let account = told.owner.account;
    let mut known = Foreknown::default();
    for event in events {
        let What::Message(message) = &event.what else { return None };
        let name = external::hash(keys, account, &message.id.0);
        if !is_plain(message) || memory.has(account, &name) {
            return None;
        }
        let mut places = 0;
        for key in sort::names(event) {
            let hash = thread::hash(keys, account, key);
            known.threads.insert(hash, memory.thread(account, &hash)?);
            places += 1;
        }
        if places == 0 {
            return None;
        }
    }
    Some(known)
}

/// Something that a customer wrote, and that answers nothing.
fn is_plain(message: &InMessage) -> bool {
    message.direction == Direction::Customer && message.reply_to.is_none()
}

/// Reads what is known.
pub async fn read(
    shared: &Shared,
    keys: &WorkspaceKeys,
    told: &Told<'_>,
    events: &[Event],
) -> Result<Foreknown, Rejection> {
    let (account, workspace) = (told.owner.account, told.owner.workspace);
    let mut question = Question { conversations: true, ..Question::default() };
    for event in events {
        let threads = sort::names(event).map(|key| thread::hash(keys, account, key));
        question.threads.extend(threads);
        let comments = comments_of(told, event).map(|key| thread::hash(keys, account, &key));
        question.threads.extend(comments);
        let quoted = match &event.what {
            What::Message(message) => message.reply_to.as_ref(),
            _ => None,
        };
        let names = sort::targets(event).chain(quoted.map(|id| id.0.as_str()));
        question.names.extend(names.map(|name| external::hash(keys, account, name)));
        question.ours.extend(sort::correlation(event));
        let people = event.thread.iter().flat_map(|thread| &thread.peer.identities);
        question.people.extend(people.cloned());
    }
    for hashes in [&mut question.threads, &mut question.names] {
        hashes.sort_unstable();
        hashes.dedup();
    }
    let mut seen = std::collections::HashSet::new();
    question.people.retain(|one| seen.insert(one.clone()));
    let key = &told.speaker.key;
    let mut found =
        foreknown::read(&shared.store, keys, workspace, account, key, &question).await?;
    for (hash, conversation) in &found.threads {
        shared.memory.place(account, *hash, *conversation);
    }
    find_answers(shared, keys, told, events, &mut found).await?;
    Ok(found)
}

/// The key under which whoever was written to comments in public, for an echo that does not say
/// of itself what it is of.
fn comments_of(told: &Told<'_>, event: &Event) -> Option<String> {
    let What::Message(message) = &event.what else { return None };
    let Direction::Business { correlation: None, .. } = &message.direction else { return None };
    let thread = event.thread.as_ref().filter(|thread| !thread.venue.is_comments())?;
    let platform = switchboard_channels::platform(told.speaker.kind);
    platform.comments_of(&thread.keys).filter(|_| !message.extra.history)
}

/// Finds what comes back of private answers to comments before the platform's own answer was
/// heard, which names it: it comes in the person's private thread, and belongs to the comment. It
/// is looked for where it is news and the person has commented.
async fn find_answers(
    shared: &Shared,
    keys: &WorkspaceKeys,
    told: &Told<'_>,
    events: &[Event],
    found: &mut Foreknown,
) -> Result<(), Rejection> {
    let (account, workspace) = (told.owner.account, told.owner.workspace);
    for event in events {
        let What::Message(message) = &event.what else { continue };
        let Some(key) = comments_of(told, event) else { continue };
        let name = external::hash(keys, account, &message.id.0);
        if found.names.contains_key(&name) {
            continue;
        }
        let comments = found.threads.get(&thread::hash(keys, account, &key));
        let Some(stored) = comments.and_then(|id| found.conversations.get(id)) else { continue };
        let (id, kind) = (stored.state.id, told.speaker.kind);
        // Each of them is an echo of its own; another with the same words is looked for later.
        if found.answers.values().any(|known| *known == id) {
            continue;
        }
        let tx = shared.store.readers.begin_by_name(workspace).await?;
        // The same words may be under way in the person's own thread: then the echo is of those.
        if let Some(private) = private_thread(keys, account, event, found)
            && awaits_echo(&tx, keys, workspace, kind, private, event.at, message).await?
        {
            continue;
        }
        if awaits_echo(&tx, keys, workspace, kind, stored, event.at, message).await? {
            found.answers.insert(name, id);
        }
    }
    Ok(())
}

/// The conversation in whose thread an event takes place.
fn private_thread<'a>(
    keys: &WorkspaceKeys,
    account: AccountId,
    event: &Event,
    found: &'a Foreknown,
) -> Option<&'a Stored> {
    let mut names = event.thread.iter().flat_map(|thread| &thread.keys);
    let id = names.find_map(|name| found.threads.get(&thread::hash(keys, account, name)))?;
    found.conversations.get(id)
}

/// Gives each conversation its share of what was read.
pub fn share(keys: &WorkspaceKeys, known: &mut Foreknown, groups: &mut [Group]) {
    for Group { conversation, received } in groups {
        let account = received.account;
        let mut read = Read { stored: known.conversations.remove(conversation), ..Read::default() };
        for event in &received.events {
            let quoted = match &event.what {
                What::Message(message) => message.reply_to.as_ref(),
                _ => None,
            };
            for name in sort::targets(event).chain(quoted.map(|id| id.0.as_str())) {
                let hash = external::hash(keys, account, name);
                match (known.names.get(&hash), known.waiting.get(&hash)) {
                    (Some(found), _) => {
                        read.names.insert(hash, *found);
                    }
                    (None, Some(waiting)) => {
                        read.waiting.insert(hash, waiting.clone());
                    }
                    (None, None) => {}
                }
            }
        }
        let identities = &received.thread.peer.identities;
        read.contact = identities.iter().find_map(|one| known.people.get(one)).cloned();
        received.before = Before::Read(Box::new(read));
    }
}
