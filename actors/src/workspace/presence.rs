//! Who is there, what they look at and who is typing: ephemeral, told to whoever is concerned, and
//! forgotten.

use actix::prelude::*;
use switchboard_domain::{Author, ContactId, ConversationId, MemberId, Presence, SessionId};
use switchboard_wire::CloseCode;
use switchboard_wire::agent::AgentFrame;
use switchboard_wire::view::PresenceOf;
use switchboard_wire::visitor::VisitorFrame;

use super::hub::encode;
use super::{Audience, Workspace};

/// What an agent says of itself.
#[derive(Message)]
#[rtype(result = "()")]
pub struct SetPresence {
    pub session: SessionId,
    pub presence: Presence,
}

/// What an agent has on screen.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Watch {
    pub session: SessionId,
    pub conversation: Option<ConversationId>,
}

/// Someone types.
#[derive(Message)]
#[rtype(result = "()")]
pub struct TellTyping {
    pub conversation: ConversationId,
    pub contact: ContactId,
    pub who: Author,
    /// The member's name, for the visitor.
    pub name: String,
    pub on: bool,
    pub note: bool,
}

/// Closes sessions.
#[derive(Message, Clone)]
#[rtype(result = "()")]
pub struct CloseSessions {
    pub code: CloseCode,
    /// Only this member's; everyone's when absent.
    pub member: Option<MemberId>,
    /// Only these; all when absent.
    pub sessions: Option<Vec<SessionId>>,
}

/// Who is there: whether anyone of the team, and whether this contact.
#[derive(Message)]
#[rtype(result = "(bool, bool)")]
pub struct WhoIsThere(pub Option<ContactId>);

impl Workspace {
    pub(super) fn presence(&self, audience: Audience) -> PresenceOf {
        match audience {
            Audience::Agent(member) => PresenceOf {
                who: Author::Agent(member),
                presence: self.hub.member_presence(member),
            },
            Audience::Visitor(contact) => PresenceOf {
                who: Author::Visitor(contact),
                presence: match self.hub.is_visitor_online(contact) {
                    true => Presence::Online,
                    false => Presence::Offline,
                },
            },
        }
    }

    pub(super) fn tell_presence(&mut self, audience: Audience) {
        let frame = encode(&AgentFrame::Presence(self.presence(audience)));
        self.hub.tell_agents(&frame, |_, _| true);
        let online = self.hub.is_team_online();
        if online != std::mem::replace(&mut self.team_online, online) {
            self.hub.tell_visitors(&encode(&VisitorFrame::Presence { online }));
        }
    }

    pub(super) fn tell_viewers(&self, conversation: ConversationId) {
        let members = self.hub.viewers(conversation);
        let frame = encode(&AgentFrame::Viewers { conversation, members });
        self.hub.tell_agents(&frame, |_, watching| watching == Some(conversation));
    }
}

impl Handler<SetPresence> for Workspace {
    type Result = ();

    fn handle(&mut self, set: SetPresence, _: &mut Self::Context) {
        self.hub.set_presence(set.session, set.presence);
        if let Some(audience) = self.hub.audience(set.session) {
            self.tell_presence(audience);
        }
    }
}

impl Handler<Watch> for Workspace {
    type Result = ();

    fn handle(&mut self, watch: Watch, _: &mut Self::Context) {
        let before = self.hub.watch(watch.session, watch.conversation);
        if before != watch.conversation {
            for conversation in before.into_iter().chain(watch.conversation) {
                self.tell_viewers(conversation);
            }
        }
    }
}

impl Handler<TellTyping> for Workspace {
    type Result = ();

    fn handle(&mut self, typing: TellTyping, _: &mut Self::Context) {
        let TellTyping { conversation, contact, who, name, on, note } = typing;
        let frame = encode(&AgentFrame::Typing { conversation, who, on, note });
        self.hub.tell_agents(&frame, |member, watching| {
            watching == Some(conversation) && Author::Agent(member) != who
        });
        if let Author::Agent(member) = who
            && !note
        {
            let frame = encode(&VisitorFrame::Typing { member, name, on });
            self.hub.tell_visitor(contact, &frame);
        }
    }
}

impl Handler<CloseSessions> for Workspace {
    type Result = ();

    fn handle(&mut self, close: CloseSessions, _: &mut Self::Context) {
        self.hub.close(close.code, |session, audience| {
            let of_member = close.member.is_none_or(|m| audience == Audience::Agent(m));
            let named = close.sessions.as_ref().is_none_or(|all| all.contains(&session));
            of_member && named
        });
    }
}

impl Handler<WhoIsThere> for Workspace {
    type Result = MessageResult<WhoIsThere>;

    fn handle(&mut self, WhoIsThere(contact): WhoIsThere, _: &mut Self::Context) -> Self::Result {
        let there = contact.is_some_and(|contact| self.hub.is_visitor_online(contact));
        MessageResult((self.hub.is_team_online(), there))
    }
}
