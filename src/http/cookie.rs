//! The session cookie, and what answers carry it.

use actix_web::HttpResponse;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use switchboard_store::session;
use switchboard_wire::rest::account::Me;

use super::auth::COOKIE;

/// Out of reach of scripts and other sites, sent over secure connections to this host alone.
/// It lives as long as the session whose use prolongs both.
pub fn of_session(token: &str) -> Cookie<'_> {
    base(token, Duration::seconds(session::LIFETIME.as_secs()))
}

/// Makes the browser forget.
fn expired() -> Cookie<'static> {
    base("", Duration::ZERO)
}

fn base(value: &str, max_age: Duration) -> Cookie<'_> {
    Cookie::build(COOKIE, value)
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(max_age)
        .finish()
}

/// Answers somebody who signed in just now.
pub fn signed_in(status: StatusCode, token: &str, me: &Me) -> HttpResponse {
    HttpResponse::build(status).cookie(of_session(token)).json(me)
}

/// Answers somebody who is signed in no more.
pub fn signed_out() -> HttpResponse {
    HttpResponse::NoContent().cookie(expired()).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_for_this_host_alone() {
        let cookie = of_session("abc").to_string();
        assert_eq!(
            cookie,
            "__Host-switchboard=abc; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=2592000"
        );
        assert!(expired().to_string().contains("Max-Age=0"));
    }
}
