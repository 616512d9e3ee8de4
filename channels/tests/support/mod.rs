//! What the tests of all channels share: what a webhook says in words, the samples, and
//! ways to spoil them.

#![allow(dead_code, reason = "each channel uses its share")]
pub mod coverage;

use std::fmt::Write as _;
use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::Value;
use switchboard_channels::{
    Batch, Direction, Event, InMessage, Media, Route, Routed, Source, Thread, Unreadable, What,
};
use switchboard_domain::{BusinessConnection, Extra};

/// A batch in words, one paragraph for each thing it holds. Nothing is left out: what differs
/// in the values differs in the words.
pub fn describe(batch: &Batch) -> String {
    let mut words = String::new();
    for Routed { route, event } in &batch.events {
        let _ = writeln!(words, "{} at {}", describe_route(route), event.at);
        if let Some(thread) = &event.thread {
            let _ = writeln!(words, "  in {}", describe_thread(thread));
        }
        for line in describe_what(event).lines() {
            let _ = writeln!(words, "  {line}");
        }
    }
    for item in &batch.unreadable {
        let route = item.route.as_ref().map_or("nobody's".to_owned(), describe_route);
        let _ = writeln!(words, "{route} unreadable: {}", item.why);
        let _ = writeln!(words, "  {}", String::from_utf8_lossy(&item.body));
    }
    words
}

fn describe_route(route: &Route) -> String {
    match route {
        Route::Account(id) => format!("account {id}"),
        Route::Parent(id) => format!("accounts below {id}"),
        Route::Number { parent, digits } => format!("number {digits} below {parent}"),
    }
}

fn describe_thread(thread: &Thread) -> String {
    let peer = &thread.peer;
    let mut words = format!("{} {}", thread.venue.name(), thread.keys.join(" | "));
    if peer.is_group {
        words.push_str(" (group)");
    }
    for (name, value) in [
        ("", &peer.name),
        ("@", &peer.username),
        ("phone ", &peer.phone),
        ("speaks ", &peer.locale),
    ] {
        if let Some(value) = value {
            let _ = write!(words, ", {name}{}", quoted(value));
        }
    }
    for identity in &peer.identities {
        let _ = write!(words, ", {}={}", identity.kind(), identity.value());
    }
    if !peer.address.is_empty() {
        let _ = write!(words, ", address {}", Value::Object(peer.address.clone()));
    }
    words
}

fn describe_what(event: &Event) -> String {
    match &event.what {
        What::Message(message) => describe_message(message),
        What::Edited { target, text, media, extra } => {
            let mut words = format!("edits {}", target.0);
            if let Some(text) = text {
                let _ = write!(words, " to {}", quoted(text));
            }
            for file in media.iter().flatten() {
                let _ = write!(words, "\n{}", describe_media(file));
            }
            if let Some(extra) = extra {
                words.push_str(&describe_extra(extra));
            }
            words
        }
        What::Deleted { targets } => {
            let ids: Vec<&str> = targets.iter().map(|target| target.0.as_str()).collect();
            format!("deletes {}", ids.join(", "))
        }
        What::Hidden { target, hidden: true } => format!("hides {}", target.0),
        What::Hidden { target, hidden: false } => format!("shows {} again", target.0),
        What::Reacted { target, emoji, by } => match emoji.as_slice() {
            [] => format!("{} takes back the reaction to {}", describe_side(by), target.0),
            emoji => format!("{} reacts {} to {}", describe_side(by), emoji.join(" "), target.0),
        },
        What::Receipt { target, delivery, correlation } => {
            let mut words = format!("{} is {}", target.0, delivery.state.name());
            if let Some(correlation) = correlation {
                let _ = write!(words, ", known as {}", quoted(correlation));
            }
            if let Some(failure) = &delivery.failure {
                let detail = failure.detail.as_deref().unwrap_or("no detail");
                let _ = write!(words, ", because {:?} ({detail})", failure.code);
            }
            words
        }
        What::Watermark { state } => format!("everything up to then is {}", state.name()),
        What::Typing { on: true } => "types".to_owned(),
        What::Typing { on: false } => "stops typing".to_owned(),
        What::Line(line) => format!("line {}", json(line)),
        What::Renamed { was } => format!("was {}", was.join(" | ")),
        What::Account(event) => format!("account {event:?}"),
        What::Connection(connection) => describe_connection(connection),
        What::Ignored { kind } => format!("ignored {kind}"),
    }
}

