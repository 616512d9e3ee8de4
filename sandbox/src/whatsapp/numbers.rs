//! The edges of phone numbers and of WhatsApp business accounts.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{files, send, signup, templates};
use crate::graph::{Answer, Call, Caller, Fields, GraphError};
use crate::hooks::handshake;
use crate::world::preset::all_fields;
use crate::world::{Account, Platform, World};

const REGISTRATIONS_MAX: usize = 10;
const REGISTRATION_MS: i64 = 72 * 60 * 60 * 1000;

const MESSAGING: &[&str] = &["whatsapp_business_messaging"];
const MANAGEMENT: &[&str] = &["whatsapp_business_management"];

/// `/{phone-number-id}/…`
pub async fn number(
    world: &World,
    call: &Call,
    caller: &Caller,
    id: &str,
    rest: &[&str],
) -> Answer {
    caller.opens(Platform::Whatsapp, id)?;
    match (&call.method, rest) {
        (&Method::POST, ["messages"]) => {
            caller.has_scope(MESSAGING)?;
            send::messages(world, call, id).await
        }
        (&Method::POST, ["media"]) => {
            caller.has_scope(MESSAGING)?;
            files::upload(world, call, id)
        }
        (&Method::GET, []) => Ok(select(&described(world, id)?, call, "id,display_phone_number")),
        (&Method::POST, ["register"]) => register(world, call, id),
        (&Method::POST, ["deregister"]) => {
            if let Some(account) = world.lock().account_mut(Platform::Whatsapp, id) {
                account.registered = false;
            }
            Ok(json!({ "success": true }))
        }
        (&Method::POST, ["smb_app_data"]) => signup::handed_over(world, call, id),
        (&Method::GET, ["whatsapp_business_profile"]) => profile(world, id),
        (&Method::POST, ["whatsapp_business_profile"]) => set_profile(call),
        _ => Err(GraphError::unknown_path(&rest.join("/"))),
    }
}

/// `/{waba-id}/…`
pub async fn waba(world: &World, call: &Call, caller: &Caller, id: &str, rest: &[&str]) -> Answer {
    let numbers: Vec<Account> = world
        .lock()
        .accounts
        .iter()
        .filter(|account| account.platform == Platform::Whatsapp && account.owner == id)
        .cloned()
        .collect();
    if !numbers.iter().any(|number| caller.opens(Platform::Whatsapp, &number.id).is_ok()) {
        return Err(GraphError::no_such_object(id));
    }
    caller.has_scope(MANAGEMENT)?;
    match (&call.method, rest) {
        (&Method::GET, []) => {
            let name = numbers.first().map_or("", |number| number.name.as_str());
            let all = json!({ "id": id, "name": name, "timezone_id": "1",
                "account_review_status": "APPROVED", "health_status": { "can_send_message": "AVAILABLE" } });
            Ok(select(&all, call, "id,name"))
        }
        (&Method::GET, ["phone_numbers"]) => {
            let described: Result<Vec<Value>, GraphError> = numbers
                .iter()
                .map(|number| {
                    let all = described(world, &number.id)?;
                    Ok(select(&all, call, "id,display_phone_number,verified_name,quality_rating"))
                })
                .collect();
            Ok(
                json!({ "data": described?, "paging": { "cursors": { "before": "MAZDZD", "after": "MAZDZD" } } }),
            )
        }
        (_, ["subscribed_apps"]) => {
            if let Some(url) = call.param("override_callback_uri") {
                handshake::check(world, url, call.need_param("verify_token")?).await?;
            }
            subscribed_apps(world, call, &numbers)
        }
        (_, ["message_templates"]) => templates::edge(world, call, id),
        _ => Err(GraphError::unknown_path(&rest.join("/"))),
    }
}

fn described(world: &World, id: &str) -> Answer {
    let state = world.lock();
    let account = state.account(Platform::Whatsapp, id);
    let account = account.ok_or_else(|| GraphError::no_such_object(id))?;
    Ok(json!({
        "id": account.id,
        "display_phone_number": account.handle,
        "verified_name": account.name,
        "status": if account.registered { "CONNECTED" } else { "DISCONNECTED" },
        "quality_rating": "GREEN",
        "name_status": "APPROVED",
        "code_verification_status": "VERIFIED",
        "platform_type": if account.registered { "CLOUD_API" } else { "NOT_APPLICABLE" },
        "throughput": { "level": "STANDARD" },
        "is_on_biz_app": state.whatsapp.on_phone.contains_key(id),
        "account_mode": "LIVE",
        "is_official_business_account": false,
        "whatsapp_business_manager_messaging_limit": "TIER_2K",
        "webhook_configuration": { "application": account.hook_override.clone()
            .unwrap_or_else(|| format!("{}/hooks/whatsapp", world.config().meta_hook_base)) },
        "health_status": { "can_send_message": "AVAILABLE", "entities": [] },
    }))
}

