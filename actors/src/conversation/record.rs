//! Describes what a command's events change: the rows to append, and the frames to tell.

use jiff::Timestamp;
use switchboard_domain::{
    Author, Event, Extra, Identity, MessageId, MessageKind, Seq, Status, WorkspaceId,
};
use switchboard_store::contact::NewContact;
use switchboard_store::conversation::{Preview, Stored, excerpt};
use switchboard_store::event::Kind;
use switchboard_store::journal::{
    Append, Beyond, Change, MessageChange, NewEvent, NewMessage, TimerChange,
};
use switchboard_store::message::{Activity, Message, Quote};
use switchboard_store::seal::WorkspaceKeys;
use switchboard_wire::agent::Done;

use super::Newcomer;
use super::prepare::Prepared;
use crate::clock;
use crate::links::Links;
use crate::names::NamesOf;
use crate::workspace::journal::Draft;

mod message;
mod outside;
mod tale;

pub use outside::{Brought, Incoming};
use tale::Tale;

/// What a command leads to.
pub struct Recorded {
    pub append: Append,
    pub drafts: Vec<Draft>,
    /// The conversation after it, but for its `rev`.
    pub after: Stored,
    pub done: Done,
}

pub struct Recording<'a> {
    pub keys: &'a WorkspaceKeys,
    pub links: &'a Links,
    pub names: &'a NamesOf,
    pub workspace: WorkspaceId,
    pub author: Author,
    pub now: Timestamp,
}

/// Writes down one event after the other: the rows they need, and what is told of each.
pub struct Scribe<'a> {
    pub recording: &'a Recording<'a>,
    pub after: Stored,
    pub append: Append,
    pub done: Done,
    tales: Vec<Tale>,
}

impl<'a> Recording<'a> {
    /// Describes `events`, decided on `before`. `newcomer` is stored with a new conversation.
    pub fn record(
        &self,
        before: &Stored,
        is_new: bool,
        newcomer: Option<&Newcomer>,
        prepared: &Prepared,
        events: &[Event],
    ) -> Recorded {
        let contact = newcomer.map(|newcomer| NewContact {
            id: newcomer.contact,
            key: before.key.clone(),
            details: newcomer.details.clone(),
            identities: newcomer.user_id.iter().cloned().map(Identity::User).collect(),
        });
        let mut scribe = self.begin(before, is_new, contact);
        events.iter().for_each(|event| scribe.tell(event, prepared));
        scribe.finish()
    }

    pub fn begin(
        &'a self,
        before: &Stored,
        is_new: bool,
        new_contact: Option<NewContact>,
    ) -> Scribe<'a> {
        let append = Append {
            state: before.state.clone(),
            expected: (!is_new).then_some(before.rev),
            new_contact,
            at: self.now,
            created_at: before.created_at,
            last_activity_at: before.last_activity_at,
            preview: None,
            events: vec![],
            messages: vec![],
            changes: vec![],
            attachments: vec![],
            timer: None,
            outside: None,
        };
        let done = Done { conversation: Some(before.state.id), ..Done::default() };
        Scribe { recording: self, after: before.clone(), append, done, tales: vec![] }
    }
}

