//! Lenient looks into what platforms post: what is missing, or of another type than expected, is
//! absent. What only one platform does stands with that platform.

use serde_json::Value;

use crate::inbound::DEPTH_MAX;

/// A body as JSON, not nested deeper than what is read.
pub(crate) fn parse(body: &[u8]) -> Result<Value, String> {
    let value = serde_json::from_slice(body).map_err(|error| format!("not JSON: {error}"))?;
    match fits(&value, DEPTH_MAX) {
        true => Ok(value),
        false => Err(format!("nested deeper than {DEPTH_MAX}")),
    }
}

fn fits(value: &Value, depth: usize) -> bool {
    match value {
        Value::Array(_) | Value::Object(_) if depth == 0 => false,
        Value::Array(items) => items.iter().all(|item| fits(item, depth - 1)),
        Value::Object(members) => members.values().all(|member| fits(member, depth - 1)),
        _ => true,
    }
}

/// Without control characters other than line breaks and tabs; `None` when nothing is left.
pub(crate) fn cleaned(text: &str, max_chars: usize) -> Option<String> {
    let mut chars = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    let mut clean: String = chars.by_ref().take(max_chars).collect();
    if chars.next().is_some() {
        clean.pop();
        clean.push('…');
    }
    (!clean.is_empty()).then_some(clean)
}

/// Whether a flag is set.
pub(crate) fn flag(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// The items of a member that is a list.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_go_and_long_texts_are_cut() {
        assert_eq!(cleaned("a\u{0}\nb\tc\u{1b}", 10), Some("a\nb\tc".into()));
        assert_eq!(cleaned("\u{7}", 10), None);
        assert_eq!(cleaned("abcd", 4), Some("abcd".into()));
        assert_eq!(cleaned("abcde", 4), Some("abc…".into()));
    }

    #[test]
    fn what_is_nested_too_deep_is_not_read() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(DEPTH_MAX).as_bytes()).is_ok());
        assert!(parse(nested(DEPTH_MAX + 1).as_bytes()).is_err());
        assert!(parse(nested(100_000).as_bytes()).is_err());
        assert!(parse(b"\"\xff\"").is_err());
    }
}
