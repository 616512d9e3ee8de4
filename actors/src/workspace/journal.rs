//! The queue before the group commit: what arrives while a commit is in flight is the next batch.

use std::collections::VecDeque;

use switchboard_domain::Seq;
use switchboard_store::journal::{Append, BATCH_MAX, Outcome};
use switchboard_wire::agent::AgentEvent;
use switchboard_wire::agent::MessageChange;
use switchboard_wire::visitor::VisitorEvent;
use tokio::sync::oneshot;

use crate::rejection::Rejection;
use crate::replay::Told;
use crate::trace::Open;

/// The most appends that wait. Beyond it commands are answered `unavailable`.
pub const PENDING_MAX: usize = 8_192;

/// An event's frames before its position is known.
#[derive(Debug, Clone)]
pub struct Draft {
    pub agents: AgentEvent,
    pub visitor: Option<(switchboard_domain::ContactId, VisitorEvent)>,
}

impl Draft {
    /// Puts the positions in: the event's own, and that of the last event of its append, which
    /// is what the conversation's row carries.
    pub fn stamp(mut self, seq: Seq, last: Seq, at: jiff::Timestamp) -> Told {
        match &mut self.agents {
            AgentEvent::Message { change, message, conversation } => {
                message.rev = seq;
                if *change == MessageChange::Posted {
                    message.seq = seq;
                }
                conversation.rev = last;
            }
            AgentEvent::Conversation { conversation, activity } => {
                conversation.rev = last;
                if let Some(activity) = activity {
                    activity.seq = seq;
                    activity.rev = seq;
                }
            }
            _ => {}
        }
        if let Some((_, VisitorEvent::Message { change, message, .. })) = &mut self.visitor {
            message.rev = seq;
            if *change == MessageChange::Posted {
                message.seq = seq;
            }
        }
        Told { seq, at, agents: self.agents, visitor: self.visitor }
    }
}

/// The answer to an append.
pub type Reply = Result<Outcome, Rejection>;

/// What is to be told of an append, and whom to answer.
pub struct Waiting {
    /// One for each event of the append.
    pub drafts: Vec<Draft>,
    pub reply: oneshot::Sender<Reply>,
    /// From here to its commit, if it is recorded.
    pub span: Open,
}

/// Appends in the order they came, and whether a commit is under way. What an append is does not
/// matter to their order.
pub struct Journal<T = (Append, Waiting)> {
    pending: VecDeque<T>,
    in_flight: bool,
    /// After the database refused a batch: its appends go one by one, so that the one at fault
    /// fails alone.
    alone: usize,
}

impl<T> Default for Journal<T> {
    fn default() -> Journal<T> {
        Journal { pending: VecDeque::new(), in_flight: false, alone: 0 }
    }
}

impl<T> Journal<T> {
    /// Whether another append would be one too many.
    pub fn is_full(&self) -> bool {
        self.pending.len() >= PENDING_MAX
    }

    pub fn push(&mut self, append: T) {
        self.pending.push_back(append);
    }

    /// The next batch, unless one is in flight or nothing waits.
    pub fn next_batch(&mut self) -> Option<Vec<T>> {
        if self.in_flight || self.pending.is_empty() {
            return None;
        }
        self.in_flight = true;
        let size = if self.alone > 0 { 1 } else { self.pending.len().min(BATCH_MAX) };
        self.alone = self.alone.saturating_sub(1);
        metrics::histogram!("switchboard_journal_batch_appends").record(size as f64);
        Some(self.pending.drain(..size).collect())
    }

    pub fn landed(&mut self) {
        self.in_flight = false;
    }

    /// Puts a refused batch back in its place, to be tried one by one.
    pub fn retry_alone(&mut self, batch: Vec<T>) {
        for pending in batch.into_iter().rev() {
            self.pending.push_front(pending);
            self.alone += 1;
        }
    }

    pub fn is_idle(&self) -> bool {
        !self.in_flight && self.pending.is_empty()
    }
}

#[cfg(test)]
mod tests;
