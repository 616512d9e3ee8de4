//! Sending messages.

use serde_json::{Map, Value, json};

use super::input::{self, Input, Kept};
use super::markup::{self, Markup};
use super::params::Params;
use super::refused::{Answer, Done, Refused};
use super::target::{self, Target};
use super::text::{self, Formatted};
use super::{files, shown};
use crate::world::{Attachment, Message, Side, State, Status, World};

const ALBUM: std::ops::RangeInclusive<usize> = 2..=10;
const QUESTION_MAX: usize = 300;
const VCARD_MAX: usize = 2048;

/// What a message says, in the platform's JSON and for the phone.
#[derive(Debug, Default)]
struct Content {
    kind: String,
    text: Option<String>,
    fields: Map<String, Value>,
    media: Vec<Attachment>,
    card: Value,
}

pub fn text(world: &World, bot: &str, params: &Params) -> Answer<Done> {
    let formatted = text::message_text(params)?;
    let content = Content {
        kind: "text".into(),
        fields: words(&formatted, "text", "entities"),
        text: Some(formatted.text),
        ..Content::default()
    };
    one(world, bot, "sendMessage", params, |_| Ok(content))
}

fn words(formatted: &Formatted, text: &str, entities: &str) -> Map<String, Value> {
    let mut fields = Map::from_iter([(text.to_owned(), json!(formatted.text))]);
    if !formatted.entities.is_empty() {
        fields.insert(entities.to_owned(), json!(formatted.entities));
    }
    fields
}

/// `sendPhoto` and its like: `name` is the parameter, `kind` what the phone shows.
pub async fn file(
    world: &World,
    bot: &str,
    (method, name, kind): (&str, &str, &str),
    params: &Params,
) -> Answer<Done> {
    let caption = text::caption(params)?;
    let input = input::parameter(params, bot, kind, name).await?;
    one(world, bot, method, params, |state| {
        let kept = input.keep(state, bot, kind)?;
        Ok(of_file(state, bot, kept, caption))
    })
}

fn of_file(state: &State, bot: &str, kept: Kept, caption: Option<Formatted>) -> Content {
    let mut fields = caption
        .as_ref()
        .map(|caption| words(caption, "caption", "caption_entities"))
        .unwrap_or_default();
    if let Some(media) = state.media(&kept.media) {
        fields.extend(files::shown(bot, media, &kept.kind, kept.name.as_deref()));
    }
    Content {
        kind: kept.kind.clone(),
        text: caption.map(|caption| caption.text),
        fields,
        media: vec![Attachment { media: kept.media, kind: kept.kind, name: kept.name }],
        card: Value::Null,
    }
}

pub fn location(world: &World, bot: &str, params: &Params, venue: bool) -> Answer<Done> {
    let coordinate = |name: &str, most: f64| {
        let value = params.float(name).filter(|value| value.abs() <= most);
        value.ok_or_else(|| Refused::bad(&format!("{name} is invalid")))
    };
    let (latitude, longitude) = (coordinate("latitude", 90.0)?, coordinate("longitude", 180.0)?);
    let mut card = json!({ "latitude": latitude, "longitude": longitude });
    let mut fields = Map::from_iter([("location".to_owned(), card.clone())]);
    if venue {
        let (title, address) = (required(params, "title")?, required(params, "address")?);
        let shown = json!({ "location": card, "title": title, "address": address });
        fields.insert("venue".into(), shown);
        card["name"] = json!(title);
        card["address"] = json!(address);
    }
    let content = Content { kind: "location".into(), fields, card, ..Content::default() };
    let method = if venue { "sendVenue" } else { "sendLocation" };
    one(world, bot, method, params, |_| Ok(content))
}

fn required(params: &Params, name: &str) -> Answer<String> {
    let value = params.text(name).filter(|value| !value.is_empty());
    value.ok_or_else(|| Refused::bad(&format!("parameter \"{name}\" is required")))
}

pub fn contact(world: &World, bot: &str, params: &Params) -> Answer<Done> {
    let (phone, first) = (required(params, "phone_number")?, required(params, "first_name")?);
    if params.text("vcard").is_some_and(|card| card.len() > VCARD_MAX) {
        return Err(Refused::bad("vCard is too long"));
    }
    let last = params.text("last_name").unwrap_or_default();
    let mut contact = json!({ "phone_number": phone, "first_name": first });
    if !last.is_empty() {
        contact["last_name"] = json!(last);
    }
    let name = format!("{first} {last}");
    let card =
        json!([{ "name": { "formatted_name": name.trim() }, "phones": [{ "phone": phone }] }]);
    let fields = Map::from_iter([("contact".to_owned(), contact)]);
    let content = Content { kind: "contacts".into(), fields, card, ..Content::default() };
    one(world, bot, "sendContact", params, |_| Ok(content))
}

