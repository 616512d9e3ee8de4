//! The request of a part.

use serde_json::{Map, Value, json};
use switchboard_domain::extra::Offer;
use switchboard_domain::{Failure, FailureCode};

use super::parts::{CAPTION_MAX, TEXT_MAX};
use super::place::{Place, Topic, message_id};
use super::split::units;
use super::upload::Form;
use crate::http::{Auth, Base, Body, Part as BodyPart, Request};
use crate::inbound::ExternalId;
use crate::outgoing::{Action, Part, PostFile, Sending};
use crate::platform::ActionTo;

/// The most messages that one call deletes.
const DELETE_MAX: usize = 100;

/// A request for a method with parameters as JSON.
pub fn call(method: &str, parameters: Value) -> Request {
    Request::post(Base::Telegram, format!("/{method}"), Body::Json(parameters)).auth(Auth::Path)
}

pub fn write(sending: &Sending<'_>) -> Result<Request, Failure> {
    let place = Place::find(sending.thread, sending.address)
        .ok_or_else(|| Failure::because(FailureCode::Refused, "not a Telegram chat"))?;
    let free = || match sending.permit.is_free() {
        true => Ok(()),
        false => Err(Failure::new(FailureCode::WindowClosed)),
    };
    match sending.part {
        Part::Text { text, .. } => {
            free()?;
            Ok(message(sending, &place, "sendMessage").with("text", text.as_str()).request())
        }
        Part::Offer { text, offer, .. } => {
            free()?;
            let message = message(sending, &place, "sendMessage").with("text", text.as_str());
            Ok(message.with("reply_markup", keyboard(offer)).request())
        }
        Part::File { file, caption, .. } => {
            free()?;
            let form = Form::of(file);
            let message = message(sending, &place, form.method());
            Ok(message.maybe("caption", caption.as_deref()).file(form.name(), file).request())
        }
        Part::Album { files, caption, .. } => {
            free()?;
            Ok(album(message(sending, &place, "sendMediaGroup"), files, caption.as_deref()))
        }
        Part::React { emoji, .. } => {
            free()?;
            react(&place, target(sending)?, emoji.as_deref())
        }
        Part::Edit { text, caption, .. } => edit(&place, target(sending)?, text, *caption),
        Part::Delete { .. } => delete(&place, sending.targets),
        Part::Template { .. } | Part::CommentReply { .. } | Part::PrivateReply { .. } => {
            Err(Failure::new(FailureCode::NotPossible))
        }
    }
}

/// A call in the making. Files make it multipart.
struct Call<'a> {
    method: &'static str,
    parameters: Map<String, Value>,
    files: Vec<(String, &'a PostFile)>,
}

impl<'a> Call<'a> {
    fn new(method: &'static str) -> Call<'a> {
        Call { method, parameters: Map::new(), files: vec![] }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Call<'a> {
        self.parameters.insert(name.to_owned(), value.into());
        self
    }

    fn maybe(self, name: &str, value: Option<&str>) -> Call<'a> {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    fn file(mut self, name: impl Into<String>, file: &'a PostFile) -> Call<'a> {
        self.files.push((name.into(), file));
        self
    }

    fn request(self) -> Request {
        if self.files.is_empty() {
            return call(self.method, Value::Object(self.parameters));
        }
        // Nested parameters are JSON within a multipart body, and plain ones plain.
        let text = |(name, value)| {
            let value = match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            BodyPart::Text { name, value }
        };
        let file = |(name, file): (String, &PostFile)| BodyPart::File {
            name,
            attachment: file.id,
            file_name: file.name.clone(),
            mime: file.mime.clone(),
        };
        let texts = self.parameters.into_iter().map(text);
        let parts = texts.chain(self.files.into_iter().map(file)).collect();
        Request::post(Base::Telegram, format!("/{}", self.method), Body::Multipart(parts))
            .auth(Auth::Path)
    }
}

/// A new message. What it answers may be gone by now; then it goes without.
fn message<'a>(sending: &Sending<'_>, place: &Place, method: &'static str) -> Call<'a> {
    let mut call = Call::new(method).with("chat_id", place.chat);
    call.parameters.extend(place.address());
    match sending.targets.first().and_then(message_id) {
        Some(id) if sending.part.target().is_some() => call.with(
            "reply_parameters",
            json!({ "message_id": id, "allow_sending_without_reply": true }),
        ),
        _ => call,
    }
}

