//! Connecting accounts: the requests of Meta's logins, and what the replies say. The state that
//! ties a redirect to who began is the caller's.
//!
//! Unlike others, these requests hold secrets, for a code is exchanged before there is an account
//! whose token could be put in elsewhere: they must not be logged.

pub mod facebook;
pub mod instagram;
pub mod whatsapp;

use jiff::{SignedDuration, Timestamp};
use switchboard_domain::{Failure, FailureCode};

use super::error;
use super::json::{id, title};
use super::query;
use crate::http::Reply;

/// An app as it is known to Facebook, or to Instagram Login, which has an id and a secret of its
/// own.
#[derive(Clone, Copy)]
pub struct App<'a> {
    pub id: &'a str,
    pub secret: &'a str,
}

impl std::fmt::Debug for App<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A token that a login gave.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    pub token: String,
    /// Absent where it does not end, or where it was not said.
    pub expires_at: Option<Timestamp>,
    /// The app-scoped id of who it is of, where the reply names them.
    pub user_id: Option<String>,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// What a person came back with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    pub state: Option<String>,
    /// The code to exchange, or why there is none: the person declined, or the platform did.
    pub code: Result<String, Failure>,
}

/// Reads the query of a redirect. Instagram ends it with `#_`, which some routers take for a part
/// of the code.
pub fn read_redirect(query: &str) -> Redirect {
    let value = |name| query::value(query, name).filter(|value| !value.is_empty());
    let code = value("code").map(|code| code.trim_end_matches("#_").to_owned());
    let refused = || {
        let words = value("error_description").or_else(|| value("error_message"));
        let name = value("error").unwrap_or_else(|| "no code".to_owned());
        let detail = words.map_or_else(|| name.clone(), |words| format!("{name}: {words}"));
        Failure::because(FailureCode::Permission, detail)
    };
    Redirect {
        state: value("state").map(|state| state.trim_end_matches("#_").to_owned()),
        code: code.filter(|code| !code.is_empty()).ok_or_else(refused),
    }
}

/// The token that any of the exchanges gives. Instagram's first one wraps it in a list, for some
/// apps.
pub fn read_token(reply: &Reply, now: Timestamp) -> Result<Token, Failure> {
    let body = error::success(reply)?;
    let body = body.pointer("/data/0").unwrap_or(&body);
    let missing = || Failure::because(FailureCode::Refused, "the reply holds no token");
    let seconds = id(body, "expires_in").and_then(|seconds| seconds.parse::<i64>().ok());
    Ok(Token {
        token: token(body).ok_or_else(missing)?,
        expires_at: seconds
            .filter(|seconds| *seconds > 0)
            .and_then(|seconds| now.checked_add(SignedDuration::from_secs(seconds)).ok()),
        user_id: id(body, "user_id"),
    })
}

/// Tokens have no greatest length.
fn token(body: &serde_json::Value) -> Option<String> {
    let token = body.get("access_token")?.as_str()?;
    (!token.is_empty() && !token.contains(char::is_control)).then(|| token.to_owned())
}

/// The members of a reply that name a person or thing.
fn name(value: &serde_json::Value) -> String {
    title(value, "name").unwrap_or_default()
}
