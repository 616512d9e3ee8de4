//! What a command leads to: a function of the state, the author and the time.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    Command, Conversation, Event, LABELS_MAX, Marks, PostKind, REACTIONS_MAX, Refusal, Status,
};
use crate::attachment::ATTACHMENTS_PER_MESSAGE;
use crate::id::{LabelId, MessageId};
use crate::message::{Author, MessageHead, MessageKind, Side, VISITOR_EDIT_WINDOW};
use crate::text::{MESSAGE_MAX_CHARS, is_emoji};

/// What `command`, given by `author` at `now`, leads to.
pub fn decide(
    now: Timestamp,
    state: &Conversation,
    author: Author,
    command: &Command,
) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::Post { message, kind, text_chars, attachments, reply_to } => {
            check_length(*text_chars, *attachments)?;
            if *kind == PostKind::Note {
                team_only(author)?;
            }
            if let Some(target) = reply_to {
                check_reply(author, *kind, target)?;
            }
            Ok(post(state, author, *message, *kind))
        }
        Command::Edit { target, text_chars } => {
            changeable(now, author, target)?;
            check_length(*text_chars, usize::from(target.has_attachments))?;
            Ok(vec![Event::Edited { message: target.id }])
        }
        Command::Delete { target, moderator } => delete(now, author, target, *moderator),
        Command::React { target, emoji, on } => react(author, target, emoji, *on),
        Command::Mark { delivered, read, unread } => {
            Ok(mark(state, author.side(), *delivered, *read, *unread))
        }
        Command::SetStatus { status, activity } => {
            team_only(author)?;
            set_status(now, state, author, *status, *activity)
        }
        Command::Assign { member, activity } => {
            team_only(author)?;
            let event = Event::Assigned { member: *member, by: author, activity: *activity };
            Ok(if state.assignee == *member { vec![] } else { vec![event] })
        }
        Command::Label { add, remove } => {
            team_only(author)?;
            label(state, add, remove)
        }
        Command::Wake { activity } => Ok(match state.status {
            Status::Snoozed { until } if until <= now => vec![reopened(Author::System, *activity)],
            _ => vec![],
        }),
    }
}

fn check_length(text_chars: usize, attachments: usize) -> Result<(), Refusal> {
    match (text_chars, attachments) {
        (0, 0) => Err(Refusal::Empty),
        (chars, _) if chars > MESSAGE_MAX_CHARS => Err(Refusal::TooLong),
        (_, files) if files > ATTACHMENTS_PER_MESSAGE => Err(Refusal::TooManyAttachments),
        _ => Ok(()),
    }
}

fn team_only(author: Author) -> Result<(), Refusal> {
    match author.side() {
        Side::Team => Ok(()),
        Side::Visitor => Err(Refusal::TeamOnly),
    }
}

/// A public message never quotes a note: the quotation would be seen by the visitor.
fn check_reply(author: Author, kind: PostKind, target: &MessageHead) -> Result<(), Refusal> {
    let quotable = match (kind, target.kind) {
        (_, MessageKind::Activity) | (PostKind::Public, MessageKind::Note) => false,
        (_, MessageKind::Public) | (PostKind::Note, MessageKind::Note) => true,
    };
    if quotable && target.visible_to(author) { Ok(()) } else { Err(Refusal::NoSuchMessage) }
}

fn post(state: &Conversation, author: Author, message: MessageId, post: PostKind) -> Vec<Event> {
    let n = (post == PostKind::Public).then(|| state.last_n + 1);
    let mut events = vec![Event::Posted { message, by: author, post, n }];
    // Whoever reads a conversation to its end and answers has read it.
    if post == PostKind::Public && author.side() == Side::Team {
        events.extend(mark_after_post(state, Side::Team));
    } else if author.side() == Side::Visitor {
        events.extend(mark_after_post(state, Side::Visitor));
    }
    events
}

