//! The Graph API: versions, tokens, faults, and which part answers.

mod call;
mod consent;
mod error;
mod fields;
mod oauth;
mod respond;
mod route;
mod signup;
mod token;
mod upload;

pub use call::{Call, Host, Upload};
pub use error::GraphError;
pub use fields::Fields;
pub use oauth::{Grant, PERSON};
pub use respond::keep_connection;
pub use route::routes;
pub use signup::grant as grant_signup;
pub use token::Caller;
pub use upload::Memory as Uploads;

/// What a call comes to.
pub type Answer = Result<serde_json::Value, GraphError>;
