//! What the team says in conversations that take place elsewhere: each command becomes the calls
//! that tell the platform, stored with the command's own effect.

use std::collections::HashSet;

use switchboard_channels::outgoing::PostForm;
use switchboard_channels::{Part, Post, PostFile, connection_of};
use switchboard_domain::window::Form;
use switchboard_domain::{
    Access, AccountId, AccountStatus, Author, Card, DeliveryState, Extra, Failure, MessageId,
    MessageKind, Refusal, SendId, Venue,
};
use switchboard_store::account::{self, Head};
use switchboard_store::message::{self, File, Message, seal_extra};
use switchboard_store::send::seal_payload;
use switchboard_store::{business_connection, external, pending, template as templates};
use switchboard_wire::Code;
use switchboard_wire::agent::PostAs;

use super::prepare::Preparing;
use crate::clock;
use crate::rejection::Rejection;

mod template;

/// Calls that tell a platform of one message.
#[derive(Debug)]
pub struct Outgoing {
    pub account: AccountId,
    /// Whether they post it, or say something about it.
    pub posts: bool,
    /// Whether what waits to be posted of it is not sent any more.
    pub withdraws: bool,
    pub calls: Vec<Call>,
    pub extra: Extra,
    pub sealed_extra: Option<Vec<u8>>,
}

#[derive(Debug)]
pub struct Call {
    pub id: SendId,
    pub part: u16,
    /// Sealed.
    pub payload: Vec<u8>,
}

impl Outgoing {
    /// In how many calls the message is sent.
    pub fn parts(&self) -> u16 {
        u16::try_from(self.calls.len()).unwrap_or(u16::MAX)
    }
}

/// What a post is beside its text: what it is to windows and to the platform, and what it shows.
pub struct Formed {
    pub text: String,
    pub form: Form,
    pub extra: Extra,
    post_form: PostForm,
}

