//! The variables of a template, filled in.

use serde_json::{Map, Value, json};
use switchboard_domain::extra::{ButtonValue, TemplateValue, TemplateValues};
use switchboard_domain::{Failure, FailureCode};

use super::media::Kind;
use crate::meta::json::{list, scalar};
use crate::outgoing::PostFile;

/// The most spaces in a row that WhatsApp takes in a value.
const SPACES_MAX: usize = 4;

/// Whether a template can be sent with these values and this file.
pub(super) fn check(
    template: &Value,
    values: &TemplateValues,
    file: Option<&PostFile>,
) -> Result<(), Failure> {
    fill(template, values, file, file.map(|_| Map::new())).map(|_| ())
}

/// The components of a message, from those of its template. `media` names the file.
pub(super) fn fill(
    template: &Value,
    values: &TemplateValues,
    file: Option<&PostFile>,
    media: Option<Map<String, Value>>,
) -> Result<Vec<Value>, Failure> {
    let mut filled = vec![];
    let mut unused_media = media;
    for component in template.as_array().map_or(&[][..], Vec::as_slice) {
        let kind = scalar(component, "type").unwrap_or_default().to_ascii_uppercase();
        let text = component.get("text").and_then(Value::as_str).unwrap_or_default();
        let parameters = match kind.as_str() {
            "HEADER" => {
                let format = scalar(component, "format").unwrap_or("TEXT".to_owned());
                match format.to_ascii_uppercase().as_str() {
                    "TEXT" => texts(text, &values.header, "header")?,
                    format => vec![header_media(format, file, unused_media.take())?],
                }
            }
            "BODY" => texts(text, &values.body, "body")?,
            "BUTTONS" => {
                filled.extend(buttons(list(component, "buttons"), values)?);
                continue;
            }
            "FOOTER" => continue,
            kind => {
                let why = format!("templates with {kind} cannot be sent from here");
                return Err(Failure::because(FailureCode::NotPossible, why));
            }
        };
        if !parameters.is_empty() {
            filled.push(json!({ "type": kind.to_lowercase(), "parameters": parameters }));
        }
    }
    match unused_media {
        Some(_) => Err(misfit("the template takes no file")),
        None => Ok(filled),
    }
}

fn misfit(why: impl Into<String>) -> Failure {
    Failure::because(FailureCode::TemplateParameters, why)
}

/// The names of a text's variables, each once, in their order: numbers by size, words as they come.
pub(super) fn variables(text: &str) -> Vec<String> {
    let mut names: Vec<String> = vec![];
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else { break };
        let name = name.trim().to_owned();
        if !names.contains(&name) {
            names.push(name);
        }
        rest = after;
    }
    if names.iter().all(|name| name.parse::<u32>().is_ok()) {
        names.sort_by_key(|name| name.parse::<u32>().unwrap_or_default());
    }
    names
}

/// A parameter for each variable of a text. Values with names go by them, others by their order.
fn texts(text: &str, values: &[TemplateValue], place: &str) -> Result<Vec<Value>, Failure> {
    let names = variables(text);
    if names.len() != values.len() {
        let (wanted, given) = (names.len(), values.len());
        return Err(misfit(format!("the {place} has {wanted} variables, {given} are filled in")));
    }
    let is_named = names.iter().any(|name| name.parse::<u32>().is_err());
    let by_name = values.iter().all(|value| value.name.is_some());
    let parameter = |(position, name): (usize, &String)| {
        let value = match by_name {
            true => values.iter().find(|value| value.name.as_ref() == Some(name)),
            false => values.get(position),
        };
        let text = value.map(|value| one_line(&value.value)).filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| misfit(format!("{{{{{name}}}}} in the {place} is empty")))?;
        Ok(match is_named {
            true => json!({ "type": "text", "parameter_name": name, "text": text }),
            false => json!({ "type": "text", "text": text }),
        })
    };
    names.iter().enumerate().map(parameter).collect()
}

/// Values have no line breaks, no tabs and no more than four spaces in a row.
fn one_line(value: &str) -> String {
    let mut line = String::new();
    let mut spaces = 0;
    for c in value.trim().chars().map(|c| if c.is_control() { ' ' } else { c }) {
        spaces = if c == ' ' { spaces + 1 } else { 0 };
        if spaces <= SPACES_MAX {
            line.push(c);
        }
    }
    line
}

fn header_media(
    format: &str,
    file: Option<&PostFile>,
    media: Option<Map<String, Value>>,
) -> Result<Value, Failure> {
    let kind = match format {
        "IMAGE" => Kind::Image,
        "VIDEO" => Kind::Video,
        "DOCUMENT" => Kind::Document,
        format => {
            let why = format!("templates with a header of {format} cannot be sent from here");
            return Err(Failure::because(FailureCode::NotPossible, why));
        }
    };
    let (Some(file), Some(mut media)) = (file, media) else {
        return Err(misfit(format!("the header needs a file: {}", kind.name())));
    };
    if kind != Kind::Document && Kind::of(file)? != kind {
        let why = format!("the header takes {}, not {}", kind.name(), file.mime);
        return Err(Failure::because(FailureCode::FileRejected, why));
    }
    if kind == Kind::Document {
        media.insert("filename".to_owned(), json!(file.name));
    }
    Ok(json!({ "type": kind.name(), kind.name(): media }))
}

/// The buttons that take a value; those without stand in the template as they are.
fn buttons(buttons: &[Value], values: &TemplateValues) -> Result<Vec<Value>, Failure> {
    let mut filled = vec![];
    for (index, button) in buttons.iter().enumerate() {
        let kind = scalar(button, "type").unwrap_or_default().to_ascii_uppercase();
        let value = value_of(&values.buttons, index);
        let has_variable = scalar(button, "url").is_some_and(|url| url.contains("{{"));
        // A one-time code stands in the body and, once more, in the button that copies it.
        let code = || values.body.first().map(|value| one_line(&value.value));
        let (sub_type, parameter) = match kind.as_str() {
            "URL" if has_variable => {
                ("url", value.map(|text| json!({ "type": "text", "text": text })))
            }
            "OTP" => {
                let text = value.or_else(code);
                ("url", text.map(|text| json!({ "type": "text", "text": text })))
            }
            "COPY_CODE" => (
                "copy_code",
                value.map(|code| json!({ "type": "coupon_code", "coupon_code": code })),
            ),
            "QUICK_REPLY" if value.is_some() => (
                "quick_reply",
                value.map(|payload| json!({ "type": "payload", "payload": payload })),
            ),
            "FLOW" if value.is_some() => {
                let action = value.map(|token| json!({ "flow_token": token }));
                ("flow", action.map(|action| json!({ "type": "action", "action": action })))
            }
            _ => continue,
        };
        let name = scalar(button, "text").unwrap_or(kind);
        let parameter =
            parameter.ok_or_else(|| misfit(format!("the button “{name}” lacks its value")))?;
        filled.push(json!({
            "type": "button",
            "sub_type": sub_type,
            "index": index.to_string(),
            "parameters": [parameter],
        }));
    }
    Ok(filled)
}

fn value_of(values: &[ButtonValue], index: usize) -> Option<String> {
    let value = values.iter().find(|value| usize::try_from(value.index) == Ok(index))?;
    Some(one_line(&value.value)).filter(|value| !value.is_empty())
}
