//! Message templates: their preset, and the calls that manage them.

use actix_web::http::Method;
use serde::Serialize;
use serde_json::{Value, json};

use super::numbers::select;
use super::render::variables;
use crate::graph::{Answer, Call, Caller, Fields, GraphError};
use crate::world::preset::WABA;
use crate::world::{Platform, World};

const PAGE: usize = 25;

#[derive(Debug, Clone, Serialize)]
pub struct Template {
    pub id: String,
    #[serde(skip)]
    pub waba: String,
    pub name: String,
    pub language: String,
    pub category: String,
    pub status: String,
    #[serde(skip)]
    pub named: bool,
    pub components: Value,
    pub rejected_reason: String,
}

impl Template {
    fn json(&self) -> Value {
        let mut all = json!(self);
        all["parameter_format"] = if self.named { "NAMED" } else { "POSITIONAL" }.into();
        all["quality_score"] = json!({ "score": "UNKNOWN" });
        all
    }
}

/// Three approved templates, one pending and one rejected.
pub fn preset() -> Vec<Template> {
    let rows = [
        (
            "1402277735510001",
            "order_update",
            "UTILITY",
            "APPROVED",
            false,
            json!([
                { "type": "BODY", "text": "Hello {{1}}, your order {{2}} leaves the kiln today.",
                  "example": { "body_text": [["Ana", "A-1001"]] } },
            ]),
        ),
        (
            "1402277735510002",
            "appointment_reminder",
            "UTILITY",
            "APPROVED",
            true,
            json!([
                { "type": "HEADER", "format": "TEXT", "text": "Your visit" },
                { "type": "BODY", "text": "Hi {{first_name}}, we expect you on {{day}} at the studio.",
                  "example": { "body_text_named_params": [
                    { "param_name": "first_name", "example": "Ana" },
                    { "param_name": "day", "example": "Friday" } ] } },
                { "type": "FOOTER", "text": "Kiln & Clay, Harbour Street 4" },
                { "type": "BUTTONS", "buttons": [
                    { "type": "QUICK_REPLY", "text": "Confirm" },
                    { "type": "QUICK_REPLY", "text": "Change the day" },
                    { "type": "URL", "text": "Directions", "url": "https://kilnandclay.example/visit/{{1}}",
                      "example": ["https://kilnandclay.example/visit/42"] } ] },
            ]),
        ),
        (
            "1402277735510003",
            "summer_sale",
            "MARKETING",
            "APPROVED",
            false,
            json!([
                { "type": "HEADER", "format": "IMAGE", "example": { "header_handle": ["4::aWsandbox"] } },
                { "type": "BODY", "text": "Dear {{1}}, all glazes are 20 % off this week.",
                  "example": { "body_text": [["Ana"]] } },
                { "type": "FOOTER", "text": "Reply STOP to hear no more of this" },
            ]),
        ),
        (
            "1402277735510004",
            "delivery_delay",
            "UTILITY",
            "PENDING",
            false,
            json!([
                { "type": "BODY", "text": "Sorry, order {{1}} is one day late.",
                  "example": { "body_text": [["A-1001"]] } },
            ]),
        ),
        (
            "1402277735510005",
            "win_a_prize",
            "MARKETING",
            "REJECTED",
            false,
            json!([
                { "type": "BODY", "text": "You have won. Reply now!" },
            ]),
        ),
    ];
    rows.into_iter()
        .map(|(id, name, category, status, named, components)| Template {
            id: id.into(),
            waba: WABA.into(),
            name: name.into(),
            language: "en_US".into(),
            category: category.into(),
            status: status.into(),
            named,
            components,
            rejected_reason: if status == "REJECTED" { "PROMOTIONAL" } else { "NONE" }.into(),
        })
        .collect()
}

/// `/{waba-id}/message_templates`
pub fn edge(world: &World, call: &Call, waba: &str) -> Answer {
    match call.method {
        Method::GET => list(world, call, waba),
        Method::POST => create(world, call, waba),
        Method::DELETE => delete(world, call, waba),
        _ => Err(GraphError::invalid("Unsupported request method")),
    }
}

