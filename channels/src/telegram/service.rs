//! Messages that nobody wrote: what happened to a chat.

use serde_json::Value;
use switchboard_domain::ChannelLine;

use super::place::Place;
use super::{json, people};
use crate::inbound::{Event, Peer, What};

/// What happened to a chat, by the member that tells it.
const LINES: [(&str, ChannelLine); 44] = [
    ("new_chat_members", ChannelLine::Joined),
    ("left_chat_member", ChannelLine::Left),
    ("new_chat_title", ChannelLine::TitleChanged),
    ("new_chat_photo", ChannelLine::PhotoChanged),
    ("delete_chat_photo", ChannelLine::PhotoChanged),
    ("pinned_message", ChannelLine::Pinned),
    ("group_chat_created", ChannelLine::GroupCreated),
    ("supergroup_chat_created", ChannelLine::GroupCreated),
    ("channel_chat_created", ChannelLine::GroupCreated),
    ("message_auto_delete_timer_changed", ChannelLine::AutoDeleteChanged),
    ("connected_website", ChannelLine::LoggedIn),
    ("write_access_allowed", ChannelLine::WritingAllowed),
    ("proximity_alert_triggered", ChannelLine::Near),
    ("boost_added", ChannelLine::Boosted),
    ("chat_background_set", ChannelLine::BackgroundChanged),
    ("chat_owner_left", ChannelLine::OwnerChanged),
    ("chat_owner_changed", ChannelLine::OwnerChanged),
    ("checklist_tasks_done", ChannelLine::ChecklistChanged),
    ("checklist_tasks_added", ChannelLine::ChecklistChanged),
    ("direct_message_price_changed", ChannelLine::PriceChanged),
    ("paid_message_price_changed", ChannelLine::PriceChanged),
    ("forum_topic_created", ChannelLine::TopicCreated),
    ("forum_topic_edited", ChannelLine::TopicChanged),
    ("forum_topic_closed", ChannelLine::TopicClosed),
    ("forum_topic_reopened", ChannelLine::TopicReopened),
    ("general_forum_topic_hidden", ChannelLine::TopicHidden),
    ("general_forum_topic_unhidden", ChannelLine::TopicShown),
    ("gift", ChannelLine::GiftSent),
    ("unique_gift", ChannelLine::GiftSent),
    ("gift_upgrade_sent", ChannelLine::GiftSent),
    ("giveaway_created", ChannelLine::GiveawayStarted),
    ("giveaway_completed", ChannelLine::GiveawayEnded),
    ("suggested_post_approved", ChannelLine::PostApproved),
    ("suggested_post_approval_failed", ChannelLine::PostNotApproved),
    ("suggested_post_declined", ChannelLine::PostDeclined),
    ("suggested_post_paid", ChannelLine::PostPaid),
    ("suggested_post_refunded", ChannelLine::PostRefunded),
    ("video_chat_scheduled", ChannelLine::GroupCallPlanned),
    ("video_chat_started", ChannelLine::GroupCallStarted),
    ("video_chat_ended", ChannelLine::GroupCallEnded),
    ("video_chat_participants_invited", ChannelLine::GroupCallInvited),
    ("voice_chat_started", ChannelLine::GroupCallStarted),
    ("voice_chat_ended", ChannelLine::GroupCallEnded),
    ("passport_data", ChannelLine::IdentityShared),
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
    let line = LINES.iter().find(|(name, _)| json::has(message, name));
    line.map(|(_, line)| line.clone())
}

/// The chat's title, after the message.
fn title(message: &Value) -> Option<String> {
    json::title(message, "new_chat_title").or_else(|| people::peer(message).name)
}