fn describe_connection(connection: &BusinessConnection) -> String {
    let BusinessConnection { id, owner, enabled, rights, number, .. } = connection;
    let rights: Vec<&str> = rights.iter().map(|right| right.name()).collect();
    format!(
        "connection {id}, told by {number}: for {owner:?}, {}, may {}",
        if *enabled { "enabled" } else { "disabled" },
        if rights.is_empty() { "nothing".to_owned() } else { rights.join(", ") },
    )
}

fn describe_message(message: &InMessage) -> String {
    let mut words = format!("{} writes {}", describe_side(&message.direction), message.id.0);
    if let Some(target) = &message.reply_to {
        let _ = write!(words, ", answering {}", target.0);
    }
    if message.opens_window {
        words.push_str(", opens the window");
    }
    if let Some(id) = &message.acknowledge {
        let _ = write!(words, ", to be acknowledged as {id}");
    }
    if !message.text.is_empty() {
        let _ = write!(words, "\n{}", quoted(&message.text));
    }
    for file in &message.media {
        let _ = write!(words, "\n{}", describe_media(file));
    }
    words.push_str(&describe_extra(&message.extra));
    words
}

fn describe_side(side: &Direction) -> String {
    match side {
        Direction::Customer => "customer".to_owned(),
        Direction::Business { via, correlation } => {
            let via = via.as_ref().map(|via| format!(" via {via}"));
            let known = correlation.as_ref().map(|id| format!(" known as {}", quoted(id)));
            format!("business{}{}", via.unwrap_or_default(), known.unwrap_or_default())
        }
    }
}

fn describe_media(media: &Media) -> String {
    let mut words = format!("file {:?}", media.kind);
    for part in [&media.mime, &media.name].into_iter().flatten() {
        let _ = write!(words, " {part}");
    }
    if let Some(size) = media.size {
        let _ = write!(words, " {size} bytes");
    }
    match &media.source {
        Source::Url { url } => {
            let _ = write!(words, " from {url}");
        }
        Source::Id { id, url, sha256 } => {
            let _ = write!(words, " as {id}");
            for (name, value) in [("try", url), ("sha256", sha256)] {
                if let Some(value) = value {
                    let _ = write!(words, ", {name} {value}");
                }
            }
        }
        Source::Gone { why } => {
            let _ = write!(words, " gone: {why}");
        }
    }
    words
}

fn describe_extra(extra: &Extra) -> String {
    match extra.is_empty() {
        true => String::new(),
        false => format!("\nextra {}", json(extra)),
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("serializes")
}

/// With quotes and escapes, but letters of all scripts as they are.
fn quoted(text: &str) -> String {
    json(&text)
}

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// All samples of a channel by name, sorted, without `.json`.
pub fn samples(channel: &str) -> Vec<(String, Vec<u8>)> {
    let folder = folder("samples").join(channel);
    let mut samples: Vec<(String, Vec<u8>)> = std::fs::read_dir(&folder)
        .expect("samples")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let name = path.file_stem().expect("name").to_string_lossy().into_owned();
            (name, std::fs::read(path).expect("sample"))
        })
        .collect();
    samples.sort();
    samples
}

/// The samples that platforms post, without the replies of calls.
pub fn webhooks(channel: &str) -> Vec<(String, Vec<u8>)> {
    samples(channel).into_iter().filter(|(name, _)| !name.starts_with("api_")).collect()
}

/// One sample.
pub fn sample(channel: &str, name: &str) -> Vec<u8> {
    std::fs::read(folder("samples").join(channel).join(format!("{name}.json"))).expect(name)
}

/// Compares with `expected/<name>.txt`, which is read and judged by people.
/// `UPDATE_EXPECTED=1` writes it anew.
pub fn check(name: &str, actual: &str) {
    let path = folder("expected").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, actual).expect("written");
        return;
    }
    let expected = std::fs::read_to_string(&path).expect("expected");
    for (number, (told, wanted)) in actual.lines().zip(expected.lines()).enumerate() {
        assert_eq!(told, wanted, "{}:{}", path.display(), number + 1);
    }
    assert_eq!(actual.lines().count(), expected.lines().count(), "{}", path.display());
}

/// One way to spoil a body. Positions are taken modulo what there is.
#[derive(Debug, Clone)]
enum Spoil {
    Flip(usize, u8),
    Truncate(usize),
    Repeat(usize, usize),
    /// Two parts of the JSON change places.
    Swap(usize, usize),
    /// A part of the JSON becomes something else.
    Replace(usize, usize),
    Remove(usize),
}

