//! Asking a platform on behalf of nobody yet: signing in, before there is an account whose token
//! could speak.

use std::collections::HashMap;

use switchboard_channels::account::Credentials;
use switchboard_channels::{Reply, Request};
use switchboard_domain::{AccountKind, WorkspaceId};
use switchboard_wire::Code;

use super::http::Caller;
use crate::{Cast, Rejection};

impl Cast {
    /// Makes a request of Meta that speaks with this token, or by itself. Such requests hold
    /// secrets, so that nothing of them is logged.
    pub async fn ask(&self, request: Request, token: Option<&str>) -> Result<Reply, Rejection> {
        let credentials = Credentials {
            kind: AccountKind::FacebookPage,
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
        // No file goes along, so that it does not matter whose it would be.
        let workspace = WorkspaceId(uuid::Uuid::nil());
        let caller = Caller { workspace, credentials: &credentials, files: &HashMap::new() };
        self.shared.accounts.http.call(caller, &request).await.map_err(|error| {
            tracing::warn!(%error, "a platform did not answer");
            Rejection::new(Code::Unavailable, "the platform does not answer; try again in a moment")
        })
    }
}
