//! Rows and frames of what conversations elsewhere are told, and of the calls that tell it on.

use jiff::Timestamp;
use switchboard_domain::{
    AccountId, Author, ChannelLine, Delivery, Event, Extra, MessageId, MessageKind,
};
use switchboard_store::external::NewExternal;
use switchboard_store::fetch::NewFetch;
use switchboard_store::journal::{Beyond, Change, NewFile, NewMessage, Outside};
use switchboard_store::message::{
    Activity, File, Message, Reaction, delivery_columns, seal_body, seal_extra,
};
use switchboard_store::send::NewSend;
use switchboard_wire::agent::MessageChange;

use super::{Scribe, Tale, emptied, preview, quote, renew_preview};
use crate::conversation::prepare::Prepared;
use crate::rejection::Rejection;

/// A message as a platform brought it.
pub struct Incoming<'a> {
    pub text: String,
    pub extra: Extra,
    pub reply_to: Option<&'a Message>,
    pub files: Vec<Brought>,
    pub at: Timestamp,
    pub history: bool,
}

/// A file that a platform announced: as it is shown, its row, and where to fetch it.
#[derive(Debug, Clone)]
pub struct Brought {
    pub file: File,
    pub row: NewFile,
    pub fetch: Option<NewFetch>,
}

impl Scribe<'_> {
    /// What is stored of this append for the account.
    pub fn outside(&mut self, account: AccountId) -> &mut Outside {
        self.append.outside.get_or_insert_with(|| Box::new(Outside::of(account)))
    }

    /// A platform's name is a message's from now on.
    pub fn name(&mut self, account: AccountId, external: NewExternal) {
        self.outside(account).externals.push(external);
    }

    pub fn received(
        &mut self,
        event: &Event,
        account: AccountId,
        incoming: Incoming<'_>,
    ) -> Result<Message, Rejection> {
        let position = self.note(event);
        let Event::Received { message: id, by, n, .. } = *event else {
            return Err(Rejection::unavailable());
        };
        let Incoming { text, extra, reply_to, files, at, history } = incoming;
        let keys = self.recording.keys;
        let sealed_extra = seal_extra(keys, &self.after.key, id, &extra)?;
        let (body, words) = seal_body(keys, &self.after.key, id, &text);
        let message = Message {
            text,
            extra,
            n: Some(n),
            reply_to: reply_to.map(quote),
            files: files.iter().map(|brought| brought.file.clone()).collect(),
            sent_at: Some(at),
            ..self.blank(id, MessageKind::Public, by)
        };
        self.append.messages.push(NewMessage {
            id,
            event: position,
            n: Some(n),
            kind: MessageKind::Public,
            author: by,
            body,
            words,
            reply_to: reply_to.map(|target| target.id),
            activity: None,
            reference: None,
            beyond: Beyond { extra: sealed_extra, sent_at: Some(at), delivery: None, parts: None },
        });
        self.bring(account, files);
        // What comes from long ago does not move the conversation up.
        let moment = if history { at } else { self.recording.now };
        if self.after.preview.is_none() || moment >= self.after.last_activity_at {
            self.after.last_activity_at = moment;
            self.after.preview = Some(preview(&message));
        }
        self.tales.push(Tale::Message(MessageChange::Posted, Box::new(message.clone())));
        Ok(message)
    }

    fn bring(&mut self, account: AccountId, files: Vec<Brought>) {
        for Brought { row, fetch, .. } in files {
            let outside = self.outside(account);
            outside.files.push(row);
            outside.fetches.extend(fetch);
        }
    }

    /// `message` is as it is after the edit; `files` are given where they are others now. `at` is
    /// absent where its author changed nothing.
    pub fn edit_told(
        &mut self,
        event: &Event,
        account: AccountId,
        message: &Message,
        at: Option<Timestamp>,
        files: Option<Vec<Brought>>,
    ) -> Result<(), Rejection> {
        let position = self.note(event);
        let (keys, key) = (self.recording.keys, &self.after.key);
        let (body, words) = seal_body(keys, key, message.id, &message.text);
        let extra = seal_extra(keys, key, message.id, &message.extra)?;
        let drops_files = files.is_some();
        self.change(message.id, position, Change::Edit { body, words, at, extra, drops_files });
        self.bring(account, files.unwrap_or_default());
        renew_preview(&mut self.after, message);
        self.tales.push(Tale::Message(MessageChange::Edited, Box::new(message.clone())));
        Ok(())
    }

    /// Gives back what is left of the message.
    pub fn deletion_told(&mut self, event: &Event, message: &Message) -> Message {
        let position = self.note(event);
        let message = emptied(message, self.recording.now);
        self.change(message.id, position, Change::Delete);
        renew_preview(&mut self.after, &message);
        self.tales.push(Tale::Message(MessageChange::Deleted, Box::new(message.clone())));
        message
    }

    pub fn reactions_told(&mut self, event: &Event, message: &Message, reactions: Vec<Reaction>) {
        let position = self.note(event);
        self.change(message.id, position, Change::Reactions(reactions));
        self.tales.push(Tale::Message(MessageChange::Reacted, Box::new(message.clone())));
    }

    pub fn progressed(
        &mut self,
        event: &Event,
        message: &Message,
        delivery: &Delivery,
    ) -> Result<(), Rejection> {
        let position = self.note(event);
        let (keys, key) = (self.recording.keys, &self.after.key);
        let (_, failure) = delivery_columns(keys, key, message.id, delivery)?;
        self.change(message.id, position, Change::Delivery { state: delivery.state, failure });
        self.tales.push(Tale::Message(MessageChange::Progressed, Box::new(message.clone())));
        Ok(())
    }

    /// `message` is as it is with the file.
    pub fn file_brought(&mut self, event: &Event, message: &Message) {
        let position = self.note(event);
        self.change(message.id, position, Change::File);
        self.tales.push(Tale::Message(MessageChange::Progressed, Box::new(message.clone())));
    }

    pub fn channel_told(&mut self, event: &Event, activity: MessageId, told: ChannelLine) {
        let position = self.note(event);
        let what = Activity::Channel { told };
        let line = self.activity(activity, Author::System, what, position);
        self.tales.push(Tale::Conversation(Some(line)));
    }

    /// An event that changes the conversation alone.
    pub fn moved(&mut self, event: &Event) {
        self.note(event);
        self.tales.push(Tale::Conversation(None));
    }

    /// The calls that tell a platform of an event.
    pub(super) fn send(&mut self, message: MessageId, event: usize, prepared: &Prepared) {
        let Some(outgoing) = &prepared.outgoing else { return };
        let conversation = self.after.state.id;
        let outside = self.outside(outgoing.account);
        outside.kept_back.extend(outgoing.withdraws.then_some(message));
        outside.sends.extend(outgoing.calls.iter().map(|call| NewSend {
            id: call.id,
            account: outgoing.account,
            conversation,
            message,
            event,
            part: call.part,
            posts: outgoing.posts,
            automatic: false,
            payload: call.payload.clone(),
        }));
    }
}
