//! What platforms tell comes late, twice and in any order. Of two things that were told the same
//! one holds, whichever came first: the later one by the platform's clock.

use jiff::Timestamp;

use crate::delivery::DeliveryState;
use crate::extra::{Card, Extra};
use crate::message::{Author, Side};

/// Whether a text that was told holds over the one that is known. Of two edits in the same
/// second any one may win, as long as it is always the same.
pub fn text_prevails(
    edited_at: Option<Timestamp>,
    known: &str,
    told_at: Timestamp,
    told: &str,
) -> bool {
    match edited_at {
        None => true,
        Some(at) => (told_at, told) > (at, known),
    }
}

/// Whether a comment is hidden from what a platform told at `told_at` on; `None` when something
/// later is known.
pub fn hiding(card: &Card, told_at: Timestamp, told: bool) -> Option<Card> {
    let Card::Comment { post, url, reply, hidden, hidden_changed_at } = card else { return None };
    // Of two at one moment one has to hold, whichever came first.
    let prevails = hidden_changed_at.is_none_or(|at| (told_at, told) > (at, *hidden));
    prevails.then(|| Card::Comment {
        post: post.clone(),
        url: url.clone(),
        reply: *reply,
        hidden: told,
        hidden_changed_at: Some(told_at),
    })
}

/// What a message carries after an edit that brought something else in its place: that a comment
/// is hidden is told by itself, and stays.
pub fn edited_extra(known: &Extra, told: &Extra) -> Extra {
    let mut extra = told.clone();
    let Some(Card::Comment { hidden: was, hidden_changed_at: since, .. }) = &known.card else {
        return extra;
    };
    if let Some(Card::Comment { hidden, hidden_changed_at, .. }) = &mut extra.card {
        (*hidden, *hidden_changed_at) = (*was, *since);
    }
    extra
}

/// An emoji on a message. An empty one says that there was one until then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    pub by: Author,
    pub emoji: String,
    pub at: Option<Timestamp>,
}

/// The reactions after a platform told what those of one side are from `at` on; `None` when
/// nothing changes. On platforms a side has one voice, whoever of the team speaks.
pub fn reactions(
    known: &[Placed],
    by: Author,
    emoji: &[String],
    at: Timestamp,
) -> Option<Vec<Placed>> {
    let of_side = |placed: &&Placed| placed.by.side() == by.side();
    let mut there: Vec<&str> =
        known.iter().filter(of_side).map(|placed| placed.emoji.as_str()).collect();
    let mut told: Vec<&str> = emoji.iter().map(String::as_str).filter(|e| !e.is_empty()).collect();
    told.sort_unstable();
    told.dedup();
    if told.is_empty() {
        told.push("");
    }
    there.sort_unstable();
    let newest = known.iter().filter(of_side).filter_map(|placed| placed.at).max();
    if newest.is_some_and(|newest| (at, &told) <= (newest, &there)) {
        return None;
    }
    let mut after: Vec<Placed> = known.iter().filter(|p| !of_side(p)).cloned().collect();
    after.extend(told.into_iter().map(|emoji| {
        // Who of the team it was is known for what was put there from here.
        let same = known.iter().find(|p| p.by.side() == by.side() && p.emoji == emoji);
        let by = if by.side() == Side::Team { same.map_or(by, |p| p.by) } else { by };
        Placed { by, emoji: emoji.to_owned(), at: Some(at) }
    }));
    Some(after)
}

/// How far one part of a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartState {
    /// As far as the platform said.
    Told(DeliveryState),
    /// It is still to be sent, or being sent.
    Pending,
    /// It was given up: with the whole message where that failed, or because nobody answered.
    Left,
}

