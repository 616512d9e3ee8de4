//! What nodes tell one another. Hints only: Postgres is the truth, and a hint that is lost costs
//! time, never an event.

use std::sync::Arc;

use actix::{Message, Recipient};
use dashmap::DashMap;
use switchboard_domain::{Seq, WorkspaceId};
use uuid::Uuid;

/// Names a node for as long as its process lives.
pub type NodeId = Uuid;

/// A hint about one workspace, from another node.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub enum Hint {
    /// Events up to here are committed.
    Position(Seq),
}

/// Carries hints between nodes. A subscriber never hears its own node.
pub trait Bus: Send + Sync {
    fn publish(&self, from: NodeId, workspace: WorkspaceId, hint: Hint);
    fn subscribe(&self, node: NodeId, workspace: WorkspaceId, to: Recipient<Hint>);
    fn unsubscribe(&self, node: NodeId, workspace: WorkspaceId);
}

/// The bus of nodes that share a process: the single node's, and the tests'.
#[derive(Default)]
pub struct MemoryBus {
    subscribers: DashMap<WorkspaceId, Vec<(NodeId, Recipient<Hint>)>>,
}

impl MemoryBus {
    pub fn shared() -> Arc<MemoryBus> {
        Arc::default()
    }
}

impl Bus for MemoryBus {
    fn publish(&self, from: NodeId, workspace: WorkspaceId, hint: Hint) {
        let Some(subscribers) = self.subscribers.get(&workspace) else { return };
        for (node, to) in subscribers.iter().filter(|(node, _)| *node != from) {
            // A full mailbox loses the hint; the position check finds what it told of.
            if to.try_send(hint.clone()).is_err() {
                metrics::counter!("switchboard_bus_hints_lost_total").increment(1);
                tracing::debug!(%node, "a hint was lost");
            }
        }
    }

    fn subscribe(&self, node: NodeId, workspace: WorkspaceId, to: Recipient<Hint>) {
        let mut subscribers = self.subscribers.entry(workspace).or_default();
        subscribers.retain(|(known, _)| *known != node);
        subscribers.push((node, to));
    }

    fn unsubscribe(&self, node: NodeId, workspace: WorkspaceId) {
        if let Some(mut subscribers) = self.subscribers.get_mut(&workspace) {
            subscribers.retain(|(known, _)| *known != node);
        }
        self.subscribers.remove_if(&workspace, |_, subscribers| subscribers.is_empty());
    }
}
