//! The page on which a person sees how their request for deletion stands.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use switchboard_store::deletion;

use super::auth;
use super::problem::{Failure, Result};
use crate::limits::{Who, client_ip};
use crate::state::App;

/// One sheet of style in the page, and nothing else.
const CSP: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
const CODE_MAX_BYTES: usize = 64;
const PAGE: &str = include_str!("privacy.html");

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/privacy/deletion/{code}").route(web::get().to(deletion)));
}

/// Where the platform's confirmation sends a person. The code is all that is needed.
async fn deletion(
    app: Data<App>,
    request: HttpRequest,
    code: Path<String>,
) -> Result<HttpResponse> {
    let address = client_ip(&request, app.config.http.trusted_proxies);
    auth::count(&app, &request, Who::address(address))?;
    let missing = || Failure::not_found("request for deletion");
    if code.len() > CODE_MAX_BYTES || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(missing());
    }
    let found = deletion::find(&app.store, &code).await?.ok_or_else(missing)?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, CSP))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(page(&code, &found)))
}

fn page(code: &str, found: &deletion::Request) -> String {
    let (state, words) = match found.done_at {
        Some(at) => (
            "Done",
            format!(
                "On {} everything that this server held of you was deleted: your profile, what \
                 you wrote and what was written to you, and any access you had given.",
                day(at)
            ),
        ),
        None => (
            "Under way",
            "Your data is being deleted. This usually takes less than a minute; this page will \
             say so when it is done."
                .to_owned(),
        ),
    };
    PAGE.replace("{{state}}", state)
        .replace("{{words}}", &words)
        .replace("{{asked}}", &day(found.requested_at))
        // Letters and digits alone.
        .replace("{{code}}", code)
}

fn day(at: Timestamp) -> String {
    at.strftime("%-d %B %Y").to_string()
}
