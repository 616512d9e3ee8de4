//! An account's templates: listing, submitting, deleting.

use serde_json::{Value, json};
use switchboard_domain::{Failure, FailureCode};

use super::{draft, errors};
use crate::account::Credentials;
use crate::http::{Base, Body, Reply, Request};
use crate::meta::json::{id, list, scalar, title};
use crate::template::{Template, TemplateDraft, TemplatePage};

const FIELDS: &str = "id,name,language,status,category,parameter_format,components,quality_score,\
    rejected_reason";
/// How many templates one page has.
const PAGE: &str = "100";

fn path(credentials: &Credentials) -> Option<String> {
    credentials.parent.as_ref().map(|parent| format!("/{parent}/message_templates"))
}

pub(super) fn templates(credentials: &Credentials, page: Option<&str>) -> Option<Request> {
    let request =
        Request::get(Base::Graph, path(credentials)?).query("fields", FIELDS).query("limit", PAGE);
    Some(match page {
        Some(after) => request.query("after", after),
        None => request,
    })
}

pub(super) fn read_templates(reply: &Reply) -> Result<TemplatePage, Failure> {
    if !reply.is_success() {
        return Err(errors::failure(reply));
    }
    let body = reply
        .json()
        .ok_or_else(|| Failure::because(FailureCode::PlatformDown, "the reply is not JSON"))?;
    let paging = body.get("paging").unwrap_or(&Value::Null);
    // The last page has cursors as well, but nothing that comes next.
    let after = paging.get("cursors").and_then(|cursors| scalar(cursors, "after"));
    let next = after.filter(|_| paging.get("next").is_some());
    Ok(TemplatePage { templates: list(&body, "data").iter().filter_map(template).collect(), next })
}

fn template(item: &Value) -> Option<Template> {
    let quality = item.get("quality_score").and_then(|quality| scalar(quality, "score"));
    Some(Template {
        id: id(item, "id")?,
        name: title(item, "name")?,
        language: title(item, "language")?.replace('-', "_"),
        category: title(item, "category").unwrap_or_default(),
        status: title(item, "status").unwrap_or_default().to_ascii_uppercase(),
        quality: quality.filter(|score| score != "UNKNOWN"),
        reason: title(item, "rejected_reason").filter(|reason| reason != "NONE"),
        components: item.get("components").cloned().unwrap_or(json!([])),
        named: scalar(item, "parameter_format").as_deref() == Some("NAMED"),
    })
}

/// What was submitted, as the answer says that it stands.
pub(super) fn created(draft: TemplateDraft, reply: &Reply) -> Option<Template> {
    let answer = reply.json().filter(|_| reply.is_success())?;
    let status = title(&answer, "status").unwrap_or_else(|| "PENDING".to_owned());
    Some(Template {
        id: id(&answer, "id")?,
        named: draft::check(&draft).is_ok_and(|format| format == "NAMED"),
        name: draft.name,
        language: draft.language,
        category: title(&answer, "category").unwrap_or(draft.category),
        status: status.to_ascii_uppercase(),
        quality: None,
        reason: None,
        components: draft.components,
    })
}

pub(super) fn create(
    credentials: &Credentials,
    template: &TemplateDraft,
) -> Result<Request, Vec<String>> {
    let format = draft::check(template)?;
    let path = path(credentials).ok_or_else(|| {
        vec!["The WhatsApp Business Account of this number is not known.".to_owned()]
    })?;
    let body = json!({
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "parameter_format": format,
        "components": template.components,
    });
    Ok(Request::post(Base::Graph, path, Body::Json(body)))
}

/// Deletes one language of a template; the name alone would delete all.
pub(super) fn delete(credentials: &Credentials, name: &str, id: &str) -> Option<Request> {
    Some(Request::delete(Base::Graph, path(credentials)?).query("hsm_id", id).query("name", name))
}
