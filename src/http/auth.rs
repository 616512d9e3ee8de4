//! Who asks: the extractor of a member of a team, by session cookie or API token.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, HOST, HeaderMap, ORIGIN};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use moka::sync::Cache;
use switchboard_domain::person::permits;
use switchboard_domain::{Action, MemberId, Role, UserId, WorkspaceId};
use switchboard_store::lookup::{self, Principal};
use switchboard_store::seal::token_hash;
use switchboard_store::{Scope, session, token};
use uuid::Uuid;

use super::problem::Failure;
use crate::clock;
use crate::limits::{Kind, Who, client_ip};
use crate::state::App;

/// `__Host-` makes browsers refuse it from anywhere but this host over a secure connection.
pub const COOKIE: &str = "__Host-switchboard";
/// What every personal API token begins with.
pub const API_TOKEN_PREFIX: &str = "sbt_";
/// How long an answer of the database is believed. Nodes tell one another of sign-outs at once; this
/// is for when that was lost.
const BELIEVED: Duration = Duration::from_secs(3);
const PRINCIPALS_CACHED: u64 = 50_000;

/// How a request said who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    Cookie,
    Token,
}

/// A member of a team who is signed in.
#[derive(Debug, Clone)]
pub struct Agent {
    pub user: UserId,
    pub member: MemberId,
    pub workspace: WorkspaceId,
    pub role: Role,
    /// The session, when a cookie spoke.
    pub session: Option<Uuid>,
    /// The row of the session or of the API token.
    pub credential: Uuid,
    pub via: Via,
}

impl Agent {
    pub fn may(&self, action: Action) -> bool {
        permits(self.role, action)
    }

    /// Refuses when the role does not allow `action`.
    pub fn require(&self, action: Action) -> Result<(), Failure> {
        if self.may(action) {
            Ok(())
        } else {
            Err(Failure::forbidden("your role does not allow this"))
        }
    }
}

impl FromRequest for Agent {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Agent, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { agent(&request).await })
    }
}

/// Finds out who sent `request`. A websocket's upgrade is checked for its origin as well: it is
/// a GET that opens a channel in the user's name.
pub async fn agent(request: &HttpRequest) -> Result<Agent, Failure> {
    let app = app(request)?;
    let found = recognise(app, request).await;
    // Those who are nobody count by where they come from.
    let who = match &found {
        Ok(agent) => Who::Id(agent.member.into()),
        Err(_) => Who::address(client_ip(request, app.config.http.trusted_proxies)),
    };
    count(app, request, who)?;
    found
}

/// Counts a request against the general limit, which its answer then states.
pub(super) fn count(app: &App, request: &HttpRequest, who: Who) -> Result<(), Failure> {
    let verdict = app.limits.take(Kind::Request, who, Instant::now());
    request.extensions_mut().insert(verdict);
    verdict.check().map(drop)
}

async fn recognise(app: &App, request: &HttpRequest) -> Result<Agent, Failure> {
    if let Some(token) = bearer(request.headers()) {
        return agent_of_token(app, token).await;
    }
    let cookie = request.cookie(COOKIE).ok_or_else(Failure::unauthenticated)?;
    let upgrade = request.head().upgrade();
    if (upgrade || !is_safe(request.method())) && !same_origin(request, &app.public_url) {
        return Err(Failure::forbidden("this request came from another site"));
    }
    agent_of_cookie(app, cookie.value()).await
}

/// Whom the value of a session cookie speaks for.
pub async fn agent_of_cookie(app: &App, value: &str) -> Result<Agent, Failure> {
    let hash = token_hash(value);
    let ask = async {
        let found = lookup::session(&app.store, &hash).await?;
        note_use(app, found.as_ref(), Via::Cookie).await;
        Ok(found)
    };
    let found = app.principals.find(hash, ask).await?;
    found.map(|found| of(&found, Via::Cookie)).ok_or_else(Failure::unauthenticated)
}

/// Whom a personal API token speaks for.
pub async fn agent_of_token(app: &App, token: &str) -> Result<Agent, Failure> {
    if !token.starts_with(API_TOKEN_PREFIX) {
        return Err(Failure::unauthenticated());
    }
    let hash = token_hash(token);
    let ask = async {
        let found = lookup::api_token(&app.store, &hash).await?;
        note_use(app, found.as_ref(), Via::Token).await;
        Ok(found)
    };
    let found = app.principals.find(hash, ask).await?;
    found.map(|found| of(&found, Via::Token)).ok_or_else(Failure::unauthenticated)
}

/// Notes every few minutes that a session or token is in use, which prolongs a session. A database
/// that does not take the note now takes a later one; the request goes on.
async fn note_use(app: &App, principal: Option<&Principal>, via: Via) {
    let now = clock::now();
    let Some(principal) = principal.filter(|known| session::is_stale(known.last_used_at, now))
    else {
        return;
    };
    let noted = async {
        let tx = app.store.writers.begin(Scope::of(principal.workspace, principal.user)).await?;
        match via {
            Via::Cookie => session::touch(&tx, principal.row, now).await?,
            Via::Token => token::touch(&tx, principal.workspace, principal.row.into(), now).await?,
        }
        tx.commit().await
    };
    if let Err(error) = noted.await {
        tracing::debug!(%error, "the use of a session was not noted");
    }
}

