//! Who hears what, in this process.

use actix::Recipient;
use dashmap::DashMap;

use super::{Heard, Hint, NodeId, Topic};

#[derive(Default)]
pub struct Ears(DashMap<Topic, Vec<(NodeId, Recipient<Heard>)>>);

impl Ears {
    /// Whether it is the topic's first.
    pub fn add(&self, node: NodeId, topic: Topic, to: Recipient<Heard>) -> bool {
        let mut ears = self.0.entry(topic).or_default();
        let first = ears.is_empty();
        ears.retain(|(known, _)| *known != node);
        ears.push((node, to));
        first
    }

    /// Whether it was the topic's last.
    pub fn remove(&self, node: NodeId, topic: Topic, who: &Recipient<Heard>) -> bool {
        if let Some(mut ears) = self.0.get_mut(&topic) {
            ears.retain(|(known, to)| *known != node || to != who);
        }
        self.0.remove_if(&topic, |_, ears| ears.is_empty()).is_some()
    }

    pub fn has(&self, topic: Topic) -> bool {
        self.0.contains_key(&topic)
    }

    pub fn topics(&self) -> Vec<Topic> {
        self.0.iter().map(|entry| *entry.key()).collect()
    }

    /// Tells all but the node that it comes from.
    pub fn tell(&self, from: NodeId, topic: Topic, hint: &Hint) {
        let Some(ears) = self.0.get(&topic) else { return };
        for (node, to) in ears.iter().filter(|(node, _)| *node != from) {
            // A full mailbox loses the hint; the position check finds what it told of.
            if to.try_send(Heard { from, hint: hint.clone() }).is_err() {
                metrics::counter!("switchboard_bus_lost_total", "why" => "mailbox").increment(1);
                tracing::debug!(%node, "a hint was lost");
            }
        }
    }

    /// Tells everyone who hears of a topic to look.
    pub fn gap(&self, topic: Topic) {
        metrics::counter!("switchboard_bus_gaps_total").increment(1);
        self.tell(NodeId::nil(), topic, &Hint::Gap);
    }
}
