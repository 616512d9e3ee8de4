//! What WhatsApp would refuse of a new template, said before it is submitted: a refusal there
//! takes up to a day.

use serde_json::Value;

use super::parameters::variables;
use super::parts::chars;
use crate::meta::json::{list, scalar};
use crate::template::TemplateDraft;

const NAME_MAX_CHARS: usize = 512;
const HEADER_MAX_CHARS: usize = 60;
const BODY_MAX_CHARS: usize = 1_024;
const FOOTER_MAX_CHARS: usize = 60;
const BUTTONS_MAX: usize = 10;
const BUTTON_TEXT_MAX_CHARS: usize = 25;
const URL_MAX_CHARS: usize = 2_000;
/// Documented as 15 in places; 20 since the end of 2025.
const COUPON_MAX_CHARS: usize = 20;
/// How many buttons of a kind there may be.
const MOST: [(&str, usize); 3] = [("URL", 2), ("PHONE_NUMBER", 1), ("COPY_CODE", 1)];

/// Checks a draft and says by what its variables are known: `POSITIONAL` or `NAMED`.
pub(super) fn check(draft: &TemplateDraft) -> Result<&'static str, Vec<String>> {
    let mut checker = Checker::default();
    checker.head(draft);
    match draft.components.as_array() {
        Some(components) => checker.components(components),
        None => checker.say("The template has no components."),
    }
    match (checker.wrong.is_empty(), checker.is_named()) {
        (true, false) => Ok("POSITIONAL"),
        (true, true) => Ok("NAMED"),
        (false, _) => Err(checker.wrong),
    }
}

#[derive(Default)]
struct Checker {
    wrong: Vec<String>,
    /// All variables of header and body.
    variables: Vec<String>,
}

impl Checker {
    fn say(&mut self, words: impl Into<String>) {
        self.wrong.push(words.into());
    }

    fn is_named(&self) -> bool {
        self.variables.iter().any(|name| name.parse::<u32>().is_err())
    }

    fn head(&mut self, draft: &TemplateDraft) {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let length = chars(&draft.name);
        if !(1..=NAME_MAX_CHARS).contains(&length) || !draft.name.chars().all(is_plain) {
            self.say("The name has lower case letters, digits and underscores only.");
        }
        let is_code = |c: char| c.is_ascii_alphabetic() || c == '_';
        if !(2..=10).contains(&draft.language.len()) || !draft.language.chars().all(is_code) {
            self.say("The language is a code such as en_US.");
        }
        if !matches!(draft.category.as_str(), "MARKETING" | "UTILITY" | "AUTHENTICATION") {
            self.say("The category is marketing, utility or authentication.");
        }
    }

    fn components(&mut self, components: &[Value]) {
        let mut kinds: Vec<String> = vec![];
        for component in components {
            let kind = scalar(component, "type").unwrap_or_default().to_ascii_uppercase();
            match kind.as_str() {
                "HEADER" => self.header(component),
                "BODY" => self.body(component),
                "FOOTER" => self.footer(component),
                "BUTTONS" => self.buttons(list(component, "buttons")),
                // Carousels and offers with a time limit: WhatsApp judges them itself.
                "CAROUSEL" | "LIMITED_TIME_OFFER" => {}
                _ => self.say(format!("“{kind}” is no part of a template.")),
            }
            if kinds.contains(&kind) {
                self.say(format!("There is more than one {}.", kind.to_lowercase()));
            }
            kinds.push(kind);
        }
        if !kinds.iter().any(|kind| kind == "BODY") {
            self.say("The template has no body.");
        }
        let named = self.variables.iter().filter(|name| name.parse::<u32>().is_err()).count();
        if named != 0 && named != self.variables.len() {
            self.say("Variables are either all numbers or all names.");
        }
    }

    fn header(&mut self, header: &Value) {
        let format = scalar(header, "format").unwrap_or_default().to_ascii_uppercase();
        match format.as_str() {
            "TEXT" => {
                let text = text(header);
                self.length("header", text, HEADER_MAX_CHARS);
                let names = variables(text);
                if names.len() > 1 {
                    self.say("The header has at most one variable.");
                }
                self.names("header", &names);
                self.examples(header, "header", &names);
                self.variables.extend(names);
            }
            "IMAGE" | "VIDEO" | "DOCUMENT" => {
                let example = header.get("example").unwrap_or(&Value::Null);
                if list(example, "header_handle").is_empty() {
                    self.say("The header needs a file as its example.");
                }
            }
            "LOCATION" => {}
            _ => self.say("The header is text, an image, a video, a document or a location."),
        }
    }

    fn body(&mut self, body: &Value) {
        // The body of a one-time code is WhatsApp's own.
        let text = text(body);
        if text.is_empty() && body.get("add_security_recommendation").is_some() {
            return;
        }
        self.length("body", text, BODY_MAX_CHARS);
        let names = variables(text);
        self.names("body", &names);
        if text.trim().starts_with("{{") || text.trim().ends_with("}}") {
            self.say("The body neither begins nor ends with a variable.");
        }
        self.examples(body, "body", &names);
        self.variables.extend(names);
    }

