//! The Page's feed: comments, what visitors post, reactions.

use jiff::Timestamp;
use serde_json::Value;
use switchboard_domain::{AttachmentKind, ChannelLine};

use crate::inbound::{Direction, Event, ExternalId, Media, Source, What};
use crate::meta::comment::{Comment, Commenter};
use crate::meta::envelope::Item;
use crate::meta::json::{date, id, text, title, url};
use crate::meta::network::Network;
use crate::meta::reading::named_emoji;

pub(super) fn read(item: &Item<'_>, value: &Value) -> Result<Vec<Event>, String> {
    let kind = title(value, "item").ok_or("without an item")?;
    let verb = title(value, "verb").ok_or("without a verb")?;
    let created = date(value, "created_time").or(item.sent_at).ok_or("without a time")?;
    let changed = item.sent_at.map_or(created, |sent| sent.max(created));
    let ignored =
        |kind: String| vec![Event { at: created, thread: None, what: What::Ignored { kind } }];
    let by_page =
        value.get("from").and_then(|from| id(from, "id")).as_deref() == Some(item.account);
    if by_page {
        // Whose conversation it belongs to is not told.
        return Ok(ignored(format!("own {kind} {verb}")));
    }
    match (kind.as_str(), verb.as_str()) {
        ("comment", verb) => read_comment(item, value, verb, created, changed),
        ("reaction" | "like", verb) => Ok(read_reaction(item, value, verb, changed)
            .map_or_else(|| ignored(format!("{kind} to a post")), |event| vec![event])),
        ("status" | "photo" | "video" | "share" | "post" | "album", "add") => {
            let post = comment(value, created, "post_id")?;
            let what = post.message();
            Ok(vec![post.event(Network::Messenger, item.account, what)])
        }
        ("status" | "photo" | "video" | "share" | "post", "edited") => {
            let post = comment(value, changed, "post_id")?;
            Ok(edit(item, &post))
        }
        ("status" | "photo" | "video" | "share" | "post", "remove") => {
            Ok(removal(item, &comment(value, changed, "post_id")?))
        }
        (kind, verb) => Ok(ignored(format!("{kind} {verb}"))),
    }
}

fn read_comment(
    item: &Item<'_>,
    value: &Value,
    verb: &str,
    created: Timestamp,
    changed: Timestamp,
) -> Result<Vec<Event>, String> {
    let at = if verb == "add" { created } else { changed };
    let comment = comment(value, at, "comment_id")?;
    match verb {
        "add" => {
            let what = comment.message();
            Ok(vec![comment.event(Network::Messenger, item.account, what)])
        }
        "edited" | "edit" => Ok(edit(item, &comment)),
        "hide" | "unhide" => {
            let hidden = verb == "hide";
            let what = What::Hidden { target: ExternalId(comment.id.clone()), hidden };
            let line = if hidden { ChannelLine::CommentHidden } else { ChannelLine::CommentShown };
            let event = |what| comment.event(Network::Messenger, item.account, what);
            Ok(vec![event(what), event(What::Line(line))])
        }
        "remove" => Ok(removal(item, &comment)),
        verb => {
            let what = What::Ignored { kind: format!("comment {verb}") };
            Ok(vec![comment.event(Network::Messenger, item.account, what)])
        }
    }
}

/// The comment as it stands from now on.
fn edit(item: &Item<'_>, comment: &Comment) -> Vec<Event> {
    let what = What::Edited {
        target: ExternalId(comment.id.clone()),
        text: Some(comment.text.clone()),
        media: (!comment.media.is_empty()).then(|| comment.media.clone()),
        extra: Some(Box::new(comment.extra())),
    };
    vec![comment.event(Network::Messenger, item.account, what)]
}

fn removal(item: &Item<'_>, comment: &Comment) -> Vec<Event> {
    let what = What::Deleted { targets: vec![ExternalId(comment.id.clone())] };
    vec![comment.event(Network::Messenger, item.account, what)]
}

/// A reaction to a comment; `None` for one to a post, which nobody answers.
fn read_reaction(item: &Item<'_>, value: &Value, verb: &str, at: Timestamp) -> Option<Event> {
    let comment = comment(value, at, "comment_id").ok()?;
    comment.by.id.as_ref()?;
    let name = title(value, "reaction_type").unwrap_or_else(|| "like".to_owned());
    let emoji = match verb {
        "remove" => vec![],
        _ => vec![named_emoji(&name).to_owned()],
    };
    let target = ExternalId(comment.id.clone());
    let what = What::Reacted { target, emoji, by: Direction::Customer };
    Some(comment.event(Network::Messenger, item.account, what))
}

/// A comment, or a visitor's post, whose id is this member.
fn comment(value: &Value, at: Timestamp, named: &str) -> Result<Comment, String> {
    let comment_id = id(value, named).ok_or_else(|| format!("without {named}"))?;
    let post = id(value, "post_id");
    // `from` is missing without the permission to know who it is.
    let from = &value["from"];
    let parent = id(value, "parent_id")
        .filter(|parent| Some(parent) != post.as_ref() && *parent != comment_id);
    Ok(Comment {
        at,
        by: Commenter { id: id(from, "id"), name: title(from, "name"), username: None },
        text: text(value, "message").unwrap_or_default(),
        media: media(value),
        url: value.get("post").and_then(|post| url(post, "permalink_url")),
        parent,
        post,
        id: comment_id,
        referral: None,
    })
}

fn media(value: &Value) -> Vec<Media> {
    let file =
        |kind, url| Media { kind, mime: None, name: None, size: None, source: Source::Url { url } };
    let photo = url(value, "photo").map(|url| file(AttachmentKind::Image, url));
    let video = url(value, "video").map(|url| file(AttachmentKind::Video, url));
    photo.into_iter().chain(video).collect()
}
