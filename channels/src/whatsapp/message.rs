//! Messages: of customers, of the business's phone (echoes), of history.

use serde_json::Value;
use switchboard_domain::extra::Referral;
use switchboard_domain::text::EMOJI_MAX_BYTES;
use switchboard_domain::{Card, ChannelLine, Extra};

use super::content::Content;
use super::people::{self, Who};
use super::read::Change;
use crate::inbound::{Direction, Event, ExternalId, InMessage, Thread, What};
use crate::meta::json::{flag, id, list, scalar, text, title, url};

/// What the business's own phone is called.
pub(super) const PHONE: &str = "phone";

/// Whose message it is and when it came to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Origin {
    pub is_business: bool,
    pub is_history: bool,
}

impl Origin {
    const CUSTOMER: Origin = Origin { is_business: false, is_history: false };
    const ECHO: Origin = Origin { is_business: true, is_history: false };

    fn direction(self) -> Direction {
        match self.is_business {
            false => Direction::Customer,
            true => Direction::Business { via: Some(PHONE.to_owned()), correlation: None },
        }
    }
}

/// A message of a customer, or of a member of a group.
pub(super) fn read(change: &Change<'_>, item: &Value) -> Result<Vec<Event>, String> {
    if scalar(item, "type").as_deref() == Some("system") {
        return people::read_system(change, item);
    }
    let who = Who::of(item, "from_user_id", "from");
    let (thread, sender) = conversation(change, item, who)?;
    events(change, item, thread, sender, Origin::CUSTOMER)
}

/// A message that the business wrote on its phone.
pub(super) fn read_echo(change: &Change<'_>, item: &Value) -> Result<Vec<Event>, String> {
    let who = Who::of(item, "to_user_id", "to");
    let (thread, _) = conversation(change, item, who)?;
    events(change, item, thread, None, Origin::ECHO)
}

/// Where a message belongs; in a group, also who wrote it.
fn conversation(
    change: &Change<'_>,
    item: &Value,
    who: Who,
) -> Result<(Thread, Option<String>), String> {
    match id(item, "group_id") {
        Some(group) => Ok((people::group(&group), who.name(change.contacts()))),
        None => Ok((who.thread(change.contacts()).ok_or("it names nobody")?, None)),
    }
}

/// What an item of type `message` says, whoever wrote it.
pub(super) fn events(
    change: &Change<'_>,
    item: &Value,
    thread: Thread,
    sender: Option<String>,
    origin: Origin,
) -> Result<Vec<Event>, String> {
    let id = external(item, "id").ok_or("a message without an id")?;
    let at = change.at(item)?;
    let kind = title(item, "type").unwrap_or("unknown".to_owned());
    let what = match kind.as_str() {
        "reaction" => reaction(item, origin)?,
        "edit" => edit(item, origin)?,
        "revoke" => {
            let revoke = item.get("revoke").unwrap_or(&Value::Null);
            let target = external(revoke, "original_message_id").ok_or("it deletes nothing")?;
            What::Deleted { targets: vec![target] }
        }
        "request_welcome" => What::Line(ChannelLine::Opened),
        _ => {
            let content = Content::of(item, &kind);
            What::Message(Box::new(message(id, item, content, sender, origin)))
        }
    };
    Ok(vec![Event { at, thread: Some(thread), what }])
}

fn message(
    id: ExternalId,
    item: &Value,
    content: Content,
    sender: Option<String>,
    origin: Origin,
) -> InMessage {
    let context = item.get("context").unwrap_or(&Value::Null);
    let extra = Extra {
        card: content.card,
        referral: referral(item, context),
        sender,
        via: origin.is_business.then(|| PHONE.to_owned()),
        forwarded: flag(context, "forwarded") || flag(context, "frequently_forwarded"),
        history: origin.is_history,
        ..Extra::default()
    };
    InMessage {
        id,
        direction: origin.direction(),
        text: content.text,
        media: content.media,
        extra,
        reply_to: external(context, "id"),
        opens_window: origin == Origin::CUSTOMER,
        acknowledge: None,
    }
}

fn reaction(item: &Value, origin: Origin) -> Result<What, String> {
    let reaction = item.get("reaction").unwrap_or(&Value::Null);
    let target = external(reaction, "message_id").ok_or("a reaction to nothing")?;
    // Empty or absent when taken back.
    let emoji = text(reaction, "emoji").filter(|emoji| emoji.len() <= EMOJI_MAX_BYTES);
    Ok(What::Reacted { target, emoji: emoji.into_iter().collect(), by: origin.direction() })
}

fn edit(item: &Value, origin: Origin) -> Result<What, String> {
    let edit = item.get("edit").unwrap_or(&Value::Null);
    let target = external(edit, "original_message_id").ok_or("it edits nothing")?;
    let edited = edit.get("message").ok_or("it edits to nothing")?;
    let content = Content::of(edited, &title(edited, "type").unwrap_or("edit".to_owned()));
    let extra = content.card.map(|card| {
        let via = origin.is_business.then(|| PHONE.to_owned());
        Box::new(Extra { via, ..Extra::of(card) })
    });
    let media = (!content.media.is_empty()).then_some(content.media);
    Ok(What::Edited { target, text: Some(content.text), media, extra })
}

/// How the customer came here: an advertisement, a post, a product's page.
fn referral(item: &Value, context: &Value) -> Option<Referral> {
    if let Some(referral) = item.get("referral").filter(|referral| referral.is_object()) {
        return Some(Referral {
            kind: title(referral, "source_type").unwrap_or("link".to_owned()),
            title: title(referral, "headline"),
            body: title(referral, "body"),
            url: url(referral, "source_url"),
            source: scalar(referral, "source_id"),
            reference: scalar(referral, "ctwa_clid"),
        });
    }
    let product = context.get("referred_product").filter(|product| product.is_object())?;
    Some(Referral {
        kind: "product".to_owned(),
        source: scalar(product, "product_retailer_id"),
        reference: scalar(product, "catalog_id"),
        ..Referral::default()
    })
}

/// The name of a message.
pub(super) fn external(value: &Value, key: &str) -> Option<ExternalId> {
    id(value, key).map(ExternalId)
}

/// Whether nothing but an error came in a message's place, and which.
pub(super) fn first_error(item: &Value) -> Option<&Value> {
    list(item, "errors").first()
}

/// A card for what cannot be shown.
pub(super) fn unsupported(kind: impl Into<String>) -> Card {
    Card::Unsupported { kind: kind.into() }
}
