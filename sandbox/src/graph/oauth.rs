//! The tokens that come of consent: exchanged, lengthened, refreshed, inspected.

use actix_web::HttpResponse;
use actix_web::web::{Data, Form};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::Call;
use super::error::GraphError;
use super::{Answer, Caller, token};
use crate::messenger;
use crate::whatsapp::select;
use crate::world::{Platform, State, Token, TokenKind, World, hex};

const SECOND_MS: i64 = 1000;
const HOUR_MS: i64 = 3600 * SECOND_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// How long codes live: of dialogs, and of Embedded Signup.
const CODE_MS: i64 = HOUR_MS;
const SIGNUP_CODE_MS: i64 = 30 * SECOND_MS;
const LONG_DAYS: i64 = 60;
/// The person whose Facebook login is pretended, and who the app knows by this id.
pub const PERSON: &str = "122100334455667788";

/// A code, and what it stands for.
#[derive(Debug, Clone)]
pub struct Grant {
    pub kind: TokenKind,
    /// None: Embedded Signup, which has no redirect.
    pub redirect_uri: Option<String>,
    pub scopes: Vec<String>,
    /// The one business account that was shared, in Embedded Signup.
    pub waba: Option<String>,
    pub at: i64,
}

impl State {
    /// A code for what somebody consented to.
    pub fn grant(&mut self, grant: Grant) -> String {
        let code = format!("AQ{}", hex(&self.random()));
        self.grants.insert(code.clone(), grant);
        code
    }

    /// A new token for every account of its kind.
    fn issue(&mut self, kind: TokenKind, scopes: Vec<String>, lasts: Option<i64>) -> String {
        self.issue_for(kind, scopes, lasts, None)
    }

    /// The same for the numbers of one business account.
    fn issue_for(
        &mut self,
        kind: TokenKind,
        scopes: Vec<String>,
        lasts: Option<i64>,
        waba: Option<&str>,
    ) -> String {
        let prefix = if kind == TokenKind::Instagram { "IGAA" } else { "EAAG" };
        let text = format!("{prefix}{}", hex(&self.random()));
        let issued_at = self.now();
        let opened = |platform| match kind {
            TokenKind::SystemUser => platform == Platform::Whatsapp,
            TokenKind::Instagram => platform == Platform::Instagram,
            _ => matches!(platform, Platform::Messenger | Platform::Instagram),
        };
        let accounts = self.accounts.iter().filter(|account| {
            opened(account.platform) && waba.is_none_or(|waba| account.owner == waba)
        });
        let accounts = accounts.map(|account| (account.platform, account.id.clone())).collect();
        let scopes = if scopes.is_empty() {
            crate::world::preset::scopes(&kind).iter().map(|scope| (*scope).to_owned()).collect()
        } else {
            scopes
        };
        let expires_at = lasts.map(|lasts| issued_at + lasts);
        let token = Token { kind, accounts, scopes, issued_at, expires_at, revoked: false };
        self.tokens.insert(text.clone(), token);
        text
    }

    /// Uses a code up.
    fn redeem(&mut self, code: &str, redirect_uri: Option<&str>) -> Result<Grant, &'static str> {
        let now = self.now();
        let grant = self.grants.remove(code.trim_end_matches("#_"));
        let grant = grant.ok_or("This authorization code has been used or is not valid.")?;
        let lasts = if grant.redirect_uri.is_some() { CODE_MS } else { SIGNUP_CODE_MS };
        if grant.at + lasts <= now {
            return Err("This authorization code has expired.");
        }
        if grant.redirect_uri.as_deref() != redirect_uri {
            return Err(
                "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request",
            );
        }
        Ok(grant)
    }
}

fn check_app(world: &World, call: &Call) -> Result<(), GraphError> {
    let config = world.config();
    if call.need_param("client_id")? != config.app_id {
        return Err(GraphError::new(
            400,
            101,
            "Error validating application. Invalid application ID.",
        ));
    }
    if call.need_param("client_secret")? != config.app_secret {
        return Err(GraphError::new(400, 1, "Error validating client secret."));
    }
    Ok(())
}