/// Writing is reading: the author's side has seen all that came before.
fn mark_after_post(state: &Conversation, side: Side) -> Option<Event> {
    let unread = match side {
        Side::Visitor => state.visitor_unread,
        Side::Team => state.team_unread,
    };
    (unread > 0).then(|| Event::Marked {
        side,
        marks: Marks { delivered: state.last_n + 1, read: state.last_n + 1 },
        unread: 0,
    })
}

fn changeable(now: Timestamp, author: Author, target: &MessageHead) -> Result<(), Refusal> {
    if !target.visible_to(author) || target.kind == MessageKind::Activity {
        return Err(Refusal::NoSuchMessage);
    }
    if target.deleted {
        return Err(Refusal::MessageDeleted);
    }
    if target.author != author {
        return Err(Refusal::NotYours);
    }
    let age = now.duration_since(target.created_at);
    if author.side() == Side::Visitor && age > VISITOR_EDIT_WINDOW {
        return Err(Refusal::TooLate);
    }
    Ok(())
}

fn delete(
    now: Timestamp,
    author: Author,
    target: &MessageHead,
    moderator: bool,
) -> Result<Vec<Event>, Refusal> {
    let moderates =
        moderator && author.side() == Side::Team && target.kind != MessageKind::Activity;
    match changeable(now, author, target) {
        Ok(()) => {}
        Err(Refusal::NotYours) if moderates => {}
        Err(Refusal::MessageDeleted) => return Ok(vec![]),
        Err(refusal) => return Err(refusal),
    }
    Ok(vec![Event::Deleted { message: target.id, by: author }])
}

fn react(
    author: Author,
    target: &MessageHead,
    emoji: &str,
    on: bool,
) -> Result<Vec<Event>, Refusal> {
    if !target.visible_to(author) || target.kind == MessageKind::Activity {
        return Err(Refusal::NoSuchMessage);
    }
    if target.deleted {
        return Err(Refusal::MessageDeleted);
    }
    if !is_emoji(emoji) {
        return Err(Refusal::NotAnEmoji);
    }
    let there = target.reactions.iter().any(|(by, e)| *by == author && e == emoji);
    if there == on {
        return Ok(vec![]);
    }
    if on && target.reactions.len() >= REACTIONS_MAX {
        return Err(Refusal::TooManyReactions);
    }
    Ok(vec![Event::Reacted { message: target.id, by: author, emoji: emoji.to_owned(), on }])
}

/// Marks only move forward, and never past what exists.
fn mark(state: &Conversation, side: Side, delivered: u32, read: u32, unread: u32) -> Vec<Event> {
    let before = state.marks(side);
    let read_now = read.min(state.last_n).max(before.read);
    let marks = Marks {
        read: read_now,
        delivered: delivered.min(state.last_n).max(before.delivered).max(read_now),
    };
    if marks == before {
        return vec![];
    }
    let unread_before = match side {
        Side::Visitor => state.visitor_unread,
        Side::Team => state.team_unread,
    };
    let unread = if marks.read == before.read { unread_before } else { unread.min(unread_before) };
    vec![Event::Marked { side, marks, unread }]
}

fn set_status(
    now: Timestamp,
    state: &Conversation,
    author: Author,
    status: Status,
    activity: MessageId,
) -> Result<Vec<Event>, Refusal> {
    match status {
        Status::Snoozed { until } if until <= now => Err(Refusal::SnoozeInThePast),
        _ if status == state.status => Ok(vec![]),
        _ => Ok(vec![Event::StatusChanged { status, by: author, activity }]),
    }
}

fn reopened(by: Author, activity: MessageId) -> Event {
    Event::StatusChanged { status: Status::Open, by, activity }
}

fn label(
    state: &Conversation,
    add: &BTreeSet<LabelId>,
    remove: &BTreeSet<LabelId>,
) -> Result<Vec<Event>, Refusal> {
    let mut labels = state.labels.clone();
    labels.retain(|label| !remove.contains(label));
    labels.extend(add);
    if labels.len() > LABELS_MAX {
        return Err(Refusal::TooManyLabels);
    }
    Ok(if labels == state.labels { vec![] } else { vec![Event::Labelled { labels }] })
}
