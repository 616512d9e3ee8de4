//! What customers fill in and order.

use serde_json::Value;
use switchboard_domain::Extra;
use switchboard_domain::extra::{Card, Field, OrderItem};

use super::Scene;
use crate::inbound::{Direction, Event, InMessage, What};
use crate::meta::json::{id, list, scalar, text, title};

/// The most fields and items that are shown.
const FIELDS_MAX: usize = 100;

pub(super) fn read_order(scene: &Scene<'_>, order: &Value) -> Result<Vec<Event>, String> {
    let items = list(order, "products").iter().take(FIELDS_MAX).map(|product| OrderItem {
        product: title(product, "retailer_id").or_else(|| id(product, "id")).unwrap_or_default(),
        quantity: product
            .get("quantity")
            .and_then(Value::as_u64)
            .and_then(|quantity| u32::try_from(quantity).ok())
            .unwrap_or(1),
        price: scalar(product, "unit_price"),
        currency: title(product, "currency"),
    });
    let card = Card::Order { items: items.collect() };
    filled_in(scene, "order", text(order, "note").unwrap_or_default(), card, true)
}

/// Only the form's number is told, not what was filled in.
pub(super) fn read_instant_form(scene: &Scene<'_>, form: &Value) -> Result<Vec<Event>, String> {
    let fields = id(form, "id").map(|value| Field { name: "form".to_owned(), value });
    let card = Card::Form { name: None, fields: fields.into_iter().collect() };
    filled_in(scene, "form", String::new(), card, false)
}

pub(super) fn read_customer_information(
    scene: &Scene<'_>,
    information: &Value,
) -> Result<Vec<Event>, String> {
    let screens = list(information, "screens").iter();
    let responses = screens.flat_map(|screen| list(screen, "responses"));
    let fields = fields(responses, "key", "value");
    filled_in(scene, "information", String::new(), Card::Form { name: None, fields }, false)
}

/// What the person thinks of a purchase or a conversation, in a form that asked for it: for each
/// question how many points, and what was added in words.
pub(super) fn read_feedback(scene: &Scene<'_>, feedback: &Value) -> Result<Vec<Event>, String> {
    let screens = list(feedback, "feedback_screens").iter();
    let questions = screens.filter_map(|screen| screen.get("questions")?.as_object()).flatten();
    let fields = questions.take(FIELDS_MAX).flat_map(|(_, question)| {
        let score = Field { name: score(question).to_owned(), value: payload(question) };
        let words = question
            .get("follow_up")
            .map(|added| Field { name: "in words".to_owned(), value: payload(added) });
        std::iter::once(score).chain(words)
    });
    let card = Card::Form { name: Some("Feedback".to_owned()), fields: fields.collect() };
    filled_in(scene, "feedback", String::new(), card, false)
}

/// What a question asks for, of which the platform gives an abbreviation.
fn score(question: &Value) -> &'static str {
    match question.get("type").and_then(Value::as_str) {
        Some("csat") => "satisfaction, of 5",
        Some("nps") => "would recommend, of 10",
        Some("ces") => "ease, of 7",
        _ => "answer",
    }
}

fn payload(answer: &Value) -> String {
    text(answer, "payload").or_else(|| scalar(answer, "payload")).unwrap_or_default()
}

/// The answers to the questions of a lead advertisement.
pub(super) fn answers(lead: &Value) -> Vec<Field> {
    fields(list(lead, "data").iter(), "question", "answer")
}

fn fields<'a>(items: impl Iterator<Item = &'a Value>, name: &str, value: &str) -> Vec<Field> {
    items
        .take(FIELDS_MAX)
        .map(|item| Field {
            name: scalar(item, name).unwrap_or_default(),
            value: scalar(item, value).unwrap_or_default(),
        })
        .collect()
}

fn filled_in(
    scene: &Scene<'_>,
    kind: &str,
    text: String,
    card: Card,
    opens_window: bool,
) -> Result<Vec<Event>, String> {
    scene.in_thread(What::Message(Box::new(InMessage {
        id: scene.made_id(kind),
        direction: Direction::Customer,
        text,
        media: vec![],
        extra: Extra::of(card),
        reply_to: None,
        opens_window,
        acknowledge: None,
    })))
}
