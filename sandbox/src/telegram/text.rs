//! Texts with their entities: HTML and MarkdownV2 parsed, offsets in UTF-16 units.

use serde_json::{Value, json};

use super::params::Params;
use super::refused::{Answer, Refused};

const TEXT_MAX: usize = 4096;
const CAPTION_MAX: usize = 1024;

/// A text after its markup was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Formatted {
    pub text: String,
    pub entities: Vec<Value>,
}

pub fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The text of a message. Its length is counted in UTF-16 units, the stricter of the two counts
/// that the documentation allows.
pub fn message_text(params: &Params) -> Answer<Formatted> {
    let text = params.text("text").unwrap_or_default();
    let formatted = parse(&text, params, "entities")?;
    if formatted.text.trim().is_empty() {
        return Err(Refused::bad("message text is empty"));
    }
    if units(&formatted.text) > TEXT_MAX {
        return Err(Refused::bad("message is too long"));
    }
    Ok(formatted)
}

/// The caption of a file, if there is one.
pub fn caption(params: &Params) -> Answer<Option<Formatted>> {
    let Some(text) = params.text("caption").filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let formatted = parse(&text, params, "caption_entities")?;
    if units(&formatted.text) > CAPTION_MAX {
        return Err(Refused::bad("MEDIA_CAPTION_TOO_LONG"));
    }
    Ok(Some(formatted))
}

fn parse(text: &str, params: &Params, entities: &str) -> Answer<Formatted> {
    match params.text("parse_mode").as_deref().map(str::to_lowercase).as_deref() {
        None | Some("") => given(text, params.list(entities)?.unwrap_or_default()),
        Some("html") => html(text),
        Some("markdownv2") => markdown(text),
        Some(_) => Err(Refused::bad("unsupported parse_mode")),
    }
}

/// Entities that the caller counted. They have to lie within the text.
fn given(text: &str, entities: Vec<Value>) -> Answer<Formatted> {
    let length = units(text) as i64;
    for entity in &entities {
        if entity["type"].as_str().is_none() {
            return Err(Refused::bad("can't parse MessageEntity: Can't find field \"type\""));
        }
        let (from, long) = (entity["offset"].as_i64(), entity["length"].as_i64());
        let within = from.zip(long).is_some_and(|(from, long)| {
            from >= 0 && long > 0 && from.checked_add(long).is_some_and(|end| end <= length)
        });
        if !within {
            return Err(Refused::bad("can't parse entities: entity is outside of the text"));
        }
    }
    Ok(Formatted { text: text.to_owned(), entities })
}

/// Tags, and the entity that each makes.
const TAGS: &[(&str, &str)] = &[
    ("b", "bold"),
    ("strong", "bold"),
    ("i", "italic"),
    ("em", "italic"),
    ("u", "underline"),
    ("ins", "underline"),
    ("s", "strikethrough"),
    ("strike", "strikethrough"),
    ("del", "strikethrough"),
    ("tg-spoiler", "spoiler"),
    ("span", "spoiler"),
    ("a", "text_link"),
    ("code", "code"),
    ("pre", "pre"),
    ("blockquote", "blockquote"),
    ("tg-emoji", "custom_emoji"),
];

struct Open {
    tag: String,
    kind: &'static str,
    from: usize,
    href: Option<String>,
}

fn html(source: &str) -> Answer<Formatted> {
    let mut read = Formatted::default();
    let mut open: Vec<Open> = vec![];
    let mut rest = source;
    while let Some(character) = rest.chars().next() {
        let at = source.len() - rest.len();
        match character {
            '<' => {
                let end = rest
                    .find('>')
                    .ok_or_else(|| unparsed(&format!("Unclosed start tag at byte offset {at}")))?;
                let tag = &rest[1..end];
                rest = &rest[end + 1..];
                match tag.strip_prefix('/') {
                    Some(name) => close(name.trim(), at, &mut open, &mut read)?,
                    None => open.push(start(tag, at, &read)?),
                }
            }
            '&' => rest = escape(rest, &mut read.text),
            _ => {
                read.text.push(character);
                rest = &rest[character.len_utf8()..];
            }
        }
    }
    match open.pop() {
        None => Ok(read),
        Some(open) => Err(unparsed(&format!(
            "Can't find end tag corresponding to start tag \"{}\"",
            open.tag
        ))),
    }
}

fn unparsed(why: &str) -> Refused {
    Refused::bad(&format!("can't parse entities: {why}"))
}

