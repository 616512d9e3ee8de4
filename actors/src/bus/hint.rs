//! What is told.

use std::sync::Arc;

use actix::Message;
use serde::{Deserialize, Serialize};
use switchboard_channels::AccountEvent;
use switchboard_domain::trace::Trace;
use switchboard_domain::{ContactId, ConversationId, MemberId, Presence, Seq, WorkspaceId};
use switchboard_wire::CloseCode;
use uuid::Uuid;

use super::NodeId;
use crate::replay::Told;
use crate::signed_in::SignedOut;
use crate::workspace::TellTyping;

/// A hint, and whose it is.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct Heard {
    pub from: NodeId,
    pub hint: Hint,
}

#[derive(Debug, Clone)]
pub enum Hint {
    /// Something may have been missed: look. Told by the bus itself.
    Gap,
    /// A workspace's events up to here are committed.
    Position(Seq),
    /// The same with the events, in order, so that nobody needs to read them.
    Events {
        events: Arc<[Told]>,
        /// Where those that are recorded were published.
        traces: Vec<Trace>,
    },
    Typing(TellTyping),
    Present(Present),
    /// A node has come that does not know who is there: tell it.
    WhoIsThere,
    Account(Notice),
    /// Accounts may be free to be taken.
    Free,
    SignedOut {
        who: SignedOut,
        code: CloseCode,
    },
    Forget(Forget),
}

/// Who is there at a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Present {
    /// All of it. It counts until it is told again, and not for ever.
    All {
        members: Vec<(MemberId, Presence)>,
        visitors: Vec<ContactId>,
        /// Which of them `visitors` are.
        part: Part,
        /// What members have on screen.
        viewed: Vec<(ConversationId, Vec<MemberId>)>,
    },
    Member(MemberId, Presence),
    Visitor(ContactId, bool),
    /// All who have a conversation on screen there.
    Viewers(ConversationId, Vec<MemberId>),
}

/// One of the parts that many visitors are told of in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub n: u32,
    /// Of how many. In one part are all of them.
    pub of: u32,
}

impl Part {
    pub const WHOLE: Part = Part { n: 0, of: 1 };

    /// Whether a visitor belongs to this part, by the random end of the id.
    pub fn has(self, contact: ContactId) -> bool {
        let (_, random) = Uuid::from(contact).as_u64_pair();
        random.checked_rem(u64::from(self.of)).is_none_or(|n| n == u64::from(self.n))
    }
}

/// What the owner of an account is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// There may be something to send, to fetch or to bring.
    Wake,
    /// The account is not as it was.
    Reload,
    /// A receipt has confirmed what was sent last in a conversation.
    Confirmed(ConversationId),
    /// The platform told something of the account.
    Told(AccountEvent),
}

/// What is kept at hand, and is not so any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forget {
    /// Who credentials belong to.
    Principals,
    /// How a workspace's widget looks.
    Widget(WorkspaceId),
    /// The names of a workspace's team.
    Names(WorkspaceId),
    /// Whatever it is: something may have been missed.
    Everything,
}

impl Hint {
    /// What it is called in figures.
    pub fn name(&self) -> &'static str {
        match self {
            Hint::Gap => "gap",
            Hint::Position(_) => "position",
            Hint::Events { .. } => "events",
            Hint::Typing(_) => "typing",
            Hint::Present(_) | Hint::WhoIsThere => "presence",
            Hint::Account(_) => "account",
            Hint::Free => "free",
            Hint::SignedOut { .. } => "signed_out",
            Hint::Forget(_) => "forget",
        }
    }

    /// Whether it is worth nothing a moment later.
    pub fn is_fleeting(&self) -> bool {
        matches!(self, Hint::Typing(_) | Hint::Present(_) | Hint::WhoIsThere)
    }

    /// What is left of it when it cannot be told whole.
    pub fn lessened(self) -> Option<Hint> {
        match self {
            Hint::Events { events, .. } => events.last().map(|event| Hint::Position(event.seq)),
            hint => (!hint.is_fleeting()).then_some(hint),
        }
    }
}
