//! Signing up, in and out; invitations; passwords; API tokens.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use switchboard_domain::{InvitationId, MemberId, Role, TokenId, UserId};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::view;

/// `POST /api/v1/sign-up`: a new workspace and its owner.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    pub workspace: String,
    pub name: String,
    pub email: String,
    pub password: String,
}

/// `POST /api/v1/sign-in`
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    pub email: String,
    pub password: String,
}

/// Who is signed in: `GET /api/v1/me`, and the answer to signing up or in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Me {
    pub user: UserId,
    pub member: view::Member,
    pub workspace: view::Workspace,
    /// Every workspace this login belongs to.
    pub workspaces: Vec<view::Workspace>,
}

/// `PATCH /api/v1/me`
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeMe {
    #[ts(optional)]
    pub name: Option<String>,
    /// Needs `current_password`; signs out everywhere else.
    #[ts(optional)]
    pub new_password: Option<String>,
    #[ts(optional)]
    pub current_password: Option<String>,
}

/// `POST /api/v1/switch`: which of the login's workspaces this session is in.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchWorkspace {
    pub workspace: switchboard_domain::WorkspaceId,
}

/// `POST /api/v1/invitations`
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    pub email: String,
    pub role: Role,
}

/// An invitation that has not been used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Invitation {
    pub id: InvitationId,
    pub email: String,
    pub role: Role,
    pub invited_by: MemberId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// An invitation with its link, which is shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct NewInvitation {
    pub invitation: Invitation,
    pub link: String,
}

/// `GET /api/v1/invitations/by-token/{token}`: what the invited person sees before joining.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct InvitationPreview {
    pub workspace: String,
    pub email: String,
    pub role: Role,
    /// Whether this address already has a login, whose password is then asked for.
    pub has_login: bool,
}

/// `POST /api/v1/invitations/accept`
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptInvitation {
    pub token: String,
    pub name: String,
    /// A new one, or the existing one of a login that joins another workspace.
    pub password: String,
}

/// `POST /api/v1/members/{id}/password-link`: a link by which the member sets a new password,
/// handed over by whoever made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct PasswordLink {
    pub link: String,
    pub expires_at: Timestamp,
}

/// `POST /api/v1/password-reset`
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    pub token: String,
    pub password: String,
}

/// `PATCH /api/v1/members/{id}`
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeMember {
    #[ts(optional)]
    pub role: Option<Role>,
}

/// `POST /api/v1/tokens`
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    pub name: String,
}

/// A personal API token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct ApiToken {
    pub id: TokenId,
    pub name: String,
    /// The first characters, by which to recognise it.
    pub hint: String,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

/// A new token with its secret, which is shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct NewApiToken {
    pub token: ApiToken,
    /// Goes into `Authorization: Bearer …`.
    pub secret: String,
}
