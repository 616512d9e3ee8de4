//! What Instagram posts about an account, of both kinds.

use jiff::Timestamp;
use serde_json::Value;
use switchboard_domain::Extra;
use switchboard_domain::extra::{Card, Field, Referral};

use super::mention::Mention;
use crate::inbound::{Batch, Direction, Event, ExternalId, InMessage, What};
use crate::meta::comment::{Comment, Commenter};
use crate::meta::envelope::{self, Form, Item};
use crate::meta::json::{date, id, text, title};
use crate::meta::network::Network;
use crate::meta::reading;

/// Reads a webhook.
pub fn read(body: &[u8]) -> Batch {
    envelope::read("instagram", body, read_item)
}

fn read_item(item: &Item<'_>) -> Result<Vec<Event>, String> {
    // The dashboard's test button posts of an account that nobody has.
    if item.account == "0" {
        return item.ignored("test of the dashboard");
    }
    match item.form {
        Form::Messaging(value) | Form::Standby(value) => message(item, value),
        Form::Change { field: "comments" | "live_comments", value } => read_comment(item, value),
        Form::Change { field: "mentions", value } => read_mention(item, value),
        // Messages, as the dashboard of Instagram Login posts them.
        Form::Change { value, .. }
            if value.get("sender").is_some() || value.get("recipient").is_some() =>
        {
            message(item, value)
        }
        Form::Change { field, .. } => item.ignored(field),
    }
}

fn message(item: &Item<'_>, value: &Value) -> Result<Vec<Event>, String> {
    reading::read(Network::Instagram, item.account, item.sent_at, value)
}

fn read_comment(item: &Item<'_>, value: &Value) -> Result<Vec<Event>, String> {
    let at = time(item, value)?;
    let from = &value["from"];
    let by = Commenter {
        id: id(from, "id"),
        name: None,
        username: title(from, "username").or_else(|| title(value, "username")),
    };
    if by.id.as_deref() == Some(item.account) {
        // Whose conversation it belongs to is not told.
        return item.ignored("own comment");
    }
    let media = &value["media"];
    let referral = id(media, "ad_id").map(|ad| Referral {
        kind: "ad".to_owned(),
        title: title(media, "ad_title"),
        source: Some(ad),
        ..Referral::default()
    });
    let comment = Comment {
        at,
        id: id(value, "id").or_else(|| id(value, "comment_id")).ok_or("comment: without an id")?,
        by,
        text: text(value, "text").unwrap_or_default(),
        media: vec![],
        post: id(media, "original_media_id").or_else(|| id(media, "id")),
        url: None,
        parent: id(value, "parent_id"),
        referral,
    };
    Ok(vec![comment.event(Network::Instagram, item.account, comment.message())])
}

/// Comments have no time of their own, except where some future version tells it.
fn time(item: &Item<'_>, value: &Value) -> Result<Timestamp, String> {
    date(value, "timestamp").or(item.sent_at).ok_or_else(|| "without a time".to_owned())
}

/// Someone mentions the account under a post, or in a comment, of their own. Only ids are told;
/// it can be answered all the same.
fn read_mention(item: &Item<'_>, value: &Value) -> Result<Vec<Event>, String> {
    let media = id(value, "media_id").ok_or("mention: without media_id")?;
    let mention = Mention { media: media.clone(), comment: id(value, "comment_id") };
    let comment = Comment {
        at: time(item, value)?,
        id: mention.to_string(),
        by: Commenter::default(),
        text: String::new(),
        media: vec![],
        post: Some(media.clone()),
        url: None,
        parent: None,
        referral: None,
    };
    let field = |name: &str, value: String| Field { name: name.to_owned(), value };
    let lines =
        [Some(field("post", media)), mention.comment.clone().map(|id| field("comment", id))];
    let place = if mention.comment.is_some() { "a comment" } else { "a post" };
    let card = Card::Details {
        kind: "mention".to_owned(),
        title: Some(format!("Mentioned you in {place}")),
        lines: lines.into_iter().flatten().collect(),
        url: None,
    };
    let what = What::Message(Box::new(InMessage {
        id: ExternalId(comment.id.clone()),
        direction: Direction::Customer,
        text: String::new(),
        media: vec![],
        extra: Extra::of(card),
        reply_to: None,
        opens_window: false,
        acknowledge: None,
    }));
    Ok(vec![comment.event(Network::Instagram, item.account, what)])
}
