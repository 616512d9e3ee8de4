//! Reads what may be missing, or be a string where a number was promised.

use jiff::Timestamp;
use serde_json::Value;
use switchboard_domain::extra::TITLE_MAX_CHARS;

use crate::inbound::TEXT_MAX_CHARS;
use crate::json::cleaned;
pub(super) use crate::json::{flag, list, parse};

/// A number, also one that is written as a string.
pub fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(digits) => digits.parse().ok(),
        _ => None,
    }
}

/// The number under a name.
pub fn id(value: &Value, name: &str) -> Option<i64> {
    value.get(name).and_then(number)
}

/// A moment in seconds. Telegram writes 0 for "unknown".
pub fn time(value: &Value, name: &str) -> Option<Timestamp> {
    let seconds = id(value, name).filter(|seconds| *seconds > 0)?;
    Timestamp::from_second(seconds).ok()
}

/// The text under a name, as it is. Empty is absent.
pub fn raw<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The name, title or label under a name: one line, cut to what is kept. Empty is absent.
pub fn title(value: &Value, name: &str) -> Option<String> {
    raw(value, name).and_then(label)
}

/// One line, cut to what is kept of a title.
pub fn label(text: &str) -> Option<String> {
    let line: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control())
        .take(TITLE_MAX_CHARS)
        .collect();
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

/// A text without control characters that no one can see, cut to what is kept of a message.
pub fn body(text: &str) -> String {
    cleaned(text, TEXT_MAX_CHARS).unwrap_or_default()
}

/// The object under a name.
pub fn object<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.get(name).filter(|value| value.is_object())
}

/// Whether there is anything under a name.
pub fn has(value: &Value, name: &str) -> bool {
    value.get(name).is_some_and(|value| !value.is_null())
}
