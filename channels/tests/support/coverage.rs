//! Holds that every row of the tables in which a platform documents what it posts has a sample.
//! What the samples mean is in `expected/`; here it is stated that none is missing.

use std::collections::BTreeSet;

use serde_json::Value;

use super::webhooks;

/// A table of the documentation: the member by which its rows are told apart, and for each row the
/// value of that member and a sample that has it. A row without a value is told by the member
/// being there.
pub struct Table {
    pub member: &'static str,
    pub rows: &'static [(&'static str, &'static str)],
}

/// Every row has a sample that shows it, and that sample says something that is expected.
pub fn is_complete(channel: &str, tables: &[Table]) {
    let samples = webhooks(channel);
    let expected = super::folder("expected").join(format!("{channel}.txt"));
    let expected = std::fs::read_to_string(expected).expect("expected");
    let titles: BTreeSet<&str> = expected
        .lines()
        .filter_map(|line| line.trim_start_matches('#').strip_prefix(' '))
        .collect();
    for Table { member, rows } in tables {
        for (value, name) in *rows {
            let body = samples.iter().find(|(sample, _)| sample == name);
            let (_, body) = body.unwrap_or_else(|| panic!("{member} {value}: no sample {name}"));
            let body: Value = serde_json::from_slice(body).expect("JSON");
            assert!(has(&body, member, value), "{name} has no {member} {value}");
            assert!(titles.contains(name), "nobody says what {name} means");
        }
    }
}

/// Whether a member of this name has this value, at any depth; any value where none is asked for.
fn has(value: &Value, member: &str, wanted: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| has(item, member, wanted)),
        Value::Object(members) => members.iter().any(|(name, value)| {
            let is_it = name == member && (wanted.is_empty() || is(value, wanted));
            is_it || has(value, member, wanted)
        }),
        _ => false,
    }
}

fn is(value: &Value, wanted: &str) -> bool {
    match value {
        Value::String(text) => text == wanted,
        Value::Array(items) => items.iter().any(|item| is(item, wanted)),
        Value::Object(members) => members.contains_key(wanted),
        Value::Bool(truth) => wanted == if *truth { "true" } else { "false" },
        Value::Number(number) => wanted == number.to_string(),
        Value::Null => false,
    }
}
