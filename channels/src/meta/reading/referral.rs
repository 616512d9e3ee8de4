//! How customers came: by an advertisement, a link, a product.

use serde_json::Value;
use switchboard_domain::Extra;
use switchboard_domain::extra::{Card, Referral};

use super::Scene;
use super::forms::answers;
use crate::inbound::{Direction, Event, InMessage, What};
use crate::meta::json::{id, text, title, url};

/// A click into a conversation that there was already. Nothing was written, so the click itself
/// is shown.
pub(super) fn read(scene: &Scene<'_>, value: &Value) -> Result<Vec<Event>, String> {
    let referral = referral(value).ok_or("says nothing")?;
    let answers = scene.item.get("lead").map(answers).unwrap_or_default();
    // A link opens the window by itself, an advertisement only with the message that follows.
    // The answers to an advertisement's questions were written in the conversation.
    let opens_window = referral.kind != "ad" || !answers.is_empty();
    let card =
        (!answers.is_empty()).then(|| Card::Form { name: referral.title.clone(), fields: answers });
    scene.in_thread(What::Message(Box::new(InMessage {
        id: scene.made_id("referral"),
        direction: Direction::Customer,
        text: String::new(),
        media: vec![],
        extra: Extra { card, referral: Some(referral), ..Extra::default() },
        reply_to: None,
        opens_window,
        acknowledge: None,
    })))
}

pub(super) fn referral(value: &Value) -> Option<Referral> {
    if let Some(product) = value.get("product") {
        let source = id(product, "id");
        return Some(Referral { kind: "product".to_owned(), source, ..Referral::default() });
    }
    let context = &value["ads_context_data"];
    let referral = Referral {
        kind: kind(&title(value, "source").unwrap_or_default()),
        title: title(context, "ad_title"),
        body: None,
        url: url(value, "referer_uri"),
        source: id(value, "ad_id").or_else(|| id(context, "post_id")),
        reference: text(value, "ref"),
    };
    let nothing = Referral { kind: referral.kind.clone(), ..Referral::default() };
    (!referral.kind.is_empty() || referral != nothing).then_some(referral)
}

fn kind(source: &str) -> String {
    match source {
        "ADS" => "ad".to_owned(),
        "SHORTLINK" | "IGME-SOURCE-LINK" => "link".to_owned(),
        "CUSTOMER_CHAT_PLUGIN" => "website_chat".to_owned(),
        "checkbox_plugin" => "website_checkbox".to_owned(),
        "messenger_lead_gen_complete" | "messenger_lead_gen_incomplete" => "lead_ad".to_owned(),
        other => other.to_lowercase(),
    }
}

/// What stands beside the person's first message: the website's checkbox, or the summary of an
/// advertisement's questions.
pub(super) fn beside(item: &Value) -> Option<Referral> {
    if let Some(prior) = item.get("prior_message") {
        return Some(Referral {
            kind: kind(&title(prior, "source").unwrap_or_default()),
            reference: title(prior, "identifier"),
            ..Referral::default()
        });
    }
    let hop = item.get("hop_context").filter(|hop| hop.is_object())?;
    Some(Referral {
        kind: title(hop, "metadata").map_or("other app".to_owned(), |metadata| kind(&metadata)),
        source: id(hop, "app_id"),
        ..Referral::default()
    })
}
