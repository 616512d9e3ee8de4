//! The workspace's own settings: its name, labels and widget.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// `PATCH /api/v1/workspace`
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeWorkspace {
    #[ts(optional)]
    pub name: Option<String>,
}

/// `POST /api/v1/labels` and `PUT /api/v1/labels/{id}`
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveLabel {
    pub name: String,
    /// `#rrggbb`
    pub color: String,
}

/// How the widget looks and speaks. Empty words mean the built-in ones of the visitor's language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WidgetLook {
    /// `#rrggbb`
    pub color: String,
    pub position: WidgetPosition,
    /// The heading; empty for the workspace's name.
    pub title: String,
    /// The first words a visitor sees.
    pub greeting: String,
    /// Whether the widget follows the visitor's dark mode.
    pub theme: WidgetTheme,
}

impl Default for WidgetLook {
    fn default() -> Self {
        Self {
            color: "#2f5bea".to_owned(),
            position: WidgetPosition::End,
            title: String::new(),
            greeting: String::new(),
            theme: WidgetTheme::Auto,
        }
    }
}

/// Which lower corner: `end` is right in a left-to-right page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WidgetPosition {
    Start,
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WidgetTheme {
    Auto,
    Light,
    Dark,
}

/// `GET /api/v1/widget-settings`, for the team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct WidgetSettings {
    /// The public key of the snippet.
    pub key: String,
    pub look: WidgetLook,
    /// Pages that may carry the widget, such as `https://*.shop.example`. Empty: every page.
    pub origins: Vec<String>,
    /// Whether visitors without HMAC verification may write.
    pub require_identity: bool,
    /// The HTML to paste before `</body>`.
    pub snippet: String,
}

/// `PATCH /api/v1/widget-settings`
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeWidget {
    #[ts(optional)]
    pub look: Option<WidgetLook>,
    #[ts(optional)]
    pub origins: Option<Vec<String>>,
    #[ts(optional)]
    pub require_identity: Option<bool>,
}

/// `POST /api/v1/widget-settings/identity-secret`: shows the secret that signs user ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct IdentitySecret {
    /// HMAC-SHA256 of the user id under this secret, in hex, is the `hash` of `identify`.
    pub secret: String,
}