fn start(tag: &str, at: usize, read: &Formatted) -> Answer<Open> {
    let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    let name = name.to_lowercase();
    let known = TAGS.iter().find(|(tag, _)| *tag == name);
    let Some((_, kind)) = known else {
        return Err(unparsed(&format!("Unsupported start tag \"{name}\" at byte offset {at}")));
    };
    let href = attributes.split_once("href=").map(|(_, value)| {
        value.trim_matches(|c: char| c == '"' || c == '\'' || c.is_whitespace()).to_owned()
    });
    Ok(Open { tag: name, kind, from: units(&read.text), href })
}

fn close(name: &str, at: usize, open: &mut Vec<Open>, read: &mut Formatted) -> Answer<()> {
    let Some(last) = open.pop() else {
        return Err(unparsed(&format!("Unexpected end tag at byte offset {at}")));
    };
    if !name.is_empty() && last.tag != name.to_lowercase() {
        return Err(unparsed(&format!(
            "Unmatched end tag at byte offset {at}, expected \"</{}>\", found \"</{name}>\"",
            last.tag
        )));
    }
    add(read, last.kind, last.from, last.href);
    Ok(())
}

fn add(read: &mut Formatted, kind: &str, from: usize, href: Option<String>) {
    let length = units(&read.text) - from;
    if length == 0 {
        return;
    }
    let mut entity = json!({ "type": kind, "offset": from, "length": length });
    if let Some(href) = href {
        entity["url"] = json!(href);
    }
    read.entities.push(entity);
}

/// Reads one of the four named characters, or takes the ampersand for itself.
fn escape<'a>(rest: &'a str, text: &mut String) -> &'a str {
    const NAMED: [(&str, char); 4] =
        [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"')];
    for (name, character) in NAMED {
        if let Some(after) = rest.strip_prefix(name) {
            text.push(character);
            return after;
        }
    }
    text.push('&');
    &rest[1..]
}

/// Marks of MarkdownV2 that open and close; the longer ones first.
const MARKS: &[(&str, &str)] = &[
    ("||", "spoiler"),
    ("__", "underline"),
    ("*", "bold"),
    ("_", "italic"),
    ("~", "strikethrough"),
    ("`", "code"),
];

fn markdown(source: &str) -> Answer<Formatted> {
    let mut read = Formatted::default();
    let mut open: Vec<(&str, &str, usize)> = vec![];
    let mut rest = source;
    while let Some(character) = rest.chars().next() {
        if character == '\\' && rest.len() > 1 {
            let escaped = rest[1..].chars().next().unwrap_or('\\');
            read.text.push(escaped);
            rest = &rest[1 + escaped.len_utf8()..];
            continue;
        }
        if let Some((mark, kind)) = MARKS.iter().find(|(mark, _)| rest.starts_with(mark)) {
            match open.last() {
                Some((last, kind, from)) if last == mark => {
                    add(&mut read, kind, *from, None);
                    open.pop();
                }
                _ => open.push((mark, kind, units(&read.text))),
            }
            rest = &rest[mark.len()..];
            continue;
        }
        if "[]()>#+-=|{}.!".contains(character) {
            return Err(unparsed(&format!(
                "Character '{character}' is reserved and must be escaped with the preceding '\\'"
            )));
        }
        read.text.push(character);
        rest = &rest[character.len_utf8()..];
    }
    match open.pop() {
        None => Ok(read),
        Some((_, kind, _)) => Err(unparsed(&format!("Can't find end of {kind} entity"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_text_and_entities_in_utf_16_units() {
        let read = html("😀 <b>bold <i>&amp; more</i></b> <a href=\"https://a.example\">x</a>");
        let read = read.unwrap();
        assert_eq!(read.text, "😀 bold & more x");
        assert_eq!(
            read.entities,
            [
                json!({ "type": "italic", "offset": 8, "length": 6 }),
                json!({ "type": "bold", "offset": 3, "length": 11 }),
                json!({ "type": "text_link", "offset": 15, "length": 1, "url": "https://a.example" }),
            ]
        );
    }

    #[test]
    fn unbalanced_markup_is_refused_with_the_words_of_the_platform() {
        let why = |result: Answer<Formatted>| result.unwrap_err().description;
        assert_eq!(
            why(html("<b>open")),
            "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\""
        );
        assert!(why(html("<h1>x</h1>")).contains("Unsupported start tag \"h1\" at byte offset 0"));
        assert!(why(html("x</b>")).contains("Unexpected end tag at byte offset 1"));
        assert!(why(markdown("a.b")).contains("Character '.' is reserved"));
        assert_eq!(markdown("a\\.*b*").unwrap().text, "a.b");
    }
}
