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

/// Offsets of entities count UTF-16 units. What lies outside of the text is left out.
fn with_links(text: &str, entities: &[Value]) -> String {
    let mut links: Vec<(u64, u64, &str)> = entities.iter().filter_map(link).collect();
    links.sort_unstable();
    let mut links = links.into_iter().peekable();
    let mut words = String::with_capacity(text.len());
    let mut position = 0;
    for character in text.chars() {
        words.push(character);
        position += character.len_utf16() as u64;
        while let Some((_, start, url)) = links.next_if(|(end, ..)| *end <= position) {
            if !says(text, start, position, url) {
                words.push_str(&format!(" ({url})"));
            }
        }
    }
    words
}

/// End, start and address of a word that is a link.
fn link(entity: &Value) -> Option<(u64, u64, &str)> {
    let url = json::raw(entity, "url").filter(|_| entity["type"] == "text_link")?;
    let start = entity["offset"].as_u64()?;
    let length = entity["length"].as_u64().filter(|length| *length > 0)?;
    Some((start.checked_add(length)?, start, url))
}

/// Whether the linked words are the address itself.
fn says(text: &str, start: u64, end: u64, url: &str) -> bool {
    let mut position = 0;
    let mut words = String::new();
    for character in text.chars() {
        if (start..end).contains(&position) {
            words.push(character);
        }
        position += character.len_utf16() as u64;
    }
    let bare = |url: &str| {
        let url = url.strip_prefix("https://").or(url.strip_prefix("http://")).unwrap_or(url);
        url.trim_end_matches('/').to_lowercase()
    };
    bare(&words) == bare(url)
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
