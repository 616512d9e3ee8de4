//! What platforms tell of a conversation: who writes is found or noted, and every event becomes
//! what it means here, once.

use std::sync::Arc;

use jiff::Timestamp;
use switchboard_channels::{Direction, Event, InMessage, Media, Part, Peer, Source, Thread, What};
use switchboard_domain::{
    AccountId, AttachmentKind, Author, Card, ChannelLine, Command, ContactId, Conversation,
    ConversationId, Extra, Identity, MessageId, Seq, Status, Venue, WorkspaceId,
};
use switchboard_store::account::{self, Speaker};
use switchboard_store::contact::{self as contacts, Details, Held, NewContact};
use switchboard_store::conversation::{Address, Person, Stored, seal_address};
use switchboard_store::fetch::{NewFetch, seal_source};
use switchboard_store::journal::NewFile;
use switchboard_store::message::{FILE_KEY, FILE_NAME, File, FileState, Message};
use switchboard_store::seal::{Key, WorkspaceKeys};
use switchboard_store::{Error, Tx, external, message, parked, pending, thread};
use switchboard_wire::Code;
use switchboard_wire::agent::Done;

use super::fold::{Fold, Grounds, Hash, Told, first_message};
use super::perform::{Attempt, commit, load};
use super::record::{Brought, Incoming, Recording, Scribe};
use super::{Before, Read, Received, Typing, tell_typing};
use crate::rejection::Rejection;
use crate::{Cast, Shared, clock};

mod gather;
mod place;
mod unheard;

pub use gather::correlated;
use gather::{Gathered, Gathering};
pub use unheard::{Unheard, awaits_echo};

/// Takes in what a platform told of a conversation. What was read before for the whole webhook
/// serves the first time alone.
pub async fn receive(
    shared: &Arc<Shared>,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    id: ConversationId,
    loaded: Option<Stored>,
    received: &Received,
    is_first: bool,
) -> Result<Attempt, Rejection> {
    let speaker = account::speaker(&shared.store, workspace, received.account).await?;
    let speaker = speaker.ok_or_else(|| Rejection::not_found("there is no such account"))?;
    let before = is_first.then_some(&received.before);
    let loaded = match (loaded, before) {
        (None, Some(Before::Read(read))) => read.stored.clone(),
        (None, _) => load(shared, workspace, id).await?,
        (loaded, _) => loaded,
    };
    let loaded = place::named(shared, workspace, id, loaded, received).await?;
    let gathering = Gathering { shared, keys, workspace, id, speaker: &speaker, received };
    let Gathered { grounds, opens, contact } = gathering.all(loaded.as_ref(), before).await?;
    let (stored, new_contact) = match (&loaded, opens) {
        (Some(stored), _) => (stored.clone(), None),
        (None, true) => place::opened(keys, id, received, contact),
        // What is told of messages that are not there waits for them, and opens nothing.
        (None, false) => (place::blank(id, received), None),
    };
    let names = shared.names.of(&shared.store, workspace).await?;
    let now = clock::now();
    let (links, author) = (&shared.links, Author::System);
    let recording = Recording { keys, links, names: &names, workspace, author, now };
    let scribe = recording.begin(&stored, loaded.is_none(), new_contact);
    let account_key = &speaker.key;
    let threads = &received.thread.keys;
    let mut fold = Fold { account: received.account, account_key, grounds, threads, scribe };
    for event in &received.events {
        fold.event(received, event)?;
    }
    let begins = loaded.is_none() && opens;
    if begins {
        fold.opened()?;
    }
    fold.watermarks(received)?;
    if loaded.is_some() || opens {
        fold.place(&stored, loaded.is_none(), received)?;
    }
    if let Some(outside) = fold.scribe.append.outside.as_deref_mut() {
        outside.routed = received.routed;
    }
    let recorded = fold.scribe.finish();
    let nothing = recorded.append.outside.as_ref().is_none_or(|outside| outside.is_empty());
    let attempt = match (nothing && recorded.append.events.is_empty(), loaded, opens) {
        (true, Some(stored), _) => Attempt::Settled(Box::new(stored), Done::default()),
        (true, None, _) => Attempt::Unopened(Done::default()),
        (false, None, false) => match commit(shared, workspace, stored, recorded).await? {
            Attempt::Settled(_, done) => Attempt::Unopened(done),
            other => other,
        },
        (false, ..) => commit(shared, workspace, stored, recorded).await?,
    };
    if let Attempt::Settled(stored, _) = &attempt {
        if begins && received.thread.peer.name.is_none() {
            let (contact, thread) = (stored.state.contact, received.thread.keys.clone());
            shared.accounts.introduce(workspace, received.account, contact, thread);
        }
        afterwards(shared, workspace, stored, received).await;
    }
    Ok(attempt)
}

