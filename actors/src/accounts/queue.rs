//! What waits to be sent, in the order in which it may leave: within a conversation strictly one
//! after another, among conversations in turn.
//!
//! Pure: the rows are Postgres's, this is what one account's actor remembers of them.

use std::collections::{BTreeSet, HashMap, VecDeque};

use jiff::Timestamp;
use switchboard_domain::{ConversationId, SendId, Seq};

use super::pace::{Bucket, Rate};

/// A row, as far as its turn depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    pub id: SendId,
    pub conversation: ConversationId,
    pub seq: Seq,
    pub part: u16,
    pub due_at: Timestamp,
    /// It may have been sent; when due, waiting for a sign of it ends.
    pub uncertain: bool,
    /// How fast its conversation may be written to.
    pub rate: Rate,
    /// Whether the next one waits for a receipt of this one.
    pub awaits_receipt: bool,
}

impl Item {
    fn place(&self) -> (Seq, u16) {
        (self.seq, self.part)
    }
}

/// The rows of one conversation.
#[derive(Debug, Default)]
struct Lane {
    items: VecDeque<Item>,
    bucket: Bucket,
    /// The row that is being worked on: it was the first one when its turn came.
    busy: Option<SendId>,
    /// Not before this moment, though the first row be due.
    held_until: Option<Timestamp>,
    /// Under which moment the lane is in `later`.
    waits_until: Option<Timestamp>,
    in_turn: bool,
}

impl Lane {
    /// Until when its first row has to wait; `None` when its turn may come now.
    fn waits(&self, now: Timestamp) -> Option<Timestamp> {
        let first = self.items.front()?;
        // Waiting for a sign of what may have been sent costs the platform nothing.
        let ready = self.bucket.ready_at(first.rate, now).filter(|_| !first.uncertain);
        let held = self.held_until.filter(|_| !first.uncertain);
        let at = [Some(first.due_at), ready, held].into_iter().flatten().max();
        at.filter(|at| *at > now)
    }

    /// A row is not being worked on any more.
    fn end(&mut self, id: SendId) {
        self.busy = self.busy.filter(|busy| *busy != id);
    }
}

/// All rows that one account is to send.
#[derive(Debug, Default)]
pub struct Queue {
    lanes: HashMap<ConversationId, Lane>,
    /// Conversations whose first row may leave, in turn.
    turn: VecDeque<ConversationId>,
    /// Conversations whose first row has to wait, and until when.
    later: BTreeSet<(Timestamp, ConversationId)>,
    len: usize,
}

impl Queue {
    pub fn len(&self) -> usize {
        self.len
    }

    /// Adds a row. One that comes out of its conversation's order is known already.
    pub fn push(&mut self, item: Item, now: Timestamp) {
        let lane = self.lanes.entry(item.conversation).or_default();
        if lane.items.back().is_some_and(|last| last.place() >= item.place()) {
            return;
        }
        lane.items.push_back(item);
        self.len += 1;
        self.line_up(item.conversation, now);
    }

    /// The next row whose turn it is. Its conversation waits until [`Queue::done`] or
    /// [`Queue::again`].
    pub fn next(&mut self, now: Timestamp) -> Option<Item> {
        self.bring_due(now);
        while let Some(conversation) = self.turn.pop_front() {
            let Some(lane) = self.lanes.get_mut(&conversation) else { continue };
            lane.in_turn = false;
            let Some(first) = lane.items.front().copied() else { continue };
            if lane.waits(now).is_some() {
                self.line_up(conversation, now);
                continue;
            }
            lane.busy = Some(first.id);
            if !first.uncertain {
                lane.bucket.take(first.rate, now);
            }
            return Some(first);
        }
        None
    }

    /// A row is finished with, or is not there any more. What is still done about it holds nobody
    /// up: the row was settled.
    pub fn done(&mut self, conversation: ConversationId, id: SendId, now: Timestamp) {
        let Some(lane) = self.lanes.get_mut(&conversation) else { return };
        let Some(position) = lane.items.iter().position(|item| item.id == id) else { return };
        lane.items.remove(position);
        self.len -= 1;
        lane.end(id);
        self.line_up(conversation, now);
    }

    /// A row is to be looked at again, not before `at`; unless it was settled meanwhile, and
    /// another one has its turn.
    pub fn again(
        &mut self,
        conversation: ConversationId,
        id: SendId,
        at: Timestamp,
        uncertain: bool,
        now: Timestamp,
    ) {
        let Some(lane) = self.lanes.get_mut(&conversation) else { return };
        let Some(item) = lane.items.iter_mut().find(|item| item.id == id) else { return };
        item.due_at = at;
        item.uncertain = uncertain;
        lane.end(id);
        self.line_up(conversation, now);
    }

    /// Holds a conversation back, until then or [`Queue::release`].
    pub fn hold(&mut self, conversation: ConversationId, until: Timestamp, now: Timestamp) {
        if let Some(lane) = self.lanes.get_mut(&conversation) {
            lane.held_until = Some(until);
            self.line_up(conversation, now);
        }
    }

