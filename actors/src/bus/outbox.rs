//! What waits to be published. Bounded: an event that does not fit becomes its position, and
//! newer positions take the place of older ones.

use std::collections::{HashMap, HashSet, VecDeque};

use switchboard_domain::{Seq, WorkspaceId};

use super::{Hint, Notice, Topic};

/// Hints that wait, beside positions. What is worth nothing later gets half of them.
const LETTERS_MAX: usize = 4_096;
/// Events that wait, over all hints.
const EVENTS_MAX: usize = 2_048;
/// Workspaces whose positions wait.
const POSITIONS_MAX: usize = 65_536;

#[derive(Debug, Default)]
pub struct Outbox {
    letters: VecDeque<(Topic, Hint)>,
    events: usize,
    positions: HashMap<WorkspaceId, Seq>,
    /// Who is woken already.
    waking: HashSet<Topic>,
}

impl Outbox {
    /// Takes a hint in. `false` when it is lost.
    pub fn push(&mut self, topic: Topic, hint: Hint) -> bool {
        match hint {
            Hint::Position(seq) => self.position(topic, seq),
            Hint::Events { events, traces } => {
                if self.letters.len() < LETTERS_MAX && self.events + events.len() <= EVENTS_MAX {
                    self.events += events.len();
                    self.letters.push_back((topic, Hint::Events { events, traces }));
                    return true;
                }
                events.last().is_none_or(|event| self.position(topic, event.seq))
            }
            Hint::Account(Notice::Wake) if !self.waking.insert(topic) => true,
            hint => {
                let fleeting = hint.is_fleeting();
                let room = if fleeting { LETTERS_MAX / 2 } else { LETTERS_MAX };
                let fits = self.letters.len() < room;
                if fits {
                    self.letters.push_back((topic, hint));
                } else if matches!(hint, Hint::Account(Notice::Wake)) {
                    self.waking.remove(&topic);
                }
                fits
            }
        }
    }

    fn position(&mut self, topic: Topic, seq: Seq) -> bool {
        let Topic::Workspace(workspace) = topic else { return false };
        if self.positions.len() >= POSITIONS_MAX && !self.positions.contains_key(&workspace) {
            return false;
        }
        let known = self.positions.entry(workspace).or_default();
        *known = seq.max(*known);
        true
    }

    /// The next to be published, `limit` at most. Positions come last: an event that waits before
    /// them is not to be read by those who are about to hear it.
    pub fn take(&mut self, limit: usize) -> Vec<(Topic, Hint)> {
        let mut taken: Vec<(Topic, Hint)> =
            self.letters.drain(..limit.min(self.letters.len())).collect();
        for (topic, hint) in &taken {
            match hint {
                Hint::Events { events, .. } => self.events -= events.len(),
                Hint::Account(Notice::Wake) => drop(self.waking.remove(topic)),
                _ => {}
            }
        }
        if self.letters.is_empty() {
            let next: Vec<WorkspaceId> =
                self.positions.keys().take(limit - taken.len()).copied().collect();
            for workspace in next {
                let seq = self.positions.remove(&workspace).unwrap_or_default();
                taken.push((Topic::Workspace(workspace), Hint::Position(seq)));
            }
        }
        taken
    }

    #[cfg(test)]
    fn is_empty(&self) -> bool {
        self.letters.is_empty() && self.positions.is_empty()
    }

    /// Takes back what may not have been published, as far as it is still worth it. How many are
    /// lost.
    pub fn put_back(&mut self, taken: Vec<(Topic, Hint)>) -> usize {
        let mut lost = 0;
        for (topic, hint) in taken {
            let kept = hint.lessened().is_some_and(|hint| self.push(topic, hint));
            lost += usize::from(!kept);
        }
        lost
    }

