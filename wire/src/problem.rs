//! How an error is said: once, with a code for programs and words for people.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// What went wrong. The same codes serve REST problems and websocket refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The body or frame could not be read, or a value is not allowed.
    Invalid,
    /// Nobody is signed in, or the token is wrong or expired.
    Unauthenticated,
    /// Signed in, but not allowed to.
    Forbidden,
    /// There is no such thing here.
    NotFound,
    /// It clashes with what is already there.
    Conflict,
    /// It was there and is no more, such as a used or expired link.
    Gone,
    /// Larger than the stated limit.
    TooLarge,
    /// The content type is not accepted here.
    UnsupportedMedia,
    /// The rules refuse it; the message says which.
    Refused,
    /// Too often. Try again after `retry_after` seconds.
    RateLimited,
    /// The server cannot do it now. Nothing was done; try again with the same `ref`.
    Unavailable,
    /// A fault of the server, which was logged.
    Internal,
}

impl Code {
    /// The HTTP status that goes with it.
    pub fn status(self) -> u16 {
        match self {
            Code::Invalid => 400,
            Code::Unauthenticated => 401,
            Code::Forbidden => 403,
            Code::NotFound => 404,
            Code::Conflict => 409,
            Code::Gone => 410,
            Code::TooLarge => 413,
            Code::UnsupportedMedia => 415,
            Code::Refused => 422,
            Code::RateLimited => 429,
            Code::Internal => 500,
            Code::Unavailable => 503,
        }
    }

    /// The short, constant title of the problem type.
    pub fn title(self) -> &'static str {
        match self {
            Code::Invalid => "Invalid request",
            Code::Unauthenticated => "Not signed in",
            Code::Forbidden => "Not allowed",
            Code::NotFound => "Not found",
            Code::Conflict => "Conflict",
            Code::Gone => "No longer there",
            Code::TooLarge => "Too large",
            Code::UnsupportedMedia => "Unsupported content type",
            Code::Refused => "Refused",
            Code::RateLimited => "Too many requests",
            Code::Unavailable => "Temporarily unavailable",
            Code::Internal => "Internal error",
        }
    }
}

/// An error body, `application/problem+json` (RFC 9457).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Problem {
    /// The HTTP status, repeated.
    pub status: u16,
    pub title: String,
    pub code: Code,
    /// What happened and what to do, for a person.
    pub detail: String,
    /// The field of the body that is at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub field: Option<String>,
    /// Seconds after which a repetition may succeed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub retry_after: Option<u32>,
}
