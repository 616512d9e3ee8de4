//! `POST /{phone-number-id}/messages`

use serde_json::json;

use super::content::{self, Content, TYPES};
use super::order::Order;
use super::render;
use super::templates::Template;
use crate::graph::{Answer, Call, Fields, GraphError};
use crate::media::fetch;
use crate::world::{Platform, Side, Status, World};

const OPAQUE_CHARS_MAX: usize = 512;
const TYPING_MS: i64 = 25_000;
const ENVELOPE: [&str; 10] = [
    "messaging_product",
    "recipient_type",
    "to",
    "recipient",
    "type",
    "context",
    "biz_opaque_callback_data",
    "recipient_identity_key_hash",
    "status",
    "message_id",
];

pub async fn messages(world: &World, call: &Call, number: &str) -> Answer {
    let allowed = [&ENVELOPE[..], &TYPES[..], &["typing_indicator"][..]].concat();
    let body = Fields::of(&call.json, "", &allowed)?;
    if body.text("messaging_product")? != Some("whatsapp") {
        return Err(body.missing("messaging_product"));
    }
    if body.has("status") {
        return mark_read(world, &body, number);
    }
    let kind = body.one_of("type", &TYPES)?.unwrap_or("text");
    if let Some(other) = TYPES.iter().find(|other| **other != kind && body.has(other)) {
        return Err(body.wrong(other, &format!("does not belong to a message of type {kind}")));
    }
    body.one_of("recipient_type", &["individual"])?;
    body.text_up_to("biz_opaque_callback_data", OPAQUE_CHARS_MAX)?;
    let quoted = match body.has("context") {
        true => {
            Some(body.object("context", &["message_id"])?.need_text("message_id", 512)?.to_owned())
        }
        false => None,
    };
    let (content, template) = match kind {
        "template" => {
            template_content(world, &body, number).map(|(content, of)| (content, Some(of)))?
        }
        _ => (content::read(kind, &body)?, None),
    };
    let fetched = match render::link(&content) {
        Some(link) => Some(fetch(world, link).await),
        None => None,
    };
    let order = Order { number, body: &body, json: &call.json, quoted, content, template };
    let mut state = world.lock();
    let answer = order.take(world, &mut state, fetched)?;
    drop(state);
    if let Some(phone) = answer.phone {
        world.changed(&phone);
    }
    Ok(answer.json)
}

fn mark_read(world: &World, body: &Fields<'_>, number: &str) -> Answer {
    body.one_of("status", &["read"])?;
    let id = body.need_text("message_id", 512)?;
    let typing = body.has("typing_indicator");
    if typing {
        let indicator = body.object("typing_indicator", &["type"])?;
        if indicator.need_text("type", 16)? != "text" {
            return Err(indicator.wrong("type", "must be text"));
        }
    }
    let mut state = world.lock();
    let now = state.now();
    let phone = state.phone_with(id).filter(|phone| {
        phone.platform == Platform::Whatsapp
            && phone.account == number
            && phone.message(id).is_some_and(|message| message.from == Side::Customer)
    });
    let phone = phone.map(|phone| phone.id.clone()).ok_or_else(|| {
        GraphError::whatsapp(131_009, "Parameter value is not valid", "Message ID not found")
    })?;
    if let Some(phone) = state.phone_mut(&phone) {
        let upto = phone.message(id).map_or(0, |message| message.at);
        let theirs =
            phone.thread.iter_mut().filter(|one| one.from == Side::Customer && one.at <= upto);
        theirs.for_each(|message| message.status = Status::Read);
        if typing {
            phone.typing_until = now + TYPING_MS;
        }
    }
    drop(state);
    world.changed(&phone);
    Ok(json!({ "success": true }))
}

fn template_content(
    world: &World,
    body: &Fields<'_>,
    number: &str,
) -> Result<(Content, Template), GraphError> {
    let asked = body.object("template", &["name", "language", "components"])?;
    let name = asked.need_text("name", 512)?;
    let language = asked.object("language", &["code", "policy"])?.need_text("code", 16)?;
    let state = world.lock();
    let waba = state.account(Platform::Whatsapp, number).map(|account| account.owner.clone());
    let found = state.whatsapp.templates.iter().find(|template| {
        Some(&template.waba) == waba.as_ref()
            && template.name == name
            && template.language == language
    });
    let refuse =
        |code, title: &str, details: String| Err(GraphError::whatsapp(code, title, details));
    let template = match found {
        Some(template) if template.status == "APPROVED" => template.clone(),
        Some(template) if template.status == "PAUSED" => {
            return refuse(
                132_015,
                "Template is Paused",
                format!("{name} is paused for its quality"),
            );
        }
        Some(template) if template.status == "DISABLED" => {
            return refuse(132_016, "Template is Disabled", format!("{name} is disabled"));
        }
        _ => {
            let details = format!("template name ({name}) does not exist in {language}");
            let title = "Template name does not exist in the translation";
            return Err(GraphError {
                status: 404,
                ..GraphError::whatsapp(132_001, title, details)
            });
        }
    };
    drop(state);
    let empty = vec![];
    let components = match asked.has("components") {
        true => asked.list("components", 0, 20)?,
        false => &empty,
    };
    Ok((render::fill(&template, components)?, template))
}
