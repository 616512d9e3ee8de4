//! What a message holds, by its type.

use serde_json::Value;
use switchboard_domain::attachment::file_name;
use switchboard_domain::extra::{ChoiceKind, ContactCard, Field, OrderItem, TITLE_MAX_CHARS};
use switchboard_domain::{AttachmentKind, Card};

use super::errors::Told;
use super::message::{first_error, unsupported};
use crate::inbound::{Media, Source, TEXT_MAX_CHARS};
use crate::meta::json::{cleaned, flag, id, list, scalar, text, time, title, url};

/// The most entries kept of a list inside a message; 257 contacts can be sent.
const ENTRIES_MAX: usize = 300;
/// An inbound file could not be handed on: too large, most often.
const MEDIA_NOT_RETRIEVABLE: i64 = 131_052;

/// Text, files and a card, as they are in every message.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub text: String,
    pub media: Vec<Media>,
    pub card: Option<Card>,
}

impl Content {
    /// The content of a message of this type. What is not known, or lacks what its type promises,
    /// is a card that says so.
    pub fn of(item: &Value, kind: &str) -> Content {
        let body = item.get(kind).unwrap_or(&Value::Null);
        let content = match kind {
            "text" => {
                Some(Content { text: text(body, "body").unwrap_or_default(), ..Content::default() })
            }
            "image" => file(body, AttachmentKind::Image, None),
            "video" => file(body, AttachmentKind::Video, None),
            "document" => file(body, AttachmentKind::File, None),
            "audio" => {
                let card = flag(body, "voice").then_some(Card::Voice { seconds: None });
                file(body, AttachmentKind::Audio, card)
            }
            "sticker" => file(body, AttachmentKind::Image, Some(Card::Sticker { emoji: None })),
            "location" => location(body).map(Content::from),
            "contacts" => contacts(list(item, "contacts")).map(Content::from),
            "button" => choice(body, "text", "payload", ChoiceKind::QuickReply),
            "interactive" => interactive(body),
            "order" => order(body),
            "media_placeholder" => Some(gone("The phone has not shared this file.")),
            "unsupported" => unsupported_file(item),
            _ => None,
        };
        content.filter(|content| !content.is_empty()).unwrap_or_else(|| {
            let kind = match kind {
                "unsupported" => title(body, "type").unwrap_or(kind.to_owned()),
                _ => kind.to_owned(),
            };
            unsupported(kind).into()
        })
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty() && self.media.is_empty() && self.card.is_none()
    }
}

impl From<Card> for Content {
    fn from(card: Card) -> Content {
        Content { card: Some(card), ..Content::default() }
    }
}

fn file(body: &Value, kind: AttachmentKind, card: Option<Card>) -> Option<Content> {
    let source = match id(body, "id") {
        Some(id) => Source::Id { id, url: url(body, "url"), sha256: scalar(body, "sha256") },
        // Documented for the sending side; harmless to understand here as well.
        None => Source::Url { url: url(body, "link")? },
    };
    let name = title(body, "filename").map(|name| file_name(&name));
    let mime = title(body, "mime_type");
    let media = vec![Media { kind, mime, name, size: None, source }];
    Some(Content { text: text(body, "caption").unwrap_or_default(), media, card })
}

fn gone(why: &str) -> Content {
    let source = Source::Gone { why: why.to_owned() };
    let media = Media { kind: AttachmentKind::File, mime: None, name: None, size: None, source };
    Content { media: vec![media], ..Content::default() }
}

/// A file that WhatsApp has and does not hand on comes as `unsupported`, with the reason.
fn unsupported_file(item: &Value) -> Option<Content> {
    let told = Told::of(first_error(item)?);
    (told.code == Some(MEDIA_NOT_RETRIEVABLE)).then(|| gone(&told.words))
}

fn location(body: &Value) -> Option<Card> {
    Some(Card::Location {
        latitude: degrees(body, "latitude", 90.0)?,
        longitude: degrees(body, "longitude", 180.0)?,
        name: title(body, "name"),
        address: title(body, "address"),
        live: false,
    })
}

/// A number, or one in a string.
fn degrees(body: &Value, key: &str, limit: f64) -> Option<f64> {
    let value = body.get(key)?;
    let degrees = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
    (-limit..=limit).contains(&degrees).then_some(degrees)
}

fn contacts(items: &[Value]) -> Option<Card> {
    let contacts: Vec<ContactCard> = items.iter().take(ENTRIES_MAX).map(contact).collect();
    (!contacts.is_empty()).then_some(Card::Contacts { contacts })
}