/// How far a message of several parts has come: as far as the one that lags. `before` is what was
/// known of the whole.
pub fn whole(before: DeliveryState, parts: &[PartState]) -> DeliveryState {
    let states = parts.iter().map(|part| match part {
        PartState::Told(state) => *state,
        PartState::Pending => DeliveryState::Queued,
        PartState::Left => match before {
            DeliveryState::Failed => before,
            // What waits is pending: this was called, and nobody knows what came of it.
            _ => DeliveryState::Uncertain,
        },
    });
    let (mut least, mut failed, mut begun) = (DeliveryState::Read, false, false);
    for state in states {
        failed |= state == DeliveryState::Failed;
        begun |= state > DeliveryState::Queued;
        least = least.min(state);
    }
    match least {
        _ if failed => DeliveryState::Failed,
        DeliveryState::Queued if begun => DeliveryState::Sending,
        least => least,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::id::{ContactId, MemberId};

    const CUSTOMER: Author = Author::Visitor(ContactId(Uuid::from_u128(3)));
    const ANA: Author = Author::Agent(MemberId(Uuid::from_u128(1)));

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn turned<T: Clone>(items: &[T], turns: &[usize]) -> Vec<T> {
        let mut left = items.to_vec();
        let mut out = Vec::new();
        for turn in turns.iter().cycle() {
            if left.is_empty() {
                return out;
            }
            let at = turn % left.len();
            out.push(left.remove(at));
        }
        out
    }

    proptest! {
        #[test]
        fn edits_end_the_same_in_whatever_order_they_are_told(
            edits in proptest::collection::vec((0i64..5, "[abc]{0,2}"), 1..8),
            turns in proptest::collection::vec(0usize..9, 1..9),
        ) {
            let end = |edits: &[(i64, String)]| {
                let mut known = (None, "first".to_owned());
                for (second, text) in edits.iter().chain(edits) {
                    if text_prevails(known.0, &known.1, at(*second), text) {
                        known = (Some(at(*second)), text.clone());
                    }
                }
                known
            };
            prop_assert_eq!(end(&edits), end(&turned(&edits, &turns)));
        }

        #[test]
        fn reactions_end_the_same_in_whatever_order_they_are_told(
            told in proptest::collection::vec(
                (any::<bool>(), 0i64..5, proptest::collection::vec("[xy]?", 0..3)), 1..9),
            turns in proptest::collection::vec(0usize..9, 1..9),
        ) {
            let end = |told: &[(bool, i64, Vec<String>)]| {
                let mut known = vec![];
                for (theirs, second, emoji) in told.iter().chain(told) {
                    let by = if *theirs { CUSTOMER } else { Author::Elsewhere };
                    known = reactions(&known, by, emoji, at(*second)).unwrap_or(known);
                }
                let mut end: Vec<_> =
                    known.into_iter().map(|p| (p.by.side() == Side::Team, p.emoji, p.at)).collect();
                end.sort();
                end
            };
            prop_assert_eq!(end(&told), end(&turned(&told, &turns)));
        }

        #[test]
        fn a_message_in_parts_has_come_as_far_as_the_part_that_lags(
            told in proptest::collection::vec((0usize..3, 0usize..7), 1..12),
            turns in proptest::collection::vec(0usize..9, 1..9),
        ) {
            let end = |told: &[(usize, usize)]| {
                let mut parts = [DeliveryState::Queued; 3];
                let mut message = DeliveryState::Queued;
                for (part, state) in told {
                    parts[*part] = parts[*part].max(DeliveryState::ALL[*state]);
                    message = whole(message, &parts.map(PartState::Told));
                }
                message
            };
            prop_assert_eq!(end(&told), end(&turned(&told, &turns)));
        }
    }

    #[test]
    fn an_echo_of_our_own_reaction_keeps_who_of_the_team_it_was() {
        let known = [Placed { by: ANA, emoji: "👍".to_owned(), at: Some(at(1)) }];
        let after = reactions(&known, Author::Elsewhere, &["👍".to_owned()], at(2)).unwrap();
        assert_eq!(after, [Placed { by: ANA, emoji: "👍".to_owned(), at: Some(at(2)) }]);
    }

    #[test]
    fn a_part_that_failed_is_not_hidden_by_one_that_was_read() {
        use DeliveryState::{Failed, Queued, Read, Sending, Sent, Uncertain};
        use PartState::{Left, Pending, Told};
        for (before, parts, expected) in [
            (Queued, vec![Told(Sent), Pending], Sending),
            (Queued, vec![Pending, Pending], Queued),
            (Sending, vec![Told(Sent), Told(Sent)], Sent),
            (Failed, vec![Told(Read), Left], Failed),
            (Uncertain, vec![Told(Read), Left], Uncertain),
            (Sending, vec![Left, Pending], Sending),
            (Sending, vec![Left, Told(Sent)], Uncertain),
            (Sent, vec![Told(Read), Told(Sent)], Sent),
            (Sent, vec![Told(Read), Told(Failed)], Failed),
        ] {
            assert_eq!(whole(before, &parts), expected, "{parts:?}");
        }
    }
}
