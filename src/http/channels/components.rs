//! The parts of a template, between how the platform describes them and how people see and fill
//! them.

use serde_json::{Map, Value, json};
use switchboard_wire::rest::channels::{
    CreateTemplate, TemplateButton, TemplateComponent, TemplateVariable,
};

use super::super::problem::{Failure, Result};

/// The components as people see them, in the platform's order.
pub fn read(components: &Value) -> Vec<TemplateComponent> {
    components.as_array().into_iter().flatten().map(component).collect()
}

fn component(value: &Value) -> TemplateComponent {
    let name = text(value, "type").to_ascii_uppercase();
    let example = &value["example"];
    match name.as_str() {
        "HEADER" => {
            let shown = text(value, "text");
            let examples = strings(&example["header_text"]);
            TemplateComponent::Header {
                format: text(value, "format").to_ascii_lowercase(),
                variables: filled(&shown, &examples, &example["header_text_named_params"]),
                text: shown,
            }
        }
        "BODY" => {
            let shown = text(value, "text");
            // A list of lists: an example for each variable, of which there may be several.
            let examples = strings(&example["body_text"][0]);
            TemplateComponent::Body {
                variables: filled(&shown, &examples, &example["body_text_named_params"]),
                text: shown,
            }
        }
        "FOOTER" => TemplateComponent::Footer { text: text(value, "text") },
        "BUTTONS" => {
            let buttons = value["buttons"].as_array().into_iter().flatten();
            TemplateComponent::Buttons { buttons: buttons.map(button).collect() }
        }
        _ => TemplateComponent::Other { name: name.to_lowercase() },
    }
}

