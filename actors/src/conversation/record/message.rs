//! Rows and frames of what commands do to messages: post, edit, delete, react to, send again.

use switchboard_domain::{Author, Delivery, MessageId, MessageKind, PostKind, Venue};
use switchboard_store::journal::{Attach, Beyond, Change, NewMessage};
use switchboard_store::message::{Message, Reaction, seal_body};
use switchboard_wire::agent::MessageChange;

use super::{Recording, Scribe, Tale, emptied, preview, quote, renew_preview};
use crate::conversation::outgoing::Outgoing;
use crate::conversation::prepare::Prepared;

impl Scribe<'_> {
    pub(super) fn posted(
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

    pub(super) fn edited(&mut self, id: MessageId, position: usize, prepared: &Prepared) -> Tale {
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

    pub(super) fn deleted(&mut self, id: MessageId, position: usize, prepared: &Prepared) -> Tale {
        let Some(target) = &prepared.target else { return Tale::Conversation(None) };
        let message = emptied(target, self.recording.now);
        self.change(id, position, Change::Delete);
        self.send(id, position, prepared);
        renew_preview(&mut self.after, &message);
        Tale::Message(MessageChange::Deleted, Box::new(message))
    }

    pub(super) fn reacted(
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
    pub(super) fn resent(
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
}

fn message_kind(post: PostKind) -> MessageKind {
    match post {
        PostKind::Public => MessageKind::Public,
        PostKind::Note => MessageKind::Note,
    }
}