impl Scribe<'_> {
    /// Writes down an event of a command.
    pub fn tell(&mut self, event: &Event, prepared: &Prepared) {
        let position = self.note(event);
        let tale = match event {
            Event::Posted { message, post, n, .. } => {
                self.done.message = Some(*message);
                self.done.n = *n;
                self.posted(*message, *post, *n, position, prepared)
            }
            Event::Edited { message } => self.edited(*message, position, prepared),
            Event::Deleted { message, .. } => self.deleted(*message, position, prepared),
            Event::Reacted { message, by, emoji, on } => {
                self.reacted(*message, *by, emoji, *on, position, prepared)
            }
            Event::Progressed { message, delivery } => {
                self.resent(*message, delivery, position, prepared)
            }
            Event::StatusChanged { status, activity, by } => {
                let what = Activity::Status { status: *status };
                Tale::Conversation(Some(self.activity(*activity, *by, what, position)))
            }
            Event::Assigned { member, activity, by } => {
                let what = Activity::Assigned { member: *member };
                Tale::Conversation(Some(self.activity(*activity, *by, what, position)))
            }
            Event::Marked { .. }
            | Event::Labelled { .. }
            | Event::Received { .. }
            | Event::ReactionsTold { .. }
            | Event::PeerMoved { .. }
            | Event::ChannelTold { .. }
            | Event::FileBrought { .. } => Tale::Conversation(None),
        };
        self.tales.push(tale);
    }

    /// Applies an event. Its place among the append's events.
    fn note(&mut self, event: &Event) -> usize {
        let status = self.after.state.status;
        self.after.state.apply(event);
        self.append.events.push(NewEvent { kind: kind(event), message: event.message() });
        self.append.timer = timer(status, self.after.state.status).or(self.append.timer);
        self.append.events.len() - 1
    }

    pub fn finish(mut self) -> Recorded {
        self.append.state = self.after.state.clone();
        self.append.last_activity_at = self.after.last_activity_at;
        self.append.preview = self.after.preview.as_ref().map(|preview| preview.message);
        let Scribe { recording, after, append, done, tales } = self;
        let drafts = tales.into_iter().map(|tale| tale.draft(recording, &after)).collect();
        Recorded { append, drafts, after, done }
    }

    fn change(&mut self, id: MessageId, event: usize, what: Change) {
        self.append.changes.push(MessageChange { id, event, what });
    }

    fn activity(
        &mut self,
        id: MessageId,
        by: Author,
        what: Activity,
        position: usize,
    ) -> Box<Message> {
        self.append.messages.push(NewMessage {
            id,
            event: position,
            n: None,
            kind: MessageKind::Activity,
            author: by,
            body: None,
            words: None,
            reply_to: None,
            activity: Some(what.clone()),
            reference: None,
            beyond: Beyond::default(),
        });
        let activity = Some(what);
        Box::new(Message { activity, ..self.blank(id, MessageKind::Activity, by) })
    }

    /// A message without content; its positions are put in when they are known.
    fn blank(&self, id: MessageId, kind: MessageKind, author: Author) -> Message {
        Message {
            id,
            conversation: self.after.state.id,
            contact: self.after.state.contact,
            seq: Seq::default(),
            rev: Seq::default(),
            n: None,
            kind,
            author,
            text: String::new(),
            files: vec![],
            reply_to: None,
            reactions: vec![],
            activity: None,
            extra: Extra::default(),
            delivery: None,
            parts: None,
            sent_at: None,
            created_at: self.recording.now,
            edited_at: None,
            deleted_at: None,
            reference: None,
        }
    }
}

fn quote(target: &Message) -> Quote {
    Quote { id: target.id, author: target.author, excerpt: excerpt(&target.text) }
}

/// What is left of a message that was deleted.
fn emptied(message: &Message, now: Timestamp) -> Message {
    Message {
        text: String::new(),
        files: vec![],
        reactions: vec![],
        extra: Extra::default(),
        deleted_at: Some(now),
        ..message.clone()
    }
}

fn kind(event: &Event) -> Kind {
    match event {
        Event::Posted { .. } | Event::Received { .. } => Kind::MessagePosted,
        Event::Edited { .. } => Kind::MessageEdited,
        Event::Deleted { .. } => Kind::MessageDeleted,
        Event::Reacted { .. } | Event::ReactionsTold { .. } => Kind::MessageReacted,
        Event::Progressed { .. } | Event::FileBrought { .. } => Kind::MessageProgressed,
        Event::Marked { .. } | Event::Labelled { .. } | Event::PeerMoved { .. } => {
            Kind::ConversationMarked
        }
        Event::StatusChanged { .. } | Event::Assigned { .. } | Event::ChannelTold { .. } => {
            Kind::ConversationChanged
        }
    }
}

/// A snooze sets a timer; leaving it, in whatever way, clears it.
fn timer(before: Status, after: Status) -> Option<TimerChange> {
    match (before, after) {
        (before, after) if before == after => None,
        (_, Status::Snoozed { until }) => {
            Some(TimerChange::Set { id: clock::new_id(), due_at: until })
        }
        (Status::Snoozed { .. }, _) => Some(TimerChange::Clear),
        _ => None,
    }
}

fn preview(message: &Message) -> Preview {
    Preview {
        message: message.id,
        kind: message.kind,
        author: message.author,
        excerpt: excerpt(&message.text),
        attachments: u32::try_from(message.files.len()).unwrap_or(u32::MAX),
        deleted: message.deleted_at.is_some(),
    }
}

fn renew_preview(after: &mut Stored, message: &Message) {
    if after.preview.as_ref().is_some_and(|shown| shown.message == message.id) {
        after.preview = Some(preview(message));
    }
}