pub fn poll(world: &World, bot: &str, params: &Params) -> Answer<Done> {
    let question = required(params, "question")?;
    let options = params.list("options")?.unwrap_or_default();
    if question.chars().count() > QUESTION_MAX || !(1..=12).contains(&options.len()) {
        return Err(Refused::bad("poll must have 1-12 options and a question of 1-300 characters"));
    }
    let options: Vec<Value> = options
        .iter()
        .map(|option| option.get("text").unwrap_or(option))
        .map(|text| json!({ "text": text, "voter_count": 0 }))
        .collect();
    let shown = json!({ "id": "1", "question": question, "options": options, "is_closed": false });
    let fields = Map::from_iter([("poll".to_owned(), shown)]);
    let text = Some(format!("📊 {question}"));
    let content = Content { kind: "text".into(), text, fields, ..Content::default() };
    one(world, bot, "sendPoll", params, |_| Ok(content))
}

/// Everything that one message needs besides its content.
fn one(
    world: &World,
    bot: &str,
    method: &str,
    params: &Params,
    content: impl FnOnce(&mut State) -> Answer<Content>,
) -> Answer<Done> {
    let markup = markup::read(params)?;
    let mut state = world.lock();
    let target = target::writable(&mut state, bot, method, params)?;
    let reply_to = target::reply_to(&state, &target.phone, params)?;
    let content = content(&mut state)?;
    let message = put(&mut state, &target, method, params.log(), reply_to, markup, content);
    drop(state);
    world.changed(&target.phone.id);
    Ok(message.into())
}

/// Puts a message on the phone, and answers how the platform shows it.
fn put(
    state: &mut State,
    target: &Target,
    method: &str,
    log: Value,
    reply_to: Option<String>,
    markup: Markup,
    content: Content,
) -> Value {
    let now = state.now();
    let id = state.message_id(&target.phone);
    let mut card = content.card;
    if !markup.rows.is_empty() && card.is_null() {
        card = json!({ "rows": markup.rows });
    }
    let message = Message {
        text: content.text,
        media: content.media,
        reply_to,
        buttons: markup.buttons,
        card,
        status: Status::Delivered,
        ..Message::new(id, Side::Business, content.kind, now)
    };
    let mut fields = content.fields;
    if let Some(keyboard) = markup.shown {
        fields.insert("reply_markup".into(), keyboard);
    }
    let shown = shown::sent(state, &target.phone, &target.account, &message, fields);
    state.telegram.keep(&message.id, shown.clone());
    state.accept(&target.phone.id, message, method, log);
    shown
}

/// `sendMediaGroup`: one message for each file, held together by an id.
pub async fn album(world: &World, bot: &str, params: &Params) -> Answer<Done> {
    let items = params.list("media")?.unwrap_or_default();
    if !ALBUM.contains(&items.len()) {
        return Err(Refused::bad("group must contain 2-10 items"));
    }
    let kinds: Vec<&str> = items.iter().map(|item| item["type"].as_str().unwrap_or("")).collect();
    check_mixture(&kinds)?;
    let mut inputs = vec![];
    for (item, kind) in items.iter().zip(&kinds) {
        let kind = if *kind == "photo" { "image" } else { *kind };
        let media = item["media"].as_str().unwrap_or_default();
        inputs.push((kind, input::take(params, bot, kind, media).await?, item_caption(item)?));
    }
    let mut state = world.lock();
    let target = target::writable(&mut state, bot, "sendMediaGroup", params)?;
    let reply_to = target::reply_to(&state, &target.phone, params)?;
    let group = state.decimal_id("1").chars().collect::<String>();
    let contents: Answer<Vec<Content>> =
        inputs.into_iter().map(|input| item(&mut state, bot, &group, input)).collect();
    let mut messages = vec![];
    for (at, content) in contents?.into_iter().enumerate() {
        let log = if at == 0 { params.log() } else { items[at].clone() };
        let reply_to = reply_to.clone();
        let markup = Markup::default();
        messages.push(put(&mut state, &target, "sendMediaGroup", log, reply_to, markup, content));
    }
    drop(state);
    world.changed(&target.phone.id);
    Ok(Value::Array(messages).into())
}

fn check_mixture(kinds: &[&str]) -> Answer<()> {
    const KNOWN: [&str; 4] = ["photo", "video", "document", "audio"];
    if let Some(kind) = kinds.iter().find(|kind| !KNOWN.contains(kind)) {
        return Err(Refused::bad(&format!("type \"{kind}\" can't be used in media groups")));
    }
    let alone = |kind: &str| kinds.contains(&kind) && kinds.iter().any(|other| *other != kind);
    if alone("document") || alone("audio") {
        return Err(Refused::bad("document and audio can't be mixed with other media types"));
    }
    Ok(())
}

fn item_caption(item: &Value) -> Answer<Option<Formatted>> {
    let inner = Params::of(item);
    text::caption(&inner)
}

fn item(
    state: &mut State,
    bot: &str,
    group: &str,
    (kind, input, caption): (&str, Input, Option<Formatted>),
) -> Answer<Content> {
    let kept = input.keep(state, bot, kind)?;
    let mut content = of_file(state, bot, kept, caption);
    content.fields.insert("media_group_id".into(), json!(group));
    Ok(content)
}
