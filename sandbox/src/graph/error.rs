//! The error envelope of the Graph API.

use serde_json::{Value, json};

/// A refusal, with the codes of the documentation and words of our own.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphError {
    pub status: u16,
    pub code: i64,
    pub subcode: Option<i64>,
    pub message: String,
    /// `error_data.details`, on WhatsApp.
    pub details: Option<String>,
    pub transient: bool,
    /// Minutes, told in the usage header.
    pub regain_minutes: Option<u32>,
}

impl GraphError {
    pub fn new(status: u16, code: i64, message: impl Into<String>) -> GraphError {
        GraphError {
            status,
            code,
            subcode: None,
            message: message.into(),
            details: None,
            transient: false,
            regain_minutes: None,
        }
    }

    #[must_use]
    pub fn subcode(mut self, subcode: i64) -> GraphError {
        self.subcode = Some(subcode);
        self
    }

    #[must_use]
    pub fn details(mut self, details: impl Into<String>) -> GraphError {
        self.details = Some(details.into());
        self
    }

    /// A request that is wrong in itself.
    pub fn invalid(message: impl Into<String>) -> GraphError {
        GraphError::new(400, 100, format!("(#100) {}", message.into()))
    }

    /// As `invalid`, where WhatsApp says the reason in the details.
    pub fn whatsapp(code: i64, title: &str, details: impl Into<String>) -> GraphError {
        GraphError::new(400, code, format!("(#{code}) {title}")).details(details)
    }

    pub fn unknown_path(path: &str) -> GraphError {
        GraphError::new(400, 2500, format!("Unknown path components: /{path}"))
    }

    /// What the Graph says of an object that is not there or not yours.
    pub fn no_such_object(id: &str) -> GraphError {
        GraphError::invalid(format!(
            "Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, \
             or does not support this operation"
        ))
        .subcode(33)
    }

    pub fn token(subcode: Option<i64>, message: &str) -> GraphError {
        GraphError { subcode, ..GraphError::new(401, 190, message) }
    }

    pub fn permission(code: i64, message: &str) -> GraphError {
        GraphError::new(403, code, format!("(#{code}) {message}"))
    }

    /// The body as it is sent. `kind` is `OAuthException` or `IGApiException`.
    pub fn body(&self, kind: &str, trace: &str) -> Value {
        let mut error = json!({
            "message": self.message,
            "type": kind,
            "code": self.code,
            "fbtrace_id": trace,
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = subcode.into();
        }
        if self.transient {
            error["is_transient"] = true.into();
        }
        if let Some(details) = &self.details {
            error["error_data"] = json!({ "messaging_product": "whatsapp", "details": details });
        }
        json!({ "error": error })
    }
}
