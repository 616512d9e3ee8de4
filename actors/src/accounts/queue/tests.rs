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
