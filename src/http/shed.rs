//! Refuses requests that an overloaded server has no time for, before anything is done for them.
//!
//! Webhooks are not judged here but once their signature is known, and websockets at their own
//! gate.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{ResponseError, web};
use switchboard_domain::load::Class;

use super::problem::Failure;
use crate::load::TooBusy;
use crate::state::App;

const API: &str = "/api/v1/";
/// Below [`API`]: how people and pages come in.
const DOORS: [&str; 4] = ["widget/", "sign-in", "sign-up", "password-reset"];

pub async fn shed<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let admitted =
        match (class(request.method(), request.path()), request.app_data::<web::Data<App>>()) {
            (Some(class), Some(app)) => app.load.admit(class),
            _ => Ok(()),
        };
    match admitted {
        Ok(()) => Ok(next.call(request).await?.map_into_left_body()),
        Err(busy) => {
            let response = Failure::from(busy).error_response();
            Ok(request.into_response(response).map_into_right_body())
        }
    }
}

/// What a request is; `None` for what costs nothing, or is judged elsewhere.
fn class(method: &Method, path: &str) -> Option<Class> {
    let rest = path.strip_prefix(API)?;
    if *method == Method::OPTIONS {
        None
    } else if DOORS.iter().any(|door| rest.starts_with(door)) {
        Some(Class::Newcomers)
    } else if *method == Method::GET || *method == Method::HEAD {
        Some(Class::Reads)
    } else {
        Some(Class::Commands)
    }
}

impl From<TooBusy> for Failure {
    fn from(busy: TooBusy) -> Self {
        Failure::unavailable().retry_after(busy.retry_after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_has_its_class_and_health_and_files_have_none() {
        let check = |method: Method, path, expected| {
            assert_eq!(class(&method, path), expected, "{method} {path}");
        };
        check(Method::POST, "/api/v1/widget/boot", Some(Class::Newcomers));
        check(Method::GET, "/api/v1/widget/config", Some(Class::Newcomers));
        check(Method::POST, "/api/v1/sign-in", Some(Class::Newcomers));
        check(Method::GET, "/api/v1/conversations", Some(Class::Reads));
        check(Method::GET, "/api/v1/widgets", Some(Class::Reads));
        check(Method::POST, "/api/v1/visitor/messages", Some(Class::Commands));
        check(Method::DELETE, "/api/v1/labels/lab_1", Some(Class::Commands));
        check(Method::OPTIONS, "/api/v1/widget/boot", None);
        for path in
            ["/healthz", "/readyz", "/metrics", "/widget.js", "/console", "/hooks/telegram/x"]
        {
            check(Method::GET, path, None);
        }
        check(Method::POST, "/hooks/whatsapp", None);
    }
}
