//! Ordered fan-out: every session gets every event that concerns it, in order, once.
//!
//! The hub performs no I/O. It delivers `last + 1`, holds what comes early, ignores what is old,
//! and says when it must be given what it lacks.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use bytestring::ByteString;
use switchboard_domain::{ContactId, ConversationId, MemberId, Presence, Seq, SessionId};
use switchboard_wire::CloseCode;

use crate::queue::{FrameQueue, Pushed};
use crate::replay::Told;

mod entry;
pub(super) mod presence;

use entry::Entry;

/// The newest events kept at hand for clients that resume.
const RING_MAX: usize = 512;
/// Events held while an earlier one is fetched; beyond it the fetch brings them again.
const HELD_MAX: usize = 2_048;

/// Who is at the other end of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    Agent(MemberId),
    Visitor(ContactId),
}

impl Audience {
    /// For figures.
    pub fn kind(self) -> &'static str {
        match self {
            Audience::Agent(_) => "agent",
            Audience::Visitor(_) => "visitor",
        }
    }
}

#[derive(Debug)]
struct Joined {
    audience: Audience,
    queue: Arc<FrameQueue>,
    /// It has been given everything up to here. A snapshot may have put it ahead of the hub.
    cursor: Seq,
    /// Whether it gets events as they come, and is not still being brought up.
    live: bool,
    presence: Presence,
    watching: Option<ConversationId>,
}

/// A frame as text. The types of the wire always encode.
pub fn encode<T: serde::Serialize>(frame: &T) -> ByteString {
    match serde_json::to_string(frame) {
        Ok(text) => text.into(),
        Err(error) => {
            tracing::error!(%error, "a frame could not be encoded");
            ByteString::new()
        }
    }
}

/// Whether a session has all it needs from memory, or what must be fetched for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatchUp {
    Live,
    /// Fetch the events after this one.
    Fetch(Seq),
    /// It was given what its queue has room for; try again when that is read.
    Full,
    /// The session is gone.
    Gone,
}

#[derive(Debug)]
pub struct Hub {
    last: Seq,
    ring: VecDeque<Entry>,
    held: BTreeMap<Seq, Told>,
    sessions: HashMap<SessionId, Joined>,
    /// Which of them are agents'; visitors are many more, and most events are not theirs.
    agents: HashSet<SessionId>,
    by_contact: HashMap<ContactId, Vec<SessionId>>,
}

impl Hub {
    pub fn new(last: Seq) -> Hub {
        Hub {
            last,
            ring: VecDeque::new(),
            held: BTreeMap::new(),
            sessions: HashMap::new(),
            agents: HashSet::new(),
            by_contact: HashMap::new(),
        }
    }

    pub fn last(&self) -> Seq {
        self.last
    }

    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Takes events in. Returns the sessions that were cut off, and whether a gap is left.
    pub fn ingest(&mut self, events: Vec<Told>) -> (Vec<SessionId>, bool) {
        let mut next = Vec::with_capacity(events.len());
        for told in events {
            if told.seq == self.last.next() {
                self.last = told.seq;
                next.push(Entry::new(told));
            } else if told.seq > self.last && self.held.len() < HELD_MAX {
                self.held.insert(told.seq, told);
            }
        }
        while let Some(told) = self.held.remove(&self.last.next()) {
            self.last = told.seq;
            next.push(Entry::new(told));
        }
        self.held = self.held.split_off(&self.last.next());
        let cut = self.deliver(next);
        (cut, !self.held.is_empty())
    }

    /// Gives out a run of events, and keeps it at hand. Session by session, so that each is looked
    /// up and woken once for all of them. Returns those that are closed.
    fn deliver(&mut self, run: Vec<Entry>) -> Vec<SessionId> {
        let (mut cut, mut delivered) = (Vec::new(), 0);
        let mut give = |id: &SessionId, joined: &Joined, frames: &[ByteString]| {
            if frames.is_empty() {
                return;
            }
            match joined.queue.push_all(frames) {
                Pushed::Closed => cut.push(*id),
                Pushed::Queued | Pushed::LeftOut => delivered += frames.len() as u64,
            }
        };
        if !self.agents.is_empty() {
            let frames: Vec<ByteString> = run.iter().map(|entry| entry.agents().clone()).collect();
            for id in &self.agents {
                let Some(joined) = self.sessions.get(id).filter(|joined| joined.live) else {
                    continue;
                };
                let had = run.partition_point(|entry| entry.told.seq <= joined.cursor);
                give(id, joined, &frames[had..]);
            }
        }
        for entry in &run {
            let Some((contact, _)) = &entry.told.visitor else { continue };
            for id in self.by_contact.get(contact).into_iter().flatten() {
                let Some(joined) = self.sessions.get(id).filter(|joined| joined.live) else {
                    continue;
                };
                if entry.told.seq > joined.cursor {
                    give(id, joined, entry.visitor(*contact).map_or(&[], std::slice::from_ref));
                }
            }
        }
        metrics::counter!("switchboard_deliveries_total").increment(delivered);
        self.ring.extend(run);
        self.ring.drain(..self.ring.len().saturating_sub(RING_MAX));
        cut
    }

    /// Adds a session that has everything up to `cursor`.
    pub fn join(&mut self, id: SessionId, audience: Audience, queue: Arc<FrameQueue>, cursor: Seq) {
        match audience {
            Audience::Agent(_) => drop(self.agents.insert(id)),
            Audience::Visitor(contact) => self.by_contact.entry(contact).or_default().push(id),
        }
        let joined = Joined {
            audience,
            queue,
            cursor,
            live: false,
            presence: Presence::Online,
            watching: None,
        };
        self.sessions.insert(id, joined);
    }

