//! Asking a platform on behalf of nobody yet: signing in, before there is an account whose token
//! could speak.

use std::collections::HashMap;

use switchboard_channels::account::Credentials;
use switchboard_channels::{Reply, Request};
use switchboard_domain::{AccountKind, WorkspaceId};
use switchboard_wire::Code;

use crate::accounts::http::{CallError, Caller};
use crate::{Cast, Rejection};

impl Cast {
    /// Makes a request that speaks with this token, or by itself. Such requests hold secrets, so
    /// that nothing of them is logged.
    pub async fn ask(&self, request: Request, token: Option<&str>) -> Result<Reply, Rejection> {
        let (credentials, none) = (stranger(token), HashMap::new());
        let nowhere = WorkspaceId(uuid::Uuid::nil());
        let caller = Caller { workspace: nowhere, credentials: &credentials, files: &none };
        self.shared.accounts.http().call(caller, &request).await.map_err(|error| match error {
            CallError::NotSent(_) | CallError::Unanswered(_) => {
                tracing::warn!(%error, "a platform did not answer");
                let words = "the platform does not answer; try again in a moment";
                Rejection::new(Code::Unavailable, words)
            }
            CallError::Impossible(_) => {
                tracing::error!(%error, "a platform was asked what cannot be asked");
                Rejection::new(Code::Internal, "something went wrong here; it has been logged")
            }
        })
    }
}

/// Speaks with the token of a person who signs in, or as our app at Meta.
fn stranger(token: Option<&str>) -> Credentials {
    Credentials {
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
    }
}
