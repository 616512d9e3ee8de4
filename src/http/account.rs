//! Signing up, in and out.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Json, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use switchboard_domain::{MemberId, UserId, WorkspaceId};
use switchboard_store::seal::random_token;
use switchboard_store::user::{self, EMAIL_TAKEN, Membership, NewUser};
use switchboard_store::workspace::{self, Founding};
use switchboard_store::{Error, Scope, Tx, session};
use switchboard_wire::rest::account::{Me, SignIn, SignUp};
use switchboard_wire::{Code, Problem};
use uuid::Uuid;

use super::auth::Agent;
use super::changes::SignedOut;
use super::me::me_of;
use super::problem::{Failure, Result};
use super::{cookie, fields};
use crate::clock;
use crate::limits::{Kind, Who, client_ip};
use crate::state::App;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/sign-up").route(web::post().to(sign_up)))
        .service(web::resource("/sign-in").route(web::post().to(sign_in)))
        .service(web::resource("/sign-out").route(web::post().to(sign_out)))
        .service(web::resource("/sign-out-everywhere").route(web::post().to(sign_out_everywhere)));
}

/// Makes a workspace with its owner, who is signed in.
#[utoipa::path(
    post, path = "/api/v1/sign-up", tag = "account", request_body = SignUp,
    responses(
        (status = 201, description = "Made; the cookie is set", body = Me),
        (status = 409, description = "The address has a login already", body = Problem),
    ),
    security(()),
)]
pub async fn sign_up(
    app: Data<App>,
    request: HttpRequest,
    body: Json<SignUp>,
) -> Result<HttpResponse> {
    if !app.config.sign_up {
        return Err(Failure::forbidden(
            "this server takes no new workspaces; ask for an invitation",
        ));
    }
    let ip = client_ip(&request, app.config.http.trusted_proxies);
    app.limits.check(Kind::SignUp, Who::address(ip))?;
    let SignUp { workspace, name, email, password } = body.into_inner();
    let workspace_name = fields::name("workspace", &workspace)?;
    let name = fields::name("name", &name)?;
    let email = fields::email(&email)?;
    fields::password("password", &password, &email, &name)?;
    let password_hash = app.passwords.hash(password).await?;

    let founding = Founding {
        workspace: WorkspaceId(Uuid::now_v7()),
        workspace_name: &workspace_name,
        member: MemberId(Uuid::now_v7()),
        owner: NewUser {
            id: UserId(Uuid::now_v7()),
            email: &email,
            name: &name,
            password_hash: &password_hash,
        },
    };
    let now = clock::now();
    let tx = app.store.writers.begin(Scope::default()).await?;
    workspace::found(&tx, &app.store.master, &founding, now).await.map_err(address_taken)?;
    let membership = Membership { workspace: founding.workspace, member: founding.member };
    let token = open_session(&tx, founding.owner.id, founding.workspace).await?;
    tx.commit().await?;
    let me = me_of(&app, founding.owner.id, membership).await?;
    Ok(cookie::signed_in(StatusCode::CREATED, &token, &me))
}

/// Signs in with an address and a password, into the workspace the login has belonged to longest.
#[utoipa::path(
    post, path = "/api/v1/sign-in", tag = "account", request_body = SignIn,
    responses(
        (status = 200, description = "Signed in; the cookie is set", body = Me),
        (status = 401, description = "The address or the password is wrong", body = Problem),
        (status = 429, description = "Too many attempts", body = Problem),
    ),
    security(()),
)]
pub async fn sign_in(
    app: Data<App>,
    request: HttpRequest,
    body: Json<SignIn>,
) -> Result<HttpResponse> {
    let SignIn { email, password } = body.into_inner();
    let email = fields::email(&email)?;
    let user = authenticate(&app, &request, &email, password).await?;
    let memberships = {
        let tx = app.store.readers.begin(Scope::default()).await?;
        user::memberships(&tx, user.id).await?
    };
    let membership = *memberships.first().ok_or_else(no_workspace)?;
    let tx = app.store.writers.begin(Scope::of(membership.workspace, user.id)).await?;
    require_password_unchanged(&tx, &user).await?;
    let token = open_session(&tx, user.id, membership.workspace).await?;
    tx.commit().await?;
    let me = me_of(&app, user.id, membership).await?;
    Ok(cookie::signed_in(StatusCode::OK, &token, &me))
}

