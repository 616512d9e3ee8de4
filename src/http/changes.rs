//! What follows a commit that changed the team: sockets hear of it, and nobody is believed to be
//! who they were.

use std::sync::Arc;

pub use switchboard_actors::SignedOut;
pub use switchboard_actors::bus::Forget;
use switchboard_domain::{Seq, WorkspaceId};

use crate::state::App;

impl App {
    /// Lets this node's sockets hear of an event that was committed beside the journal.
    pub fn changed(&self, workspace: WorkspaceId, seq: Seq) {
        self.cast.poke(workspace, seq);
    }

    /// Takes effect at once: requests are checked anew, sockets are closed.
    pub fn signed_out(&self, who: SignedOut) {
        self.principals.forget();
        self.cast.signed_out(who);
    }

    /// Lets go of what is kept at hand whenever a node says that it is not so any more.
    pub fn listen(self: &Arc<Self>) {
        let app = Arc::downgrade(self);
        self.cast.on_forget(Box::new(move |what| {
            if let Some(app) = app.upgrade() {
                app.forget_here(what);
            }
        }));
    }

    fn forget_here(&self, what: Forget) {
        match what {
            Forget::Principals => self.principals.forget(),
            Forget::Widget(workspace) => self.widgets.forget(workspace),
            Forget::Everything => {
                self.principals.forget();
                self.widgets.forget_all();
            }
            Forget::Names(_) => {}
        }
    }
}
