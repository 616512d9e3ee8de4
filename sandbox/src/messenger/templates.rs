//! Structured messages: generic and button templates and their kin.

use serde_json::Value;

use super::content::Content;
use crate::graph::{Fields, GraphError};
use crate::world::Button;

pub fn read(payload: &Value) -> Result<Content, GraphError> {
    let kind = payload["template_type"].as_str().unwrap_or_default();
    let mut content =
        Content { kind: "interactive".into(), card: payload.clone(), ..Content::default() };
    match kind {
        "generic" => generic(payload, &mut content)?,
        "button" => {
            let template =
                Fields::of(payload, "payload", &["template_type", "text", "buttons", "sharable"])?;
            content.text = Some(template.need_text("text", 640)?.to_owned());
            content.buttons = buttons(&template, 1)?;
        }
        "media" | "image_grid" | "receipt" | "product" | "coupon" | "instant_form" => {}
        "customer_feedback" => content.is_feedback = true,
        _ => {
            let message = "Param payload['template_type'] is not a type of template";
            return Err(GraphError::invalid(message));
        }
    }
    Ok(content)
}

fn generic(payload: &Value, content: &mut Content) -> Result<(), GraphError> {
    let members = ["template_type", "elements", "sharable", "image_aspect_ratio"];
    let template = Fields::of(payload, "payload", &members)?;
    let mut titles = vec![];
    for element in template.list("elements", 1, 10)? {
        let members = ["title", "subtitle", "image_url", "default_action", "buttons"];
        let element = Fields::of(element, "elements", &members)?;
        titles.push(element.need_text("title", 80)?.to_owned());
        titles.extend(element.text_up_to("subtitle", 80)?.map(str::to_owned));
        if element.has("buttons") {
            content.buttons.extend(buttons(&element, 1)?);
        }
    }
    content.text = Some(titles.join("\n"));
    Ok(())
}

fn buttons(of: &Fields<'_>, min: usize) -> Result<Vec<Button>, GraphError> {
    let mut buttons = vec![];
    for button in of.list("buttons", min, 3)? {
        let members = [
            "type",
            "title",
            "url",
            "payload",
            "webview_height_ratio",
            "messenger_extensions",
            "fallback_url",
            "webview_share_button",
        ];
        let button = Fields::of(button, "buttons", &members)?;
        let made = match button.need_text("type", 32)? {
            "postback" => {
                ("postback", button.need_text("title", 20)?, button.need_text("payload", 1000)?)
            }
            "web_url" => ("url", button.need_text("title", 20)?, button.need_text("url", 2000)?),
            "phone_number" => {
                ("url", button.need_text("title", 20)?, button.need_text("payload", 32)?)
            }
            kind @ ("account_link" | "account_unlink" | "game_play") => ("url", kind, kind),
            _ => return Err(button.wrong("type", "is not a type of button")),
        };
        buttons.push(Button {
            kind: made.0.into(),
            title: made.1.into(),
            payload: made.2.into(),
            description: None,
        });
    }
    Ok(buttons)
}
