//! Messages that nobody wrote: what happened to a chat.

use serde_json::Value;
use switchboard_domain::ChannelLine;

use super::place::Place;
use super::{json, people};
use crate::inbound::{Event, Peer, What};

/// What happened to a chat, by the member that tells it. Members of which people see their names.
const OTHERS: [&str; 37] = [
    "group_chat_created",
    "supergroup_chat_created",
    "channel_chat_created",
    "message_auto_delete_timer_changed",
    "connected_website",
    "write_access_allowed",
    "proximity_alert_triggered",
    "boost_added",
    "chat_background_set",
    "chat_owner_left",
    "chat_owner_changed",
    "checklist_tasks_done",
    "checklist_tasks_added",
    "direct_message_price_changed",
    "paid_message_price_changed",
    "forum_topic_created",
    "forum_topic_closed",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "gift",
    "unique_gift",
    "gift_upgrade_sent",
    "giveaway_created",
    "giveaway_completed",
    "suggested_post_approved",
    "suggested_post_approval_failed",
    "suggested_post_declined",
    "suggested_post_paid",
    "suggested_post_refunded",
    "video_chat_scheduled",
    "video_chat_started",
    "video_chat_ended",
    "video_chat_participants_invited",
    "voice_chat_started",
    "voice_chat_ended",
    "passport_data",
];

/// What a message tells of its chat; `None` when it was written by someone.
pub fn read(message: &Value, place: &Place, at: jiff::Timestamp) -> Option<Event> {
    moved(message, place, at).or_else(|| {
        let line = line(message)?;
        let peer = Peer { name: title(message), ..people::peer(message) };
        Some(Event { at, thread: Some(place.thread(peer)), what: What::Line(line) })
    })
}

/// A group became a supergroup. Both are told of it, each naming the other.
fn moved(message: &Value, place: &Place, at: jiff::Timestamp) -> Option<Event> {
    let (old, new) = match json::id(message, "migrate_to_chat_id") {
        Some(new) => (place.chat, new),
        None => (json::id(message, "migrate_from_chat_id")?, place.chat),
    };
    let mut holder = message.clone();
    holder["chat"]["id"] = new.into();
    let thread = Place::private(new).thread(people::peer(&holder));
    let was = vec![Place::private(old).key()];
    Some(Event { at, thread: Some(thread), what: What::Renamed { was } })
}

fn line(message: &Value) -> Option<ChannelLine> {
    let has = |name: &&str| message.get(name).is_some_and(|value| !value.is_null());
    const KNOWN: [(&str, ChannelLine); 7] = [
        ("new_chat_members", ChannelLine::Joined),
        ("left_chat_member", ChannelLine::Left),
        ("new_chat_title", ChannelLine::TitleChanged),
        ("forum_topic_edited", ChannelLine::TitleChanged),
        ("new_chat_photo", ChannelLine::PhotoChanged),
        ("delete_chat_photo", ChannelLine::PhotoChanged),
        ("pinned_message", ChannelLine::Pinned),
    ];
    let known = KNOWN.into_iter().find(|(name, _)| has(name)).map(|(_, line)| line);
    known.or_else(|| {
        let kind = OTHERS.iter().find(|name| has(name))?;
        Some(ChannelLine::Other { kind: (*kind).to_owned() })
    })
}

/// The chat's title, after the message.
fn title(message: &Value) -> Option<String> {
    json::title(message, "new_chat_title").or_else(|| people::peer(message).name)
}