fn of(principal: &Principal, via: Via) -> Agent {
    Agent {
        user: principal.user,
        member: principal.member,
        workspace: principal.workspace,
        role: principal.role,
        session: (via == Via::Cookie).then_some(principal.row),
        credential: principal.row,
        via,
    }
}

pub(crate) fn app(request: &HttpRequest) -> Result<&App, Failure> {
    request
        .app_data::<web::Data<App>>()
        .map(|app| app.get_ref())
        .ok_or_else(|| Failure::internal("the server's parts are not there"))
}

/// The token of an `Authorization: Bearer` header.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether a browser sent this from one of our own pages. Browsers state it in `Origin` on every
/// request that this is asked about, and the newer ones in `Sec-Fetch-Site` too; a cookie without
/// either came from no browser we trust.
pub fn same_origin(request: &HttpRequest, public_url: &str) -> bool {
    let headers = request.headers();
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(HOST.as_str()).or_else(|| request.uri().host());
    origin_is_ours(text(ORIGIN.as_str()), text("sec-fetch-site"), host, public_url)
}

fn origin_is_ours(
    origin: Option<&str>,
    fetch_site: Option<&str>,
    host: Option<&str>,
    public_url: &str,
) -> bool {
    if fetch_site.is_some_and(|site| site != "same-origin") {
        return false;
    }
    match origin {
        Some(origin) => {
            let origin_host = origin.split_once("://").map(|(_, host)| host);
            origin == public_url || (origin_host.is_some() && origin_host == host)
        }
        None => fetch_site == Some("same-origin"),
    }
}

/// Who was found lately. An entry counts only while nobody has been signed out since it was
/// asked for, so a look-up that overlaps a sign-out cannot bring it back.
pub struct Principals {
    generation: AtomicU64,
    entries: Cache<[u8; 32], (u64, Arc<Principal>)>,
}

impl Default for Principals {
    fn default() -> Self {
        let entries =
            Cache::builder().max_capacity(PRINCIPALS_CACHED).time_to_live(BELIEVED).build();
        Principals { generation: AtomicU64::new(0), entries }
    }
}

impl Principals {
    /// Forgets everyone: after a sign-out, a removal, a change of role or of workspace.
    pub fn forget(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    async fn find(
        &self,
        hash: [u8; 32],
        ask: impl Future<Output = switchboard_store::Result<Option<Principal>>>,
    ) -> Result<Option<Arc<Principal>>, Failure> {
        let generation = self.generation.load(Ordering::SeqCst);
        if let Some((asked_in, principal)) = self.entries.get(&hash)
            && asked_in == generation
        {
            return Ok(Some(principal));
        }
        let Some(principal) = ask.await?.map(Arc::new) else { return Ok(None) };
        self.entries.insert(hash, (generation, principal.clone()));
        Ok(Some(principal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_from_another_site_is_refused() {
        let ours = "https://chat.example";
        let check = |origin, site| origin_is_ours(origin, site, Some("chat.example"), ours);
        assert!(check(Some("https://chat.example"), Some("same-origin")));
        assert!(check(Some("https://chat.example"), None));
        assert!(check(None, Some("same-origin")));
        for (origin, site) in [
            (None, None),
            (Some("null"), None),
            (Some("https://evil.example"), None),
            (Some("https://chat.example"), Some("cross-site")),
            (Some("https://chat.example"), Some("same-site")),
            (Some("https://shop.chat.example"), None),
            (Some("https://chat.example.evil.example"), None),
            (None, Some("none")),
        ] {
            assert!(!check(origin, site), "{origin:?} {site:?}");
        }
    }

    fn principal() -> Principal {
        Principal {
            user: Uuid::from_u128(1).into(),
            workspace: Uuid::from_u128(2).into(),
            member: Uuid::from_u128(3).into(),
            role: Role::Agent,
            row: Uuid::from_u128(4),
            last_used_at: None,
        }
    }

    #[actix_web::test]
    async fn a_lookup_that_overlaps_a_sign_out_is_not_believed_afterwards() {
        let principals = Principals::default();
        let slow = async {
            principals.forget();
            Ok(Some(principal()))
        };
        assert!(principals.find([0; 32], slow).await.unwrap().is_some());
        assert!(principals.find([0; 32], async { Ok(None) }).await.unwrap().is_none());
    }

    #[actix_web::test]
    async fn an_answer_is_believed_until_somebody_signs_out() {
        let principals = Principals::default();
        principals.find([0; 32], async { Ok(Some(principal())) }).await.unwrap();
        assert!(principals.find([0; 32], async { Ok(None) }).await.unwrap().is_some());
        principals.forget();
        assert!(principals.find([0; 32], async { Ok(None) }).await.unwrap().is_none());
    }
}
