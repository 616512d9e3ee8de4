//! What happens to groups: made, joined, left, renamed.

use serde_json::Value;
use switchboard_domain::ChannelLine;

use super::errors::Told;
use super::message::first_error;
use super::people;
use super::read::Change;
use crate::account::Profile;
use crate::http::{Base, Reply, Request};
use crate::inbound::{AccountEvent, Event, Notice, What};
use crate::meta::json::{id, list, scalar, title};
use crate::meta::query;

/// Asks what a group is called, by the key of its conversation.
pub(super) fn about(key: &str) -> Option<Request> {
    let group = key.strip_prefix(people::GROUP)?;
    let path = format!("/{}", query::encode(group));
    Some(Request::get(Base::Graph, path).query("fields", "subject"))
}

pub(super) fn read_about(reply: &Reply) -> Option<Profile> {
    let group = reply.is_success().then(|| reply.json())??;
    let name = title(&group, "subject")?;
    Some(Profile { name: Some(name), ..Profile::default() })
}

/// An item of `groups`.
pub(super) fn read(change: &Change<'_>, item: &Value) -> Result<Vec<Event>, String> {
    let at = change.at(item)?;
    let kind = scalar(item, "type").ok_or("it says nothing of a group")?;
    let Some(group) = id(item, "group_id") else {
        // A group that could not be made has no id.
        let why = first_error(item).map(|error| Told::of(error).sentence());
        let why = why.unwrap_or("WhatsApp does not say why.".to_owned());
        let notice = Some(Notice::problem(format!("A group could not be made. {why}")));
        let what = What::Account(AccountEvent::Changed { notice });
        return Ok(vec![Event { at, thread: None, what }]);
    };
    let mut thread = people::group(&group);
    thread.peer.name = title(item, "subject");
    let event = |line| Event { at, thread: Some(thread.clone()), what: What::Line(line) };
    Ok(lines(&kind, item).into_iter().map(event).collect())
}

fn lines(kind: &str, item: &Value) -> Vec<ChannelLine> {
    let failed = first_error(item).is_some();
    let one = match kind {
        "group_participants_add" => {
            return vec![ChannelLine::Joined; list(item, "added_participants").len().max(1)];
        }
        "group_participants_remove" => {
            return vec![ChannelLine::Left; list(item, "removed_participants").len().max(1)];
        }
        "group_settings_update" if !failed => {
            let title = item.get("subject").map(|_| ChannelLine::TitleChanged);
            let photo = item.get("profile_picture").map(|_| ChannelLine::PhotoChanged);
            return title.into_iter().chain(photo).collect();
        }
        "group_settings_update" => ChannelLine::GroupUnchanged,
        "group_create" => ChannelLine::GroupCreated,
        "group_delete" if !failed => ChannelLine::GroupDeleted,
        "group_join_request_created" => ChannelLine::JoinAsked,
        "group_join_request_revoked" => ChannelLine::JoinAskWithdrawn,
        "group_suspend" => ChannelLine::GroupSuspended,
        "group_suspend_cleared" => ChannelLine::GroupRestored,
        kind => ChannelLine::Other { kind: kind.to_owned() },
    };
    vec![one]
}
