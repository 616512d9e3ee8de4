//! Keyboards under messages.

use serde_json::{Value, json};

use super::params::Params;
use super::refused::{Answer, Refused};
use crate::world::Button;

const DATA_MAX: usize = 64;

/// What a message of the bot carries below it.
#[derive(Debug, Clone, Default)]
pub struct Markup {
    /// As a message shows it: inline keyboards only.
    pub shown: Option<Value>,
    pub buttons: Vec<Button>,
    /// How many buttons each row has.
    pub rows: Vec<usize>,
}

pub fn read(params: &Params) -> Answer<Markup> {
    let Some(markup) = params.nested("reply_markup")? else { return Ok(Markup::default()) };
    if let Some(rows) = markup.get("inline_keyboard") {
        let (buttons, rows) = grid(rows, inline)?;
        return Ok(Markup { shown: Some(markup), buttons, rows });
    }
    if let Some(rows) = markup.get("keyboard") {
        if params.has("business_connection_id") {
            return Err(Refused::bad("reply markup of business messages must be inline"));
        }
        let (buttons, rows) = grid(rows, plain)?;
        return Ok(Markup { shown: None, buttons, rows });
    }
    let known = ["remove_keyboard", "force_reply"].iter().any(|name| markup[*name] == json!(true));
    if known { Ok(Markup::default()) } else { Err(Refused::bad("object expected as reply markup")) }
}

fn grid(rows: &Value, button: fn(&Value) -> Answer<Button>) -> Answer<(Vec<Button>, Vec<usize>)> {
    let unread = || Refused::bad("field \"inline_keyboard\" must be of type Array of Array");
    let (mut buttons, mut lengths) = (vec![], vec![]);
    for row in rows.as_array().ok_or_else(unread)? {
        let row = row.as_array().ok_or_else(unread)?;
        for cell in row {
            buttons.push(button(cell)?);
        }
        lengths.push(row.len());
    }
    Ok((buttons, lengths))
}

fn inline(cell: &Value) -> Answer<Button> {
    let title = cell["text"].as_str().unwrap_or_default();
    if title.is_empty() {
        return Err(Refused::bad("text buttons are unallowed in the inline keyboard"));
    }
    if let Some(data) = cell["callback_data"].as_str() {
        if data.is_empty() || data.len() > DATA_MAX {
            return Err(Refused::bad("BUTTON_DATA_INVALID"));
        }
        return Ok(tap("callback", title, data));
    }
    if let Some(url) = cell["url"].as_str() {
        let known = ["https://", "http://", "tg://"].iter().any(|start| url.starts_with(start));
        if !known {
            return Err(Refused::bad("BUTTON_URL_INVALID"));
        }
        return Ok(tap("url", title, url));
    }
    let others = ["web_app", "login_url", "copy_text", "switch_inline_query", "pay"];
    if others.iter().any(|name| cell.get(name).is_some()) {
        return Ok(tap("other", title, ""));
    }
    Err(Refused::bad("text buttons are unallowed in the inline keyboard"))
}

fn plain(cell: &Value) -> Answer<Button> {
    let title = cell.as_str().or_else(|| cell["text"].as_str()).unwrap_or_default();
    if title.is_empty() {
        return Err(Refused::bad("keyboard button text must be non-empty"));
    }
    Ok(tap("keyboard", title, title))
}

fn tap(kind: &str, title: &str, payload: &str) -> Button {
    Button { kind: kind.into(), title: title.into(), payload: payload.into(), description: None }
}
