//! Who is there, what they look at and who is typing: ephemeral, told to whoever is concerned, here
//! and at other nodes, and forgotten.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use actix::prelude::*;
use serde::{Deserialize, Serialize};
use switchboard_domain::{Author, ContactId, ConversationId, Presence, SessionId};
use switchboard_wire::CloseCode;
use switchboard_wire::agent::AgentFrame;
use switchboard_wire::view::PresenceOf;
use switchboard_wire::visitor::VisitorFrame;

use super::elsewhere::{Changed, stronger};
use super::hub::encode;
use super::hub::presence::PRESENT_VISITORS_MAX;
use super::{Audience, Workspace};
use crate::bus::{Hint, Part, Present};

/// About how many visitors other nodes are told of again at every beat. Of more than these a part
/// after the other is told.
const VISITORS_TOLD_MAX: usize = 4_000;
/// How many parts are told at once to a node that has just come.
const PARTS_TOLD_MAX: u32 = 5;
/// What other nodes have to answer one that has just begun to take part.
const ANSWERED_WITHIN: Duration = Duration::from_millis(250);

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
#[derive(Debug, Clone, Message, Serialize, Deserialize)]
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

/// Closes all sessions, with this code.
#[derive(Message)]
#[rtype(result = "()")]
pub struct CloseSessions(pub CloseCode);

/// Who is there: whether anyone of the team, and whether this contact.
#[derive(Message)]
#[rtype(result = "(bool, bool)")]
pub struct WhoIsThere(pub Option<ContactId>);

impl Workspace {
    pub(super) fn presence(&self, audience: Audience) -> PresenceOf {
        match audience {
            Audience::Agent(member) => PresenceOf {
                who: Author::Agent(member),
                presence: stronger(self.hub.member_presence(member), self.elsewhere.member(member)),
            },
            Audience::Visitor(contact) => PresenceOf {
                who: Author::Visitor(contact),
                presence: match self.is_visitor_online(contact) {
                    true => Presence::Online,
                    false => Presence::Offline,
                },
            },
        }
    }

    pub(super) fn is_team_online(&self) -> bool {
        self.hub.is_team_online() || self.elsewhere.is_team_online()
    }

    fn is_visitor_online(&self, contact: ContactId) -> bool {
        self.hub.is_visitor_online(contact) || self.elsewhere.is_visitor_online(contact)
    }

    /// The members who are there, and the first of the visitors, wherever they are.
    pub(super) fn present(&self) -> Vec<PresenceOf> {
        let (mut seen, mut visitors) = (HashSet::new(), 0);
        let all = self.hub.present().into_iter().chain(self.elsewhere.present());
        let first = all.filter(|audience| {
            visitors += usize::from(matches!(audience, Audience::Visitor(_)));
            let fits = matches!(audience, Audience::Agent(_)) || visitors <= PRESENT_VISITORS_MAX;
            fits && seen.insert(*audience)
        });
        let present = first.map(|audience| self.presence(audience));
        present.filter(|of| of.presence != Presence::Offline).collect()
    }

    /// Somebody of this node's has come, gone or turned.
    pub(super) fn tell_presence(&mut self, audience: Audience) {
        self.show_presence(audience);
        self.publish(Hint::Present(match audience {
            Audience::Agent(member) => Present::Member(member, self.hub.member_presence(member)),
            Audience::Visitor(contact) => {
                Present::Visitor(contact, self.hub.is_visitor_online(contact))
            }
        }));
    }

    fn show_presence(&mut self, audience: Audience) {
        let frame = encode(&AgentFrame::Presence(self.presence(audience)));
        self.hub.tell_agents(&frame, |_, _| true);
        let online = self.is_team_online();
        if online != std::mem::replace(&mut self.team_online, online) {
            self.hub.tell_visitors(&encode(&VisitorFrame::Presence { online }));
        }
    }

    /// What somebody of this node has on screen has changed.
    pub(super) fn tell_viewers(&self, conversation: ConversationId) {
        self.show_viewers(conversation);
        let here = self.hub.viewers(conversation);
        self.publish(Hint::Present(Present::Viewers(conversation, here)));
    }

    fn show_viewers(&self, conversation: ConversationId) {
        let mut members = self.hub.viewers(conversation);
        members.extend(self.elsewhere.viewers(conversation));
        members.sort_unstable();
        members.dedup();
        let frame = encode(&AgentFrame::Viewers { conversation, members });
        self.hub.tell_agents(&frame, |_, watching| watching == Some(conversation));
    }

    fn show_typing(&self, typing: TellTyping) {
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

    /// Tells other nodes who is at this one.
    pub(super) fn state_presence(&mut self) {
        self.state_part();
    }

    /// Tells other nodes of everybody, part by part.
    fn state_all_presence(&mut self) {
        let Some(first) = self.state_part() else { return };
        for _ in 1..first.of.min(PARTS_TOLD_MAX) {
            self.state_part();
        }
    }

    fn state_part(&mut self) -> Option<Part> {
        if self.hub.is_empty() || self.shared.bus.is_alone() {
            return None;
        }
        let (visitors, part) = self.hub.visitors(VISITORS_TOLD_MAX, self.turn);
        self.turn = self.turn.wrapping_add(1);
        let (members, viewed) = (self.hub.members(), self.hub.viewed());
        self.publish(Hint::Present(Present::All { members, visitors, part, viewed }));
        Some(part)
    }

    /// What a hint of this kind says, told to those it concerns here.
    pub(super) fn hear_fleeting(&mut self, from: crate::bus::NodeId, hint: Hint) {
        match hint {
            Hint::Typing(typing) => self.show_typing(typing),
            Hint::WhoIsThere => self.state_all_presence(),
            Hint::Present(present) => {
                let changed = self.elsewhere.hear(Instant::now(), from, present);
                self.show(&changed);
            }
            _ => {}
        }
    }

    /// Forgets the nodes that have fallen silent.
    pub(super) fn expire_elsewhere(&mut self) {
        let changed = self.elsewhere.expire(Instant::now());
        self.show(&changed);
    }

    fn show(&mut self, changed: &Changed) {
        for audience in changed.audiences() {
            self.show_presence(audience);
        }
        for conversation in &changed.conversations {
            self.show_viewers(*conversation);
        }
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
        self.show_typing(typing);
    }
}

impl Handler<CloseSessions> for Workspace {
    type Result = ();

    fn handle(&mut self, CloseSessions(code): CloseSessions, _: &mut Self::Context) {
        self.hub.close(code);
    }
}

impl Handler<WhoIsThere> for Workspace {
    type Result = ResponseActFuture<Self, (bool, bool)>;

    fn handle(&mut self, WhoIsThere(contact): WhoIsThere, _: &mut Self::Context) -> Self::Result {
        // One that has just begun to take part has not been told yet.
        let told_in = ANSWERED_WITHIN.saturating_sub(self.began.elapsed());
        let wait = match self.shared.bus.is_alone() || self.is_team_online() {
            true => Duration::ZERO,
            false => told_in,
        };
        let waited = async move {
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
        };
        Box::pin(waited.into_actor(self).map(move |(), workspace, _| {
            let there = contact.is_some_and(|contact| workspace.is_visitor_online(contact));
            (workspace.is_team_online(), there)
        }))
    }
}
