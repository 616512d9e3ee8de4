//! What a command leads to: a function of the state, the author and the time.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    Command, Conversation, Event, LABELS_MAX, Marks, Peer, PostKind, REACTIONS_MAX, Refusal, Status,
};
use crate::attachment::ATTACHMENTS_PER_MESSAGE;
use crate::channel::{Abilities, Venue};
use crate::delivery::{Delivery, DeliveryState};
use crate::id::{LabelId, MessageId};
use crate::message::{Author, MessageHead, MessageKind, Side, VISITOR_EDIT_WINDOW};
use crate::text::{MESSAGE_MAX_CHARS, is_emoji};
use crate::window::{Permit, Voice, permit, reaction_opens};

/// What `command`, given by `author` at `now`, leads to.
pub fn decide(
    now: Timestamp,
    state: &Conversation,
    author: Author,
    command: &Command,
) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::Post { message, kind, text_chars, attachments, reply_to, form, access } => {
            check_length(*text_chars, *attachments)?;
            if *kind == PostKind::Note {
                team_only(author)?;
            }
            if let Some(target) = reply_to {
                check_reply(author, *kind, target)?;
            }
            if *kind == PostKind::Public && author.side() == Side::Team {
                let (venue, wrote_at) = (state.venue, state.peer.wrote_at);
                permit(now, venue, *access, wrote_at, Voice::Person, *form)?;
            }
            Ok(post(state, author, *message, *kind))
        }
        Command::Edit { target, text_chars } => {
            changeable(now, author, target)?;
            check_able(state, target, |abilities| abilities.edits)?;
            check_length(*text_chars, usize::from(target.has_attachments))?;
            Ok(vec![Event::Edited { message: target.id }])
        }
        Command::Delete { target, moderator } => {
            check_able(state, target, |abilities| abilities.deletes)?;
            delete(now, state, author, target, *moderator)
        }
        Command::React { target, emoji, on } => {
            check_able(state, target, |abilities| abilities.reacts)?;
            react(author, target, emoji, *on)
        }
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
        Command::Receive { message, at, opens_window, history } => {
            Ok(receive(state, author, *message, *at, *opens_window, *history))
        }
        Command::ReceiveEdit { target, prevails } | Command::ReceiveHiding { target, prevails } => {
            Ok(match target.deleted || !prevails {
                true => vec![],
                false => vec![Event::Edited { message: target.id }],
            })
        }
        // A deletion is final, and no news when it is told again.
        Command::ReceiveDelete { target } => Ok(match target.deleted {
            true => vec![],
            false => vec![deleted(state, author, target)],
        }),
        Command::ReceiveReaction { target, changes, put_at } => {
            Ok(match target.deleted || !changes {
                true => vec![],
                false => reacted(state, target, *put_at),
            })
        }
        Command::Reach { delivered_at, read_at } => Ok(reach(state, *delivered_at, *read_at)),
        Command::Tell { activity } => Ok(vec![Event::ChannelTold { activity: *activity }]),
        Command::Advance { message, from, to } => Ok(match from.as_ref() == Some(to) {
            true => vec![],
            false => vec![Event::Progressed { message: *message, delivery: to.clone() }],
        }),
        Command::BringFile { message } => Ok(vec![Event::FileBrought { message: *message }]),
        Command::Resend { target, delivery, form, access } => {
            let may =
                || permit(now, state.venue, *access, state.peer.wrote_at, Voice::Person, *form);
            resend(author, target, *delivery, may)
        }
    }
}

/// Whether the venue has a way to do this with a message that is also there. Notes are ours
/// alone.
fn check_able(
    state: &Conversation,
    target: &MessageHead,
    able: impl Fn(Abilities) -> bool,
) -> Result<(), Refusal> {
    let is_ours = state.venue == Venue::Web || target.kind != MessageKind::Public;
    if is_ours || able(state.venue.abilities()) { Ok(()) } else { Err(Refusal::NotOnThisChannel) }
}

fn receive(
    state: &Conversation,
    author: Author,
    message: MessageId,
    at: Timestamp,
    opens_window: bool,
    history: bool,
) -> Vec<Event> {
    let n = state.last_n + 1;
    let mut events = vec![Event::Received { message, by: author, n, at, opens_window, history }];
    // Who answers from a phone has read what was written until then.
    let answers = state.peer.wrote_at.is_none_or(|wrote_at| at >= wrote_at);
    if author.side() == Side::Team && answers && !history {
        events.extend(mark_after_post(state, Side::Team));
    }
    events
}

fn reacted(state: &Conversation, target: &MessageHead, put_at: Option<Timestamp>) -> Vec<Event> {
    let mut events = vec![Event::ReactionsTold { message: target.id }];
    let put_at = put_at.filter(|_| reaction_opens(state.venue));
    let peer = Peer { wrote_at: state.peer.wrote_at.max(put_at), ..state.peer };
    if peer != state.peer {
        events.push(Event::PeerMoved { peer });
    }
    events
}

fn reach(
    state: &Conversation,
    delivered_at: Option<Timestamp>,
    read_at: Option<Timestamp>,
) -> Vec<Event> {
    let before = state.peer;
    let peer = Peer {
        read_at: before.read_at.max(read_at),
        // What was read was delivered.
        delivered_at: before.delivered_at.max(delivered_at).max(read_at),
        ..before
    };
    if peer == before { vec![] } else { vec![Event::PeerMoved { peer }] }
}

/// Nothing is sent again that is known to have been sent.
fn resend(
    author: Author,
    target: &MessageHead,
    delivery: Option<DeliveryState>,
    may: impl FnOnce() -> Result<Permit, Refusal>,
) -> Result<Vec<Event>, Refusal> {
    team_only(author)?;
    if target.deleted {
        return Err(Refusal::MessageDeleted);
    }
    match delivery {
        Some(DeliveryState::Failed | DeliveryState::Uncertain) => {}
        _ => return Ok(vec![]),
    }
    may()?;
    Ok(vec![Event::Progressed { message: target.id, delivery: Delivery::queued() }])
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
    state: &Conversation,
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
    Ok(vec![deleted(state, author, target)])
}

fn deleted(state: &Conversation, by: Author, target: &MessageHead) -> Event {
    Event::Deleted { message: target.id, by, unread_by: unread_by(state, target) }
}

/// The side among whose unread messages this one is counted. Never counted was what is history,
/// and what the business wrote elsewhere: the customer reads that there.
fn unread_by(state: &Conversation, target: &MessageHead) -> Option<Side> {
    if target.history || target.author == Author::Elsewhere {
        return None;
    }
    let side = target.author.side().other();
    target.n.filter(|n| *n > state.marks(side).read).map(|_| side)
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
