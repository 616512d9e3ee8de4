//! How tests and the page of phones command the sandbox.

use actix_web::web::{self, Data, Json, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::json;
use sha2::Sha256;

use crate::faults::Fault;
use crate::graph::{self, PERSON};
use crate::hooks::handshake::ask;
use crate::whatsapp;
use crate::world::{Account, Person, Platform, State, Token, TokenKind, World, preset};

/// The routes under `/control`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/control/faults", web::get().to(faults))
        .route("/control/faults", web::post().to(add_fault))
        .route("/control/faults", web::delete().to(clear_faults))
        .route("/control/advance", web::post().to(advance))
        .route("/control/log", web::get().to(log))
        .route("/control/reset", web::post().to(reset))
        .route("/control/accounts", web::post().to(add_account))
        .route("/control/tokens", web::post().to(change_token))
        .route("/control/templates", web::post().to(change_template))
        .route("/control/handshake", web::post().to(handshake))
        .route("/control/signup", web::post().to(signup))
        .route("/control/signed_request", web::post().to(signed_request));
}

async fn faults(world: Data<World>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "faults": world.lock().faults.list() }))
}

async fn add_fault(world: Data<World>, fault: Json<Fault>) -> HttpResponse {
    if fault.rate.is_some_and(|rate| !(0.0..=1.0).contains(&rate)) {
        return refused("rate is a chance between 0 and 1");
    }
    world.lock().faults.add(fault.into_inner());
    done()
}

async fn clear_faults(world: Data<World>) -> HttpResponse {
    world.lock().faults.clear();
    done()
}

#[derive(Deserialize)]
struct Advance {
    seconds: i64,
}

async fn advance(world: Data<World>, by: Json<Advance>) -> HttpResponse {
    world.lock().advance(by.seconds);
    let phones: Vec<String> = world.lock().phones().iter().map(|phone| phone.id.clone()).collect();
    phones.iter().for_each(|phone| world.changed(phone));
    HttpResponse::Ok().json(json!({ "now": world.now() }))
}

async fn log(world: Data<World>, request: HttpRequest) -> HttpResponse {
    let wanted =
        web::Query::<LogQuery>::from_query(request.query_string()).map(web::Query::into_inner);
    let wanted = wanted.unwrap_or_default();
    let state = world.lock();
    let found: Vec<_> = state
        .log
        .iter()
        .skip(wanted.from)
        .filter(|one| wanted.platform.is_none_or(|platform| one.platform == platform))
        .filter(|one| wanted.phone.is_none() || one.phone == wanted.phone)
        .collect();
    HttpResponse::Ok().json(json!({ "log": found, "next": state.log.len() }))
}

#[derive(Deserialize, Default)]
struct LogQuery {
    #[serde(default)]
    from: usize,
    platform: Option<Platform>,
    phone: Option<String>,
}

