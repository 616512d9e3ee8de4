//! `wire/README.md` is part of the protocol: its examples are what the types say, and there is one
//! for everything that travels.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Deserializer, Value, json};
use switchboard_wire::agent::{
    AgentCommand, AgentEvent, AgentFrame, AgentHello, AgentRequest, MessageChange,
};
use switchboard_wire::rest::channels::{
    BeginSignIn, ChangeAccount, Channels, ChooseAccounts, ConnectAccount, Connected,
    CreateTemplate, DeadLetters, EmbeddedSignup, FinishEmbeddedSignup, Merge, MergeContact,
    SignInChoices, Template,
};
use switchboard_wire::rest::conversation::{ChangeConversation, Events, PostMessage};
use switchboard_wire::rest::widget::{Boot, Booted, VisitorEvents, VisitorPost};
use switchboard_wire::view::Attachment;
use switchboard_wire::visitor::{
    VisitorCommand, VisitorEvent, VisitorFrame, VisitorHello, VisitorRequest,
};
use switchboard_wire::{CloseCode, Code, Problem};

const README: &str = include_str!("../README.md");

/// One JSON value of the README and the type that its block names.
#[derive(Debug)]
struct Example {
    line: usize,
    of: String,
    value: Value,
}

/// How an example must come back from its type.
#[derive(Clone, Copy)]
enum Strictness {
    /// What the server sends, it sends in full.
    Exact,
    /// A client may leave out what has a default.
    DefaultsMayBeLeftOut,
}

/// The fenced blocks: where each begins, its language, the type it names, its text.
fn blocks() -> Vec<(usize, &'static str, &'static str, String)> {
    let mut blocks = Vec::new();
    let mut lines = README.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let (language, of) = info.split_once(' ').unwrap_or((info, ""));
        let body = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
        blocks.push((at + 1, language, of, body.collect::<Vec<_>>().join("\n")));
    }
    blocks
}

fn examples() -> Vec<Example> {
    let mut examples = Vec::new();
    for (line, language, of, body) in blocks() {
        match language {
            "json" => {
                for value in Deserializer::from_str(&body).into_iter::<Value>() {
                    let value = value.unwrap_or_else(|error| panic!("line {line}: {error}"));
                    examples.push(Example { line, of: of.to_owned(), value });
                }
            }
            "text" if of == "VisitorSession" => {
                for (i, said) in body.lines().enumerate() {
                    let of = match said.chars().next() {
                        Some('→') if i == 0 => "VisitorHello",
                        Some('→') => "VisitorRequest",
                        Some('←') => "VisitorFrame",
                        _ => panic!("line {}: neither → nor ←", line + 1 + i),
                    };
                    let value = serde_json::from_str(said.trim_start_matches(['→', '←', ' ']));
                    let value = value.unwrap_or_else(|e| panic!("line {}: {e}", line + 1 + i));
                    examples.push(Example { line: line + 1 + i, of: of.to_owned(), value });
                }
            }
            other => panic!("line {line}: a block of {other:?} that no test reads"),
        }
    }
    examples
}

