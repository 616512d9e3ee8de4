//! Whose sockets are open on this node, so that signing out reaches them.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use dashmap::DashMap;
use serde::{Deserialize, Serialize};
use switchboard_domain::{MemberId, Role, SessionId, UserId, WorkspaceId};
use switchboard_store::{Result, Store, lookup};
use switchboard_wire::CloseCode;
use uuid::Uuid;

use crate::queue::FrameQueue;

/// Logins that are looked up at once.
const PAGE: usize = 1_000;

/// Whom an agent's socket speaks for.
#[derive(Debug, Clone)]
pub struct Login {
    pub user: UserId,
    pub workspace: WorkspaceId,
    pub member: MemberId,
    /// What it was let in as.
    pub role: Role,
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

    /// Looks whether all of them still stand, and closes those that do not: nodes tell one another
    /// when a login ends, and what they tell may be lost.
    pub async fn check(&self, store: &Store) -> Result<()> {
        let open: Vec<(SessionId, Login)> =
            self.0.iter().map(|entry| (*entry.key(), entry.value().0.clone())).collect();
        for page in open.chunks(PAGE) {
            let asked: Vec<_> = page
                .iter()
                .map(|(_, login)| (login.credential, login.workspace, login.member))
                .collect();
            let stand: HashMap<(Uuid, MemberId), Role> = lookup::logins(store, &asked)
                .await?
                .into_iter()
                .map(|(credential, member, role)| ((credential, member), role))
                .collect();
            for (session, login) in page {
                match stand.get(&(login.credential, login.member)) {
                    Some(role) if *role == login.role => {}
                    Some(_) => self.close_one(*session, CloseCode::Moving),
                    None => self.close_one(*session, CloseCode::SignedOut),
                }
            }
        }
        Ok(())
    }

    fn close_one(&self, session: SessionId, code: CloseCode) {
        if let Some(queue) = self.0.get(&session).and_then(|entry| entry.value().1.upgrade()) {
            queue.close(code);
        }
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
