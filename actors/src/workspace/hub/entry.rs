//! An event as sessions get it: its frames, each encoded at most once.

use std::cell::OnceCell;

use bytestring::ByteString;
use switchboard_domain::ContactId;
use switchboard_wire::agent::AgentFrame;
use switchboard_wire::visitor::VisitorFrame;

use super::{Audience, encode};
use crate::replay::Told;

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) told: Told,
    agents: OnceCell<ByteString>,
    visitor: OnceCell<ByteString>,
}

impl Entry {
    pub(super) fn new(told: Told) -> Entry {
        Entry { told, agents: OnceCell::new(), visitor: OnceCell::new() }
    }

    pub(super) fn agents(&self) -> &ByteString {
        self.agents.get_or_init(|| {
            encode(&AgentFrame::Event {
                seq: self.told.seq,
                at: self.told.at,
                event: self.told.agents.clone(),
            })
        })
    }

    /// The frame for this contact, if the event concerns it.
    pub(super) fn visitor(&self, contact: ContactId) -> Option<&ByteString> {
        let (concerned, event) = self.told.visitor.as_ref()?;
        (*concerned == contact).then(|| {
            self.visitor.get_or_init(|| {
                encode(&VisitorFrame::Event {
                    seq: self.told.seq,
                    at: self.told.at,
                    event: event.clone(),
                })
            })
        })
    }

    pub(super) fn frame(&self, audience: Audience) -> Option<&ByteString> {
        match audience {
            Audience::Agent(_) => Some(self.agents()),
            Audience::Visitor(contact) => self.visitor(contact),
        }
    }
}
