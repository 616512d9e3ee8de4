//! What pages of the inbox and of conversations have in common.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use switchboard_domain::{ConversationId, WorkspaceId};
use switchboard_store::conversation::{After, Stored};
use switchboard_store::event::{self, Position};
use switchboard_store::seal::WorkspaceKeys;
use switchboard_store::{Error, Result, Store, Tx};

/// The keys of a workspace that is known to exist.
pub async fn keys(store: &Store, workspace: WorkspaceId) -> Result<Arc<WorkspaceKeys>> {
    let gone = || Error::Corrupt(format!("{workspace} is not there any more"));
    store.keys(workspace).await?.ok_or_else(gone)
}

/// The position of a workspace that is known to exist.
pub async fn position(tx: &Tx, workspace: WorkspaceId) -> Result<Position> {
    let gone = || Error::Corrupt(format!("{workspace} is not there any more"));
    event::position(tx, workspace).await?.ok_or_else(gone)
}

/// The cursor of the page after a full one.
pub fn next_cursor(rows: &[Stored], limit: u32) -> Option<String> {
    let last = rows.last().filter(|_| rows.len() >= limit as usize)?;
    let text = format!("{} {}", last.last_activity_at.as_microsecond(), last.state.id);
    Some(URL_SAFE_NO_PAD.encode(text))
}

/// Reads a cursor; `None` when it is not one of ours.
pub fn parse_cursor(cursor: &str) -> Option<After> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (at, id) = text.split_once(' ')?;
    Some(After {
        last_activity_at: jiff::Timestamp::from_microsecond(at.parse().ok()?).ok()?,
        id: id.parse::<ConversationId>().ok()?,
    })
}
