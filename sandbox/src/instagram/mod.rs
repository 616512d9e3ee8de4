//! Instagram: by Instagram Login, and by a linked Page.

mod events;

use actix_web::http::Method;
use serde_json::{Value, json};

pub use events::{announce, commented, echo};

use crate::graph::{Answer, Call, Caller, GraphError, Host};
use crate::messenger::{self, Venue};
use crate::whatsapp::select;
use crate::world::{Platform, World};

const MESSAGES: &[&str] = &["instagram_business_manage_messages", "instagram_manage_messages"];

/// `/{ig-id}/…`, on either host
pub async fn account(
    world: &World,
    call: &Call,
    caller: &Caller,
    id: &str,
    rest: &[&str],
) -> Answer {
    let id = world
        .lock()
        .accounts
        .iter()
        .find(|account| account.id == id || account.app_scoped == id)
        .map_or_else(|| id.to_owned(), |account| account.id.clone());
    caller.opens(Platform::Instagram, &id)?;
    let by_page = call.host == Host::Facebook;
    let venue = Venue { platform: Platform::Instagram, account: id.clone(), by_page };
    match (&call.method, rest) {
        (&Method::GET, []) => Ok(node(world, call, &id)),
        // By the Page, messages go out on the Page's edge.
        (&Method::POST, ["messages" | "message_attachments"]) if by_page => {
            Err(GraphError::unknown_path(rest[0]))
        }
        (&Method::POST, ["messages"]) => {
            caller.has_scope(MESSAGES)?;
            messenger::messages(world, call, &venue).await
        }
        (&Method::POST, ["message_attachments"]) => {
            caller.has_scope(MESSAGES)?;
            messenger::attachments(world, call, &venue).await
        }
        (&Method::GET, ["conversations"]) if !by_page => {
            messenger::conversations(world, call, &venue)
        }
        (&Method::POST, ["mentions"]) if by_page => {
            call.need_param("media_id")?;
            call.need_param("message")?;
            Ok(json!({ "id": world.lock().decimal_id("17") }))
        }
        (_, ["messenger_profile"]) => messenger::profile_edge(world, call, &id),
        (_, ["subscribed_apps"]) if !by_page => subscribed_apps(world, call, &id),
        _ => Err(GraphError::unknown_path(&rest.join("/"))),
    }
}

fn node(world: &World, call: &Call, id: &str) -> Value {
    let state = world.lock();
    let Some(account) = state.account(Platform::Instagram, id) else { return Value::Null };
    let by_login = call.host == Host::Instagram;
    let all = json!({
        // On this host the plain id is the app-scoped one.
        "id": if by_login { &account.app_scoped } else { &account.id },
        "user_id": account.id,
        "username": account.handle, "name": account.name, "account_type": "BUSINESS",
        "profile_picture_url": "https://scontent.cdninstagram.com/v/sandbox.jpg",
        "followers_count": 1204, "media_count": 3,
    });
    select(&all, call, "id")
}

fn subscribed_apps(world: &World, call: &Call, id: &str) -> Answer {
    let fields = match call.method {
        Method::POST => Some(messenger::fields(call, Platform::Instagram)?),
        Method::DELETE => Some(Default::default()),
        _ => None,
    };
    let mut state = world.lock();
    let subscribes = call.method == Method::POST;
    let account = state.account_mut(Platform::Instagram, id);
    let account = account.ok_or_else(|| GraphError::no_such_object(id))?;
    let Some(fields) = fields else {
        return Ok(messenger::apps(world.config(), &account.fields));
    };
    account.fields = fields;
    if subscribes {
        state.messenger.by_page.remove(id);
    }
    Ok(json!({ "success": true }))
}
