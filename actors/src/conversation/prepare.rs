//! Gathers what a command needs before it can be decided: the message it concerns, the files it
//! takes up, and what only the store can count.

use switchboard_domain::conversation::decide;
use switchboard_domain::person::permits;
use switchboard_domain::{
    Access, Action, AttachmentId, Author, Command, LabelId, MemberId, MessageId, PostKind, Venue,
    WorkspaceId, text,
};
use switchboard_store::attachment::{self, Unattached};
use switchboard_store::conversation::Stored;
use switchboard_store::message::{self, File, Message};
use switchboard_store::seal::WorkspaceKeys;
use switchboard_store::{Tx, label, member};
use switchboard_wire::agent::PostAs;
use switchboard_wire::{Code, REF_MAX_BYTES};

use super::Order;
use super::outgoing::Outgoing;
use crate::clock;
use crate::rejection::Rejection;

/// A command that can be decided, with the rows it needs.
#[derive(Debug, Default)]
pub struct Prepared {
    pub command: Option<Command>,
    /// The cleaned text of a post or an edit.
    pub text: String,
    pub reference: Option<String>,
    /// The message that is changed, or answered.
    pub target: Option<Message>,
    pub files: Vec<Unattached>,
    /// The calls that tell a platform of it.
    pub outgoing: Option<Outgoing>,
}

pub struct Preparing<'a> {
    /// Absent when [`needs_rows`] says that nothing will be asked.
    pub tx: Option<&'a Tx>,
    pub keys: &'a WorkspaceKeys,
    pub workspace: WorkspaceId,
    pub stored: &'a Stored,
    pub author: Author,
}