/// What is fleeting: it follows what is durable, and nobody waits for it.
async fn afterwards(
    shared: &Arc<Shared>,
    workspace: WorkspaceId,
    stored: &Stored,
    received: &Received,
) {
    let (account, id) = (received.account, stored.state.id);
    let platform = switchboard_channels::platform(received.kind);
    let awaits_receipt = platform.limits(stored.state.venue).awaits_receipt;
    if is_stranger(stored) && received.events.iter().any(is_of_customer) {
        let keys = stored.address.keys.clone();
        shared.accounts.introduce(workspace, account, stored.state.contact, keys);
    }
    for event in &received.events {
        match &event.what {
            What::Receipt { .. } if awaits_receipt => {
                shared.accounts.confirmed(workspace, account, id);
            }
            What::Typing { on } => {
                let author = Author::Visitor(stored.state.contact);
                let typing = Typing { author, on: *on, note: false };
                tell_typing(shared, workspace, stored, typing).await;
            }
            What::Message(message) => {
                let Some(id) = &message.acknowledge else { continue };
                let (venue, address) = (stored.state.venue, stored.address.clone());
                let to = crate::accounts::ActTo { venue, address, newest: None };
                let action = switchboard_channels::Action::Acknowledge { id: id.clone() };
                shared.accounts.act(workspace, account, to, action);
            }
            _ => {}
        }
    }
}

/// Whether nobody has said what the customer is called. Messenger and Instagram tell it only
/// when they are asked.
fn is_stranger(stored: &Stored) -> bool {
    let contact = stored.state.contact;
    stored.contact_name == Details::default().display_name(contact)
}

fn is_of_customer(event: &Event) -> bool {
    matches!(&event.what, What::Message(message) if message.direction == Direction::Customer)
}

/// The name under which a line is kept from being told twice.
fn line_name(received: &Received, event: &Event, line: &ChannelLine) -> String {
    let kind = serde_json::to_string(line).unwrap_or_default();
    let first = received.thread.keys.first().map(String::as_str).unwrap_or_default();
    format!("line:{first}:{}:{kind}", event.at.as_microsecond())
}

impl Fold<'_> {
    fn event(&mut self, received: &Received, event: &Event) -> Result<(), Rejection> {
        match &event.what {
            What::Message(incoming) => self.message(event, incoming),
            What::Edited { target, text, media, extra } => {
                let (text, media) = (text.clone(), media.clone());
                let extra = extra.clone();
                self.tell(&target.0, Told::Edited { at: event.at, text, media, extra })
            }
            What::Deleted { targets } => {
                targets.iter().try_for_each(|target| self.tell(&target.0, Told::Deleted))
            }
            What::Hidden { target, hidden } => {
                self.tell(&target.0, Told::Hidden { at: event.at, hidden: *hidden })
            }
            What::Reacted { target, emoji, by } => {
                let by_customer = *by == Direction::Customer;
                let emoji = emoji.clone();
                self.tell(&target.0, Told::Reacted { at: event.at, emoji, by_customer })
            }
            What::Receipt { target, delivery, correlation } => {
                let known = self.grounds.names.contains_key(&self.hash(&target.0));
                let ours = correlation.as_deref().and_then(correlated);
                if let Some((message, part)) = ours.filter(|_| !known)
                    && self.grounds.messages.contains_key(&message)
                {
                    self.attach(&target.0, message, part)?;
                }
                self.tell(&target.0, Told::Receipt { delivery: delivery.clone() })
            }
            What::Line(line) => self.line(received, event, line),
            // Told when all messages are there.
            What::Watermark { .. } => Ok(()),
            What::Typing { .. } | What::Renamed { .. } => Ok(()),
            What::Account(_) | What::Connection(_) | What::Ignored { .. } => Ok(()),
        }
    }

    /// How far the customer has come: it is the same in whatever order it is told, and may come
    /// before the first message in what was told together.
    fn watermarks(&mut self, received: &Received) -> Result<(), Rejection> {
        for event in &received.events {
            if let What::Watermark { state } = event.what {
                self.reach(event.at, state)?;
            }
        }
        Ok(())
    }

    fn line(
        &mut self,
        received: &Received,
        event: &Event,
        line: &ChannelLine,
    ) -> Result<(), Rejection> {
        let name = line_name(received, event, line);
        let is_open = self.scribe.after.state.last_n > 0;
        if !is_open || self.grounds.names.contains_key(&self.hash(&name)) {
            return Ok(());
        }
        let activity: MessageId = clock::new_id();
        for event in self.decide(Author::System, &Command::Tell { activity })? {
            self.scribe.channel_told(&event, activity, line.clone());
        }
        self.name(&name, activity, 0, None)
    }

    fn message(&mut self, event: &Event, incoming: &InMessage) -> Result<(), Rejection> {
        if self.grounds.names.contains_key(&self.hash(&incoming.id.0)) {
            return Ok(());
        }
        if let Some((message, part)) = self.own(event.at, incoming) {
            return self.attach(&incoming.id.0, message, part);
        }
        let venue = self.scribe.after.state.venue;
        let is_private = |thread: &Thread| !thread.venue.is_comments();
        if venue.is_comments() && event.thread.as_ref().is_some_and(is_private) {
            // Taken for what came back of an answer to a comment; what became of that has been
            // heard meanwhile, so this is something else.
            return Err(Rejection::new(Code::Conflict, "this is of another conversation"));
        }
        let (by, via) = match &incoming.direction {
            Direction::Customer => (Author::Visitor(self.scribe.after.state.contact), None),
            Direction::Business { via, .. } => (Author::Elsewhere, via.clone()),
        };
        let mut extra = incoming.extra.clone();
        extra.via = extra.via.or(via);
        extra.file_gone = why_gone(&incoming.media);
        let quoted = incoming.reply_to.as_ref().map(|target| self.hash(&target.0));
        let quoted = quoted.and_then(|hash| self.grounds.names.get(&hash)).map(|k| k.message);
        let reply_to = quoted.and_then(|id| self.grounds.messages.get(&id)).cloned();
        extra.answers_unknown |= incoming.reply_to.is_some() && reply_to.is_none();
        let history = extra.history;
        let message: MessageId = clock::new_id();
        let opens_window = incoming.opens_window;
        let command = Command::Receive { message, at: event.at, opens_window, history };
        for happened in self.decide(by, &command)? {
            if !matches!(happened, switchboard_domain::Event::Received { .. }) {
                self.scribe.moved(&happened);
                continue;
            }
            let media = &incoming.media;
            let files =
                files(&self.scribe, self.account, self.account_key, message, media, &extra)?;
            let incoming = Incoming {
                text: incoming.text.clone(),
                extra: extra.clone(),
                reply_to: reply_to.as_ref(),
                files,
                at: event.at,
                history,
            };
            let posted = self.scribe.received(&happened, self.account, incoming)?;
            self.grounds.messages.insert(message, posted);
        }
        self.name(&incoming.id.0, message, 0, None)
    }

    /// Which message of ours comes back here, if it is one: by what was sent along with it, or
    /// because it says what was handed to the platform and never answered.
    fn own(&self, at: Timestamp, incoming: &InMessage) -> Option<(MessageId, u16)> {
        let Direction::Business { correlation, .. } = &incoming.direction else { return None };
        let ours = correlation.as_deref().and_then(correlated);
        if let Some((message, part)) = ours {
            return self.grounds.messages.contains_key(&message).then_some((message, part));
        }
        unheard::came_back(&self.grounds, at, incoming)
    }
}

