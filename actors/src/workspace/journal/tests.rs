use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    /// So many appends come at once.
    Come(usize),
    /// The next batch goes out, if one may.
    Go,
    /// The batch that is out is committed, or lost with its connection.
    Land,
    /// Postgres refuses the batch that is out.
    Refuse,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1usize..5).prop_map(Step::Come),
        1 => (BATCH_MAX - 2..BATCH_MAX + 40).prop_map(Step::Come),
        5 => Just(Step::Go),
        3 => Just(Step::Land),
        2 => Just(Step::Refuse),
    ]
}

proptest! {
    /// Against a plain list: whatever is refused or lost, appends go out in the order they came,
    /// one batch at a time, each until it is done with, and after a refusal one by one.
    #[test]
    fn appends_go_out_in_order_and_after_a_refusal_one_by_one(
        steps in prop::collection::vec(step(), 1..200),
    ) {
        let mut journal: Journal<u64> = Journal::default();
        let mut came = 0;
        let mut done: Vec<u64> = Vec::new();
        let mut out: Option<Vec<u64>> = None;
        // Appends up to here were in a batch that was refused.
        let mut alone_until = 0;
        for step in steps {
            match step {
                Step::Come(many) => {
                    for _ in 0..many {
                        if !journal.is_full() {
                            came += 1;
                            journal.push(came);
                        }
                    }
                }
                Step::Go => match journal.next_batch() {
                    Some(batch) => {
                        prop_assert!(out.is_none(), "one batch at a time");
                        prop_assert!(!batch.is_empty() && batch.len() <= BATCH_MAX);
                        if batch[0] <= alone_until {
                            prop_assert_eq!(batch.len(), 1, "after a refusal one by one");
                        }
                        out = Some(batch);
                    }
                    None => {
                        let waits = done.len() as u64 != came;
                        prop_assert!(out.is_some() || !waits, "what waits goes out");
                    }
                },
                Step::Land => {
                    if let Some(batch) = out.take() {
                        journal.landed();
                        done.extend(batch);
                    }
                }
                Step::Refuse => {
                    if let Some(batch) = out.take() {
                        journal.landed();
                        match batch.as_slice() {
                            // It alone was at fault.
                            [_] => done.extend(batch),
                            [.., last] => {
                                alone_until = *last;
                                journal.retry_alone(batch);
                            }
                            [] => {}
                        }
                    }
                }
            }
        }
        loop {
            if out.take().inspect(|batch| done.extend(batch)).is_some() {
                journal.landed();
            }
            out = journal.next_batch();
            if out.is_none() {
                break;
            }
        }
        prop_assert!(journal.is_idle());
        prop_assert_eq!(done, (1..=came).collect::<Vec<_>>());
    }
}

#[test]
fn a_journal_takes_so_many_and_no_more() {
    let mut journal: Journal<usize> = Journal::default();
    for n in 0..PENDING_MAX {
        assert!(!journal.is_full(), "{n} fit");
        journal.push(n);
    }
    assert!(journal.is_full());
    assert_eq!(journal.next_batch().map(|batch| batch.len()), Some(BATCH_MAX));
    assert!(!journal.is_full(), "what is out makes room");
}
