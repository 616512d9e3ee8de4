//! A message's words as people read them without Telegram.

use serde_json::Value;

use super::json;

/// The text or caption of a message, with the addresses that hide behind words put after them.
/// Everything else that entities mark is in the text already.
pub fn of(message: &Value) -> String {
    let (text, entities) = match json::raw(message, "text") {
        Some(text) => (text, json::list(message, "entities")),
        None => (
            json::raw(message, "caption").unwrap_or_default(),
            json::list(message, "caption_entities"),
        ),
    };
    json::body(&with_links(text, entities))
}

/// What lies outside of the text is left out.
fn with_links(text: &str, entities: &[Value]) -> String {
    let places = places(text);
    let mut links: Vec<Link<'_>> =
        entities.iter().filter_map(|entity| link(entity, &places)).collect();
    links.sort_unstable();
    let mut words = String::with_capacity(text.len());
    let mut copied = 0;
    for Link { end, start, url } in links {
        words.push_str(&text[copied..end]);
        copied = end;
        if !is_address(&text[start..end], url) {
            words.push_str(&format!(" ({url})"));
        }
    }
    words.push_str(&text[copied..]);
    words
}

/// Offsets of entities count UTF-16 units: where each unit is in the text. The second one of a
/// pair is where its character ends.
fn places(text: &str) -> Vec<usize> {
    let units = text.char_indices().flat_map(|(start, character)| {
        let end = start + character.len_utf8();
        std::iter::once(start).chain((1..character.len_utf16()).map(move |_| end))
    });
    units.chain([text.len()]).collect()
}

/// Words that lead to an address, by where they end and start in the text.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Link<'a> {
    end: usize,
    start: usize,
    url: &'a str,
}

fn link<'a>(entity: &'a Value, places: &[usize]) -> Option<Link<'a>> {
    let url = json::raw(entity, "url").filter(|_| entity["type"] == "text_link")?;
    let start = usize::try_from(json::id(entity, "offset")?).ok()?;
    let length = usize::try_from(json::id(entity, "length")?).ok().filter(|length| *length > 0)?;
    let end = places.get(start.checked_add(length)?)?;
    Some(Link { end: *end, start: *places.get(start)?, url })
}

/// Whether words are the address itself.
fn is_address(words: &str, url: &str) -> bool {
    fn bare(url: &str) -> &str {
        let bare = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        bare.unwrap_or(url).trim_end_matches('/')
    }
    bare(words).eq_ignore_ascii_case(bare(url))
}

/// The command that a message begins with, without the bot's name, and what follows it.
pub fn command(message: &Value) -> Option<(&str, &str)> {
    let text = json::raw(message, "text")?;
    json::list(message, "entities")
        .iter()
        .find(|entity| entity["type"] == "bot_command" && entity["offset"] == 0)?;
    let (command, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    Some((command.split('@').next().unwrap_or(command), rest.trim()))
}