fn list(world: &World, call: &Call, waba: &str) -> Answer {
    let state = world.lock();
    let wanted = |member: &str, value: &str| call.param(member).is_none_or(|asked| asked == value);
    let found: Vec<&Template> = state
        .whatsapp
        .templates
        .iter()
        .filter(|template| template.waba == waba)
        .filter(|template| call.param("name").is_none_or(|name| template.name.contains(name)))
        .filter(|template| wanted("status", &template.status))
        .filter(|template| wanted("language", &template.language))
        .filter(|template| wanted("category", &template.category))
        .collect();
    let start = match call.param("after") {
        None => 0,
        Some(cursor) => {
            cursor.strip_prefix("QVFI").and_then(|start| start.parse::<usize>().ok()).ok_or_else(
                || GraphError::whatsapp(131_059, "Invalid cursor", "Start again without it"),
            )?
        }
    };
    let limit = call.param("limit").and_then(|limit| limit.parse().ok()).unwrap_or(PAGE);
    let end = (start + limit).min(found.len());
    let fields = "name,parameter_format,components,language,status,category,id";
    let data: Vec<Value> = found
        .get(start..end)
        .unwrap_or_default()
        .iter()
        .map(|template| select(&template.json(), call, fields))
        .collect();
    let mut cursors = json!({ "before": format!("QVFI{start}") });
    let mut paging = json!({});
    cursors["after"] = format!("QVFI{end}").into();
    if end < found.len() {
        let url = world.url();
        paging["next"] = format!(
            "{url}/graph/{}/{waba}/message_templates?after=QVFI{end}&limit={limit}",
            world.config().graph_version
        )
        .into();
    }
    paging["cursors"] = cursors;
    Ok(json!({ "data": data, "paging": paging }))
}

fn create(world: &World, call: &Call, waba: &str) -> Answer {
    let members = [
        "name",
        "language",
        "category",
        "parameter_format",
        "components",
        "message_send_ttl_seconds",
        "library_template_name",
        "library_template_button_inputs",
        "library_template_body_inputs",
    ];
    let body = Fields::of(&call.json, "", &members)?;
    let name = body.need_text("name", 512)?;
    if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
        return Err(body.wrong("name", "may only have lowercase letters, digits and underscores"));
    }
    let language = body.need_text("language", 16)?;
    let categories = ["AUTHENTICATION", "MARKETING", "UTILITY"];
    let category = body.one_of("category", &categories)?.ok_or_else(|| body.missing("category"))?;
    let named = body.one_of("parameter_format", &["POSITIONAL", "NAMED"])? == Some("NAMED");
    let components = body.need("components")?;
    check(components, named)?;
    let mut state = world.lock();
    let taken = state.whatsapp.templates.iter().any(|template| {
        template.waba == waba && template.name == name && template.language == language
    });
    if taken {
        return Err(GraphError::whatsapp(
            2_388_024,
            "Invalid parameter",
            "There is already content in this language for this template",
        ));
    }
    let template = Template {
        id: state.decimal_id("14"),
        waba: waba.to_owned(),
        name: name.to_owned(),
        language: language.to_owned(),
        category: category.to_owned(),
        status: "PENDING".into(),
        named,
        components: components.clone(),
        rejected_reason: "NONE".into(),
    };
    let answer = json!({ "id": template.id, "status": "PENDING", "category": category });
    state.whatsapp.templates.push(template);
    Ok(answer)
}

/// What the review refuses at once.
fn check(components: &Value, named: bool) -> Result<(), GraphError> {
    let wrong = |code, details: &str| Err(GraphError::whatsapp(code, "Invalid parameter", details));
    let Some(components) = components.as_array() else {
        return Err(GraphError::invalid("Param components must be an array"));
    };
    if !components.iter().any(|component| component["type"] == "BODY") {
        return wrong(2_388_047, "A template needs a BODY");
    }
    for component in components {
        let kind = component["type"].as_str().unwrap_or_default();
        let text = component["text"].as_str().unwrap_or_default();
        let (max, code) = match kind {
            "HEADER" => (60, 2_388_040),
            "BODY" => (1024, 2_388_040),
            "FOOTER" => (60, 2_388_040),
            "BUTTONS" => {
                buttons(component)?;
                continue;
            }
            "CAROUSEL" | "LIMITED_TIME_OFFER" => continue,
            _ => return wrong(100, "A component has an unknown type"),
        };
        if text.chars().count() > max {
            return wrong(code, "A component is too long");
        }
        let names = variables(text);
        let sequential = names.iter().enumerate().all(|(at, name)| *name == (at + 1).to_string());
        match kind {
            "FOOTER" if !names.is_empty() => return wrong(2_388_073, "A footer has no variables"),
            "HEADER" if names.len() > 1 => return wrong(2_388_072, "A header has one variable"),
            "BODY" if text.is_empty() => return wrong(2_388_047, "The body has no text"),
            _ => {}
        }
        if !named && !sequential {
            return wrong(2_388_047, "Variables must be {{1}}, {{2}} and so on");
        }
        let trimmed = text.trim();
        if kind == "BODY" && (trimmed.starts_with("{{") || trimmed.ends_with("}}")) {
            return wrong(2_388_299, "Variables can't be at the start or end of the template");
        }
        if !names.is_empty() && component["example"].is_null() {
            return wrong(2_388_043, "Variables need examples");
        }
        let media = component["format"]
            .as_str()
            .is_some_and(|format| format != "TEXT" && format != "LOCATION");
        if kind == "HEADER" && media && component["example"]["header_handle"].is_null() {
            return wrong(2_388_273, "A header with media needs a sample");
        }
    }
    Ok(())
}