/// `GET /oauth/access_token`
pub fn exchange(world: &World, call: &Call) -> Answer {
    check_app(world, call)?;
    let config = world.config();
    match call.param("grant_type") {
        Some("client_credentials") => Ok(json!({
            "access_token": format!("{}|{}", config.app_id, config.app_secret), "token_type": "bearer",
        })),
        Some("fb_exchange_token") => lengthen(world, call),
        None | Some("authorization_code") => {
            let mut state = world.lock();
            let grant = state
                .redeem(call.need_param("code")?, call.param("redirect_uri"))
                .map_err(|words| GraphError::new(400, 100, words).subcode(36_007))?;
            let (lasts, seconds) = match grant.kind {
                TokenKind::User => (Some(HOUR_MS), Some(3600)),
                _ => (None, None),
            };
            let waba = grant.waba.as_deref();
            let text = state.issue_for(grant.kind, grant.scopes, lasts, waba);
            let mut answer = json!({ "access_token": text, "token_type": "bearer" });
            if let Some(seconds) = seconds {
                answer["expires_in"] = seconds.into();
            }
            Ok(answer)
        }
        Some(_) => Err(GraphError::invalid("grant_type is not supported")),
    }
}

fn lengthen(world: &World, call: &Call) -> Answer {
    let short = call.need_param("fb_exchange_token")?;
    let mut state = world.lock();
    let old = state.tokens.get(short).cloned();
    let old = old.filter(|token| token.kind == TokenKind::User);
    let old = old.ok_or_else(|| GraphError::token(None, "Invalid OAuth access token."))?;
    token::check_alive(&mut state, &old)?;
    let text = state.issue(TokenKind::User, old.scopes, Some(LONG_DAYS * DAY_MS));
    Ok(
        json!({ "access_token": text, "token_type": "bearer", "expires_in": LONG_DAYS * DAY_MS / SECOND_MS }),
    )
}

/// The failures of Instagram's own token endpoint have a shape of their own.
fn instagram_refusal(words: &str) -> HttpResponse {
    HttpResponse::BadRequest().json(json!({
        "error_type": "OAuthException", "code": 400, "error_message": words,
    }))
}

#[derive(Deserialize)]
pub struct CodeForm {
    client_id: Option<String>,
    client_secret: Option<String>,
    grant_type: Option<String>,
    redirect_uri: Option<String>,
    code: Option<String>,
}

/// `POST api.instagram.com/oauth/access_token`
pub async fn instagram_code(world: Data<World>, form: Form<CodeForm>) -> HttpResponse {
    let config = world.config();
    if form.client_id.as_deref() != Some(&config.instagram_app_id) {
        return instagram_refusal("Invalid platform app");
    }
    if form.client_secret.as_deref() != Some(&config.instagram_app_secret) {
        return instagram_refusal("Error validating client secret.");
    }
    if form.grant_type.as_deref() != Some("authorization_code") {
        return instagram_refusal("Invalid grant_type");
    }
    let mut state = world.lock();
    let grant =
        state.redeem(form.code.as_deref().unwrap_or_default(), form.redirect_uri.as_deref());
    let grant = match grant {
        Ok(grant) if grant.kind == TokenKind::Instagram => grant,
        Ok(_) => return instagram_refusal("Matching code was not found or was already used"),
        Err(words) => return instagram_refusal(words),
    };
    let scopes = grant.scopes.join(",");
    let text = state.issue(TokenKind::Instagram, grant.scopes, Some(HOUR_MS));
    let account = state.accounts.iter().find(|account| account.platform == Platform::Instagram);
    let user_id = account.map(|account| account.app_scoped.clone());
    HttpResponse::Ok().json(json!({ "data": [{
        "access_token": text, "user_id": user_id, "permissions": scopes,
    }] }))
}

/// `GET graph.instagram.com/access_token`
pub fn instagram_exchange(world: &World, call: &Call) -> Answer {
    if call.param("grant_type") != Some("ig_exchange_token") {
        return Err(GraphError::invalid("grant_type must be ig_exchange_token"));
    }
    if call.need_param("client_secret")? != world.config().instagram_app_secret {
        return Err(GraphError::new(400, 1, "Error validating client secret."));
    }
    let (mut state, old, _) = instagram_token(world, call)?;
    if old.expires_at.is_none_or(|at| at - old.issued_at > DAY_MS) {
        return Err(GraphError::new(
            400,
            452,
            "Session key invalid: the token is long-lived already",
        ));
    }
    let text = state.issue(TokenKind::Instagram, old.scopes, Some(LONG_DAYS * DAY_MS));
    Ok(
        json!({ "access_token": text, "token_type": "bearer", "expires_in": LONG_DAYS * DAY_MS / SECOND_MS }),
    )
}

