//! Who is there at this node, and what is on their screens.

use std::collections::HashSet;

use switchboard_domain::{ContactId, ConversationId, MemberId, Presence, SessionId};

use super::{Audience, Hub, Joined};
use crate::bus::Part;

/// Visitors whose presence a newcomer is told of. Whose conversation it opens it learns anyway.
pub const PRESENT_VISITORS_MAX: usize = 200;

impl Hub {
    pub fn set_presence(&mut self, id: SessionId, presence: Presence) {
        if let Some(joined) = self.sessions.get_mut(&id) {
            joined.presence = presence;
        }
    }

    /// Puts a conversation on an agent's screen. Returns the one that was there.
    pub fn watch(
        &mut self,
        id: SessionId,
        conversation: Option<ConversationId>,
    ) -> Option<ConversationId> {
        let joined = self.sessions.get_mut(&id)?;
        std::mem::replace(&mut joined.watching, conversation)
    }

    /// The members that have a conversation on screen.
    pub fn viewers(&self, conversation: ConversationId) -> Vec<MemberId> {
        self.members_whose(|joined| joined.watching == Some(conversation))
    }

    /// A member's presence: online while any of its sessions is.
    pub fn member_presence(&self, member: MemberId) -> Presence {
        let mut presence = Presence::Offline;
        for (_, joined) in self.agents().filter(|(other, _)| *other == member) {
            match joined.presence {
                Presence::Online => return Presence::Online,
                Presence::Away => presence = Presence::Away,
                Presence::Offline => {}
            }
        }
        presence
    }

    pub fn is_visitor_online(&self, contact: ContactId) -> bool {
        self.by_contact.contains_key(&contact)
    }

    /// The members who are there, and the first of the visitors.
    pub fn present(&self) -> Vec<Audience> {
        let members = self.members_whose(|_| true);
        let visitors = self.by_contact.keys().take(PRESENT_VISITORS_MAX);
        let visitors = visitors.copied().map(Audience::Visitor);
        members.into_iter().map(Audience::Agent).chain(visitors).collect()
    }

    /// The members who are there, and how.
    pub fn members(&self) -> Vec<(MemberId, Presence)> {
        let members = self.members_whose(|_| true);
        members.into_iter().map(|member| (member, self.member_presence(member))).collect()
    }

    /// The visitors who are there, or where they are more than `limit` a part of them: one after
    /// the other as `turn` goes on.
    pub fn visitors(&self, limit: usize, turn: u32) -> (Vec<ContactId>, Part) {
        let of = self.by_contact.len().div_ceil(limit).max(1);
        let of = u32::try_from(of).unwrap_or(u32::MAX);
        let part = Part { n: turn % of, of };
        let visitors = self.by_contact.keys().filter(|contact| part.has(**contact));
        (visitors.copied().collect(), part)
    }

    /// What is on screen, and whose.
    pub fn viewed(&self) -> Vec<(ConversationId, Vec<MemberId>)> {
        let watching: HashSet<ConversationId> =
            self.agents().filter_map(|(_, joined)| joined.watching).collect();
        watching
            .into_iter()
            .map(|conversation| (conversation, self.viewers(conversation)))
            .collect()
    }

    /// Whether anyone of the team is online.
    pub fn is_team_online(&self) -> bool {
        self.agents().any(|(_, joined)| joined.presence == Presence::Online)
    }

    /// The members of the sessions that `which` picks, each once.
    fn members_whose(&self, which: impl Fn(&Joined) -> bool) -> Vec<MemberId> {
        let picked = self.agents().filter(|(_, joined)| which(joined));
        let mut members: Vec<MemberId> = picked.map(|(member, _)| member).collect();
        members.sort_unstable();
        members.dedup();
        members
    }
}
