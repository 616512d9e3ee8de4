//! The Conversations API, which shows the twenty newest messages of a thread.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Venue;
use crate::graph::{Answer, Call, Caller, GraphError};
use crate::world::{Message, Phone, Platform, Side, State, World};

const DETAILED: usize = 20;
const PAGE: usize = 25;
const PAGE_MAX: usize = 100;

/// `GET /{page-id}/conversations`
pub fn conversations(world: &World, call: &Call, venue: &Venue) -> Answer {
    let platform = call.param("platform").unwrap_or("messenger");
    if !["messenger", "instagram"].contains(&platform) {
        return Err(GraphError::invalid("Param platform must be messenger or instagram"));
    }
    let mut state = world.lock();
    let mut threads: Vec<(i64, String)> = state
        .phones()
        .iter()
        .filter(|phone| phone.platform == venue.platform && phone.account == venue.account)
        .filter(|phone| call.param("user_id").is_none_or(|id| phone.person.id == id))
        .filter_map(|phone| {
            let direct = phone.thread.iter().rev().find(|message| message.comment.is_none());
            Some((direct?.at, phone.id.clone()))
        })
        .collect();
    threads.sort_unstable_by(|a, b| b.cmp(a));
    let start = match call.param("after") {
        None => 0,
        Some(cursor) => cursor
            .strip_prefix("QVFI")
            .and_then(|start| start.parse().ok())
            .ok_or_else(|| GraphError::invalid("Invalid cursor"))?,
    };
    let limit =
        call.param("limit").and_then(|limit| limit.parse().ok()).unwrap_or(PAGE).clamp(1, PAGE_MAX);
    let end = (start + limit).min(threads.len());
    let fields = call.param("fields").unwrap_or("id,updated_time").to_owned();
    let shown = threads.get(start..end).unwrap_or_default().to_vec();
    let data: Vec<Value> =
        shown.into_iter().filter_map(|(_, id)| thread(world, &mut state, &id, &fields)).collect();
    let mut paging =
        json!({ "cursors": { "before": format!("QVFI{start}"), "after": format!("QVFI{end}") } });
    if end < threads.len() {
        paging["next"] = format!(
            "{}/graph/{}/{}/conversations?after=QVFI{end}",
            world.url(),
            world.config().graph_version,
            venue.account
        )
        .into();
    }
    Ok(json!({ "data": data, "paging": paging }))
}

/// A conversation or a message by its id.
pub fn node(world: &World, call: &Call, caller: &Caller, id: &str) -> Answer {
    let mut state = world.lock();
    let ours = |phone: &&Phone| matches!(phone.platform, Platform::Messenger | Platform::Instagram);
    let threads = state.phones().iter().filter(ours);
    let phone = state
        .phone_with(id)
        .filter(ours)
        .or_else(|| threads.into_iter().find(|phone| thread_id(phone) == id));
    let phone = phone.filter(|phone| caller.opens(phone.platform, &phone.account).is_ok());
    let phone = phone.ok_or_else(|| GraphError::no_such_object(id))?;
    let phone_id = phone.id.clone();
    if thread_id(phone) == id {
        let fields = call.param("fields").unwrap_or("id,updated_time").to_owned();
        return thread(world, &mut state, &phone_id, &fields)
            .ok_or_else(|| GraphError::no_such_object(id));
    }
    let known = messages(phone);
    let at = known.iter().position(|message| message.id == id);
    let recent = at.filter(|at| at + DETAILED >= known.len());
    let message = recent.map(|at| known[at].clone());
    let message = message.filter(|message| !message.deleted);
    let message = message.ok_or_else(|| GraphError::invalid("The message has been deleted"))?;
    let face = phone.face();
    Ok(detail(world, &mut state, &face, &message))
}

/// A thread's direct messages.
fn messages(phone: &Phone) -> Vec<&Message> {
    phone.thread.iter().filter(|message| message.comment.is_none()).collect()
}

