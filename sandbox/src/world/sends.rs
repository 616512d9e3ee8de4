//! What the business sent and the platform accepted.

use serde::Serialize;
use serde_json::Value;

use super::model::{Message, Platform};
use super::state::State;

/// An accepted call that a customer sees something of, or a customer's phone reacts to.
#[derive(Debug, Clone, Serialize)]
pub struct Accepted {
    pub number: usize,
    pub at: i64,
    pub platform: Platform,
    pub account: String,
    pub phone: Option<String>,
    /// For example `messages`, `sendPhoto`, `comments`.
    pub method: String,
    /// The id of the message that it made or changed.
    pub message: Option<String>,
    /// The whole body of the call.
    pub body: Value,
}

impl State {
    /// Puts a message of the business on the customer's phone and into the log. Called before the
    /// call is answered, so an answer that is lost takes nothing with it.
    ///
    /// The caller tells the phone's watchers with [`super::World::changed`].
    pub fn accept(&mut self, phone: &str, message: Message, method: &str, body: Value) {
        let id = message.id.clone();
        self.note(phone, Some(id), method, body);
        if let Some(phone) = self.phone_mut(phone) {
            phone.typing_until = 0;
        }
        self.thread(phone, message);
    }

    /// Puts a call into the log that changed a message or made none.
    pub fn note(&mut self, phone: &str, message: Option<String>, method: &str, body: Value) {
        let at = self.now();
        let Some(phone) = self.phone(phone) else { return };
        let accepted = Accepted {
            number: self.log.len(),
            at,
            platform: phone.platform,
            account: phone.account.clone(),
            phone: Some(phone.id.clone()),
            method: method.to_owned(),
            message,
            body,
        };
        self.log.push(accepted);
    }
}
