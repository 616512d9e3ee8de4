//! What a message of the business holds, and whether Messenger or Instagram would take it.

use serde_json::Value;

use super::Venue;
use super::templates;
use crate::graph::{Fields, GraphError};
use crate::world::{Button, Platform};

/// Fewer than this many characters on Messenger, at most so many bytes on Instagram.
const MESSENGER_CHARS: usize = 2000;
const INSTAGRAM_BYTES_MAX: usize = 1000;
const METADATA_CHARS: usize = 1000;
const QUICK_REPLIES_MAX: usize = 13;
const PAYLOAD_CHARS_MAX: usize = 1000;

/// Where a file comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    Url(String),
    Uploaded(String),
    /// The `filedata` of a multipart body.
    Here,
}

#[derive(Debug, Clone)]
pub struct File {
    /// `image`, `audio`, `video` or `file`.
    pub kind: String,
    pub source: Source,
    pub reusable: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Content {
    pub kind: String,
    pub text: Option<String>,
    pub files: Vec<File>,
    pub buttons: Vec<Button>,
    pub card: Value,
    pub metadata: Option<String>,
    /// It is the feedback template, for which there is a tag.
    pub is_feedback: bool,
}

const MEMBERS: [&str; 7] =
    ["text", "attachment", "attachments", "quick_replies", "metadata", "sticker_id", "template"];

pub fn read(venue: &Venue, message: &Value) -> Result<Content, GraphError> {
    let message = Fields::of(message, "message", &MEMBERS)?;
    let given = ["text", "attachment", "attachments", "sticker_id", "template"];
    let given: Vec<&str> = given.into_iter().filter(|member| message.has(member)).collect();
    let mut content = match given[..] {
        ["text"] => text(venue, &message)?,
        ["attachment"] => attachment(venue, message.need("attachment")?)?,
        ["attachments"] => several(venue, &message)?,
        ["sticker_id"] if venue.platform == Platform::Messenger => Content {
            kind: "sticker".into(),
            card: serde_json::json!({ "sticker_id": message.need("sticker_id")? }),
            ..Content::default()
        },
        ["template"] => return Err(GraphError::invalid("The utility template is not approved")),
        [] => {
            return Err(GraphError::invalid("Empty message: text or attachment is required")
                .subcode(2_018_164));
        }
        _ => return Err(GraphError::invalid("A message has either text or an attachment")),
    };
    if message.has("quick_replies") {
        content.buttons.extend(quick_replies(&message)?);
    }
    if let Some(metadata) = message.text("metadata")? {
        if metadata.chars().count() >= METADATA_CHARS {
            return Err(message.wrong("metadata", "must be shorter than 1000 characters"));
        }
        content.metadata = Some(metadata.to_owned());
    }
    Ok(content)
}

fn text(venue: &Venue, message: &Fields<'_>) -> Result<Content, GraphError> {
    let text = message.need_text("text", usize::MAX)?;
    let fits = match venue.platform {
        Platform::Instagram => text.len() <= INSTAGRAM_BYTES_MAX,
        _ => text.chars().count() < MESSENGER_CHARS,
    };
    if !fits {
        return Err(GraphError::invalid(match venue.platform {
            Platform::Instagram => {
                "Length of param message[text] must be less than or equal to 1000"
            }
            _ => "Length of param message[text] must be less than 2000",
        }));
    }
    Ok(Content { kind: "text".into(), text: Some(text.to_owned()), ..Content::default() })
}

/// The one attachment of a message, or of an upload.
pub fn attachment(venue: &Venue, attachment: &Value) -> Result<Content, GraphError> {
    let attachment = Fields::of(attachment, "attachment", &["type", "payload"])?;
    let kind = attachment.need_text("type", 32)?;
    match kind {
        "image" | "audio" | "video" | "file" => {
            let file = file(&attachment, kind)?;
            Ok(Content { kind: shown(kind).into(), files: vec![file], ..Content::default() })
        }
        "template" => {
            let payload = attachment.need("payload")?;
            templates::read(payload)
        }
        "like_heart" if venue.platform == Platform::Instagram => {
            Ok(Content { kind: "sticker".into(), text: Some("❤".into()), ..Content::default() })
        }
        "MEDIA_SHARE" if venue.platform == Platform::Instagram => {
            let post = attachment.object("payload", &["id"])?;
            let card = serde_json::json!({ "post": post.need_text("id", 64)? });
            Ok(Content { kind: "share".into(), card, ..Content::default() })
        }
        _ => Err(attachment.wrong("type", "is not a type of attachment")),
    }
}

/// How the phone calls a type of attachment.
fn shown(kind: &str) -> &str {
    if kind == "file" { "document" } else { kind }
}

fn file(attachment: &Fields<'_>, kind: &str) -> Result<File, GraphError> {
    let payload = attachment.object("payload", &["url", "is_reusable", "attachment_id"])?;
    let reusable = payload.boolean("is_reusable")?.unwrap_or(false);
    let id = payload.get("attachment_id");
    let id =
        id.and_then(|id| id.as_str().map(str::to_owned).or_else(|| Some(id.as_u64()?.to_string())));
    let source = match (payload.text("url")?, id) {
        (Some(url), None) if url.starts_with("https://") || url.starts_with("http://") => {
            Source::Url(url.to_owned())
        }
        (Some(_), None) => return Err(payload.wrong("url", "should represent a valid URL")),
        (None, Some(id)) => Source::Uploaded(id),
        (None, None) => Source::Here,
        (Some(_), Some(_)) => {
            return Err(payload.wrong("url", "and attachment_id exclude each other"));
        }
    };
    Ok(File { kind: kind.to_owned(), source, reusable })
}

fn several(venue: &Venue, message: &Fields<'_>) -> Result<Content, GraphError> {
    let max = if venue.platform == Platform::Instagram { 10 } else { 30 };
    let mut files = vec![];
    for one in message.list("attachments", 1, max)? {
        let one = Fields::of(one, "attachments", &["type", "payload"])?;
        if one.need_text("type", 16)? != "image" {
            return Err(one.wrong("type", "must be image where there are several"));
        }
        files.push(file(&one, "image")?);
    }
    Ok(Content { kind: "image".into(), files, ..Content::default() })
}

fn quick_replies(message: &Fields<'_>) -> Result<Vec<Button>, GraphError> {
    let mut buttons = vec![];
    for one in message.list("quick_replies", 1, QUICK_REPLIES_MAX)? {
        let one =
            Fields::of(one, "quick_replies", &["content_type", "title", "payload", "image_url"])?;
        let (title, payload) = match one.need_text("content_type", 32)? {
            "text" => (one.need_text("title", 20)?, one.need_text("payload", PAYLOAD_CHARS_MAX)?),
            kind @ ("user_phone_number" | "user_email") if !one.has("title") => (kind, kind),
            _ => return Err(one.wrong("content_type", "is not a kind of quick reply")),
        };
        buttons.push(Button {
            kind: "quick_reply".into(),
            title: title.into(),
            payload: payload.into(),
            description: None,
        });
    }
    Ok(buttons)
}
