//! Who is there at other nodes, as they told. A node that falls silent is forgotten. Time is an
//! argument.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::{Duration, Instant};

use switchboard_domain::{ContactId, ConversationId, MemberId, Presence};
use switchboard_wire::BEAT_SECONDS;

use super::Audience;
use crate::bus::{NodeId, Present};

/// Nodes tell who is there at every beat; one that has not for three is gone.
pub const SILENT_FOR: Duration = Duration::from_secs(3 * BEAT_SECONDS);
/// Nodes and, of each, visitors that are remembered.
const NODES_MAX: usize = 1_024;
const VISITORS_MAX: usize = 20_000;

/// What one node told.
#[derive(Debug, Clone)]
struct There {
    heard: Instant,
    members: HashMap<MemberId, Presence>,
    visitors: HashSet<ContactId>,
    viewed: HashMap<ConversationId, Vec<MemberId>>,
}

/// Whom what was told may concern.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changed {
    pub members: BTreeSet<MemberId>,
    pub visitors: BTreeSet<ContactId>,
    pub conversations: BTreeSet<ConversationId>,
}

impl Changed {
    pub fn audiences(&self) -> impl Iterator<Item = Audience> {
        let members = self.members.iter().copied().map(Audience::Agent);
        members.chain(self.visitors.iter().copied().map(Audience::Visitor))
    }
}

#[derive(Debug, Default)]
pub struct Elsewhere {
    nodes: HashMap<NodeId, There>,
}

impl Elsewhere {
    pub fn hear(&mut self, now: Instant, from: NodeId, present: Present) -> Changed {
        let mut changed = Changed::default();
        if !self.nodes.contains_key(&from) && self.nodes.len() >= NODES_MAX {
            return changed;
        }
        let there = self.nodes.entry(from).or_insert_with(|| There::new(now));
        there.heard = now;
        match present {
            Present::All { members, visitors, part, viewed } => {
                let mut next = There::new(now);
                next.members = members.into_iter().collect();
                next.visitors = visitors.into_iter().take(VISITORS_MAX).collect();
                next.viewed = viewed.into_iter().collect();
                let room = VISITORS_MAX - next.visitors.len();
                let of_others = there.visitors.iter().filter(|contact| !part.has(**contact));
                next.visitors.extend(of_others.take(room));
                changed = there.differs(&next);
                *there = next;
            }
            Present::Member(member, presence) => {
                let before = match presence {
                    Presence::Offline => there.members.remove(&member),
                    _ => there.members.insert(member, presence),
                };
                if before.unwrap_or(Presence::Offline) != presence {
                    changed.members.insert(member);
                }
            }
            Present::Visitor(contact, online) => {
                let fits = there.visitors.len() < VISITORS_MAX;
                let differs = match online {
                    true => fits && there.visitors.insert(contact),
                    false => there.visitors.remove(&contact),
                };
                if differs {
                    changed.visitors.insert(contact);
                }
            }
            Present::Viewers(conversation, members) => {
                let before = match members.is_empty() {
                    true => there.viewed.remove(&conversation),
                    false => there.viewed.insert(conversation, members.clone()),
                };
                if before.unwrap_or_default() != members {
                    changed.conversations.insert(conversation);
                }
            }
        }
        changed
    }

    /// Forgets the nodes that have fallen silent.
    pub fn expire(&mut self, now: Instant) -> Changed {
        let mut changed = Changed::default();
        self.nodes.retain(|_, there| {
            let alive = now.saturating_duration_since(there.heard) < SILENT_FOR;
            if !alive {
                let gone = there.differs(&There::new(now));
                changed.members.extend(gone.members);
                changed.visitors.extend(gone.visitors);
                changed.conversations.extend(gone.conversations);
            }
            alive
        });
        changed
    }

    pub fn member(&self, member: MemberId) -> Presence {
        let told = self.nodes.values().filter_map(|there| there.members.get(&member).copied());
        told.fold(Presence::Offline, stronger)
    }

    pub fn is_visitor_online(&self, contact: ContactId) -> bool {
        self.nodes.values().any(|there| there.visitors.contains(&contact))
    }

    pub fn is_team_online(&self) -> bool {
        self.nodes.values().flat_map(|there| there.members.values()).any(|p| *p == Presence::Online)
    }

    /// The members that have a conversation on screen there; some perhaps twice.
    pub fn viewers(&self, conversation: ConversationId) -> impl Iterator<Item = MemberId> {
        let told = self.nodes.values().filter_map(move |there| there.viewed.get(&conversation));
        told.flatten().copied()
    }

    /// Who is there; some perhaps twice.
    pub fn present(&self) -> impl Iterator<Item = Audience> {
        let members = self.nodes.values().flat_map(|there| there.members.keys());
        let visitors = self.nodes.values().flat_map(|there| there.visitors.iter());
        let members = members.copied().map(Audience::Agent);
        members.chain(visitors.copied().map(Audience::Visitor))
    }
}

impl There {
    fn new(heard: Instant) -> There {
        There { heard, members: HashMap::new(), visitors: HashSet::new(), viewed: HashMap::new() }
    }

    /// What is not the same in both.
    fn differs(&self, other: &There) -> Changed {
        Changed {
            members: unlike(&self.members, &other.members),
            visitors: self.visitors.symmetric_difference(&other.visitors).copied().collect(),
            conversations: unlike(&self.viewed, &other.viewed),
        }
    }
}

