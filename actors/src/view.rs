//! Stored rows as the wire shows them.

use jiff::Timestamp;
use switchboard_channels::connection_of;
use switchboard_domain::{Author, MessageKind, Window, WorkspaceId};
use switchboard_store::{contact, conversation, message};
use switchboard_wire::view;

use crate::links::{Links, Variant};
use crate::names::NamesOf;

/// What a view needs beyond the row: whose it is, and when its links are made.
#[derive(Debug, Clone, Copy)]
pub struct Viewing<'a> {
    pub workspace: WorkspaceId,
    pub links: &'a Links,
    pub now: Timestamp,
}

impl Viewing<'_> {
    pub fn message(&self, row: &message::Message) -> view::Message {
        view::Message {
            id: row.id,
            conversation: row.conversation,
            seq: row.seq,
            rev: row.rev,
            n: row.n,
            kind: row.kind,
            author: row.author,
            text: row.text.clone(),
            attachments: row.files.iter().map(|file| self.attachment(file)).collect(),
            reply_to: row.reply_to.as_ref().map(quote),
            reactions: reactions(&row.reactions),
            activity: row.activity.as_ref().map(activity),
            extra: Some(row.extra.clone()).filter(|extra| !extra.is_empty()),
            delivery: row.delivery.clone(),
            sent_at: row.sent_at,
            created_at: row.created_at,
            edited_at: row.edited_at,
            deleted_at: row.deleted_at,
            reference: row.reference.clone(),
        }
    }

    /// The message as its visitor sees it; `None` for what a visitor does not see.
    pub fn visitor_message(
        &self,
        row: &message::Message,
        names: &NamesOf,
    ) -> Option<view::VisitorMessage> {
        let n = row.n.filter(|_| row.kind == MessageKind::Public)?;
        Some(view::VisitorMessage {
            id: row.id,
            seq: row.seq,
            rev: row.rev,
            n,
            author: visitor_author(row.author, names),
            text: row.text.clone(),
            attachments: row.files.iter().map(|file| self.attachment(file)).collect(),
            reply_to: row.reply_to.as_ref().map(|quote| view::VisitorQuote {
                id: quote.id,
                author: visitor_author(quote.author, names),
                excerpt: quote.excerpt.clone(),
            }),
            reactions: visitor_reactions(&row.reactions),
            created_at: row.created_at,
            edited_at: row.edited_at,
            deleted_at: row.deleted_at,
            // A client's own name for a message is of use to that client alone.
            reference: row.reference.clone().filter(|_| matches!(row.author, Author::Visitor(_))),
        })
    }

    pub fn attachment(&self, file: &message::File) -> view::Attachment {
        let url = |variant| self.links.attachment_url(self.now, self.workspace, file.id, variant);
        view::Attachment {
            id: file.id,
            name: file.name.clone(),
            mime: file.mime.clone(),
            kind: file.kind,
            size: file.size,
            width: file.width,
            height: file.height,
            url: url(Variant::Full),
            thumbnail_url: file.has_thumbnail.then(|| url(Variant::Thumbnail)),
            state: match file.state {
                message::FileState::Coming => view::FileState::Coming,
                message::FileState::Ready => view::FileState::Ready,
                message::FileState::Lost => view::FileState::Lost,
            },
            voice: file.voice,
        }
    }
}

fn quote(quote: &message::Quote) -> view::Quote {
    view::Quote { id: quote.id, author: quote.author, excerpt: quote.excerpt.clone() }
}

fn activity(activity: &message::Activity) -> view::Activity {
    match activity {
        message::Activity::Status { status } => view::Activity::Status { status: *status },
        message::Activity::Assigned { member } => view::Activity::Assigned { member: *member },
        message::Activity::Channel { told } => view::Activity::Channel { line: told.clone() },
    }
}