/// One button in a row: titles are seldom short.
fn keyboard(offer: &Offer) -> Value {
    let rows = offer
        .options
        .iter()
        .map(|option| json!([{ "text": option.title, "callback_data": option.payload }]));
    json!({ "inline_keyboard": rows.collect::<Vec<_>>() })
}

fn album(call: Call<'_>, files: &[PostFile], caption: Option<&str>) -> Request {
    let item = |(position, file): (usize, &PostFile)| {
        let mut item = json!({
            "type": Form::of(file).name(),
            "media": format!("attach://file{position}"),
        });
        if let Some(caption) = caption.filter(|_| position == 0) {
            item["caption"] = caption.into();
        }
        item
    };
    let media: Vec<Value> = files.iter().enumerate().map(item).collect();
    let call = call.with("media", media);
    let named = files.iter().enumerate();
    named.fold(call, |call, (position, file)| call.file(format!("file{position}"), file)).request()
}

/// The message that something is done to: the first one, where it went out in several.
fn target(sending: &Sending<'_>) -> Result<i64, Failure> {
    let id = sending.targets.first().and_then(message_id);
    id.ok_or_else(|| Failure::new(FailureCode::TargetGone))
}

fn react(place: &Place, target: i64, emoji: Option<&str>) -> Result<Request, Failure> {
    if place.connection.is_some() {
        return Err(Failure::new(FailureCode::NotPossible));
    }
    // Telegram's list has its emoji without the selector that asks for the coloured form.
    let emoji = emoji.map(|emoji| emoji.replace('\u{fe0f}', ""));
    let reaction: Vec<Value> =
        emoji.into_iter().map(|emoji| json!({ "type": "emoji", "emoji": emoji })).collect();
    let call = Call::new("setMessageReaction").with("chat_id", place.chat);
    Ok(call.with("message_id", target).with("reaction", reaction).request())
}

fn edit(place: &Place, target: i64, text: &str, caption: bool) -> Result<Request, Failure> {
    let (method, name, limit) = match caption {
        true => ("editMessageCaption", "caption", CAPTION_MAX),
        false => ("editMessageText", "text", TEXT_MAX),
    };
    if units(text) > limit {
        return Err(Failure::new(FailureCode::TooLong));
    }
    let call = Call::new(method)
        .maybe("business_connection_id", place.connection.as_deref())
        .with("chat_id", place.chat);
    Ok(call.with("message_id", target).with(name, text).request())
}

fn delete(place: &Place, targets: &[ExternalId]) -> Result<Request, Failure> {
    let ids: Vec<i64> = targets.iter().filter_map(message_id).take(DELETE_MAX).collect();
    match (&place.connection, ids.as_slice()) {
        (_, []) => Err(Failure::new(FailureCode::TargetGone)),
        (Some(connection), _) => {
            let parameters = json!({ "business_connection_id": connection, "message_ids": ids });
            Ok(call("deleteBusinessMessages", parameters))
        }
        (None, [id]) => {
            Ok(call("deleteMessage", json!({ "chat_id": place.chat, "message_id": id })))
        }
        (None, _) => {
            Ok(call("deleteMessages", json!({ "chat_id": place.chat, "message_ids": ids })))
        }
    }
}

/// Something fleeting. Typing ends by itself, and reading can be told for people alone.
pub fn action(to: &ActionTo<'_>, action: &Action) -> Option<Request> {
    if let Action::Acknowledge { id } = action {
        return Some(call("answerCallbackQuery", json!({ "callback_query_id": id })));
    }
    let place = Place::find(to.thread, to.address)?;
    match action {
        Action::Typing { on: true } if !matches!(place.topic, Some(Topic::Direct(_))) => {
            let mut call = Call::new("sendChatAction").with("chat_id", place.chat);
            call.parameters.extend(place.address());
            Some(call.with("action", "typing").request())
        }
        Action::Read { message } => {
            let connection = place.connection.as_deref()?;
            let call = Call::new("readBusinessMessage")
                .with("business_connection_id", connection)
                .with("chat_id", place.chat);
            Some(call.with("message_id", message_id(message)?).request())
        }
        Action::Typing { .. } | Action::Acknowledge { .. } => None,
    }
}
