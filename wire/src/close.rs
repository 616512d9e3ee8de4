//! Why a websocket was closed, and whether and when to come back.

use serde::{Deserialize, Serialize};

/// The close codes of the protocol, in the range RFC 6455 leaves to applications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[repr(u16)]
pub enum CloseCode {
    /// The node is going away, or what the login may do has changed. Reconnect after a random part
    /// of ten seconds; resume.
    Moving = 4000,
    /// The token or cookie is missing, wrong or expired. Sign in again first.
    Unauthenticated = 4001,
    /// This page may not connect. Do not come back.
    Forbidden = 4003,
    /// Frames were not read fast enough. Reconnect with back-off; resume.
    TooSlow = 4008,
    /// A frame was larger than allowed. Reconnect; do not repeat it.
    TooLarge = 4009,
    /// A frame could not be understood before `hello`, or too many could not. Do not come back
    /// without a change.
    Malformed = 4010,
    /// No `hello` arrived in time. Reconnect with back-off.
    NoHello = 4011,
    /// The session was signed out. Sign in again first.
    SignedOut = 4012,
    /// Too many frames. Reconnect with back-off.
    TooMany = 4029,
    /// The server cannot serve now. Reconnect with back-off.
    Unavailable = 4050,
}

impl CloseCode {
    pub fn number(self) -> u16 {
        self as u16
    }

    /// The reason sent beside the number.
    pub fn reason(self) -> &'static str {
        match self {
            CloseCode::Moving => "moving",
            CloseCode::Unauthenticated => "unauthenticated",
            CloseCode::Forbidden => "forbidden",
            CloseCode::TooSlow => "too_slow",
            CloseCode::TooLarge => "too_large",
            CloseCode::Malformed => "malformed",
            CloseCode::NoHello => "no_hello",
            CloseCode::SignedOut => "signed_out",
            CloseCode::TooMany => "too_many",
            CloseCode::Unavailable => "unavailable",
        }
    }

    /// Whether a client may come back with what it has.
    pub fn retry(self) -> bool {
        use CloseCode::*;
        !matches!(self, Unauthenticated | Forbidden | Malformed | SignedOut)
    }

    pub const ALL: [CloseCode; 10] = [
        CloseCode::Moving,
        CloseCode::Unauthenticated,
        CloseCode::Forbidden,
        CloseCode::TooSlow,
        CloseCode::TooLarge,
        CloseCode::Malformed,
        CloseCode::NoHello,
        CloseCode::SignedOut,
        CloseCode::TooMany,
        CloseCode::Unavailable,
    ];
}
