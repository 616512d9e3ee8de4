//! What comes in over one link: read, opened and told, as fast as it comes.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use redis::{PushInfo, PushKind, Value};
use tokio::sync::mpsc;

use super::super::ears::Ears;
use super::super::letter::{self, Head, Letters, Unreadable};
use super::super::{NodeId, Topic};

/// Letters that wait to be read. What exceeds them is lost, and whoever listens is told to look.
pub const WAITING_MAX: usize = 16_384;
/// Nodes whose newest letters are remembered.
const NODES_MAX: usize = 4_096;

/// One letter as it came.
pub struct Delivered {
    channel: Vec<u8>,
    letter: Vec<u8>,
}

/// What the connection's own task needs to hand letters over without waiting.
#[derive(Clone)]
pub struct Slot {
    pub to: mpsc::Sender<Delivered>,
    /// Set when letters were lost.
    pub overflowed: Arc<AtomicBool>,
    /// Rung when the connection has ended.
    pub ended: Arc<tokio::sync::Notify>,
}

impl Slot {
    pub fn put(&self, push: PushInfo) {
        match push.kind {
            PushKind::Message => {}
            PushKind::Disconnection => return self.ended.notify_one(),
            _ => return,
        }
        let mut data = push.data.into_iter();
        let (Some(Value::BulkString(channel)), Some(Value::BulkString(letter))) =
            (data.next(), data.next())
        else {
            return;
        };
        if self.to.try_send(Delivered { channel, letter }).is_err() {
            self.overflowed.store(true, Ordering::Relaxed);
            metrics::counter!("switchboard_bus_lost_total", "why" => "inbox").increment(1);
        }
    }
}

/// Reads letters until the connection that brings them is gone.
pub async fn hear(
    mut from: mpsc::Receiver<Delivered>,
    node: NodeId,
    letters: Arc<Letters>,
    ears: Arc<Ears>,
    numbers: Arc<Mutex<Numbers>>,
) {
    while let Some(Delivered { channel, letter }) = from.recv().await {
        let topic = std::str::from_utf8(&channel).ok().and_then(letter::topic);
        let (Some(topic), Some(head)) = (topic, Head::read(&letter)) else {
            ignored(Unreadable::Format);
            continue;
        };
        if head.from == node {
            continue;
        }
        match letters.open(topic, head, &letter) {
            Ok(_) if !numbers.lock().is_next(head) => {
                metrics::counter!("switchboard_bus_ignored_total", "why" => "repeated")
                    .increment(1);
            }
            Ok(hint) => {
                metrics::counter!("switchboard_bus_received_total", "kind" => hint.name())
                    .increment(1);
                ears.tell(head.from, topic, &hint);
            }
            Err(Unreadable::Unknown) => {
                ignored(Unreadable::Unknown);
                look(&ears, topic);
            }
            Err(why) => ignored(why),
        }
    }
}

/// A node of ours said something that we do not understand: perhaps there is something to see.
fn look(ears: &Ears, topic: Topic) {
    if matches!(topic, Topic::Workspace(_)) {
        ears.gap(topic);
    }
}

fn ignored(why: Unreadable) {
    let why = match why {
        Unreadable::Format => "format",
        Unreadable::Forged => "forged",
        Unreadable::Unknown => "unknown",
    };
    metrics::counter!("switchboard_bus_ignored_total", "why" => why).increment(1);
}

/// The newest letter of each node: a node numbers what it sends in order, so whoever repeats an
/// older one is not that node.
#[derive(Default)]
pub struct Numbers(HashMap<NodeId, u64>);

impl Numbers {
    fn is_next(&mut self, head: Head) -> bool {
        if self.0.len() >= NODES_MAX && !self.0.contains_key(&head.from) {
            self.0.clear();
        }
        let newest = self.0.entry(head.from).or_default();
        let next = head.number > *newest;
        *newest = head.number.max(*newest);
        next
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_letter_that_is_repeated_is_passed_over() {
        let mut numbers = Numbers::default();
        let mut is_next =
            |node, number| numbers.is_next(Head { from: Uuid::from_u128(node), number });
        assert!(is_next(1, 5) && is_next(1, 9) && is_next(2, 3));
        assert!(!is_next(1, 9) && !is_next(1, 5) && !is_next(2, 3));
        assert!(is_next(1, 10));
    }
}