/// Groups by emoji, in the order of the first of each.
fn reactions(rows: &[message::Reaction]) -> Vec<view::Reaction> {
    let mut grouped: Vec<view::Reaction> = Vec::new();
    for row in rows.iter().filter(|row| !row.emoji.is_empty()) {
        match grouped.iter_mut().find(|reaction| reaction.emoji == row.emoji) {
            Some(reaction) => reaction.by.push(row.by),
            None => grouped.push(view::Reaction { emoji: row.emoji.clone(), by: vec![row.by] }),
        }
    }
    grouped
}

fn visitor_reactions(rows: &[message::Reaction]) -> Vec<view::VisitorReaction> {
    reactions(rows)
        .into_iter()
        .map(|reaction| view::VisitorReaction {
            count: u32::try_from(reaction.by.len()).unwrap_or(u32::MAX),
            yours: reaction.by.iter().any(|by| matches!(by, Author::Visitor(_))),
            emoji: reaction.emoji,
        })
        .collect()
}

fn visitor_author(author: Author, names: &NamesOf) -> view::VisitorAuthor {
    match author {
        Author::Visitor(_) => view::VisitorAuthor::You,
        Author::Agent(id) => view::VisitorAuthor::Agent { id, name: names.of(id) },
        Author::System | Author::Elsewhere => view::VisitorAuthor::System,
    }
}

pub fn conversation(row: &conversation::Stored) -> view::Conversation {
    view::Conversation {
        id: row.state.id,
        rev: row.rev,
        contact: row.person,
        contact_name: row.contact_name.clone(),
        channel: row.state.venue.channel(),
        account: row.account,
        connection: connection_of(&row.address.data).map(str::to_owned),
        window: Window::of(row.state.venue, row.state.peer.wrote_at),
        abilities: row.state.venue.abilities(),
        comments: row.state.venue.is_comments(),
        peer_delivered_at: row.state.peer.delivered_at,
        peer_read_at: row.state.peer.read_at,
        status: row.state.status,
        assignee: row.state.assignee,
        labels: row.state.labels.iter().copied().collect(),
        last_n: row.state.last_n,
        preview: row.preview.as_ref().map(preview),
        team: row.state.team,
        visitor: row.state.visitor,
        unread: row.state.team_unread,
        created_at: row.created_at,
        last_activity_at: row.last_activity_at,
    }
}

fn preview(preview: &conversation::Preview) -> view::Preview {
    view::Preview {
        message: preview.message,
        kind: preview.kind,
        author: preview.author,
        excerpt: preview.excerpt.clone(),
        attachments: preview.attachments,
        deleted: preview.deleted,
    }
}

pub fn visitor_conversation(row: &conversation::Stored) -> view::VisitorConversation {
    view::VisitorConversation {
        id: row.state.id,
        last_n: row.state.last_n,
        team: row.state.team,
        visitor: row.state.visitor,
        unread: row.state.visitor_unread,
    }
}

pub fn contact(row: &contact::Contact) -> view::Contact {
    let details = row.details.clone();
    view::Contact {
        id: row.id,
        name: row.details.display_name(row.id),
        named: details.name.is_some(),
        email: details.email,
        phone: details.phone,
        user_id: details.user_id,
        locale: details.locale,
        page_url: details.page_url,
        page_title: details.page_title,
        browser: details.browser,
        remark: details.remark,
        handles: handles(row),
        merged_into: row.merged_into,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
    }
}

/// By what a person is known on the channels: as this contact, and as those that were found to be
/// the same.
fn handles(row: &contact::Contact) -> Vec<view::Handle> {
    let mut handles: Vec<view::Handle> = Vec::new();
    for (channel, name) in row.details.handles.iter().chain(&row.merged_handles) {
        let handle = view::Handle { channel: *channel, name: name.clone() };
        if !handles.contains(&handle) {
            handles.push(handle);
        }
    }
    handles
}

pub fn counts(counts: &conversation::Counts) -> view::Counts {
    view::Counts {
        open: counts.open,
        mine: counts.mine,
        unassigned: counts.unassigned,
        pending: counts.pending,
        snoozed: counts.snoozed,
        resolved: counts.resolved,
        unread: counts.unread,
    }
}
