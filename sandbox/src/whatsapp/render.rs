//! A template filled in: whether the parameters fit, and what the customer reads.

use std::collections::HashMap;

use serde_json::Value;

use super::content::{Content, Source, source};
use super::templates::Template;
use crate::graph::{Fields, GraphError};
use crate::world::Button;

const BODY_CHARS_MAX: usize = 1024;

/// The names within `{{…}}`, in order of appearance, each once.
pub fn variables(text: &str) -> Vec<String> {
    let mut names: Vec<String> = vec![];
    for piece in text.split("{{").skip(1) {
        let Some((name, _)) = piece.split_once("}}") else { continue };
        let name = name.trim().to_owned();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn shape(details: impl Into<String>) -> GraphError {
    GraphError::whatsapp(132_012, "Parameter format does not match", details)
}

fn count(component: &str, given: usize, wanted: usize) -> GraphError {
    GraphError::whatsapp(
        132_000,
        "Number of parameters does not match the expected number of params",
        format!(
            "{component}: number of localizable_params ({given}) does not match the expected number of params ({wanted})"
        ),
    )
}

/// Fills a template with the components of a message.
pub fn fill(template: &Template, components: &[Value]) -> Result<Content, GraphError> {
    let mut given: HashMap<String, Fields<'_>> = HashMap::new();
    for component in components {
        let members = ["type", "sub_type", "index", "parameters", "cards"];
        let component = Fields::of(component, "template['components']", &members)?;
        let kind = component.need_text("type", 32)?.to_ascii_lowercase();
        let key = match kind.as_str() {
            "button" => format!("button{}", index(&component)?),
            "header" | "body" | "carousel" | "limited_time_offer" => kind,
            _ => return Err(component.wrong("type", "is not a type of component")),
        };
        if given.insert(key, component).is_some() {
            return Err(shape("A component is given twice"));
        }
    }
    let mut content = Content { kind: "template".into(), ..Content::default() };
    let mut texts: Vec<String> = vec![];
    for component in template.components.as_array().into_iter().flatten() {
        match component["type"].as_str().unwrap_or_default() {
            "HEADER" => {
                header(template, component, given.remove("header"), &mut content, &mut texts)?;
            }
            "BODY" => {
                let text = component["text"].as_str().unwrap_or_default();
                texts.push(texts_filled(template, "body", text, given.remove("body"))?);
            }
            "FOOTER" => texts.extend(component["text"].as_str().map(str::to_owned)),
            "BUTTONS" => buttons(component, &mut given, &mut content)?,
            _ => {}
        }
    }
    if let Some(extra) = given.into_keys().next() {
        return Err(shape(format!("The template has no variables in {extra}")));
    }
    content.text = Some(texts.join("\n"));
    Ok(content)
}

fn index(component: &Fields<'_>) -> Result<usize, GraphError> {
    let index = component.need("index")?;
    let number = index.as_u64().or_else(|| index.as_str()?.parse().ok());
    number
        .and_then(|number| usize::try_from(number).ok())
        .ok_or_else(|| component.wrong("index", "must be a number"))
}

fn header(
    template: &Template,
    component: &Value,
    given: Option<Fields<'_>>,
    content: &mut Content,
    texts: &mut Vec<String>,
) -> Result<(), GraphError> {
    let format = component["format"].as_str().unwrap_or("TEXT");
    if format == "TEXT" {
        let text = component["text"].as_str().unwrap_or_default();
        texts.push(texts_filled(template, "header", text, given)?);
        return Ok(());
    }
    let given = given.ok_or_else(|| {
        shape(format!("header: Format mismatch, expected {format}, received UNKNOWN"))
    })?;
    let parameters = given.list("parameters", 1, 1).map_err(|_| count("header", 0, 1))?;
    let kind = format.to_ascii_lowercase();
    let parameter = Fields::of(&parameters[0], "parameters", &["type", kind.as_str()])?;
    if parameter.need_text("type", 16)? != kind {
        return Err(shape(format!("header: Format mismatch, expected {format}")));
    }
    if kind == "location" {
        content.card = parameter.need("location")?.clone();
    } else {
        let file = parameter.object(&kind, &["id", "link", "filename"])?;
        content.file = Some(source(&file)?);
        content.file_name = file.text("filename")?.map(str::to_owned);
        content.card = serde_json::json!({ "header": kind });
    }
    Ok(())
}

fn texts_filled(
    template: &Template,
    component: &str,
    text: &str,
    given: Option<Fields<'_>>,
) -> Result<String, GraphError> {
    let wanted = variables(text);
    let empty = vec![];
    let parameters = match &given {
        Some(given) if given.has("parameters") => given.list("parameters", 0, 100)?,
        _ => &empty,
    };
    if parameters.len() != wanted.len() {
        return Err(count(component, parameters.len(), wanted.len()));
    }
    let mut filled = text.to_owned();
    for (parameter, position) in parameters.iter().zip(&wanted) {
        let value = Fields::of(
            parameter,
            &format!("{component}['parameters']"),
            &["type", "text", "parameter_name", "currency", "date_time"],
        )?;
        let name = match (template.named, value.text("parameter_name")?) {
            (true, Some(name)) if wanted.iter().any(|one| one == name) => name,
            (true, _) => {
                return Err(shape(format!("{component}: Parameter name is missing or invalid")));
            }
            (false, Some(_)) => {
                return Err(shape(format!("{component}: Parameters have no names here")));
            }
            (false, None) => position.as_str(),
        };
        filled = filled.replace(&format!("{{{{{name}}}}}"), &value_text(component, &value)?);
    }
    if component == "body" && filled.chars().count() > BODY_CHARS_MAX {
        return Err(GraphError::whatsapp(
            132_005,
            "Translated text too long",
            "The body is too long",
        ));
    }
    Ok(filled)
}

fn value_text(component: &str, value: &Fields<'_>) -> Result<String, GraphError> {
    let text = match value.need_text("type", 16)? {
        "text" => value.need_text("text", 1024)?.to_owned(),
        kind @ ("currency" | "date_time") => {
            let members = ["fallback_value", "code", "amount_1000"];
            value.object(kind, &members)?.need_text("fallback_value", 256)?.to_owned()
        }
        kind => return Err(shape(format!("{component}: {kind} is not text"))),
    };
    if text.contains(['\n', '\t']) || text.contains("     ") {
        let details =
            "Param text cannot have new-line/tab characters or more than 4 consecutive spaces";
        return Err(GraphError::whatsapp(132_018, "Template parameter", details));
    }
    Ok(text)
}

fn buttons(
    component: &Value,
    given: &mut HashMap<String, Fields<'_>>,
    content: &mut Content,
) -> Result<(), GraphError> {
    for (at, button) in component["buttons"].as_array().into_iter().flatten().enumerate() {
        let key = format!("button{at}");
        let title = button["text"].as_str().unwrap_or_default().to_owned();
        let given = given.remove(&key);
        let parameter = match &given {
            Some(given) => Some(button_value(given)?),
            None => None,
        };
        let made = match button["type"].as_str().unwrap_or_default() {
            "QUICK_REPLY" => ("template", parameter.unwrap_or_else(|| title.clone())),
            "URL" => {
                let url = button["url"].as_str().unwrap_or_default();
                let wanted = variables(url);
                match (wanted.first(), parameter) {
                    (Some(name), Some(value)) => {
                        ("url", url.replace(&format!("{{{{{name}}}}}"), &value))
                    }
                    (Some(_), None) => {
                        return Err(GraphError::whatsapp(
                            131_008,
                            "Required parameter is missing",
                            format!(
                                "buttons: Button at index {at} of type Url requires a parameter"
                            ),
                        ));
                    }
                    (None, Some(_)) => return Err(shape(format!("Button {at} has no variable"))),
                    (None, None) => ("url", url.to_owned()),
                }
            }
            _ => ("url", button["phone_number"].as_str().unwrap_or_default().to_owned()),
        };
        content.buttons.push(Button {
            kind: made.0.into(),
            title,
            payload: made.1,
            description: None,
        });
    }
    Ok(())
}

fn button_value(given: &Fields<'_>) -> Result<String, GraphError> {
    given.need_text("sub_type", 32)?;
    let parameters = given.list("parameters", 1, 1).map_err(|_| count("button", 0, 1))?;
    let members = ["type", "text", "payload", "coupon_code", "action"];
    let parameter = Fields::of(&parameters[0], "parameters", &members)?;
    let kind = parameter.need_text("type", 32)?;
    match kind {
        "text" | "payload" | "coupon_code" => Ok(parameter.need_text(kind, 2000)?.to_owned()),
        "action" => Ok(String::new()),
        _ => Err(shape(format!("button: {kind} does not fit"))),
    }
}

/// A header's file, whose kind is kept in the card.
pub fn file_kind(content: &Content) -> &str {
    content.card["header"].as_str().unwrap_or(&content.kind)
}

/// Whether there is a file, for callers that fetch it.
pub fn link(content: &Content) -> Option<&str> {
    match &content.file {
        Some(Source::Link(link)) => Some(link),
        _ => None,
    }
}
