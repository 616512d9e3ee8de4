//! Around every request: its id, one log line, its counts, and a body for errors that have none.
//!
//! The line names the route and never the address: paths and queries carry tokens.

use std::time::{Duration, Instant};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, ResponseError, web};
use switchboard_actors::trace::{self, Open};
use switchboard_domain::trace::Parent;
use switchboard_wire::Code;
use uuid::Uuid;

use super::problem::{Failure, PROBLEM_JSON};
use crate::limits::Verdict;
use crate::state::App;

/// A request that is not read and answered by then is given up: a body that trickles in holds a
/// connection no longer than this.
const ANSWERED_WITHIN: Duration = Duration::from_secs(60);
const UPLOADS: &str = "/api/v1/attachments";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");

pub async fn observe<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let began = Instant::now();
    let id = Uuid::now_v7().simple().to_string();
    let method = request.method().clone();
    let tracer = request.app_data::<web::Data<App>>().map(|app| &app.cast.shared().tracer);
    let mut span = match tracer {
        Some(tracer) if !is_quiet(request.path()) => {
            tracer.request(method.as_str(), parent(&request))
        }
        _ => Open::default(),
    };
    let _counted = request.app_data::<web::Data<App>>().map(|app| app.requests.enter());
    // An upload minds its own time.
    let within = if request.path() == UPLOADS { Duration::MAX } else { ANSWERED_WITHIN };
    let working = trace::within(span.trace(), next.call(request));
    let answered = tokio::time::timeout(within, working);
    let mut response = say_what_is_wrong(answered.await.map_err(|_| too_slow())??);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let verdict = response.request().extensions().get::<Verdict>().copied();
    if let Some(verdict) = verdict {
        verdict.write(response.headers_mut());
    }
    if let Some(trace) = span.trace() {
        if let Ok(value) = HeaderValue::from_str(&trace.to_string()) {
            response.headers_mut().insert(TRACE_PARENT, value);
        }
        describe(&mut span, &id, &method, &response);
    }
    note(&id, &method, &response, began);
    Ok(response)
}

/// What somebody says who traces as well.
fn parent(request: &ServiceRequest) -> Option<Parent> {
    Parent::parse(request.headers().get(TRACE_PARENT)?.to_str().ok()?)
}

fn describe<B>(span: &mut Open, id: &str, method: &Method, response: &ServiceResponse<B>) {
    let route = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    span.rename(|| format!("{} {route}", label(method)));
    span.say("http.request.method", method.as_str());
    span.say("http.route", route);
    span.say("http.response.status_code", usize::from(response.status().as_u16()));
    span.say("request.id", id);
    if response.status().is_server_error() {
        span.fail();
    }
}

/// What machines ask all the time.
fn is_quiet(route: &str) -> bool {
    matches!(route, "/healthz" | "/readyz" | "/metrics")
}

fn too_slow() -> Failure {
    Failure::invalid("the request took too long").with_status(408)
}

fn note<B>(id: &str, method: &Method, response: &ServiceResponse<B>, began: Instant) {
    let route = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let status = response.status();
    let elapsed = began.elapsed();
    let labels = [
        ("method", label(method)),
        ("route", route.clone().into()),
        ("status", status.as_str().to_owned().into()),
    ];
    metrics::counter!("switchboard_http_requests_total", &labels[..]).increment(1);
    metrics::histogram!("switchboard_http_request_seconds", &labels[..2])
        .record(elapsed.as_secs_f64());
    let duration_ms = elapsed.as_secs_f64() * 1_000.0;
    let (method, status) = (method.as_str(), status.as_u16());
    if is_quiet(&route) {
        tracing::debug!(request.id = id, method, route, status, duration_ms, "answered");
    } else {
        tracing::info!(request.id = id, method, route, status, duration_ms, "answered");
    }
}

/// Only the usual methods become labels: a stranger can invent any number of others.
fn label(method: &Method) -> metrics::SharedString {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.into_iter().find(|known| *known == method.as_str()).unwrap_or("OTHER").into()
}

/// Gives the framework's own refusals the body that all of ours have.
fn say_what_is_wrong<B: MessageBody>(
    response: ServiceResponse<B>,
) -> ServiceResponse<EitherBody<B>> {
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    if !failed || has_words(response.headers()) {
        return response.map_into_left_body();
    }
    let allow = response.headers().get(header::ALLOW).cloned();
    let failure = match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            Failure::new(Code::Invalid, "this address does not take this method")
        }
        StatusCode::NOT_FOUND => Failure::not_found("thing"),
        StatusCode::PAYLOAD_TOO_LARGE => Failure::too_large("this is too large"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Failure::new(Code::UnsupportedMedia, "this content type is not accepted here")
        }
        status if status.is_server_error() => Failure::internal(status),
        _ => Failure::invalid("the request could not be read"),
    };
    let mut body = failure.with_status(status.as_u16()).error_response();
    if let Some(allow) = allow {
        body.headers_mut().insert(header::ALLOW, allow);
    }
    response.into_response(body).map_into_right_body()
}

/// Our own errors say what they are; the framework's are bare or a line of text.
fn has_words(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with(PROBLEM_JSON) || kind.starts_with("text/html"))
}
