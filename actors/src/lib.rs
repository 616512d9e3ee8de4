//! Who talks to whom: one actor per workspace and per active conversation, the bus between nodes,
//! and the handle by which the edges speak to all of them.
//!
//! Actors decide by the rules of `domain`, append through `store`, and tell sessions through
//! their queues. This crate names no HTTP or websocket library.

use std::sync::Arc;

use actix::prelude::*;
use switchboard_domain::{
    Author, ContactId, ConversationId, MemberId, PostKind, Role, Seq, SessionId, WorkspaceId,
};
use switchboard_store::Store;
use switchboard_store::delay::Delay;
use switchboard_wire::agent::{AgentCommand, Done};
use switchboard_wire::visitor::VisitorCommand;
use switchboard_wire::{CloseCode, Code};

pub mod accounts;
mod alarm;
mod asking;
pub mod bus;
pub mod clock;
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
use conversation::{Act, Newcomer, Order, Perform, Typing};
use directory::Directory;
use links::Links;
use names::Names;
use nodes::{Forgetting, Nodes, OnForget};
use trace::Tracer;
use workspace::{CloseSessions, Join, Leave, Poke, SetPresence, Watch, WhoIsThere, Workspace};

pub use rejection::Rejection;
pub use signed_in::{Login, SignedIn, SignedOut};

/// How often a message is brought to an actor that retired on its way.
const DELIVERIES_MAX: u32 = 3;

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
    myself: std::sync::OnceLock<std::sync::Weak<Shared>>,
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
        let shared = self
            .myself
            .get()
            .and_then(std::sync::Weak::upgrade)
            .ok_or_else(Rejection::unavailable)?;
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
            myself: std::sync::OnceLock::new(),
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

    /// Does what an agent's client asks. Ephemeral commands are answered at once.
    pub async fn agent(&self, call: AgentCall, command: AgentCommand) -> Result<Done, Rejection> {
        let author = Author::Agent(call.member);
        let (conversation, order) = match command {
            AgentCommand::Post {
                conversation,
                reference,
                kind,
                text,
                attachments,
                reply_to,
                form,
            } => {
                let order = Order::Post { reference, kind, text, attachments, reply_to, form };
                (conversation, order)
            }
            AgentCommand::Edit { conversation, message, text } => {
                (conversation, Order::Edit { message, text })
            }
            AgentCommand::Delete { conversation, message } => {
                let moderator = switchboard_domain::person::permits(
                    call.role,
                    switchboard_domain::Action::Moderate,
                );
                (conversation, Order::Delete { message, moderator })
            }
            AgentCommand::React { conversation, message, emoji, on } => {
                (conversation, Order::React { message, emoji, on })
            }
            AgentCommand::Mark { conversation, delivered, read } => {
                (conversation, Order::Mark { delivered, read })
            }
            AgentCommand::SetStatus { conversation, status } => {
                (conversation, Order::SetStatus(status))
            }
            AgentCommand::Assign { conversation, member } => (conversation, Order::Assign(member)),
            AgentCommand::Label { conversation, add, remove } => {
                (conversation, Order::Label { add, remove })
            }
            AgentCommand::Typing { conversation, on, note } => {
                self.typing(call.workspace, conversation, Typing { author, on, note });
                return Ok(Done::default());
            }
            AgentCommand::Resend { conversation, message } => {
                (conversation, Order::Resend { message })
            }
            AgentCommand::Watch { .. } | AgentCommand::SetPresence { .. } => {
                let words = "this belongs to a websocket session";
                return Err(Rejection::new(Code::Invalid, words));
            }
        };
        self.act(call.workspace, conversation, Act { author, order, newcomer: None }).await
    }

    /// Does what a visitor's client asks.
    pub async fn visitor(
        &self,
        call: VisitorCall,
        command: VisitorCommand,
    ) -> Result<Done, Rejection> {
        let author = Author::Visitor(call.newcomer.contact);
        let conversation = call.conversation();
        let order = match command {
            VisitorCommand::Post { reference, text, attachments, reply_to } => {
                let (kind, form) = (PostKind::Public, None);
                Order::Post { reference, kind, text, attachments, reply_to, form }
            }
            VisitorCommand::Edit { message, text } => Order::Edit { message, text },
            VisitorCommand::Delete { message } => Order::Delete { message, moderator: false },
            VisitorCommand::React { message, emoji, on } => Order::React { message, emoji, on },
            VisitorCommand::Mark { delivered, read } => Order::Mark { delivered, read },
            VisitorCommand::Typing { on } => {
                let typing = Typing { author, on, note: false };
                self.typing(call.workspace, conversation, typing);
                return Ok(Done::default());
            }
            VisitorCommand::Visit { page } => {
                let contact = call.newcomer.contact;
                self.change_contact(call.workspace, contact, |details| {
                    details.page_url = Some(page.url);
                    details.page_title = page.title;
                })
                .await?;
                return Ok(Done::default());
            }
        };
        let act = Act { author, order, newcomer: Some(call.newcomer) };
        self.act(call.workspace, conversation, act).await
    }

    /// Brings an act to its conversation.
    pub(crate) async fn act(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
        act: Act,
    ) -> Result<Done, Rejection> {
        for _ in 0..DELIVERIES_MAX {
            let conversation = self.conversation(workspace, id);
            // `send` waits for room in the mailbox. An actor that retired closes it.
            let perform = Perform { act: act.clone(), trace: trace::current() };
            if let Ok(answer) = conversation.send(perform).await {
                return answer;
            }
        }
        Err(Rejection::unavailable())
    }

    fn conversation(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
    ) -> Addr<conversation::Conversation> {
        self.shared.directory.conversation(workspace, id, || {
            conversation::Conversation::new(workspace, id, self.shared.clone())
        })
    }

    fn typing(&self, workspace: WorkspaceId, id: ConversationId, typing: Typing) {
        // Typing that does not fit into the mailbox is not worth waiting for.
        let _ = self.conversation(workspace, id).try_send(typing);
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
