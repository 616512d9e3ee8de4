//! The bus of nodes that share a process: the single node's, and of tests.

use std::sync::Arc;

use actix::Recipient;
use futures_util::future::{BoxFuture, FutureExt, ready};

use super::ears::Ears;
use super::{Bus, Heard, Hint, NodeId, Standing, Topic};

#[derive(Default)]
pub struct MemoryBus(Ears);

impl MemoryBus {
    pub fn shared() -> Arc<MemoryBus> {
        Arc::default()
    }
}

impl Bus for MemoryBus {
    fn publish(&self, from: NodeId, topic: Topic, hint: Hint) {
        self.0.tell(from, topic, &hint);
    }

    fn subscribe(&self, node: NodeId, topic: Topic, to: Recipient<Heard>) {
        self.0.add(node, topic, to);
    }

    fn unsubscribe(&self, node: NodeId, topic: Topic, who: &Recipient<Heard>) {
        self.0.remove(node, topic, who);
    }

    fn standing(&self) -> Standing {
        Standing::Alone
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        ready(()).boxed()
    }
}
