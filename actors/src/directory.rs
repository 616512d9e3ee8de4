//! Finds, opens and retires actors.
//!
//! A shared map and not a mailbox: finding is on every command's way, and must not be a hop
//! through one thread. An actor that retires takes itself out first and then stops; a message
//! that was on its way finds the mailbox closed, and its sender finds the next actor.

use actix::prelude::*;
use dashmap::DashMap;
use switchboard_domain::{ConversationId, WorkspaceId};

use crate::conversation::Conversation;
use crate::workspace::Workspace;

pub struct Directory {
    arbiters: Vec<ArbiterHandle>,
    workspaces: DashMap<WorkspaceId, Addr<Workspace>>,
    conversations: DashMap<(WorkspaceId, ConversationId), Addr<Conversation>>,
}

impl Directory {
    /// A directory whose actors live on `arbiters`, at least one.
    pub fn new(arbiters: Vec<ArbiterHandle>) -> Directory {
        assert!(!arbiters.is_empty(), "actors need a thread to live on");
        Directory { arbiters, workspaces: DashMap::new(), conversations: DashMap::new() }
    }

    /// The thread on which all actors of a workspace live, so that they talk without leaving it.
    pub(crate) fn arbiter(&self, workspace: WorkspaceId) -> &ArbiterHandle {
        let spread = uuid::Uuid::from(workspace).as_u128() % self.arbiters.len() as u128;
        &self.arbiters[spread as usize]
    }

    /// The running actor of a workspace.
    pub fn workspace(&self, id: WorkspaceId) -> Option<Addr<Workspace>> {
        let addr = self.workspaces.get(&id)?;
        addr.connected().then(|| addr.clone())
    }

    /// The running actor of a workspace, or the one that `make` makes.
    pub fn open_workspace(
        &self,
        id: WorkspaceId,
        make: impl FnOnce() -> Workspace,
    ) -> Addr<Workspace> {
        let arbiter = self.arbiter(id);
        let start = || {
            let workspace = make();
            Workspace::start_in_arbiter(arbiter, move |_| workspace)
        };
        match self.workspaces.entry(id) {
            dashmap::Entry::Occupied(running) if running.get().connected() => running.get().clone(),
            dashmap::Entry::Occupied(mut stopped) => {
                stopped.insert(start());
                stopped.get().clone()
            }
            dashmap::Entry::Vacant(vacant) => vacant.insert(start()).clone(),
        }
    }

    /// The actor of a conversation, running or made by `make`.
    pub fn conversation(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
        make: impl FnOnce() -> Conversation,
    ) -> Addr<Conversation> {
        let key = (workspace, id);
        if let Some(running) = self.conversations.get(&key)
            && running.connected()
        {
            return running.clone();
        }
        let arbiter = self.arbiter(workspace);
        let start = || {
            let conversation = make();
            Conversation::start_in_arbiter(arbiter, move |_| conversation)
        };
        match self.conversations.entry(key) {
            dashmap::Entry::Occupied(running) if running.get().connected() => running.get().clone(),
            dashmap::Entry::Occupied(mut stopped) => {
                stopped.insert(start());
                stopped.get().clone()
            }
            dashmap::Entry::Vacant(vacant) => vacant.insert(start()).clone(),
        }
    }

    pub fn retire_workspace(&self, id: WorkspaceId, addr: &Addr<Workspace>) {
        self.workspaces.remove_if(&id, |_, known| known == addr);
    }

    pub fn retire_conversation(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
        addr: &Addr<Conversation>,
    ) {
        self.conversations.remove_if(&(workspace, id), |_, known| known == addr);
    }

    /// The running workspaces.
    pub fn workspaces(&self) -> Vec<Addr<Workspace>> {
        self.workspaces.iter().map(|entry| entry.value().clone()).collect()
    }
}
