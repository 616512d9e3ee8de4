//! Whether a person is there.

use serde::{Deserialize, Serialize};

/// What others see of a member or a visitor. `Away` is what a member says of itself;
/// `Offline` follows from having no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    Online,
    Away,
    Offline,
}
