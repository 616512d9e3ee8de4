//! What Embedded Signup tells the page that opened it. The page hands it on, so nothing of it may
//! be believed: which account the token is for is asked of Meta, and compared.

use serde_json::Value;

use crate::meta::json::{id, title};

/// How a signup ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signup {
    Finished {
        waba: String,
        /// Absent when none was chosen.
        phone_number: Option<String>,
        business: Option<String>,
        /// The number stays in the WhatsApp Business app, and must not be registered.
        stays_on_phone: bool,
    },
    /// At which step, or why.
    Cancelled { reason: Option<String> },
}

/// Reads the event of a message from this origin; `None` for any other message, and for messages
/// of anyone but Facebook.
pub fn read_signup(origin: &str, message: &Value) -> Option<Signup> {
    let host = origin.strip_prefix("https://")?;
    let is_facebook = host == "facebook.com" || host.ends_with(".facebook.com");
    if !is_facebook || message.get("type")? != "WA_EMBEDDED_SIGNUP" {
        return None;
    }
    let data = &message["data"];
    match message.get("event")?.as_str()? {
        "CANCEL" => Some(Signup::Cancelled {
            reason: title(data, "error_message").or_else(|| title(data, "current_step")),
        }),
        event if event.starts_with("FINISH") => Some(Signup::Finished {
            waba: id(data, "waba_id")?,
            phone_number: id(data, "phone_number_id"),
            business: id(data, "business_id"),
            stays_on_phone: event == "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING",
        }),
        _ => None,
    }
}
