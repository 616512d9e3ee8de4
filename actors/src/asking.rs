//! Asking a platform on behalf of no account yet: while somebody signs in there.

use std::collections::HashMap;

use switchboard_channels::account::Credentials;
use switchboard_channels::{Reply, Request};
use switchboard_domain::{AccountKind, WorkspaceId};
use switchboard_wire::Code;
use uuid::Uuid;

use crate::accounts::http::Caller;
use crate::{Cast, Rejection};

impl Cast {
    /// Makes a request of our app for this kind of account, with this token or by itself.
    pub async fn ask(
        &self,
        kind: AccountKind,
        token: Option<&str>,
        request: &Request,
    ) -> Result<Reply, Rejection> {
        let credentials = Credentials {
            kind,
            id: String::new(),
            other_id: None,
            parent: None,
            token: token.unwrap_or_default().to_owned(),
            token_expires_at: None,
            token_given_at: None,
            connected_by: None,
            hook_secret: None,
            pin: None,
        };
        // No file travels, so whose they would be does not matter.
        let caller = Caller {
            workspace: WorkspaceId(Uuid::nil()),
            credentials: &credentials,
            files: &HashMap::new(),
            hold: None,
        };
        self.shared.accounts.http().call(caller, request).await.map_err(|error| {
            tracing::warn!(%error, "a platform did not answer somebody who signs in");
            Rejection::new(Code::Unavailable, "the platform does not answer; try again in a moment")
        })
    }
}
