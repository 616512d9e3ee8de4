//! Who talks to whom: one actor per workspace and per active conversation, the bus between nodes,
//! and the handle by which the edges speak to all of them.
//!
//! Actors decide by the rules of `domain`, append through `store`, and tell sessions through
//! their queues. This crate names no HTTP or websocket library.

use std::sync::{Arc, OnceLock, Weak};

use actix::prelude::*;
use switchboard_domain::{ContactId, ConversationId, MemberId, Role, Seq, SessionId, WorkspaceId};
use switchboard_store::Store;
use switchboard_store::delay::Delay;
use switchboard_wire::CloseCode;

pub mod accounts;
mod alarm;
mod asking;
pub mod bus;
pub mod clock;
mod commands;
pub mod conversation;
mod directory;
pub mod files;
pub mod inlet;
pub mod links;
pub mod names;
pub mod nodes;
pub mod page;
pub mod queue;
mod rejection;
pub mod replay;
pub mod signed_in;
pub mod trace;
pub mod view;
pub mod workspace;

use bus::{Bus, Forget, Hint, NodeId, Topic};
use conversation::Newcomer;
use directory::Directory;
use links::Links;
use names::Names;
use nodes::{Forgetting, Nodes, OnForget};
use trace::Tracer;
use workspace::{CloseSessions, Join, Leave, Poke, SetPresence, Watch, WhoIsThere, Workspace};

pub use rejection::Rejection;
pub use signed_in::{Login, SignedIn, SignedOut};

/// What all actors of a node share.
pub struct Shared {
    pub store: Store,
    pub links: Links,
    pub names: Names,
    pub signed_in: SignedIn,
    pub accounts: accounts::Accounts,
    pub bus: Arc<dyn Bus>,
    pub node: NodeId,
    memory: inlet::Memory,
    forgetting: Forgetting,
    /// How long appends wait for their commit.
    pub journal: Delay,
    pub tracer: Tracer,
    directory: Directory,
    /// For the actors that it makes. Weak, or it would keep itself alive.
    myself: OnceLock<Weak<Shared>>,
}

impl Shared {
    /// The running actor of a workspace, or a new one at its position.
    async fn open_workspace(&self, id: WorkspaceId) -> Result<Addr<Workspace>, Rejection> {
        if let Some(running) = self.directory.workspace(id) {
            return Ok(running);
        }
        let tx = self.store.readers.begin(id).await?;
        let position = switchboard_store::event::position(&tx, id)
            .await?
            .ok_or_else(|| Rejection::not_found("there is no such workspace"))?;
        let shared =
            self.myself.get().and_then(Weak::upgrade).ok_or_else(Rejection::unavailable)?;
        Ok(self.directory.open_workspace(id, || Workspace::new(id, shared, position)))
    }
}

/// What a cast is made of.
pub struct Parts {
    pub store: Store,
    pub links: Links,
    /// Names this node on it.
    pub node: NodeId,
    pub bus: Arc<dyn Bus>,
    /// Accounts on other platforms, as this node knows them.
    pub accounts: accounts::Accounts,
    pub tracer: Tracer,
    /// Threads that the actors live on; at least one.
    pub arbiters: Vec<ArbiterHandle>,
}

/// An agent who asks.
#[derive(Debug, Clone, Copy)]
pub struct AgentCall {
    pub workspace: WorkspaceId,
    pub member: MemberId,
    pub role: Role,
}

/// A visitor who asks, with what is stored of them when they first write.
#[derive(Debug, Clone)]
pub struct VisitorCall {
    pub workspace: WorkspaceId,
    pub newcomer: Newcomer,
}

impl VisitorCall {
    /// A visitor's conversation on the website takes the visitor's own id, so that two sockets
    /// of a newcomer meet in one actor without asking anyone.
    pub fn conversation(&self) -> ConversationId {
        web_conversation(self.newcomer.contact)
    }
}

/// The conversation on the website of a contact.
pub fn web_conversation(contact: ContactId) -> ConversationId {
    ConversationId(contact.into())
}

/// The handle to all actors of this node.
#[derive(Clone)]
pub struct Cast {
    shared: Arc<Shared>,
}

