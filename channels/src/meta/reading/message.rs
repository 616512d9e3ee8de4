//! Messages and taps, their edits, deletions and reactions.

use serde_json::Value;
use switchboard_domain::Extra;
use switchboard_domain::extra::{Card, ChoiceKind};

use super::referral::{beside, referral};
use super::{Scene, gather};
use crate::inbound::{Direction, Event, ExternalId, InMessage, What};
use crate::meta::json::{flag, id, text, title, url};

pub(super) fn read(scene: &Scene<'_>, message: &Value) -> Result<Vec<Event>, String> {
    if scene.is_alone() || flag(message, "is_self") {
        return Ok(vec![scene.of_account(What::Ignored { kind: "message to itself".to_owned() })]);
    }
    let mid = mid(message)?;
    if flag(message, "is_deleted") {
        return scene.in_thread(What::Deleted { targets: vec![mid] });
    }
    let gathered = gather(scene.network, message);
    let mut words = text(message, "text").unwrap_or_default();
    if words.is_empty() {
        words = gathered.title.unwrap_or_default();
    }
    let mut cards: Vec<Card> = choice(message).into_iter().chain(story(message)).collect();
    cards.extend(gathered.cards);
    let (card, rest) = match cards.is_empty() {
        true => (None, vec![]),
        false => (Some(cards.remove(0)), cards),
    };
    append_addresses(&mut words, &rest);
    let referral = message.get("referral").and_then(referral).or_else(|| beside(scene.item));
    let is_empty = words.is_empty() && gathered.media.is_empty() && referral.is_none();
    let unsupported = || Card::Unsupported { kind: "message".to_owned() };
    let card = card.or_else(|| is_empty.then(unsupported));
    let direction = scene.side(message);
    scene.in_thread(What::Message(Box::new(InMessage {
        id: mid,
        opens_window: direction == Direction::Customer,
        direction,
        text: words,
        media: gathered.media,
        extra: Extra { card, referral, ..Extra::default() },
        reply_to: message.get("reply_to").and_then(|to| id(to, "mid")).map(ExternalId),
        acknowledge: None,
    })))
}

fn mid(value: &Value) -> Result<ExternalId, String> {
    id(value, "mid").map(ExternalId).ok_or_else(|| "without mid".to_owned())
}

fn choice(message: &Value) -> Option<Card> {
    if let Some(quick_reply) = message.get("quick_reply").filter(|reply| reply.is_object()) {
        let payload = text(quick_reply, "payload");
        return Some(Card::Choice { by: ChoiceKind::QuickReply, payload });
    }
    let command = message.get("commands")?.as_array()?.first()?;
    Some(Card::Choice { by: ChoiceKind::Command, payload: title(command, "name") })
}

/// The story that it answers. Its picture is not kept: it goes when the story goes.
fn story(message: &Value) -> Option<Card> {
    let story = message.get("reply_to")?.get("story").filter(|story| story.is_object())?;
    Some(Card::Story { mention: false, url: url(story, "url") })
}

/// A message has one card; of any other, the address stands in the text.
fn append_addresses(words: &mut String, cards: &[Card]) {
    for card in cards {
        let (Card::Share { title, url: Some(url), .. }
        | Card::Details { title, url: Some(url), .. }) = card
        else {
            continue;
        };
        if words.contains(url) {
            continue;
        }
        if !words.is_empty() {
            words.push('\n');
        }
        if let Some(title) = title {
            words.push_str(title);
            words.push(' ');
        }
        words.push_str(url);
    }
}

pub(super) fn read_postback(scene: &Scene<'_>, postback: &Value) -> Result<Vec<Event>, String> {
    let referral = postback.get("referral").and_then(referral);
    // Only "Get started" carries the link by which the person came.
    let by = if referral.is_some() { ChoiceKind::Menu } else { ChoiceKind::Button };
    let card = Card::Choice { by, payload: text(postback, "payload") };
    scene.in_thread(What::Message(Box::new(InMessage {
        id: mid(postback).unwrap_or_else(|_| scene.made_id("postback")),
        direction: Direction::Customer,
        text: title(postback, "title").unwrap_or_default(),
        media: vec![],
        extra: Extra { card: Some(card), referral, ..Extra::default() },
        reply_to: None,
        opens_window: true,
        acknowledge: None,
    })))
}

pub(super) fn read_edit(scene: &Scene<'_>, edit: &Value) -> Result<Vec<Event>, String> {
    let target = mid(edit)?;
    let text = Some(text(edit, "text").unwrap_or_default());
    scene.in_thread(What::Edited { target, text, media: None, extra: None })
}

pub(super) fn read_reaction(scene: &Scene<'_>, reaction: &Value) -> Result<Vec<Event>, String> {
    let target = mid(reaction)?;
    let emoji = match reaction.get("action").and_then(Value::as_str) {
        Some("react") => vec![emoji(reaction)],
        Some("unreact") => vec![],
        _ => return Err("neither react nor unreact".to_owned()),
    };
    let by = scene.side(reaction);
    scene.in_thread(What::Reacted { target, emoji, by })
}

fn emoji(reaction: &Value) -> String {
    title(reaction, "emoji").filter(|emoji| emoji.chars().count() <= 16).unwrap_or_else(|| {
        let name = reaction.get("reaction").and_then(Value::as_str);
        named_emoji(name.unwrap_or_default()).to_owned()
    })
}

/// The picture of a reaction that is only named.
pub(crate) fn named_emoji(name: &str) -> &'static str {
    match name.to_ascii_lowercase().as_str() {
        "love" | "care" => "❤",
        "smile" | "haha" => "😆",
        "wow" => "😮",
        "sad" | "sorry" => "😢",
        "angry" | "anger" => "😠",
        "like" => "👍",
        "dislike" => "👎",
        _ => "❔",
    }
}