    pub fn release(&mut self, conversation: ConversationId, now: Timestamp) {
        if let Some(lane) = self.lanes.get_mut(&conversation)
            && lane.held_until.take().is_some()
        {
            self.line_up(conversation, now);
        }
    }

    /// When there is something to do next; `None` when only answers are waited for.
    pub fn next_due(&self) -> Option<Timestamp> {
        match self.turn.is_empty() {
            false => Some(Timestamp::UNIX_EPOCH),
            true => self.later.first().map(|(at, _)| *at),
        }
    }

    /// The first rows that may have been sent.
    pub fn uncertain(&self) -> Vec<Item> {
        let first = self.lanes.values().filter(|lane| lane.busy.is_none());
        first.filter_map(|lane| lane.items.front().filter(|item| item.uncertain).copied()).collect()
    }

    /// Forgets conversations in which nothing waits and whose allowance is whole again.
    pub fn tidy(&mut self, now: Timestamp) {
        self.lanes.retain(|_, lane| {
            let held = lane.held_until.is_some_and(|until| until > now);
            !lane.items.is_empty() || held || !lane.bucket.is_full(now)
        });
    }

    /// Puts a conversation where its first row belongs.
    fn line_up(&mut self, conversation: ConversationId, now: Timestamp) {
        let Some(lane) = self.lanes.get_mut(&conversation) else { return };
        if let Some(at) = lane.waits_until.take() {
            self.later.remove(&(at, conversation));
        }
        if lane.busy.is_some() || lane.items.is_empty() {
            return;
        }
        match lane.waits(now) {
            Some(at) => {
                lane.waits_until = Some(at);
                self.later.insert((at, conversation));
            }
            None if !lane.in_turn => {
                lane.in_turn = true;
                self.turn.push_back(conversation);
            }
            None => {}
        }
    }