fn button(value: &Value) -> TemplateButton {
    let kind = text(value, "type").to_ascii_lowercase();
    let url = value["url"].as_str().map(str::to_owned);
    let variable = match kind.as_str() {
        "url" => url.as_deref().and_then(|url| names(url).pop()),
        "copy_code" => Some("code".to_owned()),
        _ => None,
    };
    TemplateButton { text: text(value, "text"), variable, url, kind }
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn strings(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.map(|item| item.as_str().unwrap_or_default().to_owned()).collect()
}

/// The variables of a text with their examples, by position or by name.
fn filled(text: &str, examples: &[String], named: &Value) -> Vec<TemplateVariable> {
    let by_name = |name: &str| {
        let params = named.as_array()?;
        let param = params.iter().find(|param| param["param_name"] == name)?;
        param["example"].as_str().map(str::to_owned)
    };
    let names = names(text).into_iter().enumerate();
    names
        .map(|(at, name)| TemplateVariable {
            example: by_name(&name).or_else(|| examples.get(at).cloned()),
            name,
        })
        .collect()
}

/// What stands between double braces, each once, in its order.
fn names(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for after in text.split("{{").skip(1) {
        let Some((name, _)) = after.split_once("}}") else { continue };
        let name = name.trim();
        if !name.is_empty() && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// The components of a template that is to be handed in.
pub fn write(body: &CreateTemplate) -> Result<Value> {
    let header = body.header.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let in_header = header.map(names).unwrap_or_default();
    let in_body = names(&body.body);
    if body.examples.len() != in_header.len() + in_body.len() {
        let words = "each variable of header and body needs one example, in their order";
        return Err(Failure::field("examples", words));
    }
    if body.examples.iter().any(|example| example.trim().is_empty()) {
        return Err(Failure::field("examples", "an example cannot be empty"));
    }
    let (of_header, of_body) = body.examples.split_at(in_header.len());
    let mut components = Vec::new();
    if let Some(text) = header {
        let mut component = json!({"type": "HEADER", "format": "TEXT", "text": text});
        put_examples(&mut component, "header_text", &in_header, of_header);
        components.push(component);
    }
    let mut component = json!({"type": "BODY", "text": body.body.trim()});
    put_examples(&mut component, "body_text", &in_body, of_body);
    components.push(component);
    if let Some(text) = body.footer.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        components.push(json!({"type": "FOOTER", "text": text}));
    }
    if !body.quick_replies.is_empty() {
        let button = |title: &String| json!({"type": "QUICK_REPLY", "text": title.trim()});
        let buttons: Vec<Value> = body.quick_replies.iter().map(button).collect();
        components.push(json!({"type": "BUTTONS", "buttons": buttons}));
    }
    Ok(Value::Array(components))
}

/// Numbered variables take a list, which for the body is in another one; named ones have theirs.
fn put_examples(component: &mut Value, field: &str, names: &[String], examples: &[String]) {
    if names.is_empty() {
        return;
    }
    let numbered = names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    let (field, examples) = match (numbered, field) {
        (true, "body_text") => (field.to_owned(), json!([examples])),
        (true, _) => (field.to_owned(), json!(examples)),
        (false, _) => {
            let pairs = names.iter().zip(examples);
            let params: Vec<Value> = pairs
                .map(|(name, example)| json!({"param_name": name, "example": example}))
                .collect();
            (format!("{field}_named_params"), Value::Array(params))
        }
    };
    component["example"] = Value::Object(Map::from_iter([(field, examples)]));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(header: Option<&str>, body: &str, examples: &[&str]) -> CreateTemplate {
        CreateTemplate {
            name: "order_update".to_owned(),
            language: "en_US".to_owned(),
            category: "UTILITY".to_owned(),
            header: header.map(str::to_owned),
            body: body.to_owned(),
            footer: Some("Kiln & Clay".to_owned()),
            quick_replies: vec!["Thanks".to_owned()],
            examples: examples.iter().map(|example| (*example).to_owned()).collect(),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for (header, body, examples) in [
            (None, "Hello.", &[][..]),
            (Some("Order {{1}}"), "Hi {{1}}, {{2}} left. Bye {{1}}.", &["7", "Ana", "it"]),
            (Some("Order {{number}}"), "Hi {{first_name}}.", &["7", "Ana"]),
        ] {
            let components = write(&new(header, body, examples)).unwrap();
            let read = read(&components);
            let mut seen = Vec::new();
            for component in &read {
                match component {
                    TemplateComponent::Header { text, variables, format } => {
                        assert_eq!((Some(text.as_str()), format.as_str()), (header, "text"));
                        seen.extend(variables.clone());
                    }
                    TemplateComponent::Body { text, variables } => {
                        assert_eq!(text, body);
                        seen.extend(variables.clone());
                    }
                    TemplateComponent::Footer { text } => assert_eq!(text, "Kiln & Clay"),
                    TemplateComponent::Buttons { buttons } => {
                        assert_eq!(buttons[0].kind, "quick_reply");
                    }
                    TemplateComponent::Other { name } => panic!("{name}"),
                }
            }
            let shown: Vec<_> = seen.into_iter().filter_map(|variable| variable.example).collect();
            assert_eq!(shown, examples, "{body}");
        }
    }

    #[test]
    fn a_variable_without_an_example_is_refused() {
        for (body, examples) in [("{{1}}", &[][..]), ("{{1}}", &["a", "b"]), ("{{1}}", &[" "])] {
            let refused = write(&new(None, body, examples)).unwrap_err();
            assert_eq!(refused.problem().field.as_deref(), Some("examples"));
        }
    }

    #[test]
    fn buttons_say_what_is_to_be_filled_in() {
        let components = json!([{"type": "BUTTONS", "buttons": [
            {"type": "URL", "text": "Track", "url": "https://x.example/{{1}}"},
            {"type": "URL", "text": "Shop", "url": "https://x.example"},
            {"type": "COPY_CODE", "example": "SAVE10"},
            {"type": "QUICK_REPLY", "text": "Stop"},
        ]}, {"type": "CAROUSEL"}, 7]);
        let read = read(&components);
        let TemplateComponent::Buttons { buttons } = &read[0] else { panic!("{read:?}") };
        let variables: Vec<_> = buttons.iter().map(|button| button.variable.as_deref()).collect();
        assert_eq!(variables, [Some("1"), None, Some("code"), None]);
        assert_eq!(read[1], TemplateComponent::Other { name: "carousel".to_owned() });
        assert!(super::read(&json!({"a": 1})).is_empty());
    }
}