/// `GET graph.instagram.com/refresh_access_token`
pub fn instagram_refresh(world: &World, call: &Call) -> Answer {
    if call.param("grant_type") != Some("ig_refresh_token") {
        return Err(GraphError::invalid("grant_type must be ig_refresh_token"));
    }
    let (mut state, old, text) = instagram_token(world, call)?;
    let now = state.now();
    let long = old.expires_at.is_some_and(|at| at - old.issued_at > DAY_MS);
    if !long || now - old.issued_at < DAY_MS {
        return Err(GraphError::invalid("The token must be long-lived and at least 24 hours old"));
    }
    let permissions = old.scopes.join(",");
    let new = state.issue(TokenKind::Instagram, old.scopes, Some(LONG_DAYS * DAY_MS));
    // Which account it is does not change by being refreshed.
    if let Some(token) = state.tokens.get_mut(&new) {
        token.accounts = old.accounts;
    }
    debug_assert_ne!(new, text);
    Ok(json!({
        "access_token": new, "token_type": "bearer", "permissions": permissions,
        "expires_in": LONG_DAYS * DAY_MS / SECOND_MS,
    }))
}

fn instagram_token<'a>(
    world: &'a World,
    call: &Call,
) -> Result<(parking_lot::MutexGuard<'a, State>, Token, String), GraphError> {
    let invalid =
        || GraphError::token(None, "Invalid OAuth access token - Cannot parse access token");
    let text = call.token.clone().ok_or_else(invalid)?;
    let mut state = world.lock();
    let old = state.tokens.get(&text).cloned();
    let old = old.filter(|token| token.kind == TokenKind::Instagram).ok_or_else(invalid)?;
    token::check_alive(&mut state, &old)?;
    Ok((state, old, text))
}

/// `GET /debug_token`
pub fn debug(world: &World, call: &Call, caller: &Caller) -> Answer {
    if !matches!(caller, Caller::App) {
        return Err(GraphError::invalid(
            "You must provide an app access token, or a user access token that is an owner or developer of the app",
        ));
    }
    let text = call.need_param("input_token")?;
    let config = world.config();
    let mut state = world.lock();
    let now = state.now();
    let Some(token) = state.tokens.get(text) else {
        return Ok(json!({ "data": {
            "error": { "code": 190, "message": "Invalid OAuth access token." },
            "is_valid": false, "scopes": [],
        } }));
    };
    let expired = token.expires_at.is_some_and(|at| at <= now);
    let kind = match token.kind {
        TokenKind::Page => "PAGE",
        TokenKind::SystemUser => "SYSTEM_USER",
        _ => "USER",
    };
    let mut targets: Vec<&str> =
        state
            .accounts
            .iter()
            .filter(|account| token.accounts.contains(&(account.platform, account.id.clone())))
            .map(|account| {
                if account.platform == Platform::Whatsapp { &*account.owner } else { &*account.id }
            })
            .collect();
    // A business account is one target, however many numbers it has.
    targets.sort_unstable();
    targets.dedup();
    let granular: Vec<Value> =
        token.scopes.iter().map(|scope| json!({ "scope": scope, "target_ids": targets })).collect();
    let mut data = json!({
        "app_id": config.app_id, "type": kind, "application": "Sandbox app",
        "data_access_expires_at": 0, "expires_at": token.expires_at.unwrap_or(0) / SECOND_MS,
        "is_valid": !token.revoked && !expired, "issued_at": token.issued_at / SECOND_MS,
        "scopes": token.scopes, "granular_scopes": granular, "user_id": PERSON,
    });
    if token.revoked || expired {
        let subcode = if expired { 463 } else { 460 };
        data["error"] =
            json!({ "code": 190, "message": "The session is invalid.", "subcode": subcode });
    }
    Ok(json!({ "data": data }))
}

/// `/me` and `/me/accounts` of a person's token.
pub fn of_person(world: &World, call: &Call, token: &Token, rest: &[&str]) -> Answer {
    match rest {
        [] => Ok(select(&json!({ "id": PERSON, "name": "Robin Potter" }), call, "id,name")),
        ["accounts"] => {
            let pages: Vec<(String, String)> = world
                .lock()
                .accounts
                .iter()
                .filter(|account| account.platform == Platform::Messenger)
                .filter(|account| {
                    token.accounts.contains(&(Platform::Messenger, account.id.clone()))
                })
                .map(|account| (account.id.clone(), account.token.clone()))
                .collect();
            let data: Result<Vec<Value>, GraphError> = pages
                .into_iter()
                .map(|(id, token)| {
                    let mut page = messenger::described(world, &id)?;
                    page["access_token"] = token.into();
                    Ok(select(&page, call, "access_token,name,id,tasks"))
                })
                .collect();
            Ok(
                json!({ "data": data?, "paging": { "cursors": { "before": "QVFIb", "after": "QVFIa" } } }),
            )
        }
        _ => Err(GraphError::unknown_path(&rest.join("/"))),
    }
}