    fn bring_due(&mut self, now: Timestamp) {
        while let Some((at, conversation)) = self.later.first().copied()
            && at <= now
        {
            self.later.remove(&(at, conversation));
            if let Some(lane) = self.lanes.get_mut(&conversation) {
                lane.waits_until = None;
                lane.held_until = lane.held_until.filter(|until| *until > now);
            }
            self.line_up(conversation, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::time::Duration;

    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).expect("in range")
    }

    fn conversation(n: u64) -> ConversationId {
        Uuid::from_u128(u128::from(n)).into()
    }

    fn item(seq: u64, lane: u64, rate: Rate) -> Item {
        Item {
            id: Uuid::from_u128(u128::from(seq)).into(),
            conversation: conversation(lane),
            seq: Seq(seq),
            part: 0,
            due_at: at(0),
            uncertain: false,
            rate,
            awaits_receipt: false,
        }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Push(u64),
        Next,
        /// What becomes of the call under way with this number.
        Done(usize),
        Again(usize, i64, bool),
        /// A sign settles the call under way with this number, …
        Settled(usize),
        /// … and then the call itself ends.
        EndsLate(i64),
        Hold(u64, i64),
        Release(u64),
        Pass(i64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => (0u64..4).prop_map(Step::Push),
            3 => Just(Step::Next),
            2 => any::<usize>().prop_map(Step::Done),
            1 => (any::<usize>(), 0i64..500, any::<bool>()).prop_map(|(n, ms, un)| Step::Again(n, ms, un)),
            1 => any::<usize>().prop_map(Step::Settled),
            1 => (0i64..500).prop_map(Step::EndsLate),
            1 => (0u64..4, 0i64..500).prop_map(|(lane, ms)| Step::Hold(lane, ms)),
            1 => (0u64..4).prop_map(Step::Release),
            2 => (0i64..300).prop_map(Step::Pass),
        ]
    }

    proptest! {
        #[test]
        fn whatever_becomes_of_calls_each_conversation_is_served_in_order_one_at_a_time(
            steps in proptest::collection::vec(step(), 1..200), burst in 1u32..4, cost in 0u64..200,
        ) {
            let rate = Rate { burst, cost: Duration::from_millis(cost) };
            let (mut queue, mut now, mut seq) = (Queue::default(), 1_000, 0);
            let (mut under_way, mut settled): (Vec<Item>, Vec<Item>) = (vec![], vec![]);
            let mut finished: HashMap<ConversationId, Vec<Seq>> = HashMap::new();
            let mut pushed: HashMap<ConversationId, Vec<Seq>> = HashMap::new();
            for step in steps {
                match step {
                    Step::Push(lane) => {
                        seq += 1;
                        queue.push(item(seq, lane, rate), at(now));
                        pushed.entry(conversation(lane)).or_default().push(Seq(seq));
                    }
                    Step::Next => if let Some(next) = queue.next(at(now)) {
                        prop_assert!(next.due_at <= at(now));
                        let busy = under_way.iter().any(|one| one.conversation == next.conversation);
                        prop_assert!(!busy, "two calls of one conversation");
                        under_way.push(next);
                    },
                    Step::Done(n) if !under_way.is_empty() => {
                        let one = under_way.remove(n % under_way.len());
                        queue.done(one.conversation, one.id, at(now));
                        finished.entry(one.conversation).or_default().push(one.seq);
                    }
                    Step::Again(n, ms, uncertain) if !under_way.is_empty() => {
                        let one = under_way.remove(n % under_way.len());
                        queue.again(one.conversation, one.id, at(now + ms), uncertain, at(now));
                    }
                    Step::Settled(n) if !under_way.is_empty() => {
                        let one = under_way.remove(n % under_way.len());
                        queue.done(one.conversation, one.id, at(now));
                        finished.entry(one.conversation).or_default().push(one.seq);
                        settled.push(one);
                    }
                    Step::EndsLate(ms) => if let Some(one) = settled.pop() {
                        queue.again(one.conversation, one.id, at(now + ms), true, at(now));
                    },
                    Step::Hold(lane, ms) => queue.hold(conversation(lane), at(now + ms), at(now)),
                    Step::Release(lane) => queue.release(conversation(lane), at(now)),
                    Step::Pass(ms) => {
                        now += ms;
                        queue.tidy(at(now));
                    }
                    Step::Done(_) | Step::Again(..) | Step::Settled(_) => {}
                }
            }
            // Nothing is lost: with time, all that is left comes, in order.
            for one in under_way.drain(..) {
                queue.again(one.conversation, one.id, at(now), false, at(now));
            }
            while queue.len() > 0 {
                let due = queue.next_due().expect("something is due as long as something waits");
                now = now.max(due.as_millisecond() + 1);
                while let Some(one) = queue.next(at(now)) {
                    queue.done(one.conversation, one.id, at(now));
                    finished.entry(one.conversation).or_default().push(one.seq);
                }
            }
            prop_assert_eq!(finished, pushed);
        }
    }

    #[test]
    fn conversations_take_turns_however_much_one_of_them_wants() {
        let mut queue = Queue::default();
        for seq in 1..=50 {
            queue.push(item(seq, 1, Rate::default()), at(0));
        }
        queue.push(item(51, 2, Rate::default()), at(0));
        let mut order = vec![];
        for _ in 0..3 {
            let next = queue.next(at(0)).expect("one waits");
            queue.done(next.conversation, next.id, at(0));
            order.push(next.seq.0);
        }
        assert_eq!(order, [1, 51, 2]);
    }

    #[test]
    fn what_may_have_been_sent_holds_its_conversation_until_it_is_settled() {
        let mut queue = Queue::default();
        queue.push(item(1, 1, Rate::default()), at(0));
        queue.push(item(2, 1, Rate::default()), at(0));
        let first = queue.next(at(0)).expect("one waits");
        queue.again(first.conversation, first.id, at(60_000), true, at(0));
        assert_eq!(queue.next(at(59_999)), None);
        assert_eq!(queue.uncertain().len(), 1);
        // A receipt has settled it.
        queue.done(first.conversation, first.id, at(5_000));
        assert_eq!(queue.next(at(5_000)).map(|item| item.seq), Some(Seq(2)));
    }

    #[test]
    fn what_was_settled_while_it_was_given_up_does_not_become_the_next_ones_fate() {
        let mut queue = Queue::default();
        for seq in 1..=3 {
            queue.push(item(seq, 1, Rate::default()), at(0));
        }
        let first = queue.next(at(0)).expect("one waits");
        queue.again(first.conversation, first.id, at(60_000), true, at(0));
        // It is being given up when a receipt settles it, and the next one is sent.
        assert_eq!(queue.next(at(60_000)).map(|item| item.id), Some(first.id));
        queue.done(first.conversation, first.id, at(60_000));
        let second = queue.next(at(60_000)).expect("the next one");
        assert_eq!(second.seq, Seq(2));
        // Then the giving up ends, in whichever way.
        queue.again(first.conversation, first.id, at(61_000), true, at(60_500));
        queue.done(first.conversation, first.id, at(60_500));
        assert_eq!(queue.next(at(70_000)), None, "two calls of one conversation");
        assert_eq!((queue.len(), queue.uncertain().len()), (2, 0));
        queue.done(second.conversation, second.id, at(70_000));
        let third = queue.next(at(70_000)).expect("the last one");
        assert_eq!((third.seq, third.uncertain), (Seq(3), false));
    }

    #[test]
    fn a_row_that_goes_while_the_one_before_it_is_sent_frees_nobody() {
        let mut queue = Queue::default();
        for seq in 1..=3 {
            queue.push(item(seq, 1, Rate::default()), at(0));
        }
        let first = queue.next(at(0)).expect("one waits");
        queue.done(first.conversation, item(2, 1, Rate::default()).id, at(0));
        assert_eq!(queue.next(at(0)), None);
        queue.done(first.conversation, first.id, at(0));
        assert_eq!(queue.next(at(0)).map(|item| item.seq), Some(Seq(3)));
    }
}
