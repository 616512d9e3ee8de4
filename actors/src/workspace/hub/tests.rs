use proptest::prelude::*;
use switchboard_wire::agent::AgentEvent;
use uuid::Uuid;

use super::*;

fn told(seq: u64) -> Told {
    let at = jiff::Timestamp::UNIX_EPOCH;
    Told { seq: Seq(seq), at, agents: AgentEvent::Gone, visitor: None }
}

fn agent(n: u128) -> (SessionId, Audience, Arc<FrameQueue>) {
    let queue = Arc::new(FrameQueue::new(|| {}));
    (SessionId(Uuid::from_u128(n)), Audience::Agent(MemberId(Uuid::from_u128(n))), queue)
}

/// The positions of the events that wait in a queue.
fn seqs(queue: &FrameQueue) -> Vec<u64> {
    let mut seqs = Vec::new();
    loop {
        let drained = queue.drain();
        for frame in drained.frames {
            let value: serde_json::Value = serde_json::from_str(&frame).unwrap();
            seqs.extend(value["seq"].as_u64());
        }
        if !drained.more {
            return seqs;
        }
    }
}

#[test]
fn a_gap_is_held_until_it_is_filled() {
    let mut hub = Hub::new(Seq(0));
    let (id, audience, queue) = agent(1);
    hub.join(id, audience, queue.clone(), Seq(0));
    assert_eq!(hub.catch_up(id), CatchUp::Live);
    assert!(hub.ingest(vec![told(2), told(3)]).1);
    assert_eq!(seqs(&queue), Vec::<u64>::new());
    assert!(!hub.ingest(vec![told(1)]).1);
    assert_eq!(seqs(&queue), [1, 2, 3]);
}

#[test]
fn a_session_that_is_behind_memory_is_fetched_for() {
    let mut hub = Hub::new(Seq(10));
    let (id, audience, queue) = agent(1);
    hub.join(id, audience, queue.clone(), Seq(7));
    assert_eq!(hub.catch_up(id), CatchUp::Fetch(Seq(7)));
    hub.ingest(vec![told(11)]);
    hub.feed(id, &[told(8), told(9), told(10)]);
    assert_eq!(hub.catch_up(id), CatchUp::Live);
    hub.ingest(vec![told(12)]);
    assert_eq!(seqs(&queue), [8, 9, 10, 11, 12]);
}

/// An event of about 4 KiB.
fn large(seq: u64) -> Told {
    let label = switchboard_wire::view::Label {
        id: Uuid::from_u128(1).into(),
        name: "x".repeat(4_000),
        color: "#000000".to_owned(),
    };
    Told { agents: AgentEvent::Label { label }, ..told(seq) }
}

#[test]
fn who_has_missed_much_gets_it_as_fast_as_it_reads_and_is_not_cut_off() {
    let mut hub = Hub::new(Seq(0));
    hub.ingest((1..=500).map(large).collect());
    for cursor in [100, 0] {
        let (id, audience, queue) = agent(u128::from(cursor) + 1);
        hub.join(id, audience, queue.clone(), Seq(cursor));
        // A page that was fetched fits no better than what memory has.
        hub.feed(id, &(cursor + 1..=400).map(large).collect::<Vec<_>>());
        let mut got = seqs(&queue);
        assert!(got.len() < 100);
        while hub.catch_up(id) == CatchUp::Full {
            assert!(matches!(hub.catch_up(id), CatchUp::Fetch(_)), "nothing was read");
            got.extend(seqs(&queue));
        }
        got.extend(seqs(&queue));
        assert!(!queue.is_closed());
        assert_eq!(got, (cursor + 1..=500).collect::<Vec<_>>());
    }
}

#[test]
fn a_cut_session_is_named_and_others_feel_nothing() {
    let mut hub = Hub::new(Seq(0));
    let (slow, slow_audience, slow_queue) = agent(1);
    let (fast, fast_audience, fast_queue) = agent(2);
    hub.join(slow, slow_audience, slow_queue.clone(), Seq(0));
    hub.join(fast, fast_audience, fast_queue.clone(), Seq(0));
    hub.catch_up(slow);
    hub.catch_up(fast);
    let mut cut = Vec::new();
    let mut received = Vec::new();
    for seq in 1..=40_000 {
        cut.extend(hub.ingest(vec![told(seq)]).0);
        received.extend(seqs(&fast_queue));
        if !cut.is_empty() {
            break;
        }
    }
    assert_eq!(cut, [slow]);
    assert!(slow_queue.is_closed());
    assert_eq!(received, (1..=hub.last().0).collect::<Vec<_>>());
}

proptest! {
    /// Events reach the hub early, late, twice and in any order, and sessions join at any
    /// position in between: each gets every event after its own position, in order, once.
    #[test]
    fn every_session_gets_every_event_in_order_once(
        order in prop::collection::vec(1u64..60, 0..300),
        joins in prop::collection::vec((0usize..300, 0u64..60), 1..6),
    ) {
        let mut hub = Hub::new(Seq(0));
        let mut sessions = Vec::new();
        let steps: Vec<u64> = order.iter().copied().chain(1..60).collect();
        for (step, seq) in steps.iter().enumerate() {
            for (n, (_, cursor)) in joins.iter().enumerate().filter(|(_, (at, _))| *at == step) {
                let (id, audience, queue) = agent(n as u128 + 1);
                let cursor = (*cursor).min(hub.last().0);
                hub.join(id, audience, queue.clone(), Seq(cursor));
                while let CatchUp::Fetch(after) = hub.catch_up(id) {
                    hub.feed(id, &(after.0 + 1..=hub.last().0).map(told).collect::<Vec<_>>());
                }
                sessions.push((cursor, queue, Vec::new()));
            }
            hub.ingest(vec![told(*seq)]);
            for (_, queue, received) in &mut sessions {
                received.extend(seqs(queue));
            }
        }
        for (cursor, _, received) in sessions {
            prop_assert_eq!(received, (cursor + 1..60).collect::<Vec<_>>());
        }
    }
}