/// Reads an example as its type and writes it again. Says what is wrong, if anything.
fn check(example: &Example) -> Result<(), String> {
    use Strictness::{DefaultsMayBeLeftOut, Exact};
    let Example { of, value, .. } = example;
    match of.as_str() {
        "AgentHello" => round_trip::<AgentHello>(value, DefaultsMayBeLeftOut),
        "AgentRequest" => round_trip::<AgentRequest>(value, DefaultsMayBeLeftOut),
        "AgentFrame" => round_trip::<AgentFrame>(value, Exact),
        "VisitorHello" => round_trip::<VisitorHello>(value, DefaultsMayBeLeftOut),
        "VisitorRequest" => round_trip::<VisitorRequest>(value, DefaultsMayBeLeftOut),
        "VisitorFrame" => round_trip::<VisitorFrame>(value, Exact),
        "Boot" => round_trip::<Boot>(value, DefaultsMayBeLeftOut),
        "Booted" => round_trip::<Booted>(value, Exact),
        "Problem" => round_trip::<Problem>(value, Exact),
        "PostMessage" => round_trip::<PostMessage>(value, DefaultsMayBeLeftOut),
        "ChangeConversation" => round_trip::<ChangeConversation>(value, DefaultsMayBeLeftOut),
        "VisitorPost" => round_trip::<VisitorPost>(value, DefaultsMayBeLeftOut),
        "Events" => round_trip::<Events>(value, Exact),
        "VisitorEvents" => round_trip::<VisitorEvents>(value, Exact),
        "Attachment" => round_trip::<Attachment>(value, Exact),
        "Channels" => round_trip::<Channels>(value, Exact),
        "ConnectAccount" => round_trip::<ConnectAccount>(value, DefaultsMayBeLeftOut),
        "ChangeAccount" => round_trip::<ChangeAccount>(value, DefaultsMayBeLeftOut),
        "BeginSignIn" => round_trip::<BeginSignIn>(value, DefaultsMayBeLeftOut),
        "EmbeddedSignup" => round_trip::<EmbeddedSignup>(value, Exact),
        "FinishEmbeddedSignup" => round_trip::<FinishEmbeddedSignup>(value, DefaultsMayBeLeftOut),
        "SignInChoices" => round_trip::<SignInChoices>(value, Exact),
        "ChooseAccounts" => round_trip::<ChooseAccounts>(value, DefaultsMayBeLeftOut),
        "Connected" => round_trip::<Connected>(value, Exact),
        "CreateTemplate" => round_trip::<CreateTemplate>(value, DefaultsMayBeLeftOut),
        "Template" => round_trip::<Template>(value, Exact),
        "DeadLetters" => round_trip::<DeadLetters>(value, Exact),
        "MergeContact" => round_trip::<MergeContact>(value, DefaultsMayBeLeftOut),
        "Merge" => round_trip::<Merge>(value, Exact),
        other => Err(format!("{other:?} is no type this test knows")),
    }
}

fn round_trip<T: DeserializeOwned + Serialize>(
    given: &Value,
    strictness: Strictness,
) -> Result<(), String> {
    let parsed: T = serde_json::from_value(given.clone()).map_err(|error| error.to_string())?;
    let again = serde_json::to_value(&parsed).map_err(|error| error.to_string())?;
    let mut differences = String::new();
    compare("", given, &again, strictness, &mut differences);
    if differences.is_empty() { Ok(()) } else { Err(differences) }
}

/// Notes where two values differ.
fn compare(at: &str, given: &Value, again: &Value, strictness: Strictness, out: &mut String) {
    let (Value::Object(mine), Value::Object(theirs)) = (given, again) else {
        if let (Value::Array(mine), Value::Array(theirs)) = (given, again)
            && mine.len() == theirs.len()
        {
            for (i, (mine, theirs)) in mine.iter().zip(theirs).enumerate() {
                compare(&format!("{at}/{i}"), mine, theirs, strictness, out);
            }
        } else if given != again {
            let _ = write!(out, "{at}: {given} became {again}; ");
        }
        return;
    };
    for (key, mine) in mine {
        match theirs.get(key) {
            Some(theirs) => compare(&format!("{at}/{key}"), mine, theirs, strictness, out),
            None => drop(write!(out, "{at}/{key} is unknown; ")),
        }
    }
    for (key, theirs) in theirs {
        let default = matches!(strictness, Strictness::DefaultsMayBeLeftOut) && is_default(theirs);
        if !mine.contains_key(key) && !default {
            let _ = write!(out, "{at}/{key} is missing; ");
        }
    }
}

fn is_default(value: &Value) -> bool {
    [json!(null), json!(""), json!([]), json!(0), json!(false)].contains(value)
}

/// The names that a type knows, out of its own complaint about one that it does not: so a new
/// variant is missed here by itself.
fn names<T: DeserializeOwned>(nonsense: Value) -> BTreeSet<String> {
    let Err(complaint) = serde_json::from_value::<T>(nonsense).map_err(|e| e.to_string()) else {
        panic!("{} takes anything", std::any::type_name::<T>());
    };
    let known = complaint.split_once("expected").map_or("", |(_, known)| known);
    let names: BTreeSet<String> = known.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    assert!(!names.is_empty(), "no names in: {complaint}");
    names
}

