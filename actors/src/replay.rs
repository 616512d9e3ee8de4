//! Turns stored events back into what was, or would have been, sent: the rows they concern, as
//! those rows are now.

use std::collections::HashMap;
use std::hash::Hash;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use switchboard_domain::{
    AccountId, ContactId, ConversationId, LabelId, MemberId, MessageId, Seq, Venue, WorkspaceId,
};
use switchboard_store::event::{Event, Kind};
use switchboard_store::workspace as workspaces;
use switchboard_store::{Result, Store, Tx, contact, conversation, event, label, member, message};
use switchboard_wire::agent::{AgentEvent, MessageChange};
use switchboard_wire::rest::channels::Account;
use switchboard_wire::view;
use switchboard_wire::visitor::VisitorEvent;

use crate::accounts::show;
use crate::links::Links;
use crate::names::{Names, NamesOf};
use crate::view::{self as views, Viewing};

/// An event with everything its audiences see of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Told {
    pub seq: Seq,
    pub at: Timestamp,
    pub agents: AgentEvent,
    /// What the conversation's visitor sees, if anything.
    pub visitor: Option<(ContactId, VisitorEvent)>,
}

/// The events after `after`, oldest first, with their rows.
pub async fn since(
    store: &Store,
    links: &Links,
    names: &Names,
    now: Timestamp,
    workspace: WorkspaceId,
    after: Seq,
    limit: u32,
) -> Result<Vec<Told>> {
    let Some(keys) = store.keys(workspace).await? else { return Ok(vec![]) };
    let names = names.of(store, workspace).await?;
    let tx = store.readers.begin(workspace).await?;
    let events = event::since(&tx, workspace, after, limit).await?;
    let rows = Rows::load(&tx, &keys, workspace, &events).await?;
    let viewing = Viewing { workspace, links, now };
    Ok(events.iter().map(|event| rows.tell(event, &viewing, &names)).collect())
}

/// The rows that a run of events concerns.
struct Rows {
    conversations: HashMap<ConversationId, conversation::Stored>,
    messages: HashMap<MessageId, message::Message>,
    contacts: HashMap<ContactId, contact::Contact>,
    members: HashMap<MemberId, member::Member>,
    labels: HashMap<LabelId, label::Label>,
    workspace: Option<workspaces::Workspace>,
    accounts: Vec<Account>,
}

impl Rows {
    async fn load(
        tx: &Tx,
        keys: &switchboard_store::seal::WorkspaceKeys,
        workspace: WorkspaceId,
        events: &[Event],
    ) -> Result<Rows> {
        let conversations = distinct(events.iter().filter_map(|event| event.conversation));
        let messages = distinct(events.iter().filter_map(|event| event.message));
        let of_kind = |kind: Kind| events.iter().filter(move |event| event.kind == kind);
        let contacts = distinct(
            of_kind(Kind::ContactChanged).filter_map(|event| event.subject.map(ContactId)),
        );
        let any = |kind: Kind| of_kind(kind).next().is_some();
        Ok(Rows {
            conversations: by(
                conversation::many(tx, keys, workspace, &conversations).await?,
                |row| row.state.id,
            ),
            messages: by(message::many(tx, keys, workspace, &messages).await?, |row| row.id),
            contacts: match contacts.is_empty() {
                true => HashMap::new(),
                false => by(contact::many(tx, keys, workspace, &contacts).await?, |row| row.id),
            },
            members: match any(Kind::MemberChanged) {
                true => by(member::list(tx, workspace).await?, |row| row.id),
                false => HashMap::new(),
            },
            labels: match any(Kind::LabelChanged) {
                true => by(label::list(tx, workspace).await?, |row| row.id),
                false => HashMap::new(),
            },
            accounts: match any(Kind::AccountChanged) {
                true => show::all(tx, keys, workspace).await?,
                false => vec![],
            },
            workspace: match any(Kind::WorkspaceChanged) {
                true => workspaces::get(tx, workspace).await?,
                false => None,
            },
        })
    }

    fn tell(&self, event: &Event, viewing: &Viewing<'_>, names: &NamesOf) -> Told {
        let agents = self.agents(event, viewing).unwrap_or(AgentEvent::Gone);
        let visitor = self.visitor(event, viewing, names);
        Told { seq: event.seq, at: event.at, agents, visitor }
    }

