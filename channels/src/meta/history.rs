//! The Conversations API: what was written before an account was connected. Only the 20 latest
//! messages of a conversation have details.

use serde_json::Value;
use switchboard_domain::extra::Card;
use switchboard_domain::{AttachmentKind, Extra, Failure};

use super::error;
use super::json::{date, edge, id, text, title, url};
use super::network::Network;
use super::reading::of_history;
use crate::account::{Credentials, HistoryPage};
use crate::http::{Base, Reply, Request};
use crate::inbound::{Direction, Event, ExternalId, InMessage, Media, Route, Routed, Source, What};

/// Conversations of one page.
const PAGE: &str = "25";

/// Where an account's conversations are.
#[derive(Debug)]
pub(crate) struct Conversations<'a> {
    pub network: Network,
    pub base: Base,
    /// The Page or Instagram account that holds them.
    pub holder: &'a str,
    /// What is asked of each message.
    pub fields: &'static str,
}

impl Conversations<'_> {
    pub(crate) fn request(&self, thread: Option<&str>, page: Option<&str>) -> Request {
        let Some(thread) = thread else {
            let path = format!("/{}/conversations", self.holder);
            let request = Request::get(self.base.clone(), path)
                .query("platform", self.network.platform())
                .query("fields", "id,updated_time")
                .query("limit", PAGE);
            return match page {
                Some(after) => request.query("after", after),
                None => request,
            };
        };
        let fields = format!("messages.limit(20){{{}}}", self.fields);
        Request::get(self.base.clone(), format!("/{thread}")).query("fields", fields)
    }
}

pub(crate) fn read(
    network: Network,
    credentials: &Credentials,
    thread: Option<&str>,
    reply: &Reply,
) -> Result<HistoryPage, Failure> {
    let body = error::success(reply)?;
    if thread.is_some() {
        let events = messages(network, credentials, &body);
        return Ok(HistoryPage { events, threads: vec![], next: None });
    }
    let conversations = edge(&body, "data");
    Ok(HistoryPage {
        events: conversations
            .iter()
            .flat_map(|conversation| messages(network, credentials, conversation))
            .collect(),
        threads: conversations.iter().filter_map(|conversation| id(conversation, "id")).collect(),
        // The last page has a cursor as well, behind which there is an empty page.
        next: body
            .pointer("/paging/cursors")
            .and_then(|cursors| id(cursors, "after"))
            .filter(|_| !conversations.is_empty()),
    })
}

/// A conversation's messages, oldest first. One that cannot be read is passed over.
fn messages(network: Network, credentials: &Credentials, conversation: &Value) -> Vec<Routed> {
    let messages = edge(conversation, "messages").iter().rev();
    messages
        .filter_map(|message| event(network, credentials, message))
        .map(|event| Routed { route: Route::Account(credentials.id.clone()), event })
        .collect()
}

fn event(network: Network, credentials: &Credentials, message: &Value) -> Option<Event> {
    let from = id(message.get("from")?, "id")?;
    let ours = [Some(&credentials.id), credentials.other_id.as_ref(), credentials.parent.as_ref()];
    let is_ours = |id: &String| ours.contains(&Some(id));
    let (direction, person) = match is_ours(&from) {
        true => {
            let to = edge(message, "to").iter().find_map(|to| id(to, "id"))?;
            (Direction::Business { via: None, correlation: None }, to)
        }
        false => (Direction::Customer, from),
    };
    if is_ours(&person) {
        return None;
    }
    let mut thread = network.thread(&credentials.id, &person);
    if direction == Direction::Customer {
        thread.peer.name = title(&message["from"], "name");
        thread.peer.username = title(&message["from"], "username");
    }
    let text = text(message, "message").unwrap_or_default();
    let mut media = of_history(message);
    media.extend(sticker(message));
    let card = card(message, text.is_empty() && media.is_empty());
    let what = What::Message(Box::new(InMessage {
        id: ExternalId(id(message, "id")?),
        // The window follows from when the person wrote, however that became known.
        opens_window: direction == Direction::Customer,
        direction,
        text,
        media,
        extra: Extra { card, history: true, ..Extra::default() },
        reply_to: message.get("reply_to").and_then(reply_to).map(ExternalId),
        acknowledge: None,
    }));
    Some(Event { at: date(message, "created_time")?, thread: Some(thread), what })
}

fn reply_to(reply_to: &Value) -> Option<String> {
    id(reply_to, "mid").or_else(|| id(reply_to, "id"))
}

fn card(message: &Value, is_empty: bool) -> Option<Card> {
    if let Some(share) = edge(message, "shares").first() {
        let address = url(share, "link").or_else(|| url(share, "url"));
        let name = title(share, "name");
        return Some(Card::Share { kind: "share".to_owned(), title: name, url: address });
    }
    if let Some(story) = message.get("story") {
        let mention = story.get("mention").filter(|mention| mention.is_object());
        let link = mention.or_else(|| story.get("reply_to")).and_then(|story| url(story, "link"));
        return Some(Card::Story { mention: mention.is_some(), url: link });
    }
    if sticker(message).is_some() {
        return Some(Card::Sticker { emoji: None });
    }
    is_empty.then(|| Card::Unsupported { kind: "message".to_owned() })
}

/// A sticker is its picture.
fn sticker(message: &Value) -> Option<Media> {
    let source = Source::Url { url: url(message, "sticker")? };
    Some(Media { kind: AttachmentKind::Image, mime: None, name: None, size: None, source })
}
