//! REST bodies under `/api/v1`, by area.

pub mod account;
pub mod channels;
pub mod conversation;
pub mod settings;
pub mod widget;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Pass it as `cursor` for the page after this one; absent on the last.
    pub next: Option<String>,
}
