//! What customers do on their phones.

use serde_json::Value;

use super::World;
use super::model::{Attachment, Button, Comment, Message, Phone, Platform, Reaction, Side, Status};
use super::state::State;
use crate::hooks::Hook;
use crate::{instagram, messenger, telegram, whatsapp};

/// A message as a customer makes it.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// None: `text`, or the kind of the first file.
    pub kind: Option<String>,
    pub text: Option<String>,
    /// In the media store already, see [`State::add_media`].
    pub media: Vec<Attachment>,
    pub reply_to: Option<String>,
    /// A location `{latitude, longitude, name?, address?}`, contacts
    /// `[{name: {formatted_name, …}, phones: […]}]`, a story `{id, url}`, a referral…
    pub card: Value,
    /// It is a comment under a post, not a message.
    pub comment: Option<Comment>,
}

#[derive(Debug, Clone)]
pub enum Action {
    Say(Draft),
    Edit {
        message: String,
        text: String,
    },
    Delete {
        message: String,
    },
    /// None takes the reaction away.
    React {
        message: String,
        emoji: Option<String>,
    },
    /// Taps the button with this payload on a message of the business.
    Tap {
        message: String,
        payload: String,
    },
    /// Looks at the thread: everything from the business is read.
    Read,
    Typing,
    Block(bool),
}

/// What an action came to, for the platform to tell the server.
#[derive(Debug, Clone)]
pub enum Happening {
    Said(Message),
    /// The message with its new text.
    Edited(Message),
    Deleted(Message),
    /// The message reacted to, the new reaction and the one before.
    Reacted {
        message: Message,
        emoji: Option<String>,
        before: Option<String>,
    },
    /// `said` is the message that the tap put into the thread, where the platform shows one.
    Tapped {
        message: Message,
        button: Button,
        said: Option<Box<Message>>,
    },
    /// The messages that became read, oldest first.
    Read(Vec<Message>),
    Typing,
    Blocked(bool),
}

/// Why a phone would not do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    NoSuchPhone,
    NoSuchMessage,
    NoSuchButton,
    Empty,
    NotYours,
    TooLate,
    Blocked,
}

/// How long after sending a message can be edited, and taken back, on WhatsApp.
const EDIT_MS: i64 = 15 * 60 * 1000;
const REVOKE_MS: i64 = 2 * 24 * 60 * 60 * 1000;

impl World {
    /// Does what a customer does, and sends the webhooks that follow. Answers the id of the message
    /// that it made or changed.
    pub fn act(&self, phone: &str, action: Action) -> Result<Option<String>, Refusal> {
        let mut state = self.lock();
        let (id, happening) = state.apply(phone, action)?;
        let face = state.phone(phone).ok_or(Refusal::NoSuchPhone)?.face();
        let hooks = announce(self, &mut state, &face, &happening);
        self.push_all(&state, hooks);
        drop(state);
        self.changed(phone);
        Ok(id)
    }
}

fn announce(world: &World, state: &mut State, phone: &Phone, happening: &Happening) -> Vec<Hook> {
    match phone.platform {
        Platform::Whatsapp => whatsapp::announce(world, state, phone, happening),
        Platform::Messenger => messenger::announce(world, state, phone, happening),
        Platform::Instagram => instagram::announce(world, state, phone, happening),
        Platform::Telegram => telegram::announce(world, state, phone, happening),
    }
}

impl Phone {
    /// The phone without its thread, which may be long.
    pub fn face(&self) -> Phone {
        Phone {
            id: self.id.clone(),
            platform: self.platform,
            account: self.account.clone(),
            person: self.person.clone(),
            thread: vec![],
            last_said_at: self.last_said_at,
            typing_until: self.typing_until,
            blocked: self.blocked,
            no_marketing: self.no_marketing,
        }
    }
}

impl State {
    /// Changes the thread. Platforms without webhooks for it still show it on the phone.
    fn apply(
        &mut self,
        phone: &str,
        action: Action,
    ) -> Result<(Option<String>, Happening), Refusal> {
        let face = self.phone(phone).ok_or(Refusal::NoSuchPhone)?.face();
        if face.blocked && !matches!(action, Action::Block(_) | Action::Read) {
            return Err(Refusal::Blocked);
        }
        let now = self.now();
        match action {
            Action::Say(draft) => {
                let message = self.say(&face, draft, now)?;
                Ok((Some(message.id.clone()), Happening::Said(message)))
            }
            Action::Edit { message, text } => {
                let late = face.platform == Platform::Whatsapp;
                let edited = self.own(phone, &message, late.then_some(now - EDIT_MS))?;
                edited.text = Some(text);
                edited.edited = true;
                edited.edits += 1;
                Ok((Some(message), Happening::Edited(edited.clone())))
            }
            Action::Delete { message } => {
                let late = face.platform == Platform::Whatsapp;
                let deleted = self.own(phone, &message, late.then_some(now - REVOKE_MS))?;
                deleted.deleted = true;
                Ok((Some(message), Happening::Deleted(deleted.clone())))
            }
            Action::React { message, emoji } => self.react(&face, message, emoji, now),
            Action::Tap { message, payload } => self.tap(&face, &message, &payload, now),
            Action::Read => Ok((None, Happening::Read(self.read(phone)))),
            Action::Typing => Ok((None, Happening::Typing)),
            Action::Block(blocked) => {
                self.phone_mut(phone).ok_or(Refusal::NoSuchPhone)?.blocked = blocked;
                Ok((None, Happening::Blocked(blocked)))
            }
        }
    }

