//! Whose sockets are open on this node, so that signing out reaches them.

use std::sync::{Arc, Weak};

use dashmap::DashMap;
use serde::{Deserialize, Serialize};
use switchboard_domain::{MemberId, SessionId, UserId, WorkspaceId};
use switchboard_wire::CloseCode;
use uuid::Uuid;

use crate::queue::FrameQueue;

/// Whom an agent's socket speaks for.
#[derive(Debug, Clone)]
pub struct Login {
    pub user: UserId,
    pub workspace: WorkspaceId,
    pub member: MemberId,
    /// The row of the browser session, or of the API token, that opened it.
    pub credential: Uuid,
}

/// Which logins have ended, or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedOut {
    /// All of a person's.
    User(UserId),
    /// A member's of one workspace.
    Member(WorkspaceId, MemberId),
    /// One browser session's or API token's.
    Credential(Uuid),
}

/// The open agents' sockets of this node.
#[derive(Debug, Default)]
pub struct SignedIn(DashMap<SessionId, (Login, Weak<FrameQueue>)>);

impl SignedIn {
    pub fn add(&self, session: SessionId, login: Login, queue: &Arc<FrameQueue>) {
        self.0.insert(session, (login, Arc::downgrade(queue)));
    }

    pub fn remove(&self, session: SessionId) {
        self.0.remove(&session);
    }

    /// Closes the sockets of these logins.
    pub fn close(&self, ended: SignedOut, code: CloseCode) {
        for entry in &self.0 {
            let (login, queue) = entry.value();
            let hit = match ended {
                SignedOut::User(user) => login.user == user,
                SignedOut::Member(workspace, member) => {
                    login.workspace == workspace && login.member == member
                }
                SignedOut::Credential(credential) => login.credential == credential,
            };
            if let (true, Some(queue)) = (hit, queue.upgrade()) {
                queue.close(code);
            }
        }
    }
}
