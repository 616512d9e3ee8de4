//! What a number of the WhatsApp Business app brings along: its contacts and chats, which are asked
//! for once each and come by webhooks.

use serde_json::json;
use switchboard_domain::Failure;

use crate::account::Credentials;
use crate::http::{Base, Body, Reply, Request};
use crate::meta::error::{GraphError, outcome, success};
use crate::outgoing::Outcome;
use crate::platform::Handover;

/// It was asked for before: what there is comes, or came.
const ASKED_BEFORE: i64 = 2_593_107;
/// More than a day has passed since the number was connected.
const TOO_LATE: i64 = 2_593_108;

/// The contacts come first, so that the chats have names.
pub(super) fn requests(credentials: &Credentials) -> Vec<Request> {
    let path = format!("/{}/smb_app_data", credentials.id);
    let ask = |what| {
        let body = json!({ "messaging_product": "whatsapp", "sync_type": what });
        Request::post(Base::Graph, path.clone(), Body::Json(body))
    };
    ["smb_app_state_sync", "history"].map(ask).to_vec()
}

pub(super) fn read(reply: &Reply) -> Result<(), Handover> {
    let Err(failure) = success(reply) else { return Ok(()) };
    let words =
        |Failure { code, detail }: Failure| detail.unwrap_or_else(|| code.words().to_owned());
    match GraphError::read(reply).map(|error| error.code) {
        Some(ASKED_BEFORE) => Ok(()),
        Some(TOO_LATE) => Err(Handover::Never(
            "WhatsApp hands it over within a day of connecting only. Disconnect the number in the \
             WhatsApp Business app, then connect it here again."
                .to_owned(),
        )),
        _ => Err(match outcome(reply) {
            Outcome::Retry { why, .. } => Handover::Later(words(why)),
            _ => Handover::Never(words(failure)),
        }),
    }
}