    /// Moves a session that is catching up to `cursor`, when it has been given what came before.
    pub fn advance(&mut self, id: SessionId, cursor: Seq) {
        if let Some(joined) = self.sessions.get_mut(&id)
            && !joined.live
        {
            joined.cursor = cursor;
        }
    }

    /// Whether all events after `cursor` are at hand.
    pub fn remembers(&self, cursor: Seq) -> bool {
        remembers(&self.ring, self.last, cursor)
    }

    /// Gives a session what memory has of what it lacks, if that is all of it.
    pub fn catch_up(&mut self, id: SessionId) -> CatchUp {
        let Some(joined) = self.sessions.get_mut(&id) else { return CatchUp::Gone };
        if joined.live {
            return CatchUp::Live;
        }
        let cursor = joined.cursor;
        if !remembers(&self.ring, self.last, cursor) {
            return CatchUp::Fetch(cursor);
        }
        for entry in self.ring.iter().filter(|entry| entry.told.seq > cursor) {
            if joined.queue.is_slow() {
                return match joined.cursor > cursor {
                    true => CatchUp::Full,
                    false => CatchUp::Fetch(cursor),
                };
            }
            if let Some(frame) = entry.frame(joined.audience) {
                joined.queue.push(frame.clone());
            }
            joined.cursor = entry.told.seq;
        }
        joined.cursor = cursor.max(self.last);
        joined.live = true;
        CatchUp::Live
    }

    /// Gives a session that is catching up a page that was fetched for it, as far as its queue has
    /// room.
    pub fn feed(&mut self, id: SessionId, page: &[Told]) {
        let Some(joined) = self.sessions.get_mut(&id) else { return };
        let cursor = joined.cursor;
        for told in page.iter().filter(|told| told.seq > cursor) {
            if joined.queue.is_slow() {
                return;
            }
            let entry = Entry::new(told.clone());
            if let Some(frame) = entry.frame(joined.audience) {
                joined.queue.push(frame.clone());
            }
            joined.cursor = told.seq;
        }
    }

    pub fn queue(&self, id: SessionId) -> Option<Arc<FrameQueue>> {
        self.sessions.get(&id).map(|joined| joined.queue.clone())
    }

    pub fn audience(&self, id: SessionId) -> Option<Audience> {
        self.sessions.get(&id).map(|joined| joined.audience)
    }

    /// Forgets a session. Returns who it was and what it watched.
    pub fn leave(&mut self, id: SessionId) -> Option<(Audience, Option<ConversationId>)> {
        let joined = self.sessions.remove(&id)?;
        self.agents.remove(&id);
        if let Audience::Visitor(contact) = joined.audience
            && let Some(ids) = self.by_contact.get_mut(&contact)
        {
            ids.retain(|other| *other != id);
            if ids.is_empty() {
                self.by_contact.remove(&contact);
            }
        }
        Some((joined.audience, joined.watching))
    }

    /// Sends an ephemeral frame to the live agents that `which` picks.
    pub fn tell_agents(
        &self,
        frame: &ByteString,
        which: impl Fn(MemberId, Option<ConversationId>) -> bool,
    ) {
        for (member, joined) in self.agents().filter(|(_, joined)| joined.live) {
            if which(member, joined.watching) {
                joined.queue.push_ephemeral(frame.clone());
            }
        }
    }

    /// Sends an ephemeral frame to a visitor's live sessions.
    pub fn tell_visitor(&self, contact: ContactId, frame: &ByteString) {
        let ids = self.by_contact.get(&contact).into_iter().flatten();
        for joined in ids.filter_map(|id| self.sessions.get(id)) {
            if joined.live {
                joined.queue.push_ephemeral(frame.clone());
            }
        }
    }

    /// Sends an ephemeral frame to all visitors.
    pub fn tell_visitors(&self, frame: &ByteString) {
        for joined in self.sessions.values() {
            if matches!(joined.audience, Audience::Visitor(_)) && joined.live {
                joined.queue.push_ephemeral(frame.clone());
            }
        }
    }

    /// Sends the position to every session that has all of it. Returns those that are closed.
    pub fn beat(&self, frame: &ByteString) -> Vec<SessionId> {
        let mut closed = Vec::new();
        for (id, joined) in &self.sessions {
            // A session that is being brought up has not had everything yet.
            if joined.live {
                joined.queue.push_ephemeral(frame.clone());
            }
            if joined.queue.is_closed() {
                closed.push(*id);
            }
        }
        closed
    }

    /// What all sockets together have not taken yet.
    pub fn waiting_bytes(&self) -> usize {
        self.sessions.values().map(|joined| joined.queue.waiting_bytes()).sum()
    }

    fn agents(&self) -> impl Iterator<Item = (MemberId, &Joined)> {
        self.agents.iter().filter_map(|id| {
            let joined = self.sessions.get(id)?;
            match joined.audience {
                Audience::Agent(member) => Some((member, joined)),
                Audience::Visitor(_) => None,
            }
        })
    }

    /// Closes all sessions.
    pub fn close(&self, code: CloseCode) {
        for joined in self.sessions.values() {
            joined.queue.close(code);
        }
    }
}

fn remembers(ring: &VecDeque<Entry>, last: Seq, cursor: Seq) -> bool {
    cursor >= last || ring.front().is_some_and(|oldest| oldest.told.seq <= cursor.next())
}

#[cfg(test)]
mod simulation_tests;
#[cfg(test)]
mod tests;
