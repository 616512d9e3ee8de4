//! Why a command was not done, in the words of the wire.

use switchboard_domain::Refusal;
use switchboard_wire::Code;

/// Seconds after which an unavailable server should be asked again.
const RETRY_SECONDS: u32 = 1;

/// The answer `no`: a code for programs, words for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Rejection {
    pub code: Code,
    pub message: String,
    pub retry_after: Option<u32>,
}

impl Rejection {
    pub fn new(code: Code, message: impl Into<String>) -> Rejection {
        Rejection { code, message: message.into(), retry_after: None }
    }

    pub fn not_found(message: impl Into<String>) -> Rejection {
        Rejection::new(Code::NotFound, message)
    }

    pub fn unavailable() -> Rejection {
        Rejection {
            code: Code::Unavailable,
            message: "this cannot be stored right now; it can be sent again".to_owned(),
            retry_after: Some(RETRY_SECONDS),
        }
    }
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::NoSuchMessage => Code::NotFound,
            Refusal::NotYours | Refusal::TeamOnly => Code::Forbidden,
            Refusal::Empty
            | Refusal::TooLong
            | Refusal::TooManyAttachments
            | Refusal::NotAnEmoji
            | Refusal::SnoozeInThePast => Code::Invalid,
            Refusal::MessageDeleted
            | Refusal::TooLate
            | Refusal::TooManyReactions
            | Refusal::TooManyLabels
            | Refusal::WindowClosed
            | Refusal::SwitchedOff
            | Refusal::MayNotReply
            | Refusal::NotOnThisChannel => Code::Refused,
        };
        Rejection::new(code, refusal.to_string())
    }
}

impl From<switchboard_store::Error> for Rejection {
    fn from(error: switchboard_store::Error) -> Self {
        if error.is_unavailable() {
            tracing::warn!(%error, "a command met a database that is away");
            return Rejection::unavailable();
        }
        if matches!(error, switchboard_store::Error::Fenced) {
            return Rejection::new(Code::Gone, error.to_string());
        }
        tracing::error!(%error, "a command failed in the store");
        Rejection::new(Code::Internal, "something went wrong here; it has been logged")
    }
}
