use serde_json::Value;
use switchboard_domain::trace::Trace;
use switchboard_domain::{AccountId, ConversationId};
use switchboard_wire::agent::AgentEvent;

use super::super::{Forget, Notice, Part, Present};
use super::*;

const A: NodeId = Uuid::from_u128(0xa);

fn letters(node: NodeId, keys: &str) -> Letters {
    Letters::new(&MasterKeys::parse(keys).unwrap(), node)
}

fn place(n: u128) -> Topic {
    Topic::Workspace(WorkspaceId(Uuid::from_u128(n)))
}

fn open(by: &Letters, topic: Topic, letter: &[u8]) -> Result<Hint, Unreadable> {
    by.open(topic, Head::read(letter).ok_or(Unreadable::Format)?, letter)
}

const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Events of a command that is recorded.
fn recorded() -> Hint {
    let traces = vec![Trace::recorded(TRACEPARENT).unwrap()];
    Hint::Events { events: Arc::from([told(7)]), traces }
}

fn told(seq: u64) -> Told {
    let at = jiff::Timestamp::UNIX_EPOCH;
    Told { seq: Seq(seq), at, agents: AgentEvent::Gone, visitor: None }
}

#[test]
fn every_hint_comes_out_as_it_went_in() {
    let keys = MasterKeys::generate();
    let (sender, reader) = (letters(A, &keys), letters(Uuid::from_u128(0xb), &keys));
    let conversation = ConversationId(Uuid::from_u128(3));
    let present = Present::All {
        members: vec![(Uuid::from_u128(4).into(), switchboard_domain::Presence::Away)],
        visitors: vec![Uuid::from_u128(5).into()],
        part: Part::WHOLE,
        viewed: vec![(conversation, vec![Uuid::from_u128(4).into()])],
    };
    for hint in [
        Hint::Position(Seq(7)),
        Hint::Events { events: Arc::from([told(7), told(8)]), traces: vec![] },
        recorded(),
        Hint::Present(present),
        Hint::Present(Present::Viewers(conversation, vec![])),
        Hint::WhoIsThere,
        Hint::Account(Notice::Confirmed(conversation)),
        Hint::Free,
        Hint::SignedOut { who: SignedOut::Credential(Uuid::from_u128(9)), code: CloseCode::Moving },
        Hint::Forget(Forget::Widget(Uuid::from_u128(1).into())),
    ] {
        let letter = sender.seal(place(1), &hint).unwrap();
        let heard = open(&reader, place(1), &letter).unwrap();
        assert_eq!(format!("{heard:?}"), format!("{hint:?}"));
    }
    assert!(sender.seal(place(1), &Hint::Gap).is_none());
}

#[test]
fn a_letter_opens_nowhere_else_and_for_nobody_else() {
    let keys = MasterKeys::generate();
    let (sender, reader) = (letters(A, &keys), letters(Uuid::from_u128(0xb), &keys));
    let letter = sender.seal(place(1), &Hint::Position(Seq(7))).unwrap();
    assert!(open(&reader, place(1), &letter).is_ok());
    assert_eq!(open(&reader, place(2), &letter).unwrap_err(), Unreadable::Forged);
    let stranger = letters(A, &MasterKeys::generate());
    assert_eq!(open(&stranger, place(1), &letter).unwrap_err(), Unreadable::Forged);
    for at in [1, 17, 24, 30, letter.len() - 1] {
        let mut changed = letter.clone();
        changed[at] ^= 1;
        assert_eq!(open(&reader, place(1), &changed).unwrap_err(), Unreadable::Forged, "{at}");
    }
    assert_eq!(open(&reader, place(1), b"hello").unwrap_err(), Unreadable::Format);
    let mut other_format = letter.clone();
    other_format[0] = FORMAT + 1;
    assert_eq!(open(&reader, place(1), &other_format).unwrap_err(), Unreadable::Format);
}

#[test]
fn a_node_with_the_former_master_key_is_still_understood() {
    let (old, new) = (MasterKeys::generate(), MasterKeys::generate());
    let letter = letters(A, &old).seal(place(1), &Hint::Free).unwrap();
    let rotated = letters(Uuid::from_u128(0xb), &format!("{new},{old}"));
    assert!(open(&rotated, place(1), &letter).is_ok());
}

#[test]
fn what_another_version_says_costs_a_look_at_most() {
    let strange = br#"{"last":9,"events":[{"seq":9,"of":"tomorrow"}]}"#;
    let heard = decode(&[&[kind::EVENTS], strange.as_slice()].concat()).unwrap();
    assert!(matches!(heard, Hint::Position(Seq(9))), "{heard:?}");
    assert_eq!(decode(&[200, b'{', b'}']).unwrap_err(), Unreadable::Unknown);
    assert_eq!(decode(&[kind::FORGET, b'1']).unwrap_err(), Unreadable::Unknown);
    assert_eq!(decode(&[]).unwrap_err(), Unreadable::Unknown);
}

#[test]
fn a_batch_that_is_too_large_is_told_by_its_position() {
    let many: Vec<Told> = (1..=1_000).map(told).collect();
    let plain = encode(&Hint::Events { events: Arc::from(many), traces: vec![] }).unwrap();
    assert!(matches!(decode(&plain), Ok(Hint::Position(Seq(1_000)))));
}

#[test]
fn events_that_nobody_records_are_told_as_they_always_were() {
    let plain = encode(&Hint::Events { events: Arc::from([told(7)]), traces: vec![] }).unwrap();
    let body: Value = serde_json::from_slice(&plain[1..]).unwrap();
    let fields: Vec<_> = body.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["events", "last"]);
    let Ok(Hint::Events { traces, .. }) = decode(&plain) else { panic!("events are heard") };
    assert!(traces.is_empty());
}

#[test]
fn the_version_before_reads_events_that_are_recorded() {
    #[derive(Deserialize)]
    struct Before {
        last: Seq,
        events: Box<RawValue>,
    }
    let plain = encode(&recorded()).unwrap();
    assert!(String::from_utf8_lossy(&plain).contains(TRACEPARENT));
    let Before { last, events } = read(&plain[1..]).unwrap();
    assert_eq!(last, Seq(7));
    assert_eq!(serde_json::from_str::<Vec<Told>>(events.get()).unwrap(), [told(7)]);
}

#[test]
fn what_is_wrong_with_a_trace_costs_the_events_nothing() {
    let events = serde_json::to_string(&[told(7)]).unwrap();
    for strange in ["null", "7", r#""00-0""#, r#"["00-0-0-0",""]"#, r#"{"a":[1]}"#] {
        let body = format!(r#"{{"last":7,"events":{events},"traceparents":{strange}}}"#);
        let heard = decode(&[&[kind::EVENTS], body.as_bytes()].concat()).unwrap();
        let Hint::Events { events, traces } = heard else { panic!("{strange}: {heard:?}") };
        assert_eq!((events.len(), traces.len()), (1, 0), "{strange}");
    }
}

#[test]
fn channels_name_their_topics() {
    let workspace = WorkspaceId(Uuid::from_u128(1));
    let account = AccountId(Uuid::from_u128(2));
    for at in [Topic::Nodes, Topic::Workspace(workspace), Topic::Account(workspace, account)] {
        assert_eq!(topic(&channel(at)), Some(at));
    }
    for bad in ["", "switchboard:2:nodes", "switchboard:1:", "switchboard:1:x:y", "other"] {
        assert_eq!(topic(bad), None, "{bad}");
    }
}
