//! A template's words with its variables filled in, as people see the message.

use serde_json::Value;
use switchboard_domain::extra::{TemplateValue, TemplateValues};

/// What a filled template shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Filled {
    pub header: Option<String>,
    pub body: String,
    pub footer: Option<String>,
    pub buttons: Vec<String>,
}

/// Fills in a template. What has no value is shown as it stands.
pub fn fill(components: &Value, values: &TemplateValues) -> Filled {
    let mut filled = Filled::default();
    for component in components.as_array().into_iter().flatten() {
        let text = component["text"].as_str();
        match component["type"].as_str().unwrap_or_default().to_ascii_uppercase().as_str() {
            "HEADER" => filled.header = text.map(|text| replace(text, &values.header)),
            "BODY" => {
                filled.body = text.map(|text| replace(text, &values.body)).unwrap_or_default()
            }
            "FOOTER" => filled.footer = text.map(str::to_owned),
            "BUTTONS" => {
                let buttons = component["buttons"].as_array().into_iter().flatten();
                let titles = buttons.filter_map(|button| button["text"].as_str());
                filled.buttons = titles.map(str::to_owned).collect();
            }
            _ => {}
        }
    }
    filled
}

/// Variables are `{{1}}`, counted from 1, or `{{name}}`. Values are put in once: what looks like
/// a variable in a value stays.
fn replace(text: &str, values: &[TemplateValue]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, behind)) = after.split_once("}}") else { break };
        out.push_str(before);
        let name = name.trim();
        let named = values.iter().find(|value| value.name.as_deref() == Some(name));
        let counted = || values.get(name.parse::<usize>().ok()?.checked_sub(1)?);
        match named.or_else(counted) {
            Some(value) => out.push_str(&value.value),
            None => out.push_str(&format!("{{{{{name}}}}}")),
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(name: Option<&str>, value: &str) -> TemplateValue {
        TemplateValue { name: name.map(str::to_owned), value: value.to_owned() }
    }

    #[test]
    fn variables_are_filled_by_number_and_by_name_and_only_once() {
        let numbered = [value(None, "Ana"), value(None, "{{1}}")];
        assert_eq!(replace("Hi {{1}}, {{ 2 }} {{3}} {{", &numbered), "Hi Ana, {{1}} {{3}} {{");
        let named = [value(Some("order"), "#7")];
        assert_eq!(replace("{{order}} is {{state}}", &named), "#7 is {{state}}");
    }

    #[test]
    fn a_template_shows_all_of_its_parts() {
        let components = serde_json::json!([
            { "type": "HEADER", "format": "TEXT", "text": "Order {{1}}" },
            { "type": "BODY", "text": "Hello {{1}}" },
            { "type": "FOOTER", "text": "Kiln & Clay" },
            { "type": "BUTTONS", "buttons": [{ "type": "QUICK_REPLY", "text": "Stop" }] },
        ]);
        let values = TemplateValues {
            header: vec![value(None, "7")],
            body: vec![value(None, "Ana")],
            buttons: vec![],
        };
        let filled = fill(&components, &values);
        assert_eq!(filled.header.as_deref(), Some("Order 7"));
        assert_eq!(filled.body, "Hello Ana");
        assert_eq!(filled.footer.as_deref(), Some("Kiln & Clay"));
        assert_eq!(filled.buttons, ["Stop"]);
    }
}
