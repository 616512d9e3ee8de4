//! Embedded Signup: the script that opens its window, the window's page, and what it gives.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Form, ServiceConfig};
use serde::Deserialize;
use serde_json::{Value, json};

use super::consent::{bad, escape};
use super::oauth::Grant;
use crate::whatsapp::{self, Asked};
use crate::world::{Platform, State, TokenKind, World, preset};

const BUSINESS: &str = "720931448871203";

/// The script, and where the page of the window posts what was chosen.
pub fn routes(config: &mut ServiceConfig) {
    config.route("/sdk/en_US/sdk.js", web::get().to(sdk));
    config.route("/embedded-signup", web::post().to(choose));
}

async fn sdk(world: Data<World>) -> HttpResponse {
    let script = include_str!("signup/sdk.js").replace("{base}", &world.url());
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .insert_header(("Access-Control-Allow-Origin", "*"))
        .body(script)
}

/// What the script opens the window with.
#[derive(Deserialize)]
pub struct Ask {
    client_id: String,
    config_id: String,
    response_type: Option<String>,
    override_default_response_type: Option<String>,
    extras: Option<String>,
    redirect_uri: Option<String>,
    /// Whom the window speaks to.
    origin: String,
}

/// The page of the window, or what is wrong with how it was opened.
pub fn dialog(world: &World, ask: &Ask) -> HttpResponse {
    let config = world.config();
    if ask.client_id != config.app_id {
        return bad("Invalid App ID: the provided app ID does not look like a valid app ID.");
    }
    if ask.config_id != config.signup_config_id {
        return bad("Invalid config_id: the app has no such configuration.");
    }
    if ask.response_type.as_deref() != Some("code")
        || ask.override_default_response_type.as_deref() != Some("true")
    {
        return bad("response_type must be code, and override_default_response_type true");
    }
    if ask.redirect_uri.is_some() {
        return bad("The window has no redirect_uri");
    }
    let extras: Value =
        ask.extras.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let feature = extras["featureType"].as_str().unwrap_or_default();
    if extras["sessionInfoVersion"] != "3"
        || !extras["setup"].is_object()
        || !["", "whatsapp_business_app_onboarding"].contains(&feature)
    {
        return bad("extras must hold setup, featureType and sessionInfoVersion 3");
    }
    let page = include_str!("signup/window.html")
        .replace("{origin}", &escape(&ask.origin))
        .replace("{feature}", feature);
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page)
}

/// What the window leaves behind.
pub struct Given {
    pub code: String,
    /// The number that was chosen, also where the message does not name it.
    pub number: String,
    /// What is told to the page that opened the window.
    pub message: Value,
}

/// Grants what was chosen: `known`, the preset number; `new`, one that is to be registered; `waba`,
/// an account without a number chosen; `phone`, a number of the WhatsApp Business app.
pub fn grant(state: &mut State, choice: &str, scopes: Vec<String>) -> Option<Given> {
    let (waba, number) = match choice {
        "known" | "waba" => (preset::WABA.to_owned(), preset::PHONE_NUMBER.to_owned()),
        "new" | "phone" => {
            let account = whatsapp::new_number(state, None, "Kiln & Clay Outlet");
            (account.owner, account.id)
        }
        _ => return None,
    };
    let at = state.now();
    let mut data = json!({ "waba_id": waba, "business_id": BUSINESS });
    let event = match choice {
        "waba" => "FINISH_ONLY_WABA",
        "phone" => {
            let asked = Asked { since: at, ..Asked::default() };
            state.whatsapp.on_phone.insert(number.clone(), asked);
            // By its app, which keeps it.
            if let Some(account) = state.account_mut(Platform::Whatsapp, &number) {
                account.registered = true;
            }
            "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING"
        }
        _ => {
            data["phone_number_id"] = number.clone().into();
            "FINISH"
        }
    };
    let kind = TokenKind::SystemUser;
    let code = state.grant(Grant { kind, redirect_uri: None, scopes, waba: Some(waba), at });
    Some(Given { code, number, message: message(event, data) })
}

fn message(event: &str, data: Value) -> Value {
    json!({ "type": "WA_EMBEDDED_SIGNUP", "event": event, "version": 3, "data": data })
}

#[derive(Deserialize)]
struct Choice {
    choice: String,
}

/// Answers the page of the window with what it tells, and with the code if there is one.
async fn choose(world: Data<World>, form: Form<Choice>) -> HttpResponse {
    let mut state = world.lock();
    if let Some(given) = grant(&mut state, &form.choice, vec![]) {
        return HttpResponse::Ok().json(json!({ "code": given.code, "message": given.message }));
    }
    let data = match form.choice.as_str() {
        "leave" => json!({ "current_step": "PHONE_NUMBER_VERIFICATION" }),
        "error" => json!({
            "error_message": "The display name is not allowed.", "error_id": "524126",
            "session_id": "f34b51dab5e0498", "timestamp": (state.now() / 1000).to_string(),
        }),
        _ => return bad("there is no such choice"),
    };
    HttpResponse::Ok().json(json!({ "code": null, "message": message("CANCEL", data) }))
}
