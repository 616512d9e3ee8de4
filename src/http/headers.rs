//! Headers that keep browsers on our side. A handler that set one of its own keeps it.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::web;

use crate::state::App;

/// For everything that is no page: it loads nothing and stands in no frame.
const API_CSP: &str = "default-src 'none'; frame-ancestors 'none'";
/// A year, once people reach us by HTTPS.
const HSTS: &str = "max-age=31536000";

pub async fn secure<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let https = request
        .app_data::<web::Data<App>>()
        .is_some_and(|app| app.public_url.starts_with("https://"));
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    set(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, REFERRER_POLICY, "no-referrer");
    set(headers, CONTENT_SECURITY_POLICY, API_CSP);
    // What a page of ours with a foreign script opens in a window, it must not read.
    set(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    if https {
        set(headers, STRICT_TRANSPORT_SECURITY, HSTS);
    }
    Ok(response)
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// What the console may do: everything of its own, and files wherever we say they are.
pub fn console_csp(public_url: &str) -> String {
    let sockets = sockets(public_url);
    format!(
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data: blob: {public_url}; media-src 'self' blob: {public_url}; \
         connect-src 'self' {public_url} {sockets}; font-src 'self'; object-src 'none'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

/// What the demo's shop may do: as strict as a careful shop, so that the widget is seen to work
/// there.
pub fn demo_csp(public_url: &str) -> String {
    let sockets = sockets(public_url);
    format!(
        "default-src 'self'; script-src 'self' {public_url}; style-src 'self'; \
         img-src 'self' data: blob: {public_url}; media-src 'self' blob: {public_url}; \
         connect-src 'self' {public_url} {sockets}; object-src 'none'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// What the page of Embedded Signup may do. A script of Meta's runs there as part of our origin, so
/// it reaches the two requests of that page and Meta, and nothing else of ours.
pub fn embedded_signup_csp(public_url: &str, sdk: &str, facebook: &str) -> String {
    let sdk = origin(sdk);
    let facebook = origin(facebook).replacen("://www.", "://*.", 1);
    format!(
        "default-src 'none'; script-src 'self' {sdk}; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data: {facebook}; font-src 'self'; \
         connect-src {public_url}/api/v1/channels/embedded-signup/ {facebook}; \
         frame-src {facebook}; form-action {facebook}; object-src 'none'; worker-src 'none'; \
         base-uri 'none'; frame-ancestors 'none'"
    )
}

/// An address without its path.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    let path = url[host..].find('/').map_or(url.len(), |path| host + path);
    &url[..path]
}

/// The websockets of an origin. Older browsers do not count them as `'self'`.
fn sockets(public_url: &str) -> String {
    public_url.replacen("http", "ws", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meta_s_script_is_let_in_with_meta_s_hosts_and_without_ours() {
        let csp = embedded_signup_csp(
            "https://chat.example",
            "https://connect.facebook.net",
            "https://www.facebook.com",
        );
        for part in [
            "script-src 'self' https://connect.facebook.net;",
            "connect-src https://chat.example/api/v1/channels/embedded-signup/ https://*.facebook.com;",
            "frame-src https://*.facebook.com;",
        ] {
            assert!(csp.contains(part), "{part}: {csp}");
        }
        let local = embedded_signup_csp(
            "http://localhost:1",
            "http://127.0.0.1:2/sdk",
            "http://127.0.0.1:2/graph",
        );
        assert!(local.contains("script-src 'self' http://127.0.0.1:2;"), "{local}");
    }
}