async fn reset(world: Data<World>) -> HttpResponse {
    world.reset();
    done()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAccount {
    platform: Platform,
    name: Option<String>,
    /// How many customers it has.
    #[serde(default)]
    people: usize,
}

/// Makes an account with a token of its own, and customers who have never written.
async fn add_account(world: Data<World>, new: Json<NewAccount>) -> HttpResponse {
    let mut state = world.lock();
    let id = match new.platform {
        Platform::Instagram => state.decimal_id("17841"),
        Platform::Telegram => state.decimal_id("7")[..10].to_owned(),
        _ => state.decimal_id("10"),
    };
    let random = URL_SAFE_NO_PAD.encode(state.random());
    let (token, kind) = match new.platform {
        Platform::Whatsapp => (format!("EAAG{random}"), TokenKind::SystemUser),
        Platform::Messenger => (format!("EAAG{random}"), TokenKind::Page),
        Platform::Instagram => (format!("IGAA{random}"), TokenKind::Instagram),
        Platform::Telegram => (format!("{id}:AA{}", &random[..33]), TokenKind::Bot),
    };
    let owner = match new.platform {
        Platform::Whatsapp => state.decimal_id("10"),
        _ => String::new(),
    };
    let account = Account {
        platform: new.platform,
        name: new.name.clone().unwrap_or_else(|| "Another shop".into()),
        handle: match new.platform {
            Platform::Whatsapp => format!("+1 555 {}", &id[id.len() - 7..]),
            Platform::Telegram => format!("shop_{id}_bot"),
            _ => format!("shop{id}"),
        },
        app_scoped: match new.platform {
            Platform::Instagram => state.decimal_id("90"),
            _ => String::new(),
        },
        owner,
        token: token.clone(),
        fields: preset::all_fields(new.platform),
        hook_override: None,
        registered: true,
        id: id.clone(),
    };
    let issued_at = state.now();
    state.tokens.insert(
        token,
        Token {
            scopes: preset::scopes(&kind).iter().map(|scope| (*scope).to_owned()).collect(),
            kind,
            accounts: vec![(new.platform, id.clone())],
            issued_at,
            expires_at: None,
            revoked: false,
        },
    );
    state.accounts.push(account.clone());
    let phones: Vec<_> = (0..new.people).map(|at| add_person(&mut state, &account, at)).collect();
    HttpResponse::Ok().json(json!({ "account": account, "phones": phones }))
}

fn add_person(state: &mut State, account: &Account, at: usize) -> serde_json::Value {
    let begins = match account.platform {
        Platform::Whatsapp => "1555",
        Platform::Telegram => "5",
        _ => "77",
    };
    let mut id = state.decimal_id(begins);
    if matches!(account.platform, Platform::Whatsapp | Platform::Telegram) {
        id.truncate(12);
    }
    let person = Person {
        name: format!("Customer {}", at + 1),
        username: (account.platform == Platform::Instagram).then(|| format!("customer{id}")),
        user_id: (account.platform == Platform::Whatsapp).then(|| format!("US.{id}")),
        id,
    };
    let phone = format!("{}-{}-{}", account.platform.name(), account.id, at + 1);
    let phone = state.add_phone(phone, account.platform, &account.id, person);
    json!({ "id": phone.id, "person": phone.person })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeToken {
    token: String,
    revoked: Option<bool>,
    /// From now on it lasts so long.
    expires_in: Option<i64>,
    scopes: Option<Vec<String>>,
}

async fn change_token(world: Data<World>, change: Json<ChangeToken>) -> HttpResponse {
    let mut state = world.lock();
    let now = state.now();
    let Some(token) = state.tokens.get_mut(&change.token) else {
        return refused("there is no such token");
    };
    token.revoked = change.revoked.unwrap_or(token.revoked);
    if let Some(seconds) = change.expires_in {
        token.expires_at = Some(now + seconds * 1000);
    }
    if let Some(scopes) = &change.scopes {
        token.scopes.clone_from(scopes);
    }
    done()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeTemplate {
    name: String,
    status: String,
    reason: Option<String>,
}

/// Gives a template another status and tells of it, as a review does.
async fn change_template(world: Data<World>, change: Json<ChangeTemplate>) -> HttpResponse {
    let mut state = world.lock();
    let now = state.now();
    let found = state.whatsapp.templates.iter_mut().find(|template| template.name == change.name);
    let Some(template) = found else { return refused("there is no such template") };
    template.status.clone_from(&change.status);
    template.rejected_reason = change.reason.clone().unwrap_or_else(|| "NONE".into());
    let template = template.clone();
    let hooks = whatsapp::template_event(&world, &state, &template, now);
    world.push_all(&state, hooks.into_iter().collect());
    done()
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Signup {
    /// How the window ends: as `choice` of its page. None: with the preset number.
    choice: Option<String>,
    /// A further number of the same business account.
    second: bool,
    scopes: Vec<String>,
}

/// What Embedded Signup gives the browser: a code, and the ids of what was chosen.
async fn signup(world: Data<World>, wanted: Json<Signup>) -> HttpResponse {
    let Signup { choice, second, scopes } = wanted.into_inner();
    let choice = choice.as_deref().unwrap_or("known");
    let mut state = world.lock();
    let Some(given) = graph::grant_signup(&mut state, choice, scopes) else {
        return refused("there is no such choice, or it gives no code");
    };
    let data = given.message["data"].clone();
    let mut answer = json!({
        "code": given.code, "event": given.message["event"], "waba_id": data["waba_id"],
        "phone_number_id": data["phone_number_id"], "business_id": data["business_id"],
        "chosen": given.number,
    });
    if second {
        let waba = data["waba_id"].as_str().map(str::to_owned);
        answer["second"] = whatsapp::new_number(&mut state, waba, "Second").id.into();
    }
    HttpResponse::Ok().json(answer)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Handshake {
    url: String,
    /// None: the right one.
    verify_token: Option<String>,
}

/// Asks an address whether it expects webhooks, and answers with what it said.
async fn handshake(world: Data<World>, wanted: Json<Handshake>) -> HttpResponse {
    let token = wanted.verify_token.as_deref().unwrap_or(&world.config().verify_token);
    match ask(&world, &wanted.url, token).await {
        Some(said) => HttpResponse::Ok().json(json!({
            "status": said.status, "body": said.body, "challenge": said.challenge,
            "ok": said.status == 200 && said.body == said.challenge,
        })),
        None => refused("the address does not answer"),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignedRequest {
    /// The address to post to: of deauthorisation, or of data deletion.
    url: String,
    #[serde(default)]
    instagram: bool,
}

/// Tells the server that a person removed the app, and answers with what the server said.
async fn signed_request(world: Data<World>, wanted: Json<SignedRequest>) -> HttpResponse {
    let config = world.config();
    let secret = if wanted.instagram { &config.instagram_app_secret } else { &config.app_secret };
    let person = if wanted.instagram { preset::INSTAGRAM_APP_SCOPED } else { PERSON };
    let issued_at = world.now() / 1000;
    let payload = json!({ "user_id": person, "algorithm": "HMAC-SHA256", "issued_at": issued_at });
    let payload = URL_SAFE_NO_PAD.encode(payload.to_string());
    #[expect(clippy::expect_used, reason = "an HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key will do");
    mac.update(payload.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    let body = format!("signed_request={signature}.{payload}");
    let sent = reqwest::Client::new()
        .post(&wanted.url)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body)
        .send()
        .await;
    match sent {
        Ok(answer) => {
            let status = answer.status().as_u16();
            let body = answer.text().await.unwrap_or_default();
            HttpResponse::Ok().json(json!({ "status": status, "body": body }))
        }
        Err(error) => HttpResponse::BadGateway().json(json!({ "error": error.to_string() })),
    }
}

fn done() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "ok": true }))
}

fn refused(why: &str) -> HttpResponse {
    HttpResponse::BadRequest().json(json!({ "error": why }))
}
