//! Describes what a command's events change: the rows to append, and the frames to tell.

use jiff::Timestamp;
use switchboard_domain::{
    Author, Delivery, Event, Extra, Identity, MessageId, MessageKind, PostKind, Seq, Status, Venue,
    WorkspaceId,
};
use switchboard_store::contact::NewContact;
use switchboard_store::conversation::{Preview, Stored, excerpt};
use switchboard_store::event::Kind;
use switchboard_store::journal::{
    Append, Attach, Beyond, Change, MessageChange as ChangeRow, NewEvent, NewMessage, TimerChange,
};
use switchboard_store::message::{Activity, Message, Quote, Reaction, seal_body};
use switchboard_store::seal::WorkspaceKeys;
use switchboard_wire::agent::{AgentEvent, Done, MessageChange};
use switchboard_wire::visitor::VisitorEvent;

use super::Newcomer;
use super::outgoing::Outgoing;
use super::prepare::Prepared;
use crate::clock;
use crate::links::Links;
use crate::names::NamesOf;
use crate::view::{self as views, Viewing};
use crate::workspace::journal::Draft;

mod outside;

pub use outside::{Brought, Incoming};

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

/// What an event tells, beside the conversation's new state.
enum Tale {
    Message(MessageChange, Box<Message>),
    Conversation(Option<Box<Message>>),
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
        let drafts = tales.into_iter().map(|tale| recording.draft(tale, &after)).collect();
        Recorded { append, drafts, after, done }
    }

    fn posted(
        &mut self,
        id: MessageId,
        post: PostKind,
        n: Option<u32>,
        position: usize,
        prepared: &Prepared,
    ) -> Tale {
        let Recording { keys, author, now, .. } = *self.recording;
        let outgoing = prepared.outgoing.as_ref();
        let delivery = outgoing.map(|_| Delivery::queued());
        let message = Message {
            files: prepared.files.iter().map(|upload| upload.file.clone()).collect(),
            reply_to: prepared.target.as_ref().map(quote),
            text: prepared.text.clone(),
            reference: prepared.reference.clone(),
            extra: outgoing.map(|outgoing| outgoing.extra.clone()).unwrap_or_default(),
            delivery: delivery.clone(),
            parts: outgoing.map(Outgoing::parts),
            n,
            ..self.blank(id, message_kind(post), author)
        };
        let (body, words) = seal_body(keys, &self.after.key, id, &message.text);
        self.append.messages.push(NewMessage {
            id,
            event: position,
            n,
            kind: message.kind,
            author,
            body,
            words,
            reply_to: message.reply_to.as_ref().map(|quote| quote.id),
            activity: None,
            reference: message.reference.clone(),
            beyond: Beyond {
                extra: outgoing.and_then(|outgoing| outgoing.sealed_extra.clone()),
                sent_at: None,
                delivery: delivery.map(|delivery| delivery.state),
                parts: message.parts,
            },
        });
        for (upload, position) in prepared.files.iter().zip(0i16..) {
            let key = upload.rewrap(keys, &self.after.key);
            self.append.attachments.push(Attach { id: upload.file.id, message: id, position, key });
        }
        self.send(id, position, prepared);
        self.after.last_activity_at = now;
        self.after.preview = Some(preview(&message));
        Tale::Message(MessageChange::Posted, Box::new(message))
    }

    fn edited(&mut self, id: MessageId, position: usize, prepared: &Prepared) -> Tale {
        let Some(target) = &prepared.target else { return Tale::Conversation(None) };
        let now = self.recording.now;
        let text = prepared.text.clone();
        let message = Message { text, edited_at: Some(now), ..target.clone() };
        let (body, words) = seal_body(self.recording.keys, &self.after.key, id, &message.text);
        let at = Some(now);
        let what = Change::Edit { body, words, at, extra: None, drops_files: false };
        self.change(id, position, what);
        self.send(id, position, prepared);
        renew_preview(&mut self.after, &message);
        Tale::Message(MessageChange::Edited, Box::new(message))
    }

    fn deleted(&mut self, id: MessageId, position: usize, prepared: &Prepared) -> Tale {
        let Some(target) = &prepared.target else { return Tale::Conversation(None) };
        let message = emptied(target, self.recording.now);
        self.change(id, position, Change::Delete);
        self.send(id, position, prepared);
        renew_preview(&mut self.after, &message);
        Tale::Message(MessageChange::Deleted, Box::new(message))
    }

    fn reacted(
        &mut self,
        id: MessageId,
        by: Author,
        emoji: &str,
        on: bool,
        position: usize,
        prepared: &Prepared,
    ) -> Tale {
        let Some(target) = &prepared.target else { return Tale::Conversation(None) };
        let mut message = target.clone();
        if self.after.state.venue != Venue::Web && target.kind == MessageKind::Public {
            // Elsewhere the team has one voice, and one reaction.
            message.reactions.retain(|reaction| reaction.by.side() != by.side());
            let emoji = if on { emoji.to_owned() } else { String::new() };
            message.reactions.push(Reaction { by, emoji, at: Some(self.recording.now) });
        } else if on {
            message.reactions.push(Reaction { by, emoji: emoji.to_owned(), at: None });
        } else {
            message.reactions.retain(|reaction| reaction.by != by || reaction.emoji != emoji);
        }
        self.change(id, position, Change::Reactions(message.reactions.clone()));
        self.send(id, position, prepared);
        Tale::Message(MessageChange::Reacted, Box::new(message))
    }

    /// What failed is sent again.
    fn resent(
        &mut self,
        id: MessageId,
        delivery: &Delivery,
        position: usize,
        prepared: &Prepared,
    ) -> Tale {
        let Some(target) = &prepared.target else { return Tale::Conversation(None) };
        let message = Message { delivery: Some(delivery.clone()), ..target.clone() };
        let what = Change::Delivery { state: delivery.state, failure: None };
        self.change(id, position, what);
        self.send(id, position, prepared);
        Tale::Message(MessageChange::Progressed, Box::new(message))
    }

    fn change(&mut self, id: MessageId, event: usize, what: Change) {
        self.append.changes.push(ChangeRow { id, event, what });
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

impl Recording<'_> {
    fn draft(&self, tale: Tale, after: &Stored) -> Draft {
        let viewing = Viewing { workspace: self.workspace, links: self.links, now: self.now };
        // What is said elsewhere is no visitor's, even where the contact is the same.
        let visitor = (after.state.venue == Venue::Web).then_some(after.state.contact);
        match tale {
            Tale::Message(change, message) => Draft {
                visitor: visitor.and_then(|contact| {
                    let message = Box::new(viewing.visitor_message(&message, self.names)?);
                    let conversation = views::visitor_conversation(after);
                    Some((contact, VisitorEvent::Message { change, message, conversation }))
                }),
                agents: AgentEvent::Message {
                    change,
                    message: viewing.message(&message),
                    conversation: views::conversation(after),
                },
            },
            Tale::Conversation(activity) => Draft {
                visitor: visitor.filter(|_| activity.is_none()).map(|contact| {
                    let conversation = views::visitor_conversation(after);
                    (contact, VisitorEvent::Conversation { conversation })
                }),
                agents: AgentEvent::Conversation {
                    conversation: views::conversation(after),
                    activity: activity.map(|message| viewing.message(&message)),
                },
            },
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

fn message_kind(post: PostKind) -> MessageKind {
    match post {
        PostKind::Public => MessageKind::Public,
        PostKind::Note => MessageKind::Note,
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
