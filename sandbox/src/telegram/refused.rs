//! What the Bot API answers.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::{Value, json};

pub type Answer<T> = Result<T, Refused>;

/// `result`, with the description that some methods add.
#[derive(Debug)]
pub struct Done {
    pub result: Value,
    pub description: Option<&'static str>,
}

impl From<Value> for Done {
    fn from(result: Value) -> Done {
        Done { result, description: None }
    }
}

impl Done {
    pub fn yes() -> Answer<Done> {
        Ok(json!(true).into())
    }

    pub fn described(description: &'static str) -> Answer<Done> {
        Ok(Done { result: json!(true), description: Some(description) })
    }

    pub fn response(self) -> HttpResponse {
        let mut body = json!({ "ok": true, "result": self.result });
        if let Some(description) = self.description {
            body["description"] = json!(description);
        }
        HttpResponse::Ok().json(body)
    }
}

/// An error as the Bot API words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub code: u16,
    pub description: String,
    pub parameters: Option<Value>,
}

impl Refused {
    fn new(code: u16, description: impl Into<String>) -> Refused {
        Refused { code, description: description.into(), parameters: None }
    }

    /// `Bad Request: …`
    pub fn bad(why: &str) -> Refused {
        Refused::new(400, format!("Bad Request: {why}"))
    }

    pub fn unauthorized() -> Refused {
        Refused::new(401, "Unauthorized")
    }

    /// `Forbidden: …`
    pub fn forbidden(why: &str) -> Refused {
        Refused::new(403, format!("Forbidden: {why}"))
    }

    pub fn not_found() -> Refused {
        Refused::new(404, "Not Found")
    }

    /// `Conflict: …`
    pub fn conflict(why: &str) -> Refused {
        Refused::new(409, format!("Conflict: {why}"))
    }

    pub fn too_large() -> Refused {
        Refused::new(413, "Request Entity Too Large")
    }

    pub fn too_many(wait: Duration) -> Refused {
        let seconds = wait.as_secs().max(1);
        Refused {
            parameters: Some(json!({ "retry_after": seconds })),
            ..Refused::new(429, format!("Too Many Requests: retry after {seconds}"))
        }
    }

    pub fn broken() -> Refused {
        Refused::new(500, "Internal Server Error")
    }

    pub fn migrated(chat: i64) -> Refused {
        Refused {
            parameters: Some(json!({ "migrate_to_chat_id": chat })),
            ..Refused::bad("group chat was upgraded to a supergroup chat")
        }
    }

    pub fn response(&self) -> HttpResponse {
        let mut body = json!({
            "ok": false,
            "error_code": self.code,
            "description": self.description,
        });
        if let Some(parameters) = &self.parameters {
            body["parameters"] = parameters.clone();
        }
        let status = StatusCode::from_u16(self.code).unwrap_or(StatusCode::BAD_REQUEST);
        HttpResponse::build(status).json(body)
    }
}