fn spoil() -> impl Strategy<Value = Spoil> {
    let at = any::<usize>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Spoil::Flip(at, byte)),
        at().prop_map(Spoil::Truncate),
        (at(), 0usize..64).prop_map(|(at, length)| Spoil::Repeat(at, length)),
        (at(), at()).prop_map(|(a, b)| Spoil::Swap(a, b)),
        (at(), at()).prop_map(|(at, with)| Spoil::Replace(at, with)),
        at().prop_map(Spoil::Remove),
    ]
}

/// Bodies of a channel's samples with a few things wrong in each, and some that are noise.
pub fn spoiled(channel: &str) -> impl Strategy<Value = Vec<u8>> {
    let bodies: Vec<Vec<u8>> = webhooks(channel).into_iter().map(|(_, body)| body).collect();
    let spoiled = (proptest::sample::select(bodies), proptest::collection::vec(spoil(), 1..6))
        .prop_map(|(body, spoils)| spoils.into_iter().fold(body, apply));
    prop_oneof![9 => spoiled, 1 => proptest::collection::vec(any::<u8>(), 0..512)]
}

fn apply(mut body: Vec<u8>, spoil: Spoil) -> Vec<u8> {
    if body.is_empty() {
        return body;
    }
    match spoil {
        Spoil::Flip(at, byte) => {
            let at = at % body.len();
            body[at] ^= byte;
            body
        }
        Spoil::Truncate(at) => {
            body.truncate(at % body.len());
            body
        }
        Spoil::Repeat(at, length) => {
            let at = at % body.len();
            let piece = body[at..(at + length).min(body.len())].to_vec();
            body.splice(at..at, piece);
            body
        }
        Spoil::Swap(a, b) => rewrite(body, |value, places| {
            let (a, b) = (&places[a % places.len()], &places[b % places.len()]);
            let Some(first) = value.pointer(a).cloned() else { return };
            let Some(second) = value.pointer_mut(b).map(|place| std::mem::replace(place, first))
            else {
                return;
            };
            if let Some(place) = value.pointer_mut(a) {
                *place = second;
            }
        }),
        Spoil::Replace(at, with) => rewrite(body, |value, places| {
            let others = oddities();
            if let Some(place) = value.pointer_mut(&places[at % places.len()]) {
                *place = others[with % others.len()].clone();
            }
        }),
        Spoil::Remove(at) => rewrite(body, |value, places| {
            let Some((parent, key)) = places[at % places.len()].rsplit_once('/') else { return };
            match value.pointer_mut(parent) {
                Some(Value::Object(members)) => {
                    members.remove(key);
                }
                Some(Value::Array(items)) => {
                    items.pop();
                }
                _ => {}
            }
        }),
    }
}

/// Whether a body was kept whole for its depth: it is not taken apart then.
pub fn too_deep(item: &Unreadable) -> bool {
    item.why.starts_with("nested deeper")
}

/// Values that nobody expects.
fn oddities() -> Vec<Value> {
    let deep = (0..70).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
    vec![
        Value::Null,
        Value::Bool(true),
        serde_json::json!(0),
        serde_json::json!(-1),
        serde_json::json!(i64::MAX),
        serde_json::json!(u64::MAX),
        serde_json::json!(1.0e300),
        serde_json::json!(""),
        serde_json::json!("\u{0}\u{202e}\n"),
        serde_json::json!("9".repeat(40)),
        serde_json::json!("👩🏽‍🚀".repeat(400)),
        serde_json::json!([]),
        serde_json::json!({}),
        serde_json::json!([null, {}, [], "x"]),
        deep,
    ]
}

/// Changes a body as JSON; what is none stays as it is.
fn rewrite(body: Vec<u8>, change: impl FnOnce(&mut Value, &[String])) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(&body) else { return body };
    let mut places = vec![];
    collect(&value, String::new(), &mut places);
    change(&mut value, &places);
    serde_json::to_vec(&value).expect("serializes")
}

/// The places of all parts of a value, as JSON pointers.
fn collect(value: &Value, at: String, places: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let key = key.replace('~', "~0").replace('/', "~1");
                collect(member, format!("{at}/{key}"), places);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{at}/{index}"), places);
            }
        }
        _ => {}
    }
    places.push(at);
}