/// The values of `key` in the examples of a type, among those where `with` holds.
fn shown(of: &str, key: &str, with: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    examples()
        .iter()
        .filter(|example| example.of == of && with(&example.value))
        .filter_map(|example| example.value[key].as_str().map(str::to_owned))
        .collect()
}

fn is_event(value: &Value) -> bool {
    value["type"] == "event"
}

#[test]
fn every_example_is_what_its_type_says() {
    let wrong: Vec<String> = examples()
        .iter()
        .filter_map(|example| {
            let error = check(example).err()?;
            Some(format!("README.md:{} ({}): {error}", example.line, example.of))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn everything_that_travels_has_an_example() {
    let nonsense = || json!({ "type": "?" });
    let any = |_: &Value| true;
    for (what, known, shown) in [
        ("AgentHello", names::<AgentHello>(nonsense()), shown("AgentHello", "type", any)),
        ("AgentCommand", names::<AgentCommand>(nonsense()), shown("AgentRequest", "type", any)),
        ("AgentFrame", names::<AgentFrame>(nonsense()), shown("AgentFrame", "type", any)),
        (
            "AgentEvent",
            names::<AgentEvent>(json!({ "event": "?" })),
            shown("AgentFrame", "event", is_event),
        ),
        ("VisitorHello", names::<VisitorHello>(nonsense()), shown("VisitorHello", "type", any)),
        (
            "VisitorCommand",
            names::<VisitorCommand>(nonsense()),
            shown("VisitorRequest", "type", any),
        ),
        ("VisitorFrame", names::<VisitorFrame>(nonsense()), shown("VisitorFrame", "type", any)),
        (
            "VisitorEvent",
            names::<VisitorEvent>(json!({ "event": "?" })),
            shown("VisitorFrame", "event", is_event),
        ),
    ] {
        assert_eq!(shown, known, "examples of {what}, and what it knows");
    }
}

#[test]
fn what_the_words_list_is_complete() {
    for change in names::<MessageChange>(json!("?")) {
        assert!(README.contains(&change), "{change} is not told of");
    }
    for code in names::<Code>(json!("?")) {
        let code: Code = serde_json::from_value(json!(code)).unwrap();
        let name = serde_json::to_value(code).unwrap();
        let row = format!("| `{}` | {} |", name.as_str().unwrap(), code.status());
        assert!(README.contains(&row), "no row {row}");
    }
}

#[test]
fn every_close_code_is_in_the_table() {
    for name in names::<CloseCode>(json!("?")) {
        assert!(CloseCode::ALL.iter().any(|code| code.reason() == name), "{name} is not in ALL");
    }
    for code in CloseCode::ALL {
        let back = if code.retry() { "yes" } else { "no" };
        let row = format!("| {} | `{}` | {back} |", code.number(), code.reason());
        assert!(README.contains(&row), "no row {row}");
    }
}

#[test]
fn the_limits_are_the_real_ones() {
    use switchboard_domain::{attachment, conversation, text};
    let kib = |bytes: usize| format!("{} KiB", bytes / 1024);
    for (what, limit) in [
        ("a frame, over all of its fragments", kib(switchboard_wire::FRAME_MAX_BYTES)),
        ("`hello`", format!("within {} s", switchboard_wire::HELLO_WITHIN_SECONDS)),
        ("text of a message", "8,000 characters".to_owned()),
        ("files of a message", attachment::ATTACHMENTS_PER_MESSAGE.to_string()),
        ("a file", format!("{} MiB", attachment::ATTACHMENT_MAX_BYTES >> 20)),
        ("an upload that no message takes up", format!("{} hours", attachment::ORPHAN_HOURS)),
        ("reactions on a message", conversation::REACTIONS_MAX.to_string()),
        ("labels on a conversation", conversation::LABELS_MAX.to_string()),
        ("`ref`", format!("{} bytes", switchboard_wire::REF_MAX_BYTES)),
    ] {
        let row = format!("| {what} | {limit} |");
        assert!(README.contains(&row), "no row {row}");
    }
    assert_eq!(text::MESSAGE_MAX_CHARS, 8_000);
    assert!(README.contains(&format!("every {} seconds", switchboard_wire::BEAT_SECONDS)));
}