/// Why files cannot be had, as far as the platform told.
pub fn why_gone(media: &[Media]) -> Option<String> {
    media.iter().find_map(|media| match &media.source {
        Source::Gone { why } => Some(why.clone()),
        _ => None,
    })
}

/// The files that a message announces.
pub fn files(
    scribe: &Scribe<'_>,
    account: AccountId,
    account_key: &Key,
    message: MessageId,
    media: &[Media],
    extra: &Extra,
) -> Result<Vec<Brought>, Rejection> {
    let voice = matches!(extra.card, Some(Card::Voice { .. }));
    let numbered = media.iter().zip(0i16..);
    numbered
        .map(|(media, position)| {
            file(scribe, account, account_key, message, media, position, voice)
        })
        .collect()
}

fn file(
    scribe: &Scribe<'_>,
    account: AccountId,
    account_key: &Key,
    message: MessageId,
    media: &Media,
    position: i16,
    voice: bool,
) -> Result<Brought, Rejection> {
    let keys = scribe.recording.keys;
    let lost = matches!(media.source, Source::Gone { .. });
    let file = File {
        id: clock::new_id(),
        name: media.name.clone().unwrap_or_else(|| media.kind.name().to_owned()),
        mime: media.mime.clone().unwrap_or_else(|| "application/octet-stream".to_owned()),
        kind: media.kind,
        size: media.size.unwrap_or_default(),
        width: None,
        height: None,
        has_thumbnail: false,
        state: if lost { FileState::Lost } else { FileState::Coming },
        voice: voice && media.kind == AttachmentKind::Audio,
    };
    // Until the file comes its key seals nothing but its name.
    let key = Key::random();
    let row = NewFile {
        id: file.id,
        message,
        position,
        key: scribe.after.key.wrap(&keys.place(FILE_KEY, file.id), &key),
        name: key.seal(&keys.place(FILE_NAME, file.id), file.name.as_bytes()),
        mime: file.mime.clone(),
        kind: file.kind,
        size: file.size,
        voice: file.voice,
        lost,
    };
    let source = serde_json::to_vec(media).map_err(|error| Error::Corrupt(error.to_string()))?;
    let fetch = (!lost).then(|| NewFetch {
        attachment: file.id,
        account,
        message,
        source: seal_source(keys, account_key, file.id, &source),
    });
    Ok(Brought { file, row, fetch })
}