impl Cast {
    /// Starts the cast. Must be called on a thread of an actix system.
    pub fn start(parts: Parts) -> Cast {
        let alarm_home = parts.arbiters.first().cloned();
        let shared = Arc::new(Shared {
            store: parts.store,
            links: parts.links,
            names: Names::default(),
            signed_in: SignedIn::default(),
            accounts: parts.accounts,
            bus: parts.bus,
            node: parts.node,
            forgetting: Forgetting::default(),
            memory: inlet::Memory::default(),
            journal: Delay::default(),
            tracer: parts.tracer,
            directory: Directory::new(parts.arbiters),
            myself: OnceLock::new(),
        });
        let _ = shared.myself.set(Arc::downgrade(&shared));
        let cast = Cast { shared };
        if let Some(home) = alarm_home {
            let alarm = alarm::Alarm::new(cast.clone());
            alarm::Alarm::start_in_arbiter(&home, move |_| alarm);
            let nodes = Nodes::new(cast.shared.clone());
            Nodes::start_in_arbiter(&home, move |_| nodes);
            cast.shared.accounts.start(&cast.shared, &home);
        }
        cast
    }

    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Changes what is known of a contact, and tells the team. Whether anything changed.
    pub async fn change_contact(
        &self,
        workspace: WorkspaceId,
        contact: ContactId,
        change: impl FnOnce(&mut switchboard_store::contact::Details),
    ) -> Result<bool, Rejection> {
        use switchboard_store::{contact as contacts, event, merge};
        let Some(keys) = self.shared.store.keys(workspace).await? else { return Ok(false) };
        let tx = self.shared.store.readers.begin(workspace).await?;
        let mut is_renamed = false;
        let change = |details: &mut contacts::Details| {
            let before = details.handles.clone();
            change(details);
            is_renamed = details.handles != before;
        };
        if contacts::change(&tx, &keys, workspace, contact, change).await?.is_none() {
            return Ok(false);
        }
        let (now, subject) = (clock::now(), Some(contact.into()));
        let kind = event::Kind::ContactChanged;
        let mut seq = event::record(&tx, workspace, now, kind, subject).await?;
        contacts::stamp(&tx, workspace, contact, seq).await?;
        if is_renamed {
            seq = merge::tell_person(&tx, workspace, contact, now).await?.unwrap_or(seq);
        }
        tx.commit().await?;
        self.poke(workspace, seq);
        Ok(true)
    }

    /// Tells the workspace that an event up to `seq` was recorded outside its journal.
    pub fn poke(&self, workspace: WorkspaceId, seq: Seq) {
        self.shared.names.forget(workspace);
        if let Some(running) = self.shared.directory.workspace(workspace) {
            running.do_send(Poke(seq));
        } else {
            let topic = Topic::Workspace(workspace);
            self.shared.bus.publish(self.shared.node, topic, Hint::Position(seq));
        }
    }

    /// Lets a session in. It hears everything through its queue.
    pub async fn join(&self, workspace: WorkspaceId, join: Join) -> Result<(), Rejection> {
        let hub = self.shared.open_workspace(workspace).await?;
        hub.send(join).await.map_err(|_| Rejection::unavailable())
    }

    /// A session has ended, whatever ended it.
    pub fn leave(&self, workspace: WorkspaceId, session: SessionId) {
        if let Some(hub) = self.shared.directory.workspace(workspace) {
            hub.do_send(Leave(session));
        }
    }

    pub fn watch(&self, workspace: WorkspaceId, watch: Watch) {
        if let Some(hub) = self.shared.directory.workspace(workspace) {
            hub.do_send(watch);
        }
    }

    pub fn set_presence(&self, workspace: WorkspaceId, set: SetPresence) {
        if let Some(hub) = self.shared.directory.workspace(workspace) {
            hub.do_send(set);
        }
    }

    /// Whether anyone of the team is online, and whether this contact is.
    pub async fn who_is_there(
        &self,
        workspace: WorkspaceId,
        contact: Option<ContactId>,
    ) -> (bool, bool) {
        let hub = match self.shared.directory.workspace(workspace) {
            Some(hub) => hub,
            None if self.shared.bus.is_alone() => return (false, false),
            // Those who are there may be at other nodes: take part to hear of them.
            None => match self.shared.open_workspace(workspace).await {
                Ok(hub) => hub,
                Err(_) => return (false, false),
            },
        };
        hub.send(WhoIsThere(contact)).await.unwrap_or_default()
    }

    /// Closes the sockets of logins that have ended, at every node.
    pub fn signed_out(&self, ended: SignedOut) {
        self.close_logins(ended, CloseCode::SignedOut);
    }

    /// Makes the sockets of logins come back, as who they have become.
    pub fn changed(&self, changed: SignedOut) {
        self.close_logins(changed, CloseCode::Moving);
    }

    fn close_logins(&self, who: SignedOut, code: CloseCode) {
        self.shared.signed_in.close(who, code);
        self.shared.tell_nodes(Hint::SignedOut { who, code });
    }

    /// By what the edges let go of what they keep at hand. Only the first counts.
    pub fn on_forget(&self, forget: OnForget) {
        self.shared.forgetting.set(forget);
    }

    /// Something that is kept at hand is not so any more, at any node.
    pub fn forget(&self, what: Forget) {
        self.shared.forget_here(what);
        self.shared.tell_nodes(Hint::Forget(what));
    }

    /// Tells other nodes what they have not been told yet. The last thing.
    pub async fn close(&self) {
        self.shared.bus.close().await;
    }

    /// Tells every client to come back elsewhere, and gives accounts back. Appends under way
    /// finish.
    pub async fn drain(&self) {
        self.shared.accounts.leave().await;
        for hub in self.shared.directory.workspaces() {
            let _ = hub.send(CloseSessions(CloseCode::Moving)).await;
        }
    }
}
