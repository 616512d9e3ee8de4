//! What follows a commit that changed the team: sockets hear of it, and nobody is believed to be
//! who they were.

pub use switchboard_actors::SignedOut;
use switchboard_domain::{Seq, WorkspaceId};

use crate::state::App;

impl App {
    /// Lets this node's sockets hear of an event that was committed beside the journal.
    pub fn changed(&self, workspace: WorkspaceId, seq: Seq) {
        self.cast.poke(workspace, seq);
    }

    /// Takes effect at once on this node: requests are checked anew, sockets are closed.
    pub fn signed_out(&self, who: SignedOut) {
        self.principals.forget();
        self.cast.signed_out(who);
    }
}