fn unlike<K: Copy + Ord + std::hash::Hash, V: PartialEq>(
    one: &HashMap<K, V>,
    other: &HashMap<K, V>,
) -> BTreeSet<K> {
    let keys = one.keys().chain(other.keys());
    keys.filter(|key| one.get(key) != other.get(key)).copied().collect()
}

/// A person is as present as where they are the most.
pub fn stronger(one: Presence, other: Presence) -> Presence {
    match (one, other) {
        (Presence::Online, _) | (_, Presence::Online) => Presence::Online,
        (Presence::Away, _) | (_, Presence::Away) => Presence::Away,
        (Presence::Offline, Presence::Offline) => Presence::Offline,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::bus::Part;

    const A: NodeId = Uuid::from_u128(0xa);
    const B: NodeId = Uuid::from_u128(0xb);
    const ANA: MemberId = MemberId(Uuid::from_u128(1));
    const VIC: ContactId = ContactId(Uuid::from_u128(2));
    const TALK: ConversationId = ConversationId(Uuid::from_u128(3));

    fn all(members: &[(MemberId, Presence)], visitors: &[ContactId]) -> Present {
        Present::All {
            members: members.to_vec(),
            visitors: visitors.to_vec(),
            part: Part::WHOLE,
            viewed: vec![],
        }
    }

    #[test]
    fn a_person_is_as_present_as_where_they_are_the_most() {
        let (now, mut elsewhere) = (Instant::now(), Elsewhere::default());
        elsewhere.hear(now, A, all(&[(ANA, Presence::Away)], &[]));
        assert!(!elsewhere.is_team_online());
        elsewhere.hear(now, B, Present::Member(ANA, Presence::Online));
        assert_eq!(elsewhere.member(ANA), Presence::Online);
        assert!(elsewhere.is_team_online());
        elsewhere.hear(now, B, Present::Member(ANA, Presence::Offline));
        assert_eq!(elsewhere.member(ANA), Presence::Away);
    }

    #[test]
    fn only_what_changed_is_told() {
        let (now, mut elsewhere) = (Instant::now(), Elsewhere::default());
        let here = all(&[(ANA, Presence::Online)], &[VIC]);
        let first = elsewhere.hear(now, A, here.clone());
        assert_eq!(first.audiences().count(), 2);
        assert_eq!(elsewhere.hear(now, A, here), Changed::default());
        assert_eq!(
            elsewhere.hear(now, A, Present::Member(ANA, Presence::Online)),
            Changed::default()
        );
        let left = elsewhere.hear(now, A, all(&[(ANA, Presence::Online)], &[]));
        assert_eq!(left.audiences().collect::<Vec<_>>(), [Audience::Visitor(VIC)]);
    }

    #[test]
    fn a_node_that_falls_silent_is_forgotten_and_one_that_speaks_is_not() {
        let (now, mut elsewhere) = (Instant::now(), Elsewhere::default());
        elsewhere.hear(now, A, all(&[(ANA, Presence::Online)], &[VIC]));
        elsewhere.hear(now, A, Present::Viewers(TALK, vec![ANA]));
        elsewhere.hear(now, B, all(&[(ANA, Presence::Away)], &[]));
        let nearly = now + SILENT_FOR - Duration::from_millis(1);
        assert_eq!(elsewhere.expire(nearly), Changed::default());
        elsewhere.hear(nearly, B, all(&[(ANA, Presence::Away)], &[]));
        let gone = elsewhere.expire(now + SILENT_FOR);
        assert_eq!(gone.conversations, BTreeSet::from([TALK]));
        assert_eq!(gone.audiences().count(), 2);
        assert_eq!(elsewhere.member(ANA), Presence::Away);
        assert!(!elsewhere.is_visitor_online(VIC));
        assert_eq!(elsewhere.viewers(TALK).count(), 0);
    }

    #[test]
    fn a_part_says_who_is_gone_of_its_own_and_nothing_of_the_others() {
        let (now, mut elsewhere) = (Instant::now(), Elsewhere::default());
        let contact = |n| ContactId(Uuid::from_u128(n));
        let (even, odd) = (Part { n: 0, of: 2 }, Part { n: 1, of: 2 });
        let told = |visitors: &[u128], part| Present::All {
            members: vec![],
            visitors: visitors.iter().copied().map(contact).collect(),
            part,
            viewed: vec![],
        };
        let there = |elsewhere: &Elsewhere| -> Vec<u128> {
            (10..16).filter(|n| elsewhere.is_visitor_online(contact(*n))).collect()
        };
        elsewhere.hear(now, A, told(&[10, 12], even));
        elsewhere.hear(now, A, told(&[11, 13], odd));
        assert_eq!(there(&elsewhere), [10, 11, 12, 13]);
        let gone = elsewhere.hear(now, A, told(&[12, 14], even));
        assert_eq!(gone.visitors, BTreeSet::from([contact(10), contact(14)]));
        assert_eq!(there(&elsewhere), [11, 12, 13, 14]);
        elsewhere.hear(now, A, Present::Visitor(contact(11), false));
        elsewhere.hear(now, A, told(&[15], Part::WHOLE));
        assert_eq!(there(&elsewhere), [15]);
    }
}
