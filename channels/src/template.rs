//! Templates that a platform approves before they may be sent.

use serde::{Deserialize, Serialize};

/// A template as the platform describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// The platform's id.
    pub id: String,
    pub name: String,
    /// `en_US`: always with an underscore.
    pub language: String,
    pub category: String,
    /// `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, …: upper case, as the platform writes it.
    pub status: String,
    pub quality: Option<String>,
    /// Why it was rejected, if it was.
    pub reason: Option<String>,
    /// HEADER, BODY, FOOTER, BUTTONS, …, as the platform describes them.
    pub components: serde_json::Value,
    pub named: bool,
}

/// One page of an account's templates.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TemplatePage {
    pub templates: Vec<Template>,
    pub next: Option<String>,
}

/// What a person fills in to make a new template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TemplateDraft {
    pub name: String,
    pub language: String,
    pub category: String,
    pub components: serde_json::Value,
}
