//! What waits to be sent, in the order in which it may leave: within a conversation strictly one
//! after another, among conversations in turn.
//!
//! Pure: the rows are Postgres's, this is what one account's actor remembers of them.

use std::collections::{BTreeSet, HashMap, VecDeque};

use jiff::Timestamp;
use switchboard_domain::{ConversationId, SendId, Seq};

use super::pace::{Bucket, Rate};

/// A row, as far as its turn depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    pub id: SendId,
    pub conversation: ConversationId,
    pub seq: Seq,
    pub part: u16,
    pub due_at: Timestamp,
    /// It may have been sent; when due, waiting for a sign of it ends.
    pub uncertain: bool,
    /// How fast its conversation may be written to.
    pub rate: Rate,
    /// Whether the next one waits for a receipt of this one.
    pub awaits_receipt: bool,
}

impl Item {
    fn place(&self) -> (Seq, u16) {
        (self.seq, self.part)
    }
}

/// The rows of one conversation.
#[derive(Debug, Default)]
struct Lane {
    items: VecDeque<Item>,
    bucket: Bucket,
    /// The row that is being worked on: it was the first one when its turn came.
    busy: Option<SendId>,
    /// Not before this moment, though the first row be due.
    held_until: Option<Timestamp>,
    /// Under which moment the lane is in `later`.
    waits_until: Option<Timestamp>,
    in_turn: bool,
}

impl Lane {
    /// Until when its first row has to wait; `None` when its turn may come now.
    fn waits(&self, now: Timestamp) -> Option<Timestamp> {
        let first = self.items.front()?;
        // Waiting for a sign of what may have been sent costs the platform nothing.
        let ready = self.bucket.ready_at(first.rate, now).filter(|_| !first.uncertain);
        let held = self.held_until.filter(|_| !first.uncertain);
        let at = [Some(first.due_at), ready, held].into_iter().flatten().max();
        at.filter(|at| *at > now)
    }

    /// A row is not being worked on any more.
    fn end(&mut self, id: SendId) {
        self.busy = self.busy.filter(|busy| *busy != id);
    }
}

/// All rows that one account is to send.
#[derive(Debug, Default)]
pub struct Queue {
    lanes: HashMap<ConversationId, Lane>,
    /// Conversations whose first row may leave, in turn.
    turn: VecDeque<ConversationId>,
    /// Conversations whose first row has to wait, and until when.
    later: BTreeSet<(Timestamp, ConversationId)>,
    len: usize,
}

impl Queue {
    pub fn len(&self) -> usize {
        self.len
    }

    /// Adds a row. One that comes out of its conversation's order is known already.
    pub fn push(&mut self, item: Item, now: Timestamp) {
        let lane = self.lanes.entry(item.conversation).or_default();
        if lane.items.back().is_some_and(|last| last.place() >= item.place()) {
            return;
        }
        lane.items.push_back(item);
        self.len += 1;
        self.line_up(item.conversation, now);
    }

    /// The next row whose turn it is. Its conversation waits until [`Queue::done`] or
    /// [`Queue::again`].
    pub fn next(&mut self, now: Timestamp) -> Option<Item> {
        self.bring_due(now);
        while let Some(conversation) = self.turn.pop_front() {
            let Some(lane) = self.lanes.get_mut(&conversation) else { continue };
            lane.in_turn = false;
            let Some(first) = lane.items.front().copied() else { continue };
            if lane.waits(now).is_some() {
                self.line_up(conversation, now);
                continue;
            }
            lane.busy = Some(first.id);
            if !first.uncertain {
                lane.bucket.take(first.rate, now);
            }
            return Some(first);
        }
        None
    }

    /// A row is finished with, or is not there any more. What is still done about it holds nobody
    /// up: the row was settled.
    pub fn done(&mut self, conversation: ConversationId, id: SendId, now: Timestamp) {
        let Some(lane) = self.lanes.get_mut(&conversation) else { return };
        let Some(position) = lane.items.iter().position(|item| item.id == id) else { return };
        lane.items.remove(position);
        self.len -= 1;
        lane.end(id);
        self.line_up(conversation, now);
    }

    /// A row is to be looked at again, not before `at`; unless it was settled meanwhile, and
    /// another one has its turn.
    pub fn again(
        &mut self,
        conversation: ConversationId,
        id: SendId,
        at: Timestamp,
        uncertain: bool,
        now: Timestamp,
    ) {
        let Some(lane) = self.lanes.get_mut(&conversation) else { return };
        let Some(item) = lane.items.iter_mut().find(|item| item.id == id) else { return };
        item.due_at = at;
        item.uncertain = uncertain;
        lane.end(id);
        self.line_up(conversation, now);
    }

    /// Holds a conversation back, until then or [`Queue::release`].
    pub fn hold(&mut self, conversation: ConversationId, until: Timestamp, now: Timestamp) {
        if let Some(lane) = self.lanes.get_mut(&conversation) {
            lane.held_until = Some(until);
            self.line_up(conversation, now);
        }
    }

    pub fn release(&mut self, conversation: ConversationId, now: Timestamp) {
        if let Some(lane) = self.lanes.get_mut(&conversation)
            && lane.held_until.take().is_some()
        {
            self.line_up(conversation, now);
        }
    }

    /// When there is something to do next; `None` when only answers are waited for.
    pub fn next_due(&self) -> Option<Timestamp> {
        match self.turn.is_empty() {
            // Long past: now, whatever the clock says.
            false => Some(Timestamp::UNIX_EPOCH),
            true => self.later.first().map(|(at, _)| *at),
        }
    }

    /// The first rows that may have been sent.
    pub fn uncertain(&self) -> Vec<Item> {
        let first = self.lanes.values().filter(|lane| lane.busy.is_none());
        first.filter_map(|lane| lane.items.front().filter(|item| item.uncertain).copied()).collect()
    }

    /// Forgets conversations in which nothing waits and whose allowance is whole again.
    pub fn tidy(&mut self, now: Timestamp) {
        self.lanes.retain(|_, lane| {
            let held = lane.held_until.is_some_and(|until| until > now);
            !lane.items.is_empty() || held || !lane.bucket.is_full(now)
        });
    }

    /// Puts a conversation where its first row belongs.
    fn line_up(&mut self, conversation: ConversationId, now: Timestamp) {
        let Some(lane) = self.lanes.get_mut(&conversation) else { return };
        if let Some(at) = lane.waits_until.take() {
            self.later.remove(&(at, conversation));
        }
        if lane.busy.is_some() || lane.items.is_empty() {
            return;
        }
        match lane.waits(now) {
            Some(at) => {
                lane.waits_until = Some(at);
                self.later.insert((at, conversation));
            }
            None if !lane.in_turn => {
                lane.in_turn = true;
                self.turn.push_back(conversation);
            }
            None => {}
        }
    }

    fn bring_due(&mut self, now: Timestamp) {
        while let Some((at, conversation)) = self.later.first().copied()
            && at <= now
        {
            self.later.remove(&(at, conversation));
            if let Some(lane) = self.lanes.get_mut(&conversation) {
                lane.waits_until = None;
                lane.held_until = lane.held_until.filter(|until| *until > now);
            }
            self.line_up(conversation, now);
        }
    }
}

#[cfg(test)]
mod tests;
