//! What nodes tell one another. Hints only: Postgres is the truth, and a hint that is lost costs
//! time, never an event.

use actix::Recipient;
use futures_util::future::BoxFuture;
use switchboard_domain::{AccountId, WorkspaceId};
use uuid::Uuid;

mod carrier;
mod ears;
pub mod hint;
pub mod letter;
pub mod memory;
mod outbox;
pub mod redis;
pub mod share;

pub use hint::{Forget, Heard, Hint, Notice, Part, Present};
pub use memory::MemoryBus;

/// Names a node for as long as its process lives.
pub type NodeId = Uuid;

/// Whom a hint is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Every node.
    Nodes,
    /// The nodes on which something happens in a workspace.
    Workspace(WorkspaceId),
    /// The node that speaks for an account.
    Account(WorkspaceId, AccountId),
}

/// How the bus is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// This node is alone: there is nobody to tell.
    Alone,
    /// So many of its servers are connected, of so many.
    Connected { servers: usize, of: usize },
}

/// Carries hints between nodes. A subscriber never hears its own node.
pub trait Bus: Send + Sync {
    /// Never waits. What does not fit is lost, and counted.
    fn publish(&self, from: NodeId, topic: Topic, hint: Hint);
    /// `to` hears of the topic. It hears [`Hint::Gap`] whenever something may have been missed,
    /// for the first time when it begins to hear.
    fn subscribe(&self, node: NodeId, topic: Topic, to: Recipient<Heard>);
    /// `who` hears of the topic no more. Whoever took its place goes on hearing.
    fn unsubscribe(&self, node: NodeId, topic: Topic, who: &Recipient<Heard>);
    fn standing(&self) -> Standing;
    /// Sends what still waits, as far as that takes no longer than a moment, and ends.
    fn close(&self) -> BoxFuture<'_, ()>;

    /// Whether nobody would hear.
    fn is_alone(&self) -> bool {
        self.standing() == Standing::Alone
    }
}