    /// Lets go of what was worth something when it was said. How many there were.
    pub fn drop_fleeting(&mut self) -> usize {
        let before = self.letters.len();
        self.letters.retain(|(_, hint)| !hint.is_fleeting());
        before - self.letters.len()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use switchboard_domain::AccountId;
    use switchboard_wire::agent::AgentEvent;
    use uuid::Uuid;

    use super::*;
    use crate::replay::Told;

    fn workspace(n: u128) -> Topic {
        Topic::Workspace(WorkspaceId(Uuid::from_u128(n)))
    }

    fn events(seqs: std::ops::RangeInclusive<u64>) -> Hint {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let told = |seq| Told { seq: Seq(seq), at, agents: AgentEvent::Gone, visitor: None };
        let events = Arc::from(seqs.map(told).collect::<Vec<_>>());
        Hint::Events { events, traces: vec![] }
    }

    fn positions(taken: &[(Topic, Hint)]) -> Vec<(Topic, u64)> {
        let position = |(topic, hint): &(Topic, Hint)| match hint {
            Hint::Position(seq) => Some((*topic, seq.0)),
            _ => None,
        };
        taken.iter().filter_map(position).collect()
    }

    #[test]
    fn a_newer_position_takes_the_place_of_an_older_one() {
        let mut outbox = Outbox::default();
        for seq in [3, 7, 5] {
            assert!(outbox.push(workspace(1), Hint::Position(Seq(seq))));
        }
        assert_eq!(positions(&outbox.take(10)), [(workspace(1), 7)]);
        assert!(outbox.is_empty());
    }

    #[test]
    fn events_that_do_not_fit_are_told_by_their_position() {
        let mut outbox = Outbox::default();
        for batch in 0..100 {
            assert!(outbox.push(workspace(1), events(batch * 100 + 1..=batch * 100 + 100)));
        }
        let taken = outbox.take(1_000);
        assert_eq!(taken.len(), EVENTS_MAX / 100 + 1);
        assert_eq!(positions(&taken), [(workspace(1), 10_000)]);
        assert_eq!(outbox.events, 0);
    }

    #[test]
    fn positions_wait_until_the_events_before_them_are_out() {
        let mut outbox = Outbox::default();
        outbox.push(workspace(1), Hint::Position(Seq(9)));
        outbox.push(workspace(1), events(7..=8));
        assert!(matches!(outbox.take(1)[..], [(_, Hint::Events { .. })]));
        assert!(matches!(outbox.take(1)[..], [(_, Hint::Position(Seq(9)))]));
    }

    #[test]
    fn what_was_not_published_is_told_later_unless_it_is_fleeting() {
        let mut outbox = Outbox::default();
        outbox.push(workspace(1), events(1..=4));
        outbox.push(workspace(1), Hint::WhoIsThere);
        outbox.push(Topic::Nodes, Hint::Free);
        let taken = outbox.take(10);
        assert_eq!(outbox.put_back(taken), 1);
        let again = outbox.take(10);
        assert!(matches!(again[..], [(Topic::Nodes, Hint::Free), (_, Hint::Position(Seq(4)))]));
    }

    #[test]
    fn an_account_is_woken_once_however_often_it_is_asked() {
        let mut outbox = Outbox::default();
        let account = Topic::Account(Uuid::from_u128(1).into(), AccountId(Uuid::from_u128(2)));
        for _ in 0..3 {
            assert!(outbox.push(account, Hint::Account(Notice::Wake)));
        }
        assert_eq!(outbox.take(10).len(), 1);
        outbox.push(account, Hint::Account(Notice::Wake));
        assert_eq!(outbox.take(10).len(), 1);
    }

    #[test]
    fn a_call_to_wake_that_found_no_room_does_not_keep_back_the_next() {
        let mut outbox = Outbox::default();
        let account = Topic::Account(Uuid::from_u128(1).into(), AccountId(Uuid::from_u128(2)));
        while outbox.push(Topic::Nodes, Hint::Free) {}
        assert!(!outbox.push(account, Hint::Account(Notice::Wake)));
        outbox.take(1);
        assert!(outbox.push(account, Hint::Account(Notice::Wake)));
    }

    #[test]
    fn nothing_grows_without_an_end() {
        let mut outbox = Outbox::default();
        let fleeting = (0..10_000).filter(|_| outbox.push(workspace(1), Hint::WhoIsThere)).count();
        assert_eq!(fleeting, LETTERS_MAX / 2);
        let lasting = (0..10_000).filter(|_| outbox.push(Topic::Nodes, Hint::Free)).count();
        assert_eq!(lasting, LETTERS_MAX / 2);
        let told = (0..70_000).filter(|n| outbox.push(workspace(*n), Hint::Position(Seq(1))));
        assert_eq!(told.count(), POSITIONS_MAX);
        assert_eq!(outbox.drop_fleeting(), LETTERS_MAX / 2);
    }
}
