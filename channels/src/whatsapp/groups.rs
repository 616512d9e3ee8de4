//! What happens to groups: made, joined, left, renamed.

use serde_json::Value;
use switchboard_domain::ChannelLine;

use super::errors::Told;
use super::message::first_error;
use super::people;
use super::read::Change;
use crate::inbound::{AccountEvent, Event, What};
use crate::meta::json::{id, list, scalar, title};

/// An item of `groups`.
pub(super) fn read(change: &Change<'_>, item: &Value) -> Result<Vec<Event>, String> {
    let at = change.at(item)?;
    let kind = scalar(item, "type").ok_or("it says nothing of a group")?;
    let Some(group) = id(item, "group_id") else {
        // A group that could not be made has no id.
        let why = first_error(item).map(|error| Told::of(error).sentence());
        let notice = Some(format!("{kind}: {}", why.unwrap_or("no group was named".to_owned())));
        let what = What::Account(AccountEvent::Changed { notice });
        return Ok(vec![Event { at, thread: None, what }]);
    };
    let mut thread = people::group(&group);
    thread.peer.name = title(item, "subject");
    let lines = match kind.as_str() {
        "group_participants_add" => {
            vec![ChannelLine::Joined; list(item, "added_participants").len().max(1)]
        }
        "group_participants_remove" => {
            vec![ChannelLine::Left; list(item, "removed_participants").len().max(1)]
        }
        "group_settings_update" if first_error(item).is_none() => {
            let title = item.get("subject").map(|_| ChannelLine::TitleChanged);
            let photo = item.get("profile_picture").map(|_| ChannelLine::PhotoChanged);
            title.into_iter().chain(photo).collect()
        }
        _ => vec![],
    };
    let lines = if lines.is_empty() { vec![ChannelLine::Other { kind }] } else { lines };
    let event = |line| Event { at, thread: Some(thread.clone()), what: What::Line(line) };
    Ok(lines.into_iter().map(event).collect())
}