    fn agents(&self, event: &Event, viewing: &Viewing<'_>) -> Option<AgentEvent> {
        let conversation = || {
            let row = event.conversation.and_then(|id| self.conversations.get(&id))?;
            Some(views::conversation(row))
        };
        let message = || event.message.and_then(|id| self.messages.get(&id));
        Some(match event.kind {
            Kind::MessagePosted
            | Kind::MessageEdited
            | Kind::MessageDeleted
            | Kind::MessageReacted
            | Kind::MessageProgressed => AgentEvent::Message {
                change: change(event.kind),
                message: viewing.message(message()?),
                conversation: conversation()?,
            },
            Kind::ConversationChanged | Kind::ConversationMarked => AgentEvent::Conversation {
                conversation: conversation()?,
                activity: message().map(|row| viewing.message(row)),
            },
            Kind::ContactChanged => {
                let row = event.subject.and_then(|id| self.contacts.get(&ContactId(id)))?;
                AgentEvent::Contact { contact: views::contact(row) }
            }
            Kind::MemberChanged => {
                let row = event.subject.and_then(|id| self.members.get(&MemberId(id)))?;
                AgentEvent::Member { member: member(row) }
            }
            Kind::LabelChanged => {
                let row = event.subject.and_then(|id| self.labels.get(&LabelId(id)))?;
                AgentEvent::Label { label: label(row) }
            }
            Kind::LabelRemoved => AgentEvent::LabelRemoved { label: LabelId(event.subject?) },
            Kind::AccountChanged => {
                let id = AccountId(event.subject?);
                let account = self.accounts.iter().find(|account| account.id == id)?;
                AgentEvent::Account { account: account.clone() }
            }
            Kind::TemplatesChanged => AgentEvent::Templates { account: AccountId(event.subject?) },
            Kind::WorkspaceChanged => {
                AgentEvent::Workspace { workspace: workspace(self.workspace.as_ref()?) }
            }
        })
    }

    fn visitor(
        &self,
        event: &Event,
        viewing: &Viewing<'_>,
        names: &NamesOf,
    ) -> Option<(ContactId, VisitorEvent)> {
        let row = event.conversation.and_then(|id| self.conversations.get(&id))?;
        // What is said elsewhere is no visitor's, even where the contact is the same.
        if row.state.venue != Venue::Web {
            return None;
        }
        let conversation = views::visitor_conversation(row);
        let seen = match event.kind {
            Kind::MessagePosted
            | Kind::MessageEdited
            | Kind::MessageDeleted
            | Kind::MessageReacted
            | Kind::MessageProgressed => {
                let message = event.message.and_then(|id| self.messages.get(&id))?;
                let message = Box::new(viewing.visitor_message(message, names)?);
                VisitorEvent::Message { change: change(event.kind), message, conversation }
            }
            Kind::ConversationMarked => VisitorEvent::Conversation { conversation },
            Kind::ConversationChanged
            | Kind::ContactChanged
            | Kind::MemberChanged
            | Kind::LabelChanged
            | Kind::LabelRemoved
            | Kind::AccountChanged
            | Kind::TemplatesChanged
            | Kind::WorkspaceChanged => return None,
        };
        Some((row.state.contact, seen))
    }
}

fn change(kind: Kind) -> MessageChange {
    match kind {
        Kind::MessageEdited => MessageChange::Edited,
        Kind::MessageDeleted => MessageChange::Deleted,
        Kind::MessageReacted => MessageChange::Reacted,
        Kind::MessageProgressed => MessageChange::Progressed,
        _ => MessageChange::Posted,
    }
}

pub fn member(row: &member::Member) -> view::Member {
    view::Member {
        id: row.id,
        name: row.name.clone(),
        email: row.email.clone(),
        role: row.role,
        active: row.active,
    }
}

pub fn label(row: &label::Label) -> view::Label {
    view::Label { id: row.id, name: row.name.clone(), color: row.color.clone() }
}

pub fn workspace(row: &workspaces::Workspace) -> view::Workspace {
    view::Workspace { id: row.id, name: row.name.clone(), created_at: row.created_at }
}

fn by<K: Eq + Hash, V>(rows: Vec<V>, key: impl Fn(&V) -> K) -> HashMap<K, V> {
    rows.into_iter().map(|row| (key(&row), row)).collect()
}

fn distinct<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort_unstable();
    items.dedup();
    items
}
