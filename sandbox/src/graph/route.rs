//! Which part of the Graph API a call is for.

use actix_web::http::Method;
use actix_web::web::{self, Data, Path, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use super::call::{Call, Host};
use super::error::GraphError;
use super::respond::{lose, respond};
use super::token::{self, Caller};
use super::{Answer, consent, oauth, upload};
use crate::faults::{Kind, of_gateway};
use crate::world::{Platform, TokenKind, World};
use crate::{instagram, messenger, whatsapp};

/// The oldest version that still answers.
const OLDEST_VERSION: u32 = 21;

/// The routes under `/graph`, `/instagram-graph` and of the OAuth pages.
pub fn routes(config: &mut ServiceConfig) {
    consent::routes(config);
    config.route("/graph/{tail:.*}", web::to(facebook));
    config.route("/instagram-graph/{tail:.*}", web::to(instagram_login));
}

async fn facebook(
    world: Data<World>,
    request: HttpRequest,
    tail: Path<String>,
    payload: Payload,
) -> HttpResponse {
    handle(Host::Facebook, &world, &request, &tail, payload).await
}

async fn instagram_login(
    world: Data<World>,
    request: HttpRequest,
    tail: Path<String>,
    payload: Payload,
) -> HttpResponse {
    handle(Host::Instagram, &world, &request, &tail, payload).await
}

async fn handle(
    host: Host,
    world: &World,
    request: &HttpRequest,
    tail: &str,
    payload: Payload,
) -> HttpResponse {
    let call = match Call::read(host, request, tail, payload).await {
        Ok(call) => call,
        Err(error) => return HttpResponse::BadRequest().json(error.body("OAuthException", "A0")),
    };
    let method = token::method(&call).to_owned();
    let platform = platform(world, &call);
    if let Some(fault) = world.strike(platform, Kind::TimeoutBeforeAccept, &method) {
        return lose(request, &fault).await;
    }
    let answer =
        match check_version(world, tail, &call).and_then(|()| strikes(world, platform, &call)) {
            Ok(()) => answer(world, &call).await,
            Err(error) => Err(error),
        };
    let worked = answer.is_ok() && call.method != Method::GET;
    if worked && let Some(fault) = world.strike(platform, Kind::TimeoutAfterAccept, &method) {
        return lose(request, &fault).await;
    }
    let gateway = Kind::OF_GATEWAYS.into_iter().filter(|_| worked);
    for (kind, status) in gateway {
        if world.strike(platform, kind, &method).is_some() {
            return of_gateway(status);
        }
    }
    respond(world, &call, answer)
}

/// The faults that refuse a call before it does anything.
fn strikes(world: &World, platform: Platform, call: &Call) -> Result<(), GraphError> {
    let method = token::method(call);
    if world.strike(platform, Kind::Broken, method).is_some() {
        return Err(match platform {
            Platform::Whatsapp => GraphError {
                status: 500,
                ..GraphError::whatsapp(131_000, "Something went wrong", "Unknown failure.")
            },
            _ => GraphError {
                transient: true,
                ..GraphError::new(500, 2, "(#2) Service temporarily unavailable")
            },
        });
    }
    if let Some(fault) = world.strike(platform, Kind::TooMany, method) {
        return Err(GraphError {
            regain_minutes: fault.seconds.map(|seconds| seconds.div_ceil(60)),
            ..throttled(platform)
        });
    }
    Ok(())
}

/// What a platform says when there were too many calls.
pub fn throttled(platform: Platform) -> GraphError {
    match platform {
        Platform::Whatsapp => GraphError::whatsapp(
            130_429,
            "Rate limit hit",
            "Message failed to send because there were too many messages sent from this phone \
             number in a short period of time",
        ),
        _ => GraphError::new(400, 613, "(#613) Calls to this api have exceeded the rate limit."),
    }
}

/// The platform whose faults a call meets.
fn platform(world: &World, call: &Call) -> Platform {
    let state = world.lock();
    let first = call.path.first().map_or("", String::as_str);
    let token = call.token.as_ref().and_then(|token| state.tokens.get(token));
    let of_path = state.accounts.iter().find(|account| {
        account.id == first || (account.platform == Platform::Whatsapp && account.owner == first)
    });
    let platform = match (of_path, token, call.host) {
        (_, _, Host::Instagram) => Platform::Instagram,
        (Some(account), _, _) => account.platform,
        (None, Some(token), _) => token::platform_of(token),
        (None, None, _) => Platform::Whatsapp,
    };
    let recipient = call.json["recipient"]["id"].as_str().unwrap_or_default();
    let to_instagram = call.param("platform") == Some("instagram")
        || state
            .accounts
            .iter()
            .any(|account| state.phone_of(Platform::Instagram, &account.id, recipient).is_some());
    match platform {
        Platform::Messenger if to_instagram => Platform::Instagram,
        platform => platform,
    }
}

fn check_version(world: &World, tail: &str, call: &Call) -> Result<(), GraphError> {
    if !call.versioned {
        let path = call.path();
        let free = matches!(
            path[..],
            ["oauth", "access_token"] | ["access_token" | "refresh_access_token" | "debug_token"]
        );
        return if free {
            Ok(())
        } else {
            Err(GraphError::new(400, 2500, "The call has no version: put vNN.0 before the path"))
        };
    }
    let major = |version: &str| -> Option<u32> {
        version.trim_start_matches('v').split('.').next()?.parse().ok()
    };
    let asked = tail.split('/').find(|part| !part.is_empty()).unwrap_or_default();
    let newest = major(&world.config().graph_version).unwrap_or(u32::MAX);
    match major(asked) {
        Some(version) if version > newest || !asked.ends_with(".0") => {
            Err(GraphError::unknown_path(asked))
        }
        Some(version) if version >= OLDEST_VERSION => Ok(()),
        _ => Err(GraphError::new(
            400,
            2635,
            format!("(#2635) You are calling a deprecated version of the API: {asked}"),
        )),
    }
}

async fn answer(world: &World, call: &Call) -> Answer {
    let path = call.path();
    match (call.host, &call.method, &path[..]) {
        (Host::Facebook, &Method::GET | &Method::POST, ["oauth", "access_token"]) => {
            return oauth::exchange(world, call);
        }
        (Host::Instagram, &Method::GET, ["access_token"]) => {
            return oauth::instagram_exchange(world, call);
        }
        (Host::Instagram, &Method::GET, ["refresh_access_token"]) => {
            return oauth::instagram_refresh(world, call);
        }
        _ => {}
    }
    let caller = token::caller(world, call)?;
    match (&call.method, &path[..]) {
        (&Method::GET, ["debug_token"]) => oauth::debug(world, call, &caller),
        (_, [app, edge]) if *app == world.config().app_id => {
            upload::of_app(world, call, &caller, edge).await
        }
        (_, [session]) if session.starts_with("upload:") => {
            upload::of_session(world, call, session)
        }
        (_, [first, rest @ ..]) => of_object(world, call, &caller, first, rest).await,
        (_, []) => Err(GraphError::unknown_path("")),
    }
}

/// What the first part of a path is.
enum Target {
    Waba,
    Number,
    Page,
    Instagram,
    Template,
    WhatsappMedia,
    Other,
}

async fn of_object(
    world: &World,
    call: &Call,
    caller: &Caller,
    first: &str,
    rest: &[&str],
) -> Answer {
    let id = match (first, caller) {
        ("me", Caller::Token(token)) if token.kind == TokenKind::User => {
            return oauth::of_person(world, call, token, rest);
        }
        ("me", Caller::Token(token)) => {
            token.accounts.first().map(|(_, id)| id.clone()).unwrap_or_default()
        }
        (id, _) => id.to_owned(),
    };
    let answer = match target(world, &id) {
        Target::Waba => whatsapp::waba(world, call, caller, &id, rest).await,
        Target::Number => whatsapp::number(world, call, caller, &id, rest).await,
        Target::Template => whatsapp::template(world, call, caller, &id, rest),
        Target::WhatsappMedia => whatsapp::media(world, call, caller, &id, rest),
        Target::Page if call.host == Host::Facebook => {
            messenger::page(world, call, caller, &id, rest).await
        }
        Target::Instagram => instagram::account(world, call, caller, &id, rest).await,
        Target::Page => Err(GraphError::no_such_object(&id)),
        Target::Other => messenger::node(world, call, caller, &id, rest),
    };
    // Only WhatsApp has details in its errors.
    let whatsapp = token_platform(caller) == Platform::Whatsapp;
    answer.map_err(|error| GraphError { details: error.details.filter(|_| whatsapp), ..error })
}

fn token_platform(caller: &Caller) -> Platform {
    match caller {
        Caller::Token(token) => token::platform_of(token),
        Caller::App => Platform::Messenger,
    }
}

fn target(world: &World, id: &str) -> Target {
    let state = world.lock();
    let account = state.accounts.iter().find(|account| account.id == id);
    match account.map(|account| account.platform) {
        Some(Platform::Whatsapp) => return Target::Number,
        Some(Platform::Messenger) => return Target::Page,
        Some(Platform::Instagram) => return Target::Instagram,
        Some(Platform::Telegram) => return Target::Other,
        None => {}
    }
    let waba = |account: &crate::world::Account| {
        account.platform == Platform::Whatsapp && account.owner == id
    };
    if state.accounts.iter().any(waba) {
        Target::Waba
    } else if state.accounts.iter().any(|account| account.app_scoped == id) {
        Target::Instagram
    } else if state.whatsapp.templates.iter().any(|template| template.id == id) {
        Target::Template
    } else if state.media(id).is_some_and(|media| media.platform == Platform::Whatsapp) {
        Target::WhatsappMedia
    } else {
        Target::Other
    }
}
