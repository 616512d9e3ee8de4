//! The edges of Pages, and the nodes that Messenger and Instagram share.

use std::collections::BTreeSet;

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{Venue, comments, files, history, send};
use crate::graph::{Answer, Call, Caller, GraphError};
use crate::whatsapp::select;
use crate::world::preset::all_fields;
use crate::world::{Platform, State, World};

const MESSAGING: &[&str] = &["pages_messaging"];
const METADATA: &[&str] = &["pages_manage_metadata"];

/// `/{page-id}/…`
pub async fn page(world: &World, call: &Call, caller: &Caller, id: &str, rest: &[&str]) -> Answer {
    caller.opens(Platform::Messenger, id)?;
    let venue = Venue { platform: Platform::Messenger, account: id.to_owned(), by_page: true };
    match (&call.method, rest) {
        (&Method::POST, ["messages"]) => {
            caller.has_scope(MESSAGING)?;
            send::messages(world, call, &venue).await
        }
        (&Method::POST, ["message_attachments"]) => {
            caller.has_scope(MESSAGING)?;
            let venue = match call.param("platform") {
                Some("instagram") => linked(world, id)?,
                _ => venue,
            };
            files::attachments(world, call, &venue).await
        }
        (_, ["subscribed_apps"]) => {
            caller.has_scope(METADATA)?;
            subscribed_apps(world, call, id)
        }
        (&Method::GET, ["conversations"]) => {
            let venue = match call.param("platform") {
                Some("instagram") => linked(world, id)?,
                _ => venue,
            };
            history::conversations(world, call, &venue)
        }
        (_, ["messenger_profile"]) => send::profile_edge(world, call, id),
        (&Method::GET, ["thread_owner"]) => {
            Ok(json!({ "data": [{ "thread_owner": { "app_id": world.config().app_id } }] }))
        }
        (
            &Method::POST,
            [
                "pass_thread_control"
                | "release_thread_control"
                | "take_thread_control"
                | "request_thread_control"
                | "extend_thread_control",
            ],
        ) => Ok(json!({ "success": true })),
        (&Method::GET, []) => Ok(select(&described(world, id)?, call, "id,name")),
        _ => Err(GraphError::unknown_path(&rest.join("/"))),
    }
}

/// The Instagram account that is linked to a Page.
fn linked(world: &World, page: &str) -> Result<Venue, GraphError> {
    let state = world.lock();
    let account = state
        .accounts
        .iter()
        .find(|account| account.platform == Platform::Instagram && account.owner == page);
    let account =
        account.ok_or_else(|| GraphError::invalid("The Page has no Instagram account"))?;
    Ok(Venue { platform: Platform::Instagram, account: account.id.clone(), by_page: true })
}

/// A Page as its node and `/me/accounts` show it.
pub fn described(world: &World, id: &str) -> Answer {
    let state = world.lock();
    let page =
        state.account(Platform::Messenger, id).ok_or_else(|| GraphError::no_such_object(id))?;
    let mut all = json!({
        "id": page.id, "name": page.name, "username": page.handle,
        "link": format!("https://www.facebook.com/{}", page.handle),
        "tasks": ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"],
        "picture": { "data": { "url": "", "is_silhouette": true } },
    });
    let linked = state
        .accounts
        .iter()
        .find(|account| account.platform == Platform::Instagram && account.owner == id);
    if let Some(linked) = linked {
        all["instagram_business_account"] = json!({
            "id": linked.id, "username": linked.handle, "name": linked.name,
        });
    }
    Ok(all)
}

fn subscribed_apps(world: &World, call: &Call, id: &str) -> Answer {
    let config = world.config();
    let mut state = world.lock();
    let linked: Vec<String> = state
        .accounts
        .iter()
        .filter(|account| account.platform == Platform::Instagram && account.owner == id)
        .map(|account| account.id.clone())
        .collect();
    let page =
        state.account_mut(Platform::Messenger, id).ok_or_else(|| GraphError::no_such_object(id))?;
    match call.method {
        Method::GET => Ok(apps(config, &page.fields)),
        Method::POST => {
            page.fields = fields(call, Platform::Messenger)?;
            for account in linked {
                if let Some(account) = state.account_mut(Platform::Instagram, &account) {
                    account.fields = all_fields(Platform::Instagram);
                }
                state.messenger.by_page.insert(account);
            }
            Ok(json!({ "success": true }))
        }
        Method::DELETE => {
            page.fields.clear();
            for account in linked {
                if state.messenger.by_page.remove(&account)
                    && let Some(account) = state.account_mut(Platform::Instagram, &account)
                {
                    account.fields.clear();
                }
            }
            Ok(json!({ "success": true }))
        }
        _ => Err(GraphError::invalid("Unsupported request method")),
    }
}

