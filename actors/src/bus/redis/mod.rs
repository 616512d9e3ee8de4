//! The bus over Redis, or Valkey: publish and subscribe, nothing stored.
//!
//! Several servers share the workspaces between them, so that one that dies concerns its own alone.
//! What is for every node goes over all of them.

use std::sync::Arc;
use std::time::Duration;

use actix::Recipient;
use futures_util::future::{BoxFuture, FutureExt, join_all};
use switchboard_store::seal::MasterKeys;
use tokio::runtime::Handle;

use super::ears::Ears;
use super::letter::Letters;
use super::{Bus, Heard, Hint, NodeId, Standing, Topic, share};

mod address;
mod hearing;
mod link;

pub use address::{Address, BadAddress, Probed};
use link::Link;

/// How long a node that leaves goes on telling what waits.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

pub struct RedisBus {
    ears: Arc<Ears>,
    /// At least one, and what each is known by.
    links: Vec<Link>,
    servers: Vec<u64>,
}

impl RedisBus {
    /// Begins to connect, and goes on for as long as it takes. Runs on `runtime`.
    pub fn start(
        addresses: Vec<Address>,
        node: NodeId,
        master: &MasterKeys,
        runtime: &Handle,
    ) -> Arc<RedisBus> {
        assert!(!addresses.is_empty(), "a bus needs a server");
        let ears = Arc::new(Ears::default());
        let letters = Arc::new(Letters::new(master, node));
        let servers: Vec<u64> =
            addresses.iter().map(|address| share::hash(&address.to_string())).collect();
        let several: Arc<[u64]> = Arc::from(servers.clone());
        let links = addresses.into_iter().enumerate().map(|(place, address)| {
            let mine = Mine { place, servers: several.clone() };
            Link::start(address, mine, node, letters.clone(), ears.clone(), runtime)
        });
        Arc::new(RedisBus { links: links.collect(), ears, servers })
    }

    /// The links that carry a topic.
    fn carriers(&self, topic: Topic) -> &[Link] {
        match topic {
            Topic::Nodes => &self.links,
            Topic::Workspace(workspace) | Topic::Account(workspace, _) => {
                let place = share::of(workspace, &self.servers);
                std::slice::from_ref(&self.links[place])
            }
        }
    }
}

/// Which topics a link carries.
struct Mine {
    place: usize,
    servers: Arc<[u64]>,
}

impl Mine {
    fn has(&self, topic: Topic) -> bool {
        match topic {
            Topic::Nodes => true,
            Topic::Workspace(workspace) | Topic::Account(workspace, _) => {
                share::of(workspace, &self.servers) == self.place
            }
        }
    }
}

impl Bus for RedisBus {
    fn publish(&self, _: NodeId, topic: Topic, hint: Hint) {
        for link in self.carriers(topic) {
            link.publish(topic, hint.clone());
        }
    }

    fn subscribe(&self, node: NodeId, topic: Topic, to: Recipient<Heard>) {
        self.ears.add(node, topic, to);
        for link in self.carriers(topic) {
            link.listen(topic);
        }
    }

    fn unsubscribe(&self, node: NodeId, topic: Topic, who: &Recipient<Heard>) {
        if self.ears.remove(node, topic, who) {
            for link in self.carriers(topic) {
                link.listen(topic);
            }
        }
    }

    fn standing(&self) -> Standing {
        let servers = self.links.iter().filter(|link| link.is_connected()).count();
        Standing::Connected { servers, of: self.links.len() }
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        let closed = join_all(self.links.iter().map(Link::close));
        async move {
            let _ = tokio::time::timeout(CLOSE_WITHIN, closed).await;
            for link in &self.links {
                link.end();
            }
        }
        .boxed()
    }
}