fn contact(item: &Value) -> ContactCard {
    let all = |key: &str, value: &str| -> Vec<String> {
        list(item, key).iter().filter_map(|entry| scalar(entry, value)).take(ENTRIES_MAX).collect()
    };
    let names = item.get("name").unwrap_or(&Value::Null);
    let organization = item.get("org").and_then(|org| title(org, "company"));
    let phones = all("phones", "phone");
    let name = title(names, "formatted_name").or_else(|| title(names, "first_name"));
    let name = name.or_else(|| organization.clone()).or_else(|| phones.first().cloned());
    ContactCard {
        name: name.unwrap_or_default(),
        phones,
        emails: all("emails", "email"),
        organization,
    }
}

fn choice(body: &Value, text: &str, payload: &str, by: ChoiceKind) -> Option<Content> {
    let words = title(body, text);
    let payload = scalar(body, payload);
    if words.is_none() && payload.is_none() {
        return None;
    }
    let text = words.unwrap_or_default();
    Some(Content { text, card: Some(Card::Choice { by, payload }), ..Content::default() })
}

fn interactive(body: &Value) -> Option<Content> {
    let kind = title(body, "type")?;
    let reply = body.get(&kind).unwrap_or(&Value::Null);
    match kind.as_str() {
        "button_reply" => choice(reply, "title", "id", ChoiceKind::Button),
        "list_reply" => choice(reply, "title", "id", ChoiceKind::List),
        "nfm_reply" => form(reply),
        "call_permission_reply" => call_permission(reply).map(Content::from),
        _ => Some(unsupported(format!("interactive {kind}")).into()),
    }
}

/// The answers of a flow, or an address. They come as JSON in a string; what is none stands there
/// as it came.
fn form(reply: &Value) -> Option<Content> {
    let told = reply.get("response_json")?;
    let answers: Value = match told {
        Value::String(json) => serde_json::from_str(json).unwrap_or(Value::Null),
        answers => answers.clone(),
    };
    // An address has its fields one level down.
    let answers = answers.get("values").filter(|values| values.is_object()).unwrap_or(&answers);
    let fields = match answers.as_object() {
        Some(answers) => answers
            .iter()
            // Ours, to know the flow by; nothing that the customer wrote.
            .filter(|(name, _)| name.as_str() != "flow_token")
            .take(ENTRIES_MAX)
            .filter_map(|(name, value)| {
                Some(Field { name: cleaned(name, TITLE_MAX_CHARS)?, value: answer(value) })
            })
            .collect(),
        None => vec![Field { name: "response".to_owned(), value: answer(told) }],
    };
    let name = match title(reply, "name").as_deref() {
        Some("address_message") => Some("Address".to_owned()),
        // Any flow is called so; what it is about is in its fields.
        Some("flow") | None => None,
        Some(name) => Some(name.to_owned()),
    };
    let card = Card::Form { name, fields };
    let text = text(reply, "body").unwrap_or_default();
    Some(Content { text, card: Some(card), ..Content::default() })
}

fn answer(value: &Value) -> String {
    let words = match value {
        Value::Null => String::new(),
        Value::String(words) => words.clone(),
        Value::Array(values)
            if values.iter().all(|value| !value.is_array() && !value.is_object()) =>
        {
            values.iter().map(answer).collect::<Vec<_>>().join(", ")
        }
        value => value.to_string(),
    };
    cleaned(&words, TEXT_MAX_CHARS).unwrap_or_default()
}

fn call_permission(reply: &Value) -> Option<Card> {
    let response = title(reply, "response")?;
    let answer = match response.as_str() {
        "accept" => "The customer may be called".to_owned(),
        "reject" => "The customer does not want to be called".to_owned(),
        _ => response,
    };
    let until = time(reply, "expiration_timestamp").map(|until| until.to_string());
    let until = match flag(reply, "is_permanent") {
        true => Some("withdrawn".to_owned()),
        false => until,
    };
    let lines = until.map(|value| Field { name: "Until".to_owned(), value }).into_iter().collect();
    let kind = "call_permission".to_owned();
    Some(Card::Details { kind, title: Some(answer), lines, url: None })
}

fn order(body: &Value) -> Option<Content> {
    let items: Vec<OrderItem> =
        list(body, "product_items").iter().take(ENTRIES_MAX).filter_map(order_item).collect();
    let card = (!items.is_empty()).then_some(Card::Order { items });
    Some(Content { text: text(body, "text").unwrap_or_default(), card, ..Content::default() })
}

fn order_item(item: &Value) -> Option<OrderItem> {
    Some(OrderItem {
        product: scalar(item, "product_retailer_id")?,
        quantity: scalar(item, "quantity").and_then(|count| count.parse().ok()).unwrap_or(1),
        price: scalar(item, "item_price"),
        currency: scalar(item, "currency"),
    })
}
