//! Webhooks of the platforms. A webhook is acknowledged when all it held is durable: committed,
//! or in the spool while the database is away.

use std::time::{Duration, Instant};

use actix_web::web::{self, Bytes, Data, Path, PayloadConfig, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use secrecy::ExposeSecret;
use switchboard_actors::{Rejection, trace};
use switchboard_channels::{Hook, meta, read};
use switchboard_domain::AccountId;
use switchboard_domain::load::Class;
use switchboard_wire::Code;

use super::problem::{Failure, Result};
use crate::doors::Let;
use crate::spool::{Record, SpoolError};
use crate::state::App;

/// The largest webhook. Meta documents 3 MB for WhatsApp; the others' are smaller.
const BODY_MAX_BYTES: usize = 3 * 1024 * 1024;
/// Platforms give up on an answer after some seconds. Until then a webhook is durable somewhere.
const WITHIN: Duration = Duration::from_secs(8);
const META_SIGNATURE: &str = "x-hub-signature-256";
const TELEGRAM_SECRET: &str = "x-telegram-bot-api-secret-token";

pub fn routes(cfg: &mut ServiceConfig) {
    let meta_hook = |path: &str, hook: Hook| {
        web::resource(path)
            .app_data(PayloadConfig::new(BODY_MAX_BYTES))
            .route(web::get().to(handshake))
            .route(web::post().to(move |app, request, body| from_meta(app, request, body, hook)))
    };
    cfg.service(meta_hook("/hooks/whatsapp", Hook::Whatsapp))
        .service(meta_hook("/hooks/messenger", Hook::Messenger))
        .service(meta_hook("/hooks/instagram", Hook::Instagram))
        .service(
            web::resource("/hooks/telegram/{account}")
                .app_data(PayloadConfig::new(BODY_MAX_BYTES))
                .route(web::post().to(from_telegram)),
        );
}

/// Meta looks whether the address is ours.
async fn handshake(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let refused = || Failure::forbidden("this is not the token that was agreed on");
    let known = app.config.meta.as_ref().ok_or_else(refused)?;
    let token = known.verify_token.expose_secret();
    let challenge = meta::handshake(request.query_string(), token).ok_or_else(refused)?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(challenge))
}

async fn from_meta(
    app: Data<App>,
    request: HttpRequest,
    body: Bytes,
    hook: Hook,
) -> Result<HttpResponse> {
    let signature = request.headers().get(META_SIGNATURE).and_then(|value| value.to_str().ok());
    let secrets = app.config.meta.as_ref().map(|app| app.secrets()).unwrap_or_default();
    if !meta::verify(&secrets, signature, &body) {
        return Err(unsigned(hook));
    }
    take(&app, Record { hook, bot: None, body: body.to_vec(), trace: trace::current() }).await
}

async fn from_telegram(
    app: Data<App>,
    request: HttpRequest,
    account: Path<String>,
    body: Bytes,
) -> Result<HttpResponse> {
    let id: AccountId = account.parse().map_err(|_| Failure::not_found("account"))?;
    let given = request.headers().get(TELEGRAM_SECRET).map(|value| value.as_bytes());
    let knocked = app.doors.knock(&app.store, id, given.unwrap_or_default()).await;
    match knocked.map_err(Failure::from)? {
        Let::In { external } => {
            let (bot, body) = (Some(external), body.to_vec());
            let record = Record { hook: Hook::Telegram, bot, body, trace: trace::current() };
            take(&app, record).await
        }
        Let::Refused => Err(unsigned(Hook::Telegram)),
        Let::Nobody => Err(Failure::not_found("account")),
    }
}

fn unsigned(hook: Hook) -> Failure {
    metrics::counter!("switchboard_webhooks_refused_total", "hook" => hook.name()).increment(1);
    Failure::new(Code::Unauthenticated, "this is not signed by the platform")
}

/// What became of a webhook.
enum Taken {
    /// All it held is committed.
    Committed,
    /// It waits on disk.
    Kept,
    /// No account that it names is connected here.
    Unknown,
}

impl Taken {
    fn name(result: &Result<Taken>) -> &'static str {
        match result {
            Ok(Taken::Committed) => "committed",
            Ok(Taken::Kept) => "kept",
            Ok(Taken::Unknown) => "unknown",
            Err(_) => "failed",
        }
    }
}

/// Makes a webhook durable, and says so to the platform.
async fn take(app: &App, record: Record) -> Result<HttpResponse> {
    let hook = record.hook.name();
    metrics::counter!("switchboard_webhooks_total", "hook" => hook).increment(1);
    let began = Instant::now();
    let taken = make_durable(app, record).await;
    let outcome = Taken::name(&taken);
    metrics::histogram!("switchboard_webhook_seconds", "hook" => hook, "outcome" => outcome)
        .record(began.elapsed().as_secs_f64());
    match taken? {
        Taken::Committed | Taken::Kept => Ok(HttpResponse::Ok().finish()),
        Taken::Unknown => Err(Failure::not_found("account")),
    }
}

async fn make_durable(app: &App, record: Record) -> Result<Taken> {
    // What waits goes first.
    if app.spool.follow(&record).map_err(unkept)? {
        return Ok(Taken::Kept);
    }
    // A platform gives an answer a few seconds, and a late server is not made faster by one more.
    if app.load.admit(Class::Webhooks).is_err() {
        return keep(app, &record);
    }
    let batch = read(record.hook, record.bot.as_deref(), &record.body);
    let taking = tokio::time::timeout(WITHIN, app.cast.inbound(record.hook, batch));
    match taking.await.unwrap_or_else(|_| Err(Rejection::unavailable())) {
        Ok(taken) if taken.unknown => Ok(Taken::Unknown),
        Ok(_) => Ok(Taken::Committed),
        Err(rejection) if rejection.code == Code::Unavailable => keep(app, &record),
        Err(rejection) => Err(Failure::from(rejection)),
    }
}

/// Puts a webhook on disk, to be told later.
fn keep(app: &App, record: &Record) -> Result<Taken> {
    app.spool.append(record).map_err(unkept)?;
    metrics::counter!("switchboard_spool_kept_total").increment(1);
    Ok(Taken::Kept)
}

fn unkept(error: SpoolError) -> Failure {
    tracing::error!(%error, "a webhook could not be kept; the platform sends it again");
    Failure::unavailable()
}