    fn say(&mut self, phone: &Phone, draft: Draft, now: i64) -> Result<Message, Refusal> {
        let has_text = draft.text.as_ref().is_some_and(|text| !text.trim().is_empty());
        let bare = draft.kind.as_deref() == Some("unsupported");
        if !has_text && draft.media.is_empty() && draft.card.is_null() && !bare {
            return Err(Refusal::Empty);
        }
        let kind = draft.kind.unwrap_or_else(|| match (&draft.comment, draft.media.first()) {
            (Some(_), _) => "comment".into(),
            (None, Some(file)) => file.kind.clone(),
            (None, None) => "text".into(),
        });
        let id = match &draft.comment {
            Some(comment) => self.comment_id(phone.platform, comment),
            None => self.message_id(phone),
        };
        let message = Message {
            text: draft.text.filter(|_| has_text),
            media: draft.media,
            reply_to: draft.reply_to,
            card: draft.card,
            comment: draft.comment,
            ..Message::new(id, Side::Customer, kind, now)
        };
        let opens = message.comment.is_none();
        self.put(&phone.id, message.clone(), opens.then_some(now))?;
        Ok(message)
    }

    /// Adds a customer's message to the thread, and opens the window if it does so.
    pub fn put(
        &mut self,
        phone: &str,
        message: Message,
        opens: Option<i64>,
    ) -> Result<(), Refusal> {
        let shown = self.phone_mut(phone).ok_or(Refusal::NoSuchPhone)?;
        shown.last_said_at = opens.or(shown.last_said_at);
        self.thread(phone, message);
        Ok(())
    }

    fn comment_id(&mut self, platform: Platform, comment: &Comment) -> String {
        let own = self.decimal_id("17");
        match platform {
            Platform::Messenger => {
                let post = comment.post.rsplit('_').next().unwrap_or(&comment.post);
                format!("{post}_{own}")
            }
            _ => own,
        }
    }

    /// A message of the customer that can still be changed: sent after `since`, if there is one.
    fn own(
        &mut self,
        phone: &str,
        message: &str,
        since: Option<i64>,
    ) -> Result<&mut Message, Refusal> {
        let phone = self.phone_mut(phone).ok_or(Refusal::NoSuchPhone)?;
        let message = phone.message_mut(message).ok_or(Refusal::NoSuchMessage)?;
        match message {
            message if message.from != Side::Customer => Err(Refusal::NotYours),
            message if message.deleted => Err(Refusal::NoSuchMessage),
            message if since.is_some_and(|since| message.at < since) => Err(Refusal::TooLate),
            message => Ok(message),
        }
    }

    fn react(
        &mut self,
        face: &Phone,
        message: String,
        emoji: Option<String>,
        now: i64,
    ) -> Result<(Option<String>, Happening), Refusal> {
        let phone = self.phone_mut(&face.id).ok_or(Refusal::NoSuchPhone)?;
        let target = phone.message_mut(&message).ok_or(Refusal::NoSuchMessage)?;
        let before = target.reactions.iter().position(|reaction| reaction.by == Side::Customer);
        let before = before.map(|at| target.reactions.remove(at).emoji);
        if let Some(emoji) = &emoji {
            target.reactions.push(Reaction { by: Side::Customer, emoji: emoji.clone() });
        }
        let target = target.clone();
        // On Messenger and Instagram a reaction counts as the customer's word.
        if matches!(face.platform, Platform::Messenger | Platform::Instagram) && emoji.is_some() {
            phone.last_said_at = Some(now);
        }
        Ok((Some(message), Happening::Reacted { message: target, emoji, before }))
    }

    fn tap(
        &mut self,
        face: &Phone,
        message: &str,
        payload: &str,
        now: i64,
    ) -> Result<(Option<String>, Happening), Refusal> {
        let phone = self.phone(&face.id).ok_or(Refusal::NoSuchPhone)?;
        let target = phone.message(message).ok_or(Refusal::NoSuchMessage)?.clone();
        let button = target.buttons.iter().find(|button| button.payload == payload);
        let button = button.ok_or(Refusal::NoSuchButton)?.clone();
        let silent = matches!(button.kind.as_str(), "callback" | "url");
        let said = (!silent).then(|| {
            let id = self.message_id(face);
            let kind = if button.kind == "postback" { "postback" } else { "text" };
            Message {
                text: Some(button.title.clone()),
                reply_to: Some(target.id.clone()),
                ..Message::new(id, Side::Customer, kind, now)
            }
        });
        if let Some(said) = &said {
            self.put(&face.id, said.clone(), Some(now))?;
        }
        let id = said.as_ref().map(|said| said.id.clone());
        Ok((id, Happening::Tapped { message: target, button, said: said.map(Box::new) }))
    }

    fn read(&mut self, phone: &str) -> Vec<Message> {
        let Some(phone) = self.phone_mut(phone) else { return vec![] };
        let unread = phone.thread.iter_mut().filter(|message| {
            message.from == Side::Business && message.status < Status::Read && !message.deleted
        });
        unread
            .map(|message| {
                message.status = Status::Read;
                message.clone()
            })
            .collect()
    }
}