/// The fields asked for, or these. The id is always among them.
pub fn select(all: &Value, call: &Call, unasked: &str) -> Value {
    pick(all, call.param("fields").unwrap_or(unasked))
}

/// Of an object, the members that are named as `name,other{inner,…}`.
fn pick(all: &Value, asked: &str) -> Value {
    let mut depth = 0;
    let names = asked.split(|character| {
        match character {
            '{' | '(' => depth += 1,
            '}' | ')' => depth -= 1,
            _ => {}
        }
        character == ',' && depth == 0
    });
    let mut picked = json!({ "id": all["id"] });
    for asked in names {
        let (name, inner) = asked.split_once('{').unwrap_or((asked, ""));
        let name = name.split(['.', '(']).next().unwrap_or_default().trim();
        let inner = inner.trim_end().strip_suffix('}').unwrap_or_default();
        match all.get(name) {
            Some(value) if value["id"].is_string() && !inner.is_empty() => {
                picked[name] = pick(value, inner);
            }
            Some(value) => picked[name] = value.clone(),
            None => {}
        }
    }
    picked
}

fn register(world: &World, call: &Call, id: &str) -> Answer {
    let members = ["messaging_product", "pin", "data_localization_region"];
    let body = Fields::of(&call.json, "", &members)?;
    if body.text("messaging_product")? != Some("whatsapp") {
        return Err(body.missing("messaging_product"));
    }
    let pin = body.need_text("pin", 6)?;
    if pin.len() != 6 || !pin.chars().all(|digit| digit.is_ascii_digit()) {
        return Err(GraphError::whatsapp(133_008, "PIN format", "The PIN must have 6 digits"));
    }
    let mut state = world.lock();
    let now = state.now();
    let tries = state.whatsapp.registrations.entry(id.to_owned()).or_default();
    tries.retain(|at| at + REGISTRATION_MS > now);
    if tries.len() >= REGISTRATIONS_MAX {
        return Err(GraphError::whatsapp(
            133_016,
            "Account register deregister rate limit exceeded",
            "More than 10 registrations in 72 hours",
        ));
    }
    tries.push(now);
    if state.whatsapp.on_phone.contains_key(id) {
        return Err(GraphError::invalid("A number of the WhatsApp Business app is not registered"));
    }
    let known = state.whatsapp.pins.entry(id.to_owned()).or_insert_with(|| pin.to_owned());
    if *known != pin {
        return Err(GraphError::whatsapp(
            133_005,
            "Two step verification PIN mismatch",
            "The PIN is not the one of the number",
        ));
    }
    if let Some(account) = state.account_mut(Platform::Whatsapp, id) {
        account.registered = true;
    }
    Ok(json!({ "success": true }))
}

fn profile(world: &World, id: &str) -> Answer {
    let state = world.lock();
    let name = state.account(Platform::Whatsapp, id).map(|account| account.name.clone());
    Ok(
        json!({ "data": [{ "messaging_product": "whatsapp", "about": name, "vertical": "RETAIL" }] }),
    )
}

fn set_profile(call: &Call) -> Answer {
    let members = [
        "messaging_product",
        "about",
        "address",
        "description",
        "email",
        "websites",
        "vertical",
        "profile_picture_handle",
    ];
    let body = Fields::of(&call.json, "", &members)?;
    body.need_text("messaging_product", 8)?;
    for (member, max) in [("about", 139), ("address", 256), ("description", 256), ("email", 128)] {
        body.text_up_to(member, max)?;
    }
    Ok(json!({ "success": true }))
}

fn subscribed_apps(world: &World, call: &Call, numbers: &[Account]) -> Answer {
    let config = world.config();
    let mut state = world.lock();
    match call.method {
        Method::GET => {
            let subscribed = numbers.iter().find(|number| !number.fields.is_empty());
            let data: Vec<Value> = subscribed
                .iter()
                .map(|number| {
                    let mut app = json!({ "whatsapp_business_api_data": {
                        "id": config.app_id, "name": "Sandbox app",
                        "link": format!("https://www.facebook.com/games/?app_id={}", config.app_id),
                    } });
                    if let Some(url) = &number.hook_override {
                        app["override_callback_uri"] = url.clone().into();
                    }
                    app
                })
                .collect();
            Ok(json!({ "data": data }))
        }
        Method::POST | Method::DELETE => {
            let url = call.param("override_callback_uri").map(str::to_owned);
            if url.as_ref().is_some_and(|url| url.len() > 200) {
                return Err(GraphError::invalid("override_callback_uri is longer than 200"));
            }
            for number in numbers {
                let Some(account) = state.account_mut(Platform::Whatsapp, &number.id) else {
                    continue;
                };
                let subscribes = call.method == Method::POST;
                account.fields =
                    if subscribes { all_fields(Platform::Whatsapp) } else { Default::default() };
                account.hook_override = url.clone().filter(|_| subscribes);
            }
            Ok(json!({ "success": true }))
        }
        _ => Err(GraphError::invalid("Unsupported request method")),
    }
}