impl Preparing<'_> {
    /// Whether what is said here leaves through a platform.
    pub fn is_elsewhere(&self) -> bool {
        self.stored.state.venue != Venue::Web
    }

    /// The account of this conversation, if it may speak at all.
    async fn head(&self) -> Result<Head, Rejection> {
        let gone = || Rejection::not_found("the account of this conversation is not there");
        let id = self.stored.account.ok_or_else(gone)?;
        let heads = account::heads(self.tx()?, self.keys, self.workspace, &[id]).await?;
        let head = heads.into_iter().next().ok_or_else(gone)?;
        if head.status == AccountStatus::Disconnected {
            let words = "the account of this conversation is disconnected; connect it again";
            return Err(Rejection::new(Code::Refused, words));
        }
        Ok(head)
    }

    /// Whether those through whose own account the conversation runs let us write there.
    pub async fn access(&self) -> Result<Access, Rejection> {
        let connection = connection_of(&self.stored.address.data);
        let (Some(id), Some(account)) = (connection, self.stored.account) else {
            return Ok(Access::Open);
        };
        let tx = self.tx()?;
        let known = business_connection::access(tx, self.keys, self.workspace, account, id).await?;
        Ok(known.unwrap_or_default())
    }

    /// What a post is, by what was asked for.
    pub async fn formed(
        &self,
        text: String,
        form: Option<&PostAs>,
        target: Option<&Message>,
    ) -> Result<Formed, Rejection> {
        let plain = |text, extra, post_form| Formed { text, form: Form::Free, extra, post_form };
        match form {
            None => Ok(plain(text, Extra::default(), PostForm::Plain)),
            Some(PostAs::Offer { offer }) => {
                if !self.stored.state.venue.abilities().choices {
                    return Err(Refusal::NotOnThisChannel.into());
                }
                let card = Card::Choices { offer: offer.clone() };
                Ok(plain(text, Extra::of(card), PostForm::Offer(offer.clone())))
            }
            Some(PostAs::PrivateReply) => {
                let theirs = target.filter(|t| matches!(t.author, Author::Visitor(_)));
                let comment = theirs.ok_or(Refusal::NoSuchMessage)?;
                let commented_at = comment.sent_at.unwrap_or(comment.created_at);
                let extra = Extra { private_reply: true, ..Extra::default() };
                let form = Form::PrivateReply { commented_at };
                Ok(Formed { text, form, extra, post_form: PostForm::PrivateReply })
            }
            Some(PostAs::Template { template, values }) => {
                if !self.stored.state.venue.abilities().templates {
                    return Err(Refusal::NotOnThisChannel.into());
                }
                let row = templates::get(self.tx()?, self.workspace, *template).await?;
                let row = row.filter(|row| {
                    Some(row.account) == self.stored.account && row.status == "APPROVED"
                });
                let unavailable = || {
                    let code = switchboard_domain::FailureCode::TemplateUnavailable;
                    refused(&Failure::new(code))
                };
                let row = row.ok_or_else(unavailable)?;
                let filled = template::fill(&row.components, values);
                let card = Card::Template {
                    template: Some(row.id),
                    name: row.name.clone(),
                    language: row.language.clone(),
                    header: filled.header,
                    footer: filled.footer,
                    buttons: filled.buttons,
                    values: values.clone(),
                };
                let post_form = PostForm::Template {
                    name: row.name,
                    language: row.language,
                    components: row.components,
                    values: values.clone(),
                };
                let extra = Extra::of(card);
                Ok(Formed { text: filled.body, form: Form::Template, extra, post_form })
            }
        }
    }

    /// The calls that post a message.
    pub async fn posting(
        &self,
        id: MessageId,
        formed: &Formed,
        files: &[&File],
        reply_to: Option<MessageId>,
    ) -> Result<Outgoing, Rejection> {
        let head = self.head().await?;
        let parts = self.cut(&head, formed, files, reply_to).await?;
        let numbered = parts.iter().zip(0u16..).map(|(part, n)| (n, part));
        let calls = self.calls(numbered)?;
        let sealed_extra = seal_extra(self.keys, &self.stored.key, id, &formed.extra)?;
        let extra = formed.extra.clone();
        Ok(Outgoing { account: head.id, posts: true, withdraws: false, calls, extra, sealed_extra })
    }

    async fn cut(
        &self,
        head: &Head,
        formed: &Formed,
        files: &[&File],
        reply_to: Option<MessageId>,
    ) -> Result<Vec<Part>, Rejection> {
        let venue = self.stored.state.venue;
        let comments = venue.is_comments();
        let reply_to = match reply_to {
            None if comments => {
                let (workspace, id) = (self.workspace, self.stored.state.id);
                message::newest_of_customer(self.tx()?, workspace, id).await?
            }
            asked => asked,
        };
        let post = Post {
            text: formed.text.clone(),
            files: files.iter().map(|file| post_file(file)).collect(),
            reply_to,
            form: formed.post_form.clone(),
        };
        let platform = switchboard_channels::platform(head.kind);
        platform.parts(venue, &post).map_err(|failure| refused(&failure))
    }

    fn calls<'a>(
        &self,
        parts: impl Iterator<Item = (u16, &'a Part)>,
    ) -> Result<Vec<Call>, Rejection> {
        parts
            .map(|(part, what)| {
                let id: SendId = clock::new_id();
                let json = serde_json::to_vec(what).map_err(|error| {
                    switchboard_store::Error::Corrupt(format!("a part that has no JSON: {error}"))
                })?;
                let payload = seal_payload(self.keys, &self.stored.key, id, &json);
                Ok(Call { id, part, payload })
            })
            .collect()
    }

    /// The call that says something about a message, unless it is ours alone.
    async fn about(
        &self,
        target: &Message,
        withdraws: bool,
        part: impl FnOnce(Venue) -> Part,
    ) -> Result<Option<Outgoing>, Rejection> {
        if !self.is_elsewhere() || target.kind != MessageKind::Public {
            return Ok(None);
        }
        let account = self.head().await?.id;
        let calls = self.calls(std::iter::once((0, &part(self.stored.state.venue))))?;
        let extra = Extra::default();
        Ok(Some(Outgoing { account, posts: false, withdraws, calls, extra, sealed_extra: None }))
    }

    pub async fn editing(
        &self,
        target: &Message,
        text: &str,
    ) -> Result<Option<Outgoing>, Rejection> {
        let caption = !target.files.is_empty();
        let edit = Part::Edit { target: target.id, text: text.to_owned(), caption };
        let outgoing = self.about(target, false, |_| edit).await?;
        if outgoing.is_some() {
            // What does not fit into the one message that is there cannot be put there.
            if target.parts.is_some_and(|parts| parts > 1) {
                return Err(Refusal::NotOnThisChannel.into());
            }
            let head = self.head().await?;
            let formed = Formed {
                text: text.to_owned(),
                form: Form::Free,
                extra: Extra::default(),
                post_form: PostForm::Plain,
            };
            if !text.is_empty() && self.cut(&head, &formed, &[], None).await?.len() != 1 {
                return Err(Refusal::TooLong.into());
            }
        }
        Ok(outgoing)
    }

    /// What was not sent yet is not sent any more; what was is withdrawn at the platform.
    pub async fn deleting(&self, target: &Message) -> Result<Option<Outgoing>, Rejection> {
        let delete = Part::Delete { target: target.id };
        let Some(mut outgoing) = self.about(target, true, |_| delete).await? else {
            return Ok(None);
        };
        let (tx, messages) = (self.tx()?, [target.id]);
        let begun =
            pending::of_messages(tx, self.workspace, &messages).await?.iter().any(|p| p.begun);
        let named = !external::parts(tx, self.workspace, &messages).await?.is_empty();
        if !begun && !named {
            outgoing.calls.clear();
        }
        Ok(Some(outgoing))
    }

    pub async fn reacting(
        &self,
        target: &Message,
        emoji: &str,
        on: bool,
    ) -> Result<Option<Outgoing>, Rejection> {
        let emoji = on.then(|| emoji.to_owned());
        self.about(target, false, |_| Part::React { target: target.id, emoji }).await
    }

    /// The calls for what of a message is not known to have been sent, and what it is to windows.
    pub async fn resending(&self, target: &Message) -> Result<(Form, Option<Outgoing>), Rejection> {
        if !self.is_elsewhere() || target.kind != MessageKind::Public {
            return Ok((Form::Free, None));
        }
        let answered = match &target.reply_to {
            Some(quote) => Some(self.message(quote.id).await?),
            None => None,
        };
        let form = post_as(&target.extra);
        let formed = self.formed(target.text.clone(), form.as_ref(), answered.as_ref()).await?;
        let files: Vec<&File> = target.files.iter().collect();
        let head = self.head().await?;
        let parts = self.cut(&head, &formed, &files, answered.map(|a| a.id)).await?;
        let (tx, messages) = (self.tx()?, [target.id]);
        let mut done: HashSet<u16> = HashSet::new();
        if parts.len() > 1 {
            let named = external::parts(tx, self.workspace, &messages).await?.into_iter();
            let sent = named.filter(|(_, _, state)| *state != Some(DeliveryState::Failed));
            done.extend(sent.map(|(_, part, _)| part));
        }
        let pending = pending::of_messages(tx, self.workspace, &messages).await?;
        done.extend(pending.iter().map(|pending| pending.part));
        let numbered = parts.iter().zip(0u16..).map(|(part, n)| (n, part));
        let calls = self.calls(numbered.filter(|(n, _)| !done.contains(n)))?;
        let (extra, account) = (target.extra.clone(), head.id);
        let outgoing =
            Outgoing { account, posts: true, withdraws: false, calls, extra, sealed_extra: None };
        Ok((formed.form, Some(outgoing)))
    }
}

/// A file as platforms are told of it.
pub fn post_file(file: &File) -> PostFile {
    PostFile {
        id: file.id,
        kind: file.kind,
        mime: file.mime.clone(),
        name: file.name.clone(),
        size: file.size,
        voice: file.voice,
    }
}

/// As what a stored message was posted.
fn post_as(extra: &Extra) -> Option<PostAs> {
    match &extra.card {
        Some(Card::Choices { offer }) => Some(PostAs::Offer { offer: offer.clone() }),
        Some(Card::Template { template: Some(template), values, .. }) => {
            Some(PostAs::Template { template: *template, values: values.clone() })
        }
        _ => extra.private_reply.then_some(PostAs::PrivateReply),
    }
}

/// A platform that will not take it is an answer, before anything is posted.
fn refused(failure: &Failure) -> Rejection {
    Rejection::new(Code::Refused, failure.code.words())
}
