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
