//! What pages of other origins may ask: the visitors' endpoints, without cookies.
//!
//! A preflight cannot say which workspace it is about, so every page may ask; whether it may
//! carry the widget is checked by the request itself. Without credentials there is nothing that
//! an answer could give away.

use actix_web::HttpResponse;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
    HeaderValue, ORIGIN, VARY,
};
use actix_web::middleware::Next;

const METHODS: &str = "GET, POST, PUT, PATCH, DELETE";
const HEADERS: &str = "authorization, content-type, idempotency-key";
const EXPOSED: &str =
    "retry-after, x-request-id, ratelimit-limit, ratelimit-remaining, ratelimit-reset";
/// Browsers ask again after two hours at the most.
const PREFLIGHT_SECONDS: &str = "7200";

pub async fn cors<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let origin = request.headers().get(ORIGIN).cloned();
    let Some(origin) = origin.filter(|_| is_shared(request.path())) else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight {
        let answer = HttpResponse::NoContent()
            .insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS))
            .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, HEADERS))
            .insert_header((ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS))
            .finish();
        request.into_response(answer).map_into_right_body()
    } else {
        next.call(request).await?.map_into_left_body()
    };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    headers.append(VARY, HeaderValue::from_static("Origin"));
    Ok(response)
}

fn is_shared(path: &str) -> bool {
    let Some(path) = path.strip_prefix("/api/v1/") else { return false };
    ["widget/", "visitor/", "attachments/"].iter().any(|area| path.starts_with(area))
        || path == "attachments"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_visitors_use_is_shared() {
        for path in ["widget/boot", "visitor/messages", "attachments", "attachments/att_1"] {
            assert!(is_shared(&format!("/api/v1/{path}")), "{path}");
        }
        for path in ["widget-settings", "me", "conversations", "attachments-of-others"] {
            assert!(!is_shared(&format!("/api/v1/{path}")), "{path}");
        }
        assert!(!is_shared("/console"));
    }
}
