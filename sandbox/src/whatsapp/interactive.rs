//! Buttons, lists, and the other interactive messages.

use std::collections::HashSet;

use serde_json::Value;

use super::content::{Content, Source, source};
use crate::graph::{Fields, GraphError};
use crate::world::Button;

const ROWS_MAX: usize = 10;

pub fn read(message: &Fields<'_>) -> Result<Content, GraphError> {
    let interactive =
        message.object("interactive", &["type", "header", "body", "footer", "action"])?;
    let kind = interactive.need_text("type", 64)?;
    let body_max = if kind == "list" { 4096 } else { 1024 };
    let mut content = Content { card: message.need("interactive")?.clone(), ..Content::default() };
    if kind != "catalog_message" || interactive.has("body") {
        let body = interactive.object("body", &["text"])?;
        content.text = Some(body.need_text("text", body_max)?.to_owned());
    }
    if interactive.has("footer") {
        interactive.object("footer", &["text"])?.need_text("text", 60)?;
    }
    if interactive.has("header") {
        content.file = header(&interactive, kind)?;
    }
    content.buttons = match kind {
        "button" => buttons(&interactive)?,
        "list" => rows(&interactive)?,
        "cta_url" => vec![link(&interactive)?],
        "location_request_message" => named(&interactive, "send_location")?,
        "request_contact_info" => named(&interactive, "request_contact_info")?,
        "flow"
        | "catalog_message"
        | "voice_call"
        | "call_permission_request"
        | "address_message"
        | "product"
        | "product_list"
        | "carousel" => {
            interactive.need("action")?;
            vec![]
        }
        _ => return Err(interactive.wrong("type", "is not a type of interactive message")),
    };
    Ok(content)
}

fn header(interactive: &Fields<'_>, kind: &str) -> Result<Option<Source>, GraphError> {
    let header = interactive.object("header", &["type", "text", "image", "video", "document"])?;
    let of = header.need_text("type", 16)?;
    match of {
        "text" => header.need_text("text", 60).map(|_| None),
        "image" | "video" | "document" if kind != "list" => {
            let file = header.object(of, &["id", "link", "filename"])?;
            source(&file).map(Some)
        }
        _ => Err(header.wrong("type", "is not a kind of header that this message can have")),
    }
}

fn buttons(interactive: &Fields<'_>) -> Result<Vec<Button>, GraphError> {
    let action = interactive.object("action", &["buttons"])?;
    let mut titles = HashSet::new();
    let mut ids = HashSet::new();
    let mut buttons = vec![];
    for button in action.list("buttons", 1, 3)? {
        let button = Fields::of(button, "buttons", &["type", "reply"])?;
        if button.need_text("type", 16)? != "reply" {
            return Err(button.wrong("type", "must be reply"));
        }
        let reply = button.object("reply", &["id", "title"])?;
        let (id, title) = (reply.need_text("id", 256)?, reply.need_text("title", 20)?);
        if !titles.insert(title) || !ids.insert(id) {
            return Err(reply.wrong("title", "must be unique, as must the id"));
        }
        buttons.push(made("reply", title, id, None));
    }
    Ok(buttons)
}

fn rows(interactive: &Fields<'_>) -> Result<Vec<Button>, GraphError> {
    let action = interactive.object("action", &["button", "sections"])?;
    action.need_text("button", 20)?;
    let sections = action.list("sections", 1, 10)?;
    let mut ids = HashSet::new();
    let mut rows = vec![];
    for section in sections {
        let section = Fields::of(section, "sections", &["title", "rows"])?;
        if sections.len() > 1 {
            section.need_text("title", 24)?;
        }
        section.text_up_to("title", 24)?;
        for row in section.list("rows", 1, ROWS_MAX)? {
            let row = Fields::of(row, "rows", &["id", "title", "description"])?;
            let (id, title) = (row.need_text("id", 200)?, row.need_text("title", 24)?);
            if !ids.insert(id) {
                return Err(row.wrong("id", "must be unique"));
            }
            let description = row.text_up_to("description", 72)?;
            rows.push(made("row", title, id, description));
        }
    }
    if rows.len() > ROWS_MAX {
        return Err(action.wrong("sections", "must have at most 10 rows in total"));
    }
    Ok(rows)
}

fn link(interactive: &Fields<'_>) -> Result<Button, GraphError> {
    let action = interactive.object("action", &["name", "parameters"])?;
    if action.need_text("name", 64)? != "cta_url" {
        return Err(action.wrong("name", "must be cta_url"));
    }
    let parameters = action.object("parameters", &["display_text", "url"])?;
    let url = parameters.need_text("url", 2000)?;
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(parameters.wrong("url", "is not a valid URL"));
    }
    Ok(made("url", parameters.need_text("display_text", 20)?, url, None))
}

fn named(interactive: &Fields<'_>, name: &str) -> Result<Vec<Button>, GraphError> {
    let action = interactive.object("action", &["name"])?;
    if action.need("name")? == &Value::String(name.to_owned()) {
        Ok(vec![])
    } else {
        Err(action.wrong("name", &format!("must be {name}")))
    }
}

fn made(kind: &str, title: &str, payload: &str, description: Option<&str>) -> Button {
    Button {
        kind: kind.into(),
        title: title.into(),
        payload: payload.into(),
        description: description.map(str::to_owned),
    }
}
