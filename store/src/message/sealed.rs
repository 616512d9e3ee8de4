//! What of a message is sealed with its contact's key: its text, what it carries beside, why it did
//! not arrive.

use switchboard_domain::{Delivery, DeliveryState, Extra, Failure, MessageId};

use super::BODY;
use crate::error::{Error, Result};
use crate::seal::{Key, WorkspaceKeys};

pub(crate) fn open_body(
    keys: &WorkspaceKeys,
    key: &Key,
    id: MessageId,
    body: Option<&[u8]>,
) -> Result<String> {
    match body {
        None => Ok(String::new()),
        Some(sealed) => Ok(key.open_text(&keys.place(BODY, id), sealed)?),
    }
}

/// Seals a text, and hashes its words for search. An empty text is stored as none.
pub fn seal_body(
    keys: &WorkspaceKeys,
    key: &Key,
    id: MessageId,
    text: &str,
) -> (Option<Vec<u8>>, Option<Vec<i64>>) {
    if text.is_empty() {
        return (None, None);
    }
    let words = switchboard_domain::words::words(text);
    let hashes = keys.word_hashes(&words);
    (
        Some(key.seal(&keys.place(BODY, id), text.as_bytes())),
        Some(hashes).filter(|hashes| !hashes.is_empty()),
    )
}

pub(crate) const EXTRA: &str = "messages.extra";
pub(crate) const FAILURE: &str = "messages.failure";

/// Seals what a message carries beside text and files; `None` when that is nothing.
pub fn seal_extra(
    keys: &WorkspaceKeys,
    key: &Key,
    id: MessageId,
    extra: &Extra,
) -> Result<Option<Vec<u8>>> {
    if extra.is_empty() {
        return Ok(None);
    }
    let json = serde_json::to_vec(extra).map_err(|error| Error::Corrupt(error.to_string()))?;
    Ok(Some(key.seal(&keys.place(EXTRA, id), &json)))
}

pub(super) fn open_extra(
    keys: &WorkspaceKeys,
    key: &Key,
    id: MessageId,
    sealed: Option<&[u8]>,
) -> Result<Extra> {
    let Some(sealed) = sealed else { return Ok(Extra::default()) };
    let json = key.open(&keys.place(EXTRA, id), sealed)?;
    serde_json::from_slice(&json).map_err(|error| Error::Corrupt(error.to_string()))
}

/// The columns of a delivery: its state, and why it came no further, sealed.
pub fn delivery_columns(
    keys: &WorkspaceKeys,
    key: &Key,
    id: MessageId,
    delivery: &Delivery,
) -> Result<(&'static str, Option<Vec<u8>>)> {
    let failure = delivery
        .failure
        .as_ref()
        .map(|failure| -> Result<Vec<u8>> {
            let json =
                serde_json::to_vec(failure).map_err(|error| Error::Corrupt(error.to_string()))?;
            Ok(key.seal(&keys.place(FAILURE, id), &json))
        })
        .transpose()?;
    Ok((delivery.state.name(), failure))
}

pub(super) fn open_delivery(
    keys: &WorkspaceKeys,
    key: &Key,
    id: MessageId,
    state: Option<&str>,
    failure: Option<&[u8]>,
) -> Result<Option<Delivery>> {
    let Some(name) = state else { return Ok(None) };
    let state = DeliveryState::parse(name)
        .ok_or_else(|| Error::Corrupt(format!("a delivery in the state {name}")))?;
    let failure = failure
        .map(|sealed| -> Result<Failure> {
            let json = key.open(&keys.place(FAILURE, id), sealed)?;
            serde_json::from_slice(&json).map_err(|error| Error::Corrupt(error.to_string()))
        })
        .transpose()?;
    Ok(Some(Delivery { state, failure }))
}
