//! Describes what a command's events change: the rows to append, and the frames to tell.

use jiff::Timestamp;
use switchboard_domain::{
    Author, ContactId, Event, Extra, Identity, MessageId, MessageKind, PostKind, Seq, Status,
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
use super::prepare::Prepared;
use crate::clock;
use crate::links::Links;
use crate::names::NamesOf;
use crate::view::{self as views, Viewing};
use crate::workspace::journal::Draft;

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

impl Recording<'_> {
    /// Describes `events`, decided on `before`. `newcomer` is stored with a new conversation.
    pub fn record(
        &self,
        before: &Stored,
        is_new: bool,
        newcomer: Option<&Newcomer>,
        prepared: Prepared,
        events: Vec<Event>,
    ) -> Recorded {
        let mut after = before.clone();
        let mut append = self.empty(before, is_new, newcomer);
        let mut done = Done { conversation: Some(before.state.id), ..Done::default() };
        let mut tales = Vec::with_capacity(events.len());
        for event in &events {
            let status = after.state.status;
            after.state.apply(event);
            append.events.push(NewEvent { kind: kind(event), message: event.message() });
            append.timer = timer(status, after.state.status).or(append.timer);
            tales.push(self.tell(event, &prepared, &mut after, &mut append, &mut done));
        }
        append.state = after.state.clone();
        append.last_activity_at = after.last_activity_at;
        append.preview = after.preview.as_ref().map(|preview| preview.message);
        let drafts = tales.into_iter().map(|tale| self.draft(tale, &after)).collect();
        Recorded { append, drafts, after, done }
    }

    fn empty(&self, before: &Stored, is_new: bool, newcomer: Option<&Newcomer>) -> Append {
        Append {
            state: before.state.clone(),
            expected: (!is_new).then_some(before.rev),
            new_contact: newcomer.map(|newcomer| NewContact {
                id: newcomer.contact,
                key: before.key.clone(),
                details: newcomer.details.clone(),
                identities: newcomer.user_id.iter().cloned().map(Identity::User).collect(),
            }),
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
        }
    }

    fn tell(
        &self,
        event: &Event,
        prepared: &Prepared,
        after: &mut Stored,
        append: &mut Append,
        done: &mut Done,
    ) -> Tale {
        let position = append.events.len() - 1;
        match event {
            Event::Posted { message, post, n, .. } => {
                done.message = Some(*message);
                done.n = *n;
                self.posted(*message, *post, *n, position, prepared, after, append)
            }
            Event::Edited { message } => self.edited(*message, position, prepared, after, append),
            Event::Deleted { message, .. } => {
                self.deleted(*message, position, prepared, after, append)
            }
            Event::Reacted { message, by, emoji, on } => {
                reacted(*message, *by, emoji, *on, position, prepared, append)
            }
            Event::Marked { .. } | Event::Labelled { .. } => Tale::Conversation(None),
            Event::StatusChanged { status, activity, by } => {
                let what = Activity::Status { status: *status };
                Tale::Conversation(Some(
                    self.activity(*activity, *by, what, position, after, append),
                ))
            }
            Event::Assigned { member, activity, by } => {
                let what = Activity::Assigned { member: *member };
                Tale::Conversation(Some(
                    self.activity(*activity, *by, what, position, after, append),
                ))
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one event, named one by one")]
    fn posted(
        &self,
        id: MessageId,
        post: PostKind,
        n: Option<u32>,
        position: usize,
        prepared: &Prepared,
        after: &mut Stored,
        append: &mut Append,
    ) -> Tale {
        let message = Message {
            files: prepared.files.iter().map(|upload| upload.file.clone()).collect(),
            reply_to: prepared.target.as_ref().map(|target| Quote {
                id: target.id,
                author: target.author,
                excerpt: excerpt(&target.text),
            }),
            text: prepared.text.clone(),
            reference: prepared.reference.clone(),
            n,
            ..self.blank(id, message_kind(post), self.author, after)
        };
        let (body, words) = seal_body(self.keys, &after.key, id, &message.text);
        append.messages.push(NewMessage {
            id,
            event: position,
            n,
            kind: message.kind,
            author: self.author,
            body,
            words,
            reply_to: message.reply_to.as_ref().map(|quote| quote.id),
            activity: None,
            reference: message.reference.clone(),
            beyond: Beyond::default(),
        });
        for (upload, position) in prepared.files.iter().zip(0i16..) {
            let key = upload.rewrap(self.keys, &after.key);
            append.attachments.push(Attach { id: upload.file.id, message: id, position, key });
        }
        after.last_activity_at = self.now;
        after.preview = Some(preview(&message));
        Tale::Message(MessageChange::Posted, Box::new(message))
    }

    fn edited(
        &self,
        id: MessageId,
        position: usize,
        prepared: &Prepared,
        after: &mut Stored,
        append: &mut Append,
    ) -> Tale {
        let Some(target) = &prepared.target else { return Tale::Conversation(None) };
        let text = prepared.text.clone();
        let message = Message { text, edited_at: Some(self.now), ..target.clone() };
        let (body, words) = seal_body(self.keys, &after.key, id, &message.text);
        append.changes.push(ChangeRow {
            id,
            event: position,
            what: Change::Edit { body, words, at: self.now, extra: None, drops_files: false },
        });
        renew_preview(after, &message);
        Tale::Message(MessageChange::Edited, Box::new(message))
    }

    fn deleted(
        &self,
        id: MessageId,
        position: usize,
        prepared: &Prepared,
        after: &mut Stored,
        append: &mut Append,
    ) -> Tale {
        let Some(target) = &prepared.target else { return Tale::Conversation(None) };
        let message = Message {
            text: String::new(),
            files: vec![],
            reactions: vec![],
            deleted_at: Some(self.now),
            ..target.clone()
        };
        append.changes.push(ChangeRow { id, event: position, what: Change::Delete });
        renew_preview(after, &message);
        Tale::Message(MessageChange::Deleted, Box::new(message))
    }

    fn activity(
        &self,
        id: MessageId,
        by: Author,
        what: Activity,
        position: usize,
        after: &Stored,
        append: &mut Append,
    ) -> Box<Message> {
        append.messages.push(NewMessage {
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
        Box::new(Message { activity, ..self.blank(id, MessageKind::Activity, by, after) })
    }

    /// A message without content; its positions are put in when they are known.
    fn blank(&self, id: MessageId, kind: MessageKind, author: Author, after: &Stored) -> Message {
        Message {
            id,
            conversation: after.state.id,
            contact: after.state.contact,
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
            sent_at: None,
            created_at: self.now,
            edited_at: None,
            deleted_at: None,
            reference: None,
        }
    }

    fn draft(&self, tale: Tale, after: &Stored) -> Draft {
        let viewing = Viewing { workspace: self.workspace, links: self.links, now: self.now };
        let contact: ContactId = after.state.contact;
        match tale {
            Tale::Message(change, message) => Draft {
                visitor: viewing.visitor_message(&message, self.names).map(|message| {
                    let conversation = views::visitor_conversation(after);
                    let message = Box::new(message);
                    (contact, VisitorEvent::Message { change, message, conversation })
                }),
                agents: AgentEvent::Message {
                    change,
                    message: viewing.message(&message),
                    conversation: views::conversation(after),
                },
            },
            Tale::Conversation(activity) => Draft {
                visitor: activity.is_none().then(|| {
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

fn reacted(
    id: MessageId,
    by: Author,
    emoji: &str,
    on: bool,
    position: usize,
    prepared: &Prepared,
    append: &mut Append,
) -> Tale {
    let Some(target) = &prepared.target else { return Tale::Conversation(None) };
    let mut message = target.clone();
    if on {
        message.reactions.push(Reaction { by, emoji: emoji.to_owned(), at: None });
    } else {
        message.reactions.retain(|reaction| reaction.by != by || reaction.emoji != emoji);
    }
    let what = Change::Reactions(message.reactions.clone());
    append.changes.push(ChangeRow { id, event: position, what });
    Tale::Message(MessageChange::Reacted, Box::new(message))
}

fn kind(event: &Event) -> Kind {
    match event {
        Event::Posted { .. } => Kind::MessagePosted,
        Event::Edited { .. } => Kind::MessageEdited,
        Event::Deleted { .. } => Kind::MessageDeleted,
        Event::Reacted { .. } => Kind::MessageReacted,
        Event::Marked { .. } | Event::Labelled { .. } => Kind::ConversationMarked,
        Event::StatusChanged { .. } | Event::Assigned { .. } => Kind::ConversationChanged,
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
