//! The store of files behind signed addresses that expire.

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

use crate::faults::Kind;
use crate::world::{Platform, State, World, hex};

/// How long an address that the platforms hand out works: five minutes on WhatsApp, and a day
/// standing for "hours to days" elsewhere.
const WHATSAPP_SECONDS: i64 = 5 * 60;
const OTHER_SECONDS: i64 = 24 * 60 * 60;

/// The routes under `/media`.
pub fn routes(config: &mut ServiceConfig) {
    config.route("/media/{id}", web::get().to(get));
}

impl World {
    /// Where a file can be fetched for a while. On WhatsApp the account's token is needed as well.
    pub fn media_url(&self, state: &mut State, id: &str) -> String {
        let platform = state.media(id).map(|media| media.platform);
        let lasts = match platform {
            Some(Platform::Whatsapp) => WHATSAPP_SECONDS,
            _ => OTHER_SECONDS,
        };
        let expires = state.now() / 1000 + lasts;
        self.signed(id, "platform", expires)
    }

    /// Where the page of phones shows a file. It neither expires nor needs a token.
    pub fn phone_media_url(&self, id: &str) -> String {
        self.signed(id, "phone", 0)
    }

    fn signed(&self, id: &str, to: &str, expires: i64) -> String {
        let signature = signature(&self.config().app_secret, id, to, expires);
        format!("{}/media/{id}?to={to}&ext={expires}&hash={signature}", self.url())
    }
}

fn signature(secret: &str, id: &str, to: &str, expires: i64) -> String {
    #[expect(clippy::expect_used, reason = "an HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key will do");
    mac.update(format!("{id}:{to}:{expires}").as_bytes());
    hex(&mac.finalize().into_bytes()[..16])
}

#[derive(Deserialize)]
struct Signed {
    to: String,
    ext: i64,
    hash: String,
}

async fn get(
    world: Data<World>,
    request: HttpRequest,
    id: Path<String>,
    signed: Query<Signed>,
) -> HttpResponse {
    if signature(&world.config().app_secret, &id, &signed.to, signed.ext) != signed.hash {
        return HttpResponse::Forbidden().body("Bad URL hash");
    }
    let for_phone = signed.to == "phone";
    let platform = world.lock().media(&id).map(|media| media.platform);
    let Some(platform) = platform else { return gone() };
    if !for_phone && world.strike(platform, Kind::ExpiredMedia, "media").is_some() {
        return gone();
    }
    let mut state = world.lock();
    if !for_phone && state.now() / 1000 >= signed.ext {
        return gone();
    }
    if !for_phone && platform == Platform::Whatsapp && !has_token(&state, &request, &id) {
        return HttpResponse::Unauthorized().body("");
    }
    let Some(media) = state.media(&id) else { return gone() };
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, mime(&media.mime)))
        .body(media.bytes.clone())
}

/// The bearer token opens the account that the file belongs to.
fn has_token(state: &State, request: &HttpRequest, id: &str) -> bool {
    let bearer = request.headers().get(header::AUTHORIZATION);
    let bearer = bearer.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let token = bearer.and_then(|token| state.tokens.get(token));
    let media = state.media(id);
    token.zip(media).is_some_and(|(token, media)| {
        !token.revoked && token.accounts.contains(&(media.platform, media.account.clone()))
    })
}

fn mime(mime: &str) -> HeaderValue {
    HeaderValue::from_str(mime)
        .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"))
}

fn gone() -> HttpResponse {
    HttpResponse::NotFound().body("URL signature expired")
}

/// How long the platforms wait for a file that they are given the address of.
const FETCH: std::time::Duration = std::time::Duration::from_secs(10);

/// Fetches a file by its address, as the platforms do: nothing when it cannot be had.
pub async fn fetch(world: &World, url: &str) -> Option<crate::graph::Upload> {
    if !url.starts_with("https://") && !world.config().allow_http_hooks {
        return None;
    }
    let client = reqwest::Client::builder().timeout(FETCH).build().ok()?;
    let answer = client.get(url).send().await.ok()?.error_for_status().ok()?;
    let mime = answer.headers().get("content-type")?.to_str().ok()?.to_owned();
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().filter(|name| name.contains('.')).map(str::to_owned);
    Some(crate::graph::Upload { mime, name, bytes: answer.bytes().await.ok()? })
}
