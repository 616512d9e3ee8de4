//! How an endpoint says no: every error of every kind leaves as `application/problem+json`.

use actix_web::error::{JsonPayloadError, PathError, QueryPayloadError};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use switchboard_wire::{Code, Problem};

use crate::limits::Verdict;

/// The media type of RFC 9457.
pub const PROBLEM_JSON: &str = "application/problem+json";
/// What a client waits before it asks a database again that is away.
const UNAVAILABLE_RETRY_SECONDS: u32 = 1;

pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// A refusal or failure of an endpoint, on its way to the client.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    problem: Box<Problem>,
    /// The limit that was reached.
    limit: Option<Verdict>,
}

impl Failure {
    /// A problem with words for a person.
    pub fn new(code: Code, detail: impl Into<String>) -> Failure {
        let problem = Box::new(Problem {
            status: code.status(),
            title: code.title().to_owned(),
            code,
            detail: detail.into(),
            field: None,
            retry_after: None,
        });
        Failure { problem, limit: None }
    }

    /// A value that is not allowed.
    pub fn invalid(detail: impl Into<String>) -> Failure {
        Failure::new(Code::Invalid, detail)
    }

    /// A value of the body that is not allowed.
    pub fn field(field: &str, detail: impl Into<String>) -> Failure {
        Failure::invalid(detail).about(field)
    }

    pub fn unauthenticated() -> Failure {
        Failure::new(Code::Unauthenticated, "sign in first")
    }

    pub fn forbidden(detail: impl Into<String>) -> Failure {
        Failure::new(Code::Forbidden, detail)
    }

    /// `what` as in "conversation". What belongs to another workspace is not found either.
    pub fn not_found(what: &str) -> Failure {
        Failure::new(Code::NotFound, format!("there is no such {what}"))
    }

    pub fn conflict(detail: impl Into<String>) -> Failure {
        Failure::new(Code::Conflict, detail)
    }

    pub fn gone(detail: impl Into<String>) -> Failure {
        Failure::new(Code::Gone, detail)
    }

    pub fn too_large(detail: impl Into<String>) -> Failure {
        Failure::new(Code::TooLarge, detail)
    }

    pub fn rate_limited(seconds: u32) -> Failure {
        Failure::new(Code::RateLimited, "too many requests; wait a little").retry_after(seconds)
    }

    pub fn unavailable() -> Failure {
        Failure::new(Code::Unavailable, "the server cannot do this now; nothing was changed")
            .retry_after(UNAVAILABLE_RETRY_SECONDS)
    }

    /// A fault of ours. `error` goes to the log, once, and not to the client.
    pub fn internal(error: impl std::fmt::Display) -> Failure {
        tracing::error!(%error, "a request failed");
        Failure::new(Code::Internal, "the server made a mistake, which was logged")
    }

    /// States the limit that was reached, in headers.
    pub fn of_limit(mut self, limit: Verdict) -> Failure {
        self.limit = Some(limit);
        self
    }

    pub fn retry_after(mut self, seconds: u32) -> Failure {
        self.problem.retry_after = Some(seconds);
        self
    }

    /// Names the field of the body that is at fault.
    pub fn about(mut self, field: &str) -> Failure {
        self.problem.field = Some(field.to_owned());
        self
    }

    /// For the few statuses that have no code of their own, such as 405.
    pub fn with_status(mut self, status: u16) -> Failure {
        self.problem.status = status;
        self
    }

    pub fn code(&self) -> Code {
        self.problem.code
    }

    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.problem.detail)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((CONTENT_TYPE, PROBLEM_JSON));
        response.insert_header(("Cache-Control", "no-store"));
        if let Some(seconds) = self.problem.retry_after {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        // A problem always serializes: it is six plain fields.
        let mut response = response.body(serde_json::to_string(&*self.problem).unwrap_or_default());
        if let Some(limit) = self.limit {
            limit.write(response.headers_mut());
        }
        response
    }
}

impl From<switchboard_store::Error> for Failure {
    fn from(error: switchboard_store::Error) -> Self {
        use switchboard_store::Error;
        match error {
            Error::Unavailable(reason) => {
                tracing::warn!(reason, "the database did not answer a request");
                Failure::unavailable()
            }
            // The caller translates the clashes it expects; this one it did not.
            Error::Taken { constraint } => {
                tracing::warn!(constraint, "an unexpected clash");
                Failure::conflict("this is already there")
            }
            other => Failure::internal(other),
        }
    }
}

impl From<switchboard_actors::Rejection> for Failure {
    fn from(rejection: switchboard_actors::Rejection) -> Self {
        let mut failure = Failure::new(rejection.code, rejection.message);
        failure.problem.retry_after = rejection.retry_after;
        failure
    }
}

impl From<tokio::task::JoinError> for Failure {
    fn from(error: tokio::task::JoinError) -> Self {
        Failure::internal(error)
    }
}

impl From<actix_web::error::BlockingError> for Failure {
    fn from(error: actix_web::error::BlockingError) -> Self {
        Failure::internal(error)
    }
}

/// For `JsonConfig`.
pub fn bad_json(error: JsonPayloadError, _: &HttpRequest) -> actix_web::Error {
    let failure = match &error {
        JsonPayloadError::Overflow { limit }
        | JsonPayloadError::OverflowKnownLength { limit, .. } => {
            Failure::too_large(format!("a body holds at most {limit} bytes"))
        }
        JsonPayloadError::ContentType => {
            Failure::new(Code::UnsupportedMedia, "send the body as application/json")
        }
        JsonPayloadError::Deserialize(error) => Failure::invalid(error.to_string()),
        other => Failure::invalid(format!("the body could not be read: {other}")),
    };
    failure.into()
}

/// For `QueryConfig`.
pub fn bad_query(error: QueryPayloadError, _: &HttpRequest) -> actix_web::Error {
    let QueryPayloadError::Deserialize(error) = error else {
        return Failure::invalid("the query could not be read").into();
    };
    Failure::invalid(format!("the query could not be read: {error}")).into()
}

/// For `PathConfig`. An id that cannot be one names nothing.
pub fn bad_path(_: PathError, _: &HttpRequest) -> actix_web::Error {
    Failure::not_found("thing").into()
}

/// For the route of last resort.
pub async fn no_such_page() -> Result<HttpResponse> {
    Err(Failure::new(Code::NotFound, "there is nothing at this address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_leaves_as_problem_json_with_its_status() {
        let response = Failure::rate_limited(7).error_response();
        assert_eq!(response.status().as_u16(), 429);
        assert_eq!(response.headers().get(CONTENT_TYPE).unwrap(), PROBLEM_JSON);
        assert_eq!(response.headers().get(RETRY_AFTER).unwrap(), "7");
    }

    #[test]
    fn a_database_that_is_away_is_worth_another_try_and_a_corrupt_one_is_not() {
        let away: Failure = switchboard_store::Error::Unavailable("x".into()).into();
        assert_eq!((away.code(), away.problem().retry_after), (Code::Unavailable, Some(1)));
        let corrupt: Failure = switchboard_store::Error::Corrupt("x".into()).into();
        assert_eq!(corrupt.code(), Code::Internal);
        assert!(!corrupt.to_string().contains('x'));
    }
}