    fn footer(&mut self, footer: &Value) {
        self.length("footer", text(footer), FOOTER_MAX_CHARS);
        if !variables(text(footer)).is_empty() {
            self.say("The footer has no variables.");
        }
    }

    fn length(&mut self, place: &str, text: &str, most: usize) {
        match chars(text) {
            0 => self.say(format!("The {place} is empty.")),
            length if length > most => {
                self.say(format!("The {place} has {length} characters; {most} are the most."));
            }
            _ => {}
        }
    }

    /// Numbers count from one without a gap; names are of small letters.
    fn names(&mut self, place: &str, names: &[String]) {
        let is_number = |name: &String| name.parse::<u32>().is_ok();
        let in_order = names.iter().zip(1u32..).all(|(name, number)| *name == number.to_string());
        if names.iter().all(is_number) && !in_order {
            self.say(format!(
                "The variables of the {place} are numbered 1, 2, 3, … without a gap."
            ));
        }
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if let Some(name) = names.iter().find(|name| name.is_empty() || !name.chars().all(is_plain))
        {
            self.say(format!(
                "“{name}” is no name for a variable: use small letters and underscores."
            ));
        }
    }

    fn examples(&mut self, component: &Value, place: &str, names: &[String]) {
        let example = component.get("example").unwrap_or(&Value::Null);
        let given = list(example, &format!("{place}_text"));
        // Of a body they are a list in a list.
        let given = given.first().and_then(Value::as_array).map_or(given, Vec::as_slice).len();
        let named = list(example, &format!("{place}_text_named_params"));
        let lacks_named = || {
            let has = |name: &String| {
                named.iter().any(|one| scalar(one, "param_name").as_ref() == Some(name))
            };
            !names.iter().all(has)
        };
        if given != names.len() && lacks_named() {
            self.say(format!("Each variable of the {place} needs an example."));
        }
    }

    fn buttons(&mut self, buttons: &[Value]) {
        if !(1..=BUTTONS_MAX).contains(&buttons.len()) {
            self.say(format!("There are between one and {BUTTONS_MAX} buttons."));
        }
        let kinds: Vec<String> = buttons
            .iter()
            .map(|button| scalar(button, "type").unwrap_or_default().to_ascii_uppercase())
            .collect();
        for (kind, most) in MOST {
            if kinds.iter().filter(|other| *other == kind).count() > most {
                let name = kind.to_lowercase().replace('_', " ");
                self.say(format!("There are at most {most} buttons of the kind {name}."));
            }
        }
        let mut runs = kinds.clone();
        runs.dedup();
        if runs.iter().filter(|kind| *kind == "QUICK_REPLY").count() > 1 {
            self.say("Quick replies stand side by side, not between other buttons.");
        }
        buttons.iter().zip(&kinds).for_each(|(button, kind)| self.button(button, kind));
    }

    fn button(&mut self, button: &Value, kind: &str) {
        // The words of these are WhatsApp's own.
        if !matches!(kind, "COPY_CODE" | "OTP") {
            self.length("text of a button", text(button), BUTTON_TEXT_MAX_CHARS);
        }
        match kind {
            "URL" => self.url(button),
            "PHONE_NUMBER" if scalar(button, "phone_number").is_none() => {
                self.say("A button that calls needs a number.");
            }
            "COPY_CODE" => {
                let example = scalar(button, "example");
                let example = example
                    .or_else(|| list(button, "example").first()?.as_str().map(str::to_owned));
                match example {
                    None => self.say("A button that copies a code needs an example."),
                    Some(code) => self.length("example of a code", &code, COUPON_MAX_CHARS),
                }
            }
            "PHONE_NUMBER" | "QUICK_REPLY" | "FLOW" | "CATALOG" | "MPM" | "SPM" | "OTP"
            | "VOICE_CALL" => {}
            _ => self.say(format!("“{kind}” is no kind of button.")),
        }
    }

    fn url(&mut self, button: &Value) {
        let url = button.get("url").and_then(Value::as_str).unwrap_or_default();
        if !url.starts_with("https://") && !url.starts_with("http://") {
            self.say("The address of a button begins with https://.");
        }
        if chars(url) > URL_MAX_CHARS {
            self.say(format!("The address of a button has at most {URL_MAX_CHARS} characters."));
        }
        let count = url.matches("{{").count();
        if count > 1 || (count == 1 && !url.ends_with("}}")) {
            self.say("The address of a button has one variable at most, at its end.");
        }
        let has_example = button.get("example").is_some_and(|example| {
            example.is_string() || example.as_array().is_some_and(|list| !list.is_empty())
        });
        if count == 1 && !has_example {
            self.say("The address of a button with a variable needs an example.");
        }
    }
}

fn text(component: &Value) -> &str {
    component.get("text").and_then(Value::as_str).unwrap_or_default()
}