fn buttons(component: &Value) -> Result<(), GraphError> {
    let buttons = component["buttons"].as_array().map(Vec::as_slice).unwrap_or_default();
    let many = |kind: &str| buttons.iter().filter(|button| button["type"] == kind).count();
    let long = buttons
        .iter()
        .any(|button| button["text"].as_str().is_some_and(|text| text.chars().count() > 25));
    if buttons.is_empty()
        || buttons.len() > 10
        || many("URL") > 2
        || many("PHONE_NUMBER") > 1
        || long
    {
        return Err(GraphError::invalid("The buttons of the template are too many or too long"));
    }
    Ok(())
}

fn delete(world: &World, call: &Call, waba: &str) -> Answer {
    let name = call.need_param("name")?;
    let id = call.param("hsm_id");
    let mut state = world.lock();
    let before = state.whatsapp.templates.len();
    state.whatsapp.templates.retain(|template| {
        template.waba != waba || template.name != name || id.is_some_and(|id| id != template.id)
    });
    if state.whatsapp.templates.len() == before {
        return Err(GraphError::whatsapp(
            100,
            "Invalid parameter",
            "Message template was not found",
        ));
    }
    Ok(json!({ "success": true }))
}

/// `/{template-id}`
pub fn template(world: &World, call: &Call, caller: &Caller, id: &str, rest: &[&str]) -> Answer {
    let mut state = world.lock();
    let waba = state.whatsapp.templates.iter().find(|one| one.id == id).map(|one| one.waba.clone());
    let opens = state.accounts.iter().any(|account| {
        account.platform == Platform::Whatsapp
            && Some(&account.owner) == waba.as_ref()
            && caller.opens(Platform::Whatsapp, &account.id).is_ok()
    });
    let template = state.whatsapp.templates.iter_mut().find(|one| one.id == id).filter(|_| opens);
    let template = template.ok_or_else(|| GraphError::no_such_object(id))?;
    match (&call.method, rest) {
        (&Method::GET, []) => Ok(select(&template.json(), call, "name,status,language,category")),
        (&Method::POST, []) => edit(template, call),
        (&Method::POST, ["unpause"]) => {
            template.status = "APPROVED".into();
            Ok(json!({ "success": true }))
        }
        _ => Err(GraphError::unknown_path(&rest.join("/"))),
    }
}

fn edit(template: &mut Template, call: &Call) -> Answer {
    let body = Fields::of(&call.json, "", &["category", "components", "message_send_ttl_seconds"])?;
    if !["APPROVED", "REJECTED", "PAUSED"].contains(&template.status.as_str()) {
        return Err(GraphError::whatsapp(
            100,
            "Invalid parameter",
            "This template cannot be edited now",
        ));
    }
    if template.status == "APPROVED" && body.has("category") {
        return Err(GraphError::whatsapp(
            100,
            "Invalid parameter",
            "The category of an approved template is fixed",
        ));
    }
    if let Some(components) = body.get("components") {
        check(components, template.named)?;
        template.components = components.clone();
    }
    if let Some(category) = body.one_of("category", &["AUTHENTICATION", "MARKETING", "UTILITY"])? {
        template.category = category.to_owned();
    }
    template.status = "PENDING".into();
    Ok(json!({ "success": true }))
}
