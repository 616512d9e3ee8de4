//! Numbers that Embedded Signup makes, and what one of the WhatsApp Business app hands over.

use serde_json::json;

use super::events;
use crate::graph::{Answer, Call, Fields, GraphError};
use crate::world::{Account, Platform, State, World};

/// For how long after its connection a number hands anything over.
const HANDED_MS: i64 = 24 * 60 * 60 * 1000;

/// What was asked for of a number since it was connected.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub since: i64,
    pub syncs: Vec<String>,
}

/// A number that nobody has used yet, of this business account or of a new one.
pub fn new_number(state: &mut State, waba: Option<String>, name: &str) -> Account {
    let owner = waba.unwrap_or_else(|| state.decimal_id("10"));
    let id = state.decimal_id("10");
    let account = Account {
        platform: Platform::Whatsapp,
        name: name.to_owned(),
        handle: format!("+1 555 {}", &id[id.len() - 7..]),
        app_scoped: String::new(),
        owner,
        token: String::new(),
        fields: Default::default(),
        hook_override: None,
        registered: false,
        id,
    };
    state.accounts.push(account.clone());
    account
}

/// `POST /{phone-number-id}/smb_app_data`
pub fn handed_over(world: &World, call: &Call, id: &str) -> Answer {
    let body = Fields::of(&call.json, "", &["messaging_product", "sync_type"])?;
    if body.text("messaging_product")? != Some("whatsapp") {
        return Err(body.missing("messaging_product"));
    }
    let wanted = body.need_text("sync_type", 64)?.to_owned();
    if !["smb_app_state_sync", "history"].contains(&wanted.as_str()) {
        return Err(GraphError::invalid("sync_type is smb_app_state_sync or history"));
    }
    let mut state = world.lock();
    let now = state.now();
    let refused = |code, words: &str| GraphError::whatsapp(code, "Sync not possible", words);
    let Some(asked) = state.whatsapp.on_phone.get_mut(id) else {
        return Err(GraphError::invalid("The number is not in the WhatsApp Business app"));
    };
    if asked.since + HANDED_MS <= now {
        return Err(refused(2_593_108, "The number was onboarded more than 24 hours ago"));
    }
    if asked.syncs.contains(&wanted) {
        return Err(refused(2_593_107, "This sync was requested before"));
    }
    asked.syncs.push(wanted.clone());
    if wanted == "history" {
        let hooks = events::history_event(world, &state, id);
        world.push_all(&state, hooks.into_iter().collect());
    }
    let request_id = state.decimal_id("88");
    Ok(json!({ "messaging_product": "whatsapp", "request_id": request_id }))
}
