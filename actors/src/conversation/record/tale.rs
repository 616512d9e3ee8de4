//! What is told of an event: to the team, and to the visitor whose conversation it is.

use switchboard_domain::Venue;
use switchboard_store::conversation::Stored;
use switchboard_store::message::Message;
use switchboard_wire::agent::{AgentEvent, MessageChange};
use switchboard_wire::visitor::VisitorEvent;

use super::Recording;
use crate::view::{self as views, Viewing};
use crate::workspace::journal::Draft;

/// What an event tells, beside the conversation's new state.
pub(super) enum Tale {
    Message(MessageChange, Box<Message>),
    Conversation(Option<Box<Message>>),
}

impl Tale {
    /// The frames in which it is told. They are numbered when they are stored.
    pub(super) fn draft(self, recording: &Recording<'_>, after: &Stored) -> Draft {
        let Recording { workspace, links, names, now, .. } = *recording;
        let viewing = Viewing { workspace, links, now };
        // What is said elsewhere is no visitor's, even where the contact is the same.
        let visitor = (after.state.venue == Venue::Web).then_some(after.state.contact);
        match self {
            Tale::Message(change, message) => Draft {
                visitor: visitor.and_then(|contact| {
                    let message = Box::new(viewing.visitor_message(&message, names)?);
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