fn thread_id(phone: &Phone) -> String {
    match phone.platform {
        Platform::Instagram => format!("aWdfZAG06MTpJR01lc3NhZA2VUaHJlYWQ6{}", phone.person.id),
        _ => format!("t_{}", phone.person.id),
    }
}

fn thread(world: &World, state: &mut State, phone: &str, fields: &str) -> Option<Value> {
    let phone = state.phone(phone)?;
    let all: Vec<Message> = messages(phone).into_iter().cloned().collect();
    let face = phone.face();
    let last = all.last()?;
    let mut shown = json!({ "id": thread_id(&face), "updated_time": iso(last.at) });
    let has = |name: &str| fields.split([',', '{', '}', '.']).any(|field| field.trim() == name);
    if has("participants") {
        shown["participants"] =
            json!({ "data": [customer(&face, true), business(state, &face, true)] });
    }
    if has("snippet") {
        shown["snippet"] = last.text.clone().into();
    }
    if has("message_count") {
        shown["message_count"] = all.len().into();
    }
    if has("unread_count") {
        shown["unread_count"] = 0.into();
    }
    if has("can_reply") {
        shown["can_reply"] = true.into();
    }
    if has("messages") {
        let recent = all.iter().rev().filter(|message| !message.deleted).take(DETAILED);
        let data: Vec<Value> = recent.map(|message| detail(world, state, &face, message)).collect();
        shown["messages"] = json!({
            "data": data, "paging": { "cursors": { "before": "QVFIb", "after": "QVFIa" } },
        });
    }
    Some(shown)
}

fn customer(phone: &Phone, with_mail: bool) -> Value {
    let id = &phone.person.id;
    match phone.platform {
        Platform::Instagram => json!({ "username": phone.person.username, "id": id }),
        _ if with_mail => {
            json!({ "name": phone.person.name, "email": format!("{id}@facebook.com"), "id": id })
        }
        _ => json!({ "name": phone.person.name, "id": id }),
    }
}

fn business(state: &State, phone: &Phone, with_mail: bool) -> Value {
    let Some(account) = state.account(phone.platform, &phone.account) else { return Value::Null };
    match phone.platform {
        Platform::Instagram => json!({ "username": account.handle, "id": account.id }),
        _ if with_mail => {
            json!({ "name": account.name, "email": format!("{}@facebook.com", account.id), "id": account.id })
        }
        _ => json!({ "name": account.name, "id": account.id }),
    }
}

fn detail(world: &World, state: &mut State, phone: &Phone, message: &Message) -> Value {
    let (from, to) = match message.from {
        Side::Customer => (customer(phone, false), business(state, phone, false)),
        Side::Business => (business(state, phone, false), customer(phone, false)),
    };
    let mut shown = json!({
        "id": message.id, "created_time": iso(message.at), "from": from,
        "to": { "data": [to] }, "message": message.text.clone().unwrap_or_default(),
    });
    let mut files = vec![];
    for file in &message.media {
        let url = world.media_url(state, &file.media);
        let Some(media) = state.media(&file.media) else { continue };
        let mut one =
            json!({ "id": file.media, "mime_type": media.mime, "size": media.bytes.len() });
        one["name"] = file.name.clone().or_else(|| media.name.clone()).into();
        match file.kind.as_str() {
            "image" => one["image_data"] = json!({ "url": url, "width": 640, "height": 480 }),
            "video" => one["video_data"] = json!({ "url": url, "width": 640, "height": 480 }),
            _ => one["file_url"] = url.into(),
        }
        files.push(one);
    }
    if !files.is_empty() {
        shown["attachments"] = json!({ "data": files });
    }
    if let Some(answered) = &message.reply_to {
        shown["reply_to"] = json!({ "mid": answered, "is_self_reply": false });
    }
    shown
}

/// As the Graph writes times: `2026-11-20T10:00:02+0000`.
pub fn iso(at: i64) -> String {
    Timestamp::from_millisecond(at)
        .map(|at| at.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string())
        .unwrap_or_default()
}
