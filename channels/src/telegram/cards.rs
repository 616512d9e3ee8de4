//! What a message is when it is more than words and files.

use serde_json::Value;
use switchboard_domain::Card;
use switchboard_domain::extra::{ChoiceKind, ContactCard, Field};

use super::{json, people, text};

type Reader = fn(&Value) -> Option<Card>;

/// The card of a message. Venues fill `location` as well, so they come first.
pub fn of(message: &Value) -> Option<Card> {
    const READERS: [(&str, Reader); 19] = [
        ("venue", venue),
        ("location", location),
        ("contact", contact),
        ("sticker", |value| Some(Card::Sticker { emoji: json::title(value, "emoji") })),
        ("voice", |value| Some(Card::Voice { seconds: seconds(value) })),
        ("story", |value| Some(shared_story(value))),
        ("users_shared", users_shared),
        ("chat_shared", |value| Some(details("chat_shared", value, &["username"]))),
        ("web_app_data", web_app_data),
        ("poll", |value| Some(poll(value))),
        ("checklist", |value| Some(checklist(value))),
        ("dice", |value| Some(details("dice", value, &["emoji", "value"]))),
        ("game", |value| Some(details("game", value, &["description"]))),
        ("invoice", |value| Some(payment("invoice", value))),
        ("successful_payment", |value| Some(payment("successful_payment", value))),
        ("refunded_payment", |value| Some(payment("refunded_payment", value))),
        ("paid_media", |value| Some(details("paid_media", value, &["star_count"]))),
        ("giveaway", |value| Some(giveaway("giveaway", value))),
        ("giveaway_winners", |value| Some(giveaway("giveaway_winners", value))),
    ];
    let content = READERS.iter().find_map(|(name, read)| read(json::object(message, name)?));
    content.or_else(|| json::object(message, "reply_to_story").map(answered_story)).or_else(|| {
        let (command, _) = text::command(message)?;
        Some(Card::Choice { by: ChoiceKind::Command, payload: json::label(command) })
    })
}

fn location(value: &Value) -> Option<Card> {
    Some(Card::Location {
        latitude: value.get("latitude")?.as_f64()?,
        longitude: value.get("longitude")?.as_f64()?,
        name: None,
        address: None,
        live: json::id(value, "live_period").is_some(),
    })
}

fn venue(value: &Value) -> Option<Card> {
    let Card::Location { latitude, longitude, live, .. } =
        location(json::object(value, "location")?)?
    else {
        return None;
    };
    let (name, address) = (json::title(value, "title"), json::title(value, "address"));
    Some(Card::Location { latitude, longitude, name, address, live })
}

fn seconds(value: &Value) -> Option<u32> {
    json::id(value, "duration").and_then(|seconds| seconds.try_into().ok())
}

fn contact(value: &Value) -> Option<Card> {
    let phone = phone(value);
    let name = people::full_name(value).or_else(|| phone.clone())?;
    let phones = phone.into_iter().collect();
    let card = ContactCard { name, phones, emails: vec![], organization: None };
    Some(Card::Contacts { contacts: vec![card] })
}

/// The number of a contact, `+` and digits. Telegram often leaves the `+` out.
pub fn phone(contact: &Value) -> Option<String> {
    let number = json::title(contact, "phone_number")?;
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then(|| format!("+{digits}"))
}

fn users_shared(value: &Value) -> Option<Card> {
    let contacts: Vec<ContactCard> = json::list(value, "users")
        .iter()
        .filter_map(|user| {
            let name = people::full_name(user)
                .or_else(|| json::title(user, "username"))
                .or_else(|| json::id(user, "user_id").map(|id| id.to_string()))?;
            Some(ContactCard { name, phones: vec![], emails: vec![], organization: None })
        })
        .collect();
    (!contacts.is_empty()).then_some(Card::Contacts { contacts })
}

/// The address of a story, where its chat has a public name.
fn story_url(story: &Value) -> Option<String> {
    let id = json::id(story, "id")?;
    Some(format!("https://t.me/{}/s/{id}", json::title(&story["chat"], "username")?))
}

fn shared_story(story: &Value) -> Card {
    let chat = &story["chat"];
    let title = json::title(chat, "title").or_else(|| people::full_name(chat));
    Card::Share { kind: "story".to_owned(), title, url: story_url(story) }
}

fn answered_story(story: &Value) -> Card {
    Card::Story { mention: false, url: story_url(story) }
}

/// What a web app sends is up to the app; most send a flat object.
fn web_app_data(value: &Value) -> Option<Card> {
    let data = json::raw(value, "data")?;
    let fields = match serde_json::from_str::<Value>(data) {
        Ok(Value::Object(members)) => {
            members.iter().filter_map(|(name, value)| field(name, value)).collect()
        }
        _ => field("data", &Value::from(data)).into_iter().collect(),
    };
    Some(Card::Form { name: json::title(value, "button_text"), fields })
}

/// A poll and what it has come to, option by option.
fn poll(value: &Value) -> Card {
    let option = |option: &Value| {
        let votes = json::id(option, "voter_count").unwrap_or_default();
        Some(Field { name: json::title(option, "text")?, value: votes.to_string() })
    };
    Card::Details {
        kind: "poll".to_owned(),
        title: json::title(value, "question"),
        lines: json::list(value, "options").iter().filter_map(option).collect(),
        url: None,
    }
}

fn checklist(value: &Value) -> Card {
    let task = |task: &Value| {
        let done = json::id(task, "completion_date").is_some_and(|at| at > 0);
        let value = if done { "done" } else { "open" };
        Some(Field { name: json::title(task, "text")?, value: value.to_owned() })
    };
    Card::Details {
        kind: "checklist".to_owned(),
        title: json::title(value, "title"),
        lines: json::list(value, "tasks").iter().filter_map(task).collect(),
        url: None,
    }
}

fn payment(kind: &str, value: &Value) -> Card {
    let amount = amount(value).map(|value| Field { name: "amount".to_owned(), value });
    let others = fields(value, &["description", "invoice_payload"]);
    Card::Details {
        kind: kind.to_owned(),
        title: json::title(value, "title"),
        lines: amount.into_iter().chain(others).collect(),
        url: None,
    }
}

/// "120.00 PLN". Telegram counts in the smallest unit of a currency; some have no smaller one.
fn amount(value: &Value) -> Option<String> {
    let currency = json::title(value, "currency")?;
    let amount = json::id(value, "total_amount").filter(|amount| *amount >= 0)?;
    Some(match currency.as_str() {
        "XTR" | "CLP" | "ISK" | "JPY" | "KRW" | "PYG" | "UGX" | "VND" => {
            format!("{amount} {currency}")
        }
        _ => format!("{}.{:02} {currency}", amount / 100, amount % 100),
    })
}

fn giveaway(kind: &str, value: &Value) -> Card {
    details(kind, value, &["winner_count", "prize_description", "prize_star_count"])
}

/// A card of the title and the members that have these names.
fn details(kind: &str, value: &Value, names: &[&str]) -> Card {
    Card::Details {
        kind: kind.to_owned(),
        title: json::title(value, "title"),
        lines: fields(value, names),
        url: None,
    }
}

fn fields(value: &Value, names: &[&str]) -> Vec<Field> {
    names.iter().filter_map(|name| field(name, value.get(name)?)).collect()
}

fn field(name: &str, value: &Value) -> Option<Field> {
    let value = match value {
        Value::String(text) => json::label(text)?,
        Value::Null => return None,
        other => json::label(&other.to_string())?,
    };
    Some(Field { name: json::label(name)?, value })
}
