//! Who is calling, and whether they may.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::call::{Call, Host};
use super::error::GraphError;
use crate::faults::Kind;
use crate::world::{Platform, State, Token, TokenKind, World, hex};

/// Who is calling.
#[derive(Debug, Clone)]
pub enum Caller {
    /// The app itself.
    App,
    /// Somebody with a token.
    Token(Box<Token>),
}

impl Caller {
    /// Refuses callers whose token does not open this account.
    pub fn opens(&self, platform: Platform, account: &str) -> Result<(), GraphError> {
        match self {
            Caller::Token(token)
                if token.accounts.iter().any(|(of, id)| *of == platform && id == account) =>
            {
                Ok(())
            }
            _ => Err(GraphError::no_such_object(account)),
        }
    }

    pub fn has_scope(&self, scopes: &[&str]) -> Result<(), GraphError> {
        match self {
            Caller::Token(token)
                if token.scopes.iter().any(|scope| scopes.contains(&scope.as_str())) =>
            {
                Ok(())
            }
            _ => Err(GraphError::permission(200, &format!("Requires {}", scopes.join(" or ")))),
        }
    }
}

/// The caller of a call, or why there is none.
pub fn caller(world: &World, call: &Call) -> Result<Caller, GraphError> {
    let Some(text) = &call.token else {
        return Err(GraphError::new(
            400,
            2500,
            "An active access token must be used to query information about the current user.",
        ));
    };
    check_proof(world, call, text)?;
    if is_app_token(world, text) {
        return Ok(Caller::App);
    }
    let mut state = world.lock();
    let token = state.tokens.get(text).cloned().ok_or_else(|| {
        GraphError::token(None, "Invalid OAuth access token - Cannot parse access token")
    })?;
    let wrong_host = match call.host {
        Host::Instagram => token.kind != TokenKind::Instagram,
        Host::Facebook => matches!(token.kind, TokenKind::Instagram | TokenKind::Bot),
    };
    if wrong_host {
        return Err(GraphError::token(
            None,
            "Invalid OAuth access token - Cannot parse access token",
        ));
    }
    check_alive(&mut state, &token)?;
    drop(state);
    if world.strike(platform_of(&token), Kind::RevokedToken, method(call)).is_some() {
        return Err(revoked());
    }
    Ok(Caller::Token(Box::new(token)))
}

/// The last part of the path that is a word: `messages` of `/123/messages`. Marks and typing, which
/// have the same path, are `actions`.
pub fn method(call: &Call) -> &str {
    if call.json["sender_action"].is_string() || call.json["status"].is_string() {
        return "actions";
    }
    call.path
        .iter()
        .rev()
        .find(|part| part.starts_with(|first: char| first.is_ascii_alphabetic()))
        .map_or("", String::as_str)
}

/// Which platform a token belongs to, where nothing else tells.
pub fn platform_of(token: &Token) -> Platform {
    match token.kind {
        TokenKind::SystemUser => Platform::Whatsapp,
        TokenKind::Instagram => Platform::Instagram,
        TokenKind::User | TokenKind::Page => Platform::Messenger,
        TokenKind::Bot => Platform::Telegram,
    }
}

pub fn is_app_token(world: &World, text: &str) -> bool {
    let config = world.config();
    text == format!("{}|{}", config.app_id, config.app_secret)
}

pub fn check_alive(state: &mut State, token: &Token) -> Result<(), GraphError> {
    if token.revoked {
        return Err(revoked());
    }
    let now = state.now();
    if token.expires_at.is_some_and(|at| at <= now) {
        return Err(GraphError::token(
            Some(463),
            "Error validating access token: Session has expired.",
        ));
    }
    Ok(())
}

fn revoked() -> GraphError {
    GraphError::token(
        Some(460),
        "Error validating access token: The session has been invalidated because the user \
         changed their password or the app was removed.",
    )
}

/// `appsecret_proof` must be right where it is given.
fn check_proof(world: &World, call: &Call, token: &str) -> Result<(), GraphError> {
    let Some(proof) = call.param("appsecret_proof") else { return Ok(()) };
    let config = world.config();
    let message = match call.param("appsecret_time") {
        Some(time) => format!("{token}|{time}"),
        None => token.to_owned(),
    };
    let secret = match call.host {
        Host::Facebook => &config.app_secret,
        Host::Instagram => &config.instagram_app_secret,
    };
    #[expect(clippy::expect_used, reason = "an HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key will do");
    mac.update(message.as_bytes());
    if hex(&mac.finalize().into_bytes()) == proof {
        Ok(())
    } else {
        Err(GraphError::invalid("Invalid appsecret_proof provided in the API argument"))
    }
}