impl Preparing<'_> {
    pub(super) fn tx(&self) -> Result<&Tx, Rejection> {
        self.tx.ok_or_else(Rejection::unavailable)
    }

    pub async fn prepare(&self, order: &Order) -> Result<Prepared, Rejection> {
        match order {
            Order::Post { reference, kind, text, attachments, reply_to, form } => {
                self.post(reference, *kind, text, attachments, *reply_to, form.as_ref()).await
            }
            Order::Edit { message, text } => {
                let target = self.message(*message).await?;
                let text = text::clean(text);
                let text_chars = text.chars().count();
                let command = Command::Edit { target: target.head(), text_chars };
                let outgoing = self.editing(&target, &text).await?;
                Ok(Prepared { text, outgoing, ..Prepared::about(command, target) })
            }
            Order::Delete { message, moderator } => {
                let target = self.message(*message).await?;
                let moderator = *moderator && self.still_moderates().await?;
                let command = Command::Delete { target: target.head(), moderator };
                let outgoing = self.deleting(&target).await?;
                Ok(Prepared { outgoing, ..Prepared::about(command, target) })
            }
            Order::React { message, emoji, on } => {
                let target = self.message(*message).await?;
                let command =
                    Command::React { target: target.head(), emoji: emoji.clone(), on: *on };
                let outgoing = self.reacting(&target, emoji, *on).await?;
                Ok(Prepared { outgoing, ..Prepared::about(command, target) })
            }
            Order::Resend { message } => {
                let target = self.message(*message).await?;
                let (form, outgoing) = self.resending(&target).await?;
                let delivery = target.delivery.as_ref().map(|delivery| delivery.state);
                let access = self.access().await?;
                let command = Command::Resend { target: target.head(), delivery, form, access };
                Ok(Prepared { outgoing, ..Prepared::about(command, target) })
            }
            Order::Mark { delivered, read } => self.mark(*delivered, *read).await,
            Order::SetStatus(status) => {
                Ok(Prepared::of(Command::SetStatus { status: *status, activity: clock::new_id() }))
            }
            Order::Assign(member) => {
                if let Some(member) = member {
                    self.check_member(*member).await?;
                }
                let activity = clock::new_id();
                Ok(Prepared::of(Command::Assign { member: *member, activity }))
            }
            Order::Label { add, remove } => {
                self.check_labels(add).await?;
                Ok(Prepared::of(Command::Label {
                    add: add.iter().copied().collect(),
                    remove: remove.iter().copied().collect(),
                }))
            }
            Order::Wake => Ok(Prepared::of(Command::Wake { activity: clock::new_id() })),
            // These are not one command; see their own files.
            Order::Receive(_) | Order::Progress(_) | Order::File(_) => Ok(Prepared::default()),
        }
    }

    async fn post(
        &self,
        reference: &str,
        kind: PostKind,
        text: &str,
        attachments: &[AttachmentId],
        reply_to: Option<MessageId>,
        form: Option<&PostAs>,
    ) -> Result<Prepared, Rejection> {
        if !is_reference(reference) {
            let words = format!("ref must have 1 to {REF_MAX_BYTES} bytes of plain text");
            return Err(Rejection::new(Code::Invalid, words));
        }
        let target = match reply_to {
            Some(id) => Some(self.message(id).await?),
            None => None,
        };
        let files = self.files(attachments).await?;
        let leaves = self.is_elsewhere() && kind == PostKind::Public;
        if form.is_some() && !leaves {
            return Err(switchboard_domain::Refusal::NotOnThisChannel.into());
        }
        let formed = self.formed(text::clean(text), form, target.as_ref()).await?;
        let access = if leaves { self.access().await? } else { Access::Open };
        let message = clock::new_id();
        let command = Command::Post {
            message,
            kind,
            text_chars: formed.text.chars().count(),
            attachments: files.len(),
            reply_to: target.as_ref().map(Message::head),
            form: formed.form,
            access,
        };
        let outgoing = match leaves {
            false => None,
            true => {
                // The rules have their say before the platform's limits have theirs.
                decide(clock::now(), &self.stored.state, self.author, &command)?;
                let shown: Vec<&File> = files.iter().map(|upload| &upload.file).collect();
                Some(self.posting(message, &formed, &shown, reply_to).await?)
            }
        };
        let (text, reference) = (formed.text, Some(reference.to_owned()));
        Ok(Prepared { command: Some(command), text, reference, target, files, outgoing })
    }

    /// Each file must be the author's own and not yet in a message.
    async fn files(&self, ids: &[AttachmentId]) -> Result<Vec<Unattached>, Rejection> {
        if ids.is_empty() {
            return Ok(vec![]);
        }
        let rows =
            attachment::unattached(self.tx()?, self.keys, self.workspace, ids, self.author).await?;
        let twice = ids.iter().enumerate().any(|(at, id)| ids[..at].contains(id));
        if twice || rows.len() != ids.len() {
            let words = "an attachment is not there, not yours, already sent, or named twice";
            return Err(Rejection::not_found(words));
        }
        Ok(rows)
    }

    async fn mark(&self, delivered: u32, read: u32) -> Result<Prepared, Rejection> {
        let side = self.author.side();
        let state = &self.stored.state;
        let unread = if read >= state.last_n || read <= state.marks(side).read {
            0
        } else {
            message::unread_beyond(self.tx()?, self.workspace, state.id, side, read).await?
        };
        Ok(Prepared::of(Command::Mark { delivered, read, unread }))
    }

    pub(super) async fn message(&self, id: MessageId) -> Result<Message, Rejection> {
        message::get(self.tx()?, self.keys, self.workspace, id)
            .await?
            .filter(|message| message.conversation == self.stored.state.id)
            .ok_or_else(|| switchboard_domain::Refusal::NoSuchMessage.into())
    }

    async fn check_member(&self, id: MemberId) -> Result<(), Rejection> {
        let member = member::get(self.tx()?, self.workspace, id).await?;
        let known = member.is_some_and(|member| member.active);
        known.then_some(()).ok_or_else(|| Rejection::not_found("there is no such member"))
    }

    /// Whether the author's role still is one that moderates: the socket that asks may have been
    /// opened with a higher one.
    async fn still_moderates(&self) -> Result<bool, Rejection> {
        let Author::Agent(id) = self.author else { return Ok(false) };
        let members = member::list(self.tx()?, self.workspace).await?;
        let role = members.iter().find(|member| member.id == id && member.active);
        Ok(role.is_some_and(|member| permits(member.role, Action::Moderate)))
    }

    async fn check_labels(&self, ids: &[LabelId]) -> Result<(), Rejection> {
        if ids.is_empty() {
            return Ok(());
        }
        let labels = label::list(self.tx()?, self.workspace).await?;
        let known = ids.iter().all(|id| labels.iter().any(|label| label.id == *id));
        known.then_some(()).ok_or_else(|| Rejection::not_found("there is no such label"))
    }
}

impl Prepared {
    fn of(command: Command) -> Prepared {
        Prepared { command: Some(command), ..Prepared::default() }
    }

    fn about(command: Command, target: Message) -> Prepared {
        Prepared { command: Some(command), target: Some(target), ..Prepared::default() }
    }
}

/// Whether a post can be called this. A control character cannot be part of it: a zero byte would
/// fail everything that commits beside it.
pub fn is_reference(text: &str) -> bool {
    (1..=REF_MAX_BYTES).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// Whether preparing needs the store at all: a plain post or a mark to the end does not.
pub fn needs_rows(order: &Order, stored: &Stored, author: Author) -> bool {
    match order {
        Order::Post { attachments, reply_to, kind, .. } => {
            let leaves = stored.state.venue != Venue::Web && *kind == PostKind::Public;
            leaves || !attachments.is_empty() || reply_to.is_some()
        }
        Order::Mark { read, .. } => {
            let state = &stored.state;
            let side = author.side();
            *read < state.last_n && *read > state.marks(side).read
        }
        Order::SetStatus(_) | Order::Wake | Order::Assign(None) => false,
        Order::Label { add, .. } => !add.is_empty(),
        _ => true,
    }
}