/// Signs this browser out.
#[utoipa::path(
    post, path = "/api/v1/sign-out", tag = "account",
    responses((status = 204, description = "Signed out; the cookie is gone")),
)]
pub async fn sign_out(app: Data<App>, agent: Agent) -> Result<HttpResponse> {
    let session = session_of(&agent)?;
    let tx = app.store.writers.begin(agent.user).await?;
    session::delete(&tx, session).await?;
    tx.commit().await?;
    app.signed_out(SignedOut::Credential(session));
    Ok(cookie::signed_out())
}

/// Signs the login out of every browser, this one included. API tokens stay valid.
#[utoipa::path(
    post, path = "/api/v1/sign-out-everywhere", tag = "account",
    responses((status = 204, description = "No session of the login is left")),
)]
pub async fn sign_out_everywhere(app: Data<App>, agent: Agent) -> Result<HttpResponse> {
    let tx = app.store.writers.begin(agent.user).await?;
    session::delete_others(&tx, agent.user, None).await?;
    tx.commit().await?;
    app.signed_out(SignedOut::User(agent.user));
    Ok(cookie::signed_out())
}

/// Somebody who proved to know the password of a login.
pub(super) struct Authenticated {
    pub id: UserId,
    password_hash: String,
}

/// Checks a password, for as often as that may be tried. An unknown address and a wrong password
/// are answered alike, in words and in time.
pub(super) async fn authenticate(
    app: &App,
    request: &HttpRequest,
    email: &str,
    password: String,
) -> Result<Authenticated> {
    let ip = client_ip(request, app.config.http.trusted_proxies);
    let pair = Who::login_from(email, ip);
    app.limits.check(Kind::SignInAddress, Who::address(ip))?;
    app.limits.check(Kind::SignIn, pair.clone())?;
    app.limits.check(Kind::SignInLogin, Who::login(email))?;
    let login = {
        let tx = app.store.readers.begin(Scope::default()).await?;
        user::find_login(&tx, email).await?
    };
    let hash = login.as_ref().map(|login| login.password_hash.clone());
    let right = app.passwords.verify(password, hash).await?;
    let login = login.filter(|_| right).ok_or_else(|| {
        Failure::new(Code::Unauthenticated, "the address or the password is wrong")
    })?;
    app.limits.forgive(Kind::SignIn, &pair);
    Ok(Authenticated { id: login.user, password_hash: login.password_hash })
}

/// Keeps the password as it was proven until the commit: one that was changed meanwhile opens no
/// session any more.
pub(super) async fn require_password_unchanged(tx: &Tx, proven: &Authenticated) -> Result<()> {
    user::lock(tx, proven.id).await?;
    let user = user::get(tx, proven.id).await?;
    match user.filter(|user| user.password_hash == proven.password_hash) {
        Some(_) => Ok(()),
        None => Err(Failure::new(Code::Unauthenticated, "the password was changed meanwhile")),
    }
}

/// Opens a session within a transaction that acts for the login, and returns the cookie's token.
pub(super) async fn open_session(tx: &Tx, user: UserId, workspace: WorkspaceId) -> Result<String> {
    let token = random_token();
    session::insert(tx, Uuid::now_v7(), user, workspace, &token, clock::now()).await?;
    Ok(token)
}

/// The session of a browser. A token must not do what could make its holder outlive it.
pub(super) fn session_of(agent: &Agent) -> Result<Uuid> {
    agent.session.ok_or_else(|| {
        Failure::forbidden("this needs a signed-in browser; an API token cannot do it")
    })
}

pub(super) fn address_taken(error: Error) -> Failure {
    match error {
        Error::Taken { constraint } if constraint == EMAIL_TAKEN => {
            Failure::conflict("there is a login with this address already; sign in instead")
                .about("email")
        }
        other => other.into(),
    }
}

pub(super) fn no_workspace() -> Failure {
    Failure::forbidden("this login belongs to no workspace any more; ask to be invited again")
}