/// The list of apps that an asset has: ours, if it has subscribed to anything.
pub fn apps(config: &crate::Config, fields: &BTreeSet<String>) -> Value {
    if fields.is_empty() {
        return json!({ "data": [] });
    }
    json!({ "data": [{
        "id": config.app_id, "name": "Sandbox app", "link": "https://sandbox.example/",
        "subscribed_fields": fields,
    }] })
}

/// The fields asked for, all of which must exist.
pub fn fields(call: &Call, platform: Platform) -> Result<BTreeSet<String>, GraphError> {
    let asked: BTreeSet<String> = match &call.json["subscribed_fields"] {
        Value::Array(names) => {
            names.iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect()
        }
        _ => call
            .need_param("subscribed_fields")?
            .split(',')
            .map(|name| name.trim().to_owned())
            .collect(),
    };
    let more = ["message_context", "messaging_game_plays", "messaging_feedback", "story_insights"];
    let known = all_fields(platform);
    match asked.iter().find(|name| !known.contains(*name) && !more.contains(&name.as_str())) {
        Some(name) => Err(GraphError::invalid(format!(
            "Param subscribed_fields must be one of {{…}} - got \"{name}\""
        ))),
        None => Ok(asked),
    }
}

/// People, messages, conversations and comments, which have ids of their own.
pub fn node(world: &World, call: &Call, caller: &Caller, id: &str, rest: &[&str]) -> Answer {
    let found = {
        let state = world.lock();
        let comment = [Platform::Messenger, Platform::Instagram]
            .into_iter()
            .find_map(|platform| comments::find(&state, platform, id));
        comment.map(|phone| (phone.platform, phone.account.clone(), phone.id.clone()))
    };
    if let Some((platform, account, phone)) = found {
        caller.opens(platform, &account)?;
        return comments::node(world, call, &phone, id, rest);
    }
    if call.method != Method::GET || !rest.is_empty() {
        return Err(GraphError::no_such_object(id));
    }
    let person = person(&world.lock(), caller, id);
    match person {
        Some(answer) => answer.map(|all| select(&all, call, "id")),
        None => history::node(world, call, caller, id),
    }
}

/// The profile of a person who wrote to an account of the caller.
fn person(state: &State, caller: &Caller, id: &str) -> Option<Answer> {
    let phone = state.phones().iter().find(|phone| {
        matches!(phone.platform, Platform::Messenger | Platform::Instagram)
            && phone.person.id == id
            && caller.opens(phone.platform, &phone.account).is_ok()
    })?;
    let wrote = phone
        .thread
        .iter()
        .any(|message| message.from == crate::world::Side::Customer && message.comment.is_none());
    let picture = "https://platform-lookaside.fbsbx.com/platform/profilepic/?sandbox";
    Some(match (phone.platform, wrote) {
        (Platform::Messenger, true) => {
            let (first, last) =
                phone.person.name.split_once(' ').unwrap_or((&phone.person.name, ""));
            Ok(json!({ "first_name": first, "last_name": last, "profile_pic": picture, "id": id }))
        }
        (Platform::Messenger, false) => {
            Err(GraphError::invalid("The profile is not available").subcode(2_018_218))
        }
        (_, true) => Ok(json!({
            "name": phone.person.name, "username": phone.person.username, "profile_pic": picture,
            "follower_count": 311, "is_verified_user": false, "is_user_follow_business": true,
            "is_business_follow_user": false, "id": id,
        })),
        (_, false) => {
            Err(GraphError::permission(230, "User consent is required to access user profile"))
        }
    })
}
