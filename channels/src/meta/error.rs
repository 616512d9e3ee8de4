//! The Graph API's errors, and what they mean for what was sent.

use serde_json::Value;
use switchboard_domain::{Failure, FailureCode};

use super::json::{cleaned, flag, title};
use crate::http::Reply;
use crate::outgoing::{Outcome, RetryScope};

/// The longest detail that is kept, in characters.
const DETAIL_MAX_CHARS: usize = 500;

/// The envelope of an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GraphError {
    pub code: i64,
    pub subcode: Option<i64>,
    pub message: String,
    /// `error_data.details`: WhatsApp's more exact words.
    pub details: Option<String>,
    pub is_transient: bool,
}

impl GraphError {
    /// The error that a reply holds. Token endpoints of Instagram have an envelope of their own.
    pub fn read(reply: &Reply) -> Option<GraphError> {
        let body = reply.json()?;
        if let Some(message) = title(&body, "error_message") {
            let code = body.get("code").and_then(Value::as_i64).unwrap_or_default();
            return Some(GraphError { code, message, ..GraphError::default() });
        }
        let error = body.get("error").filter(|error| error.is_object())?;
        Some(GraphError::of(error))
    }

    pub(crate) fn of(error: &Value) -> GraphError {
        let number = |key| error.get(key).and_then(Value::as_i64);
        GraphError {
            code: number("code").unwrap_or_default(),
            subcode: number("error_subcode").or_else(|| number("subcode")),
            message: title(error, "message").unwrap_or_default(),
            details: error.get("error_data").and_then(|data| title(data, "details")),
            is_transient: flag(error, "is_transient"),
        }
    }

    /// "code/subcode: the platform's words".
    pub fn detail(&self) -> String {
        let code = match self.subcode {
            Some(subcode) => format!("{}/{subcode}", self.code),
            None => self.code.to_string(),
        };
        let words = self.details.as_deref().unwrap_or(&self.message);
        cleaned(&format!("{code}: {words}"), DETAIL_MAX_CHARS).unwrap_or_default()
    }

    fn because(&self, code: FailureCode) -> Failure {
        Failure::because(code, self.detail())
    }
}

/// What a reply that is no success means for what was sent on Messenger or Instagram.
pub(crate) fn outcome(reply: &Reply) -> Outcome {
    let Some(error) = GraphError::read(reply) else { return without_envelope(reply) };
    let dead = |code| Outcome::Dead(error.because(code));
    let later =
        |code, scope| Outcome::Retry { after: wait(reply), why: error.because(code), scope };
    match (error.code, error.subcode.unwrap_or_default()) {
        (190 | 102, _) => Outcome::Reconnect(error.because(FailureCode::TokenLost)),
        (368, _) => Outcome::Restricted(error.because(FailureCode::AccountRestricted)),
        (10, 2_018_278 | 2_018_065 | 2_534_022) => dead(FailureCode::WindowClosed),
        // One page of the documentation calls 1545041 a closed window. In the field it comes
        // with 551 and 200 and means the person: the code decides.
        (551 | 2022, _) | (200, 1_545_041) | (100, 2_018_001 | 2_534_014) => {
            dead(FailureCode::Unreachable)
        }
        (10 | 200..=299, _) => dead(FailureCode::Permission),
        (100, 2_018_008 | 2_018_047 | 2_018_074 | 2_018_109 | 2_018_294) => {
            dead(FailureCode::FileRejected)
        }
        // "Object does not exist": the comment or message that was named.
        (100, 33) => dead(FailureCode::TargetGone),
        (4 | 9 | 17 | 32 | 613 | 80_001..=80_007, _) => {
            later(FailureCode::RateLimited, RetryScope::Account)
        }
        // Permissions, malformed batches and forms: trying again does not help.
        (1, 99 | 1_357_046 | 2_018_382) | (2, 2_018_344) => dead(FailureCode::Refused),
        // On Messenger 2 is also said of someone who blocked the Page; nothing tells them apart.
        (-1 | 1 | 2 | 1200, _) => later(FailureCode::PlatformDown, RetryScope::Conversation),
        _ if error.is_transient || reply.status >= 500 => {
            later(FailureCode::PlatformDown, RetryScope::Conversation)
        }
        _ if reply.status == 429 => later(FailureCode::RateLimited, RetryScope::Account),
        // 10900, 10903, 10904 among them: a private answer that was given, or may not be given.
        _ => dead(FailureCode::Refused),
    }
}

fn without_envelope(reply: &Reply) -> Outcome {
    let because = |code| Failure::because(code, format!("HTTP {}", reply.status));
    let later = |code, scope| Outcome::Retry { after: wait(reply), why: because(code), scope };
    match reply.status {
        429 => later(FailureCode::RateLimited, RetryScope::Account),
        401 => Outcome::Reconnect(because(FailureCode::TokenLost)),
        408 | 500.. => later(FailureCode::PlatformDown, RetryScope::Conversation),
        404 => Outcome::Dead(because(FailureCode::TargetGone)),
        _ => Outcome::Dead(because(FailureCode::Refused)),
    }
}

/// Seconds to wait, where the platform says so.
fn wait(reply: &Reply) -> Option<u32> {
    let regain = reply.regain_minutes.map(|minutes| minutes.saturating_mul(60));
    reply.retry_after.max(regain)
}

/// Why a call that is not about a message failed.
pub(crate) fn failure(reply: &Reply) -> Failure {
    match outcome(reply) {
        Outcome::Dead(failure) | Outcome::Reconnect(failure) | Outcome::Restricted(failure) => {
            failure
        }
        Outcome::Retry { why, .. } => why,
        Outcome::Sent { .. } | Outcome::Uploaded { .. } | Outcome::Moved { .. } => {
            Failure::new(FailureCode::Refused)
        }
    }
}

/// The body of a success, or why there is none.
pub(crate) fn success(reply: &Reply) -> Result<Value, Failure> {
    if !reply.is_success() || GraphError::read(reply).is_some() {
        return Err(failure(reply));
    }
    reply.json().ok_or_else(|| Failure::because(FailureCode::Refused, "the reply is no JSON"))
}
