//! What a message of the business holds, and whether WhatsApp would take it.

use serde_json::{Value, json};

use super::interactive;
use crate::graph::{Fields, GraphError};
use crate::world::Button;

const TEXT_CHARS_MAX: usize = 4096;
const CAPTION_CHARS_MAX: usize = 1024;
const CONTACTS_MAX: usize = 257;

/// The types of messages, each with an object of its own name.
pub const TYPES: [&str; 11] = [
    "text",
    "image",
    "video",
    "audio",
    "document",
    "sticker",
    "location",
    "contacts",
    "reaction",
    "interactive",
    "template",
];

/// Where a file comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    Id(String),
    Link(String),
}

#[derive(Debug, Clone, Default)]
pub struct Content {
    pub kind: String,
    pub text: Option<String>,
    pub file: Option<Source>,
    pub file_name: Option<String>,
    pub buttons: Vec<Button>,
    pub card: Value,
    /// A reaction: the message, and the emoji or none.
    pub reaction: Option<(String, Option<String>)>,
}

/// Reads everything but templates, which need the list of them.
pub fn read(kind: &str, message: &Fields<'_>) -> Result<Content, GraphError> {
    let mut content = match kind {
        "text" => text(message)?,
        "image" | "video" | "audio" | "document" | "sticker" => file(kind, message)?,
        "location" => location(message)?,
        "contacts" => contacts(message)?,
        "reaction" => reaction(message)?,
        _ => interactive::read(message)?,
    };
    content.kind = match (kind, &content.card["voice"]) {
        ("audio", Value::Bool(true)) => "voice".into(),
        _ => kind.into(),
    };
    Ok(content)
}

fn text(message: &Fields<'_>) -> Result<Content, GraphError> {
    let text = message.object("text", &["body", "preview_url"])?;
    text.boolean("preview_url")?;
    let body = text.need_text("body", TEXT_CHARS_MAX)?;
    Ok(Content { text: Some(body.to_owned()), ..Content::default() })
}

fn file(kind: &str, message: &Fields<'_>) -> Result<Content, GraphError> {
    let allowed: &[&str] = match kind {
        "image" | "video" => &["id", "link", "caption"],
        "audio" => &["id", "link", "voice"],
        "document" => &["id", "link", "caption", "filename"],
        _ => &["id", "link"],
    };
    let file = message.object(kind, allowed)?;
    let voice = file.boolean("voice")?.unwrap_or(false);
    Ok(Content {
        text: file.text_up_to("caption", CAPTION_CHARS_MAX)?.map(str::to_owned),
        file: Some(source(&file)?),
        file_name: file.text("filename")?.map(str::to_owned),
        card: if voice { json!({ "voice": true }) } else { Value::Null },
        ..Content::default()
    })
}

/// Exactly one of `id` and `link`.
pub fn source(file: &Fields<'_>) -> Result<Source, GraphError> {
    match (file.text("id")?, file.text("link")?) {
        (Some(id), None) => Ok(Source::Id(id.to_owned())),
        (None, Some(link)) if link.starts_with("https://") || link.starts_with("http://") => {
            Ok(Source::Link(link.to_owned()))
        }
        (None, Some(_)) => Err(file.wrong("link", "is not a valid URL")),
        (Some(_), Some(_)) => Err(file.wrong("id", "and link cannot be given together")),
        (None, None) => Err(file.missing("id")),
    }
}

fn location(message: &Fields<'_>) -> Result<Content, GraphError> {
    let place = message.object("location", &["latitude", "longitude", "name", "address"])?;
    for (member, limit) in [("latitude", 90.0), ("longitude", 180.0)] {
        let value = place.need(member)?;
        let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
        if !number.is_some_and(|number: f64| number.abs() <= limit) {
            return Err(place.wrong(member, "must be a number in its range"));
        }
    }
    place.text("name")?;
    place.text("address")?;
    Ok(Content { card: message.need("location")?.clone(), ..Content::default() })
}

fn contacts(message: &Fields<'_>) -> Result<Content, GraphError> {
    let list = message.list("contacts", 1, CONTACTS_MAX)?;
    let members = ["name", "phones", "emails", "addresses", "org", "urls", "birthday"];
    let names = ["formatted_name", "first_name", "last_name", "middle_name", "prefix", "suffix"];
    for contact in list {
        let contact = Fields::of(contact, "contacts", &members)?;
        let name = contact.object("name", &names)?;
        name.need_text("formatted_name", 1024)?;
        if !names[1..].iter().any(|part| name.has(part)) {
            return Err(name.missing("first_name"));
        }
    }
    let first = list[0]["name"]["formatted_name"].as_str().map(str::to_owned);
    Ok(Content { text: first, card: json!(list), ..Content::default() })
}

fn reaction(message: &Fields<'_>) -> Result<Content, GraphError> {
    let reaction = message.object("reaction", &["message_id", "emoji"])?;
    let target = reaction.need_text("message_id", 512)?.to_owned();
    let emoji = reaction.text("emoji")?.ok_or_else(|| reaction.missing("emoji"))?;
    if emoji.chars().count() > 10 || emoji.is_ascii() && !emoji.is_empty() {
        return Err(reaction.wrong("emoji", "must be one emoji"));
    }
    let emoji = (!emoji.is_empty()).then(|| emoji.to_owned());
    Ok(Content { reaction: Some((target, emoji)), ..Content::default() })
}
