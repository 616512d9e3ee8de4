//! Lenient looks into what Meta posts: ids are strings or numbers, and what is missing or of
//! another type than expected is absent.

use jiff::Timestamp;
use serde_json::Value;
use switchboard_domain::extra::TITLE_MAX_CHARS;

use crate::inbound::TEXT_MAX_CHARS;
pub(crate) use crate::json::{cleaned, flag, list, parse};

/// Below it, a time is in seconds: in milliseconds it would be of March 1973.
const SECONDS_BELOW: i64 = 100_000_000_000;
/// The longest id that is taken for one. A `mid` of Instagram can exceed 200 characters.
const ID_MAX_BYTES: usize = 1_024;
const URL_MAX_BYTES: usize = 8_192;
/// The longest kind of event that is told by the platform's own word.
const KIND_MAX_CHARS: usize = 60;

/// A member that is an id. Larger than what a double holds, so often a string; a number all the
/// same in echoes and hand-overs.
pub(crate) fn id(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::String(id) if !id.is_empty() && id.len() <= ID_MAX_BYTES => {
            (!id.contains(char::is_control)).then(|| id.clone())
        }
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

/// A member that is text, clean and cut to what is kept.
pub(crate) fn text(value: &Value, key: &str) -> Option<String> {
    cleaned(value.get(key)?.as_str()?, TEXT_MAX_CHARS)
}

/// As [`text`], for what stands in one short line.
pub(crate) fn title(value: &Value, key: &str) -> Option<String> {
    cleaned(value.get(key)?.as_str()?, TITLE_MAX_CHARS)
}

/// The platform's word for a kind of event. It becomes a label, which is stored in the clear.
pub(crate) fn label(kind: &str) -> String {
    cleaned(kind, KIND_MAX_CHARS).unwrap_or_default()
}

/// A member that is text or a number, for a short line.
pub(crate) fn scalar(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => title(value, key),
    }
}

/// A member that is an address on the web.
pub(crate) fn url(value: &Value, key: &str) -> Option<String> {
    let url = value.get(key)?.as_str()?;
    let web = url.starts_with("https://") || url.starts_with("http://");
    let clean = url.len() <= URL_MAX_BYTES && !url.contains(|c: char| c.is_control() || c == ' ');
    (web && clean).then(|| url.to_owned())
}

/// A member that is a time: seconds or milliseconds, told apart by their size.
pub(crate) fn time(value: &Value, key: &str) -> Option<Timestamp> {
    let time = match value.get(key)? {
        Value::Number(number) => number.as_i64()?,
        Value::String(digits) => digits.parse().ok()?,
        _ => return None,
    };
    match time {
        ..=0 => None,
        seconds if seconds < SECONDS_BELOW => Timestamp::from_second(seconds).ok(),
        millis => Timestamp::from_millisecond(millis).ok(),
    }
}

/// A member that is a time as the Graph API writes it, `2026-11-20T10:00:00+0000`; or as [`time`].
pub(crate) fn date(value: &Value, key: &str) -> Option<Timestamp> {
    let written = value.get(key).and_then(Value::as_str);
    written
        .and_then(|date| Timestamp::strptime("%Y-%m-%dT%H:%M:%S%z", date).ok())
        .or_else(|| written.and_then(|date| date.parse().ok()))
        .or_else(|| time(value, key))
}

/// The items of an edge of the Graph API: a list, or an object with one as `data`.
pub(crate) fn edge<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    match value.get(key) {
        Some(Value::Array(items)) => items,
        Some(edge) => list(edge, "data"),
        None => &[],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_told_apart_by_their_size() {
        let value = json!({
            "s": 1_795_176_000, "ms": 1_795_176_000_000_i64, "text": "1795176000",
            "none": 0, "negative": -5, "huge": u64::MAX, "float": 1.5e300,
            "date": "2026-11-20T12:00:00+0200", "words": "soon",
        });
        let noon = Timestamp::from_second(1_795_176_000).ok();
        for key in ["s", "ms", "text"] {
            assert_eq!(time(&value, key), noon, "{key}");
        }
        for key in ["none", "negative", "huge", "float", "words", "absent"] {
            assert_eq!(date(&value, key), None, "{key}");
        }
        assert_eq!(
            date(&value, "date").map(|at| at.to_string()),
            Some("2026-11-20T10:00:00Z".into())
        );
    }
}
