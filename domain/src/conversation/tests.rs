use jiff::ToSpan;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::message::MessageKind;

const ANA: Author = Author::Agent(MemberId(Uuid::from_u128(1)));
const BEN: Author = Author::Agent(MemberId(Uuid::from_u128(2)));
const VISITOR: Author = Author::Visitor(ContactId(Uuid::from_u128(3)));

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn fresh() -> Conversation {
    Conversation::new(ConversationId(Uuid::from_u128(9)), ContactId(Uuid::from_u128(3)))
}

fn message(id: u128) -> MessageId {
    MessageId(Uuid::from_u128(id))
}

fn head(author: Author, kind: MessageKind) -> MessageHead {
    MessageHead {
        id: message(7),
        kind,
        author,
        created_at: now(),
        deleted: false,
        reactions: vec![],
        has_attachments: false,
    }
}

fn post(kind: PostKind) -> Command {
    Command::Post {
        message: message(8),
        kind,
        text_chars: 2,
        attachments: 0,
        reply_to: None,
        form: Form::Free,
    }
}

/// Decides and applies, as an actor does.
fn act(state: &mut Conversation, author: Author, command: &Command) -> Vec<Event> {
    let events = decide(now(), state, author, command).unwrap();
    events.iter().for_each(|event| state.apply(event));
    events
}

#[test]
fn public_messages_are_numbered_and_notes_are_not() {
    let mut state = fresh();
    for (author, kind, n) in [
        (VISITOR, PostKind::Public, Some(1)),
        (ANA, PostKind::Note, None),
        (ANA, PostKind::Public, Some(2)),
    ] {
        let events = act(&mut state, author, &post(kind));
        assert!(matches!(events[0], Event::Posted { n: number, .. } if number == n));
    }
}

#[test]
fn a_visitor_cannot_write_a_note_or_act_for_the_team() {
    let state = fresh();
    let commands = [
        post(PostKind::Note),
        Command::SetStatus { status: Status::Resolved, activity: message(1) },
        Command::Assign { member: None, activity: message(1) },
        Command::Label { add: BTreeSet::new(), remove: BTreeSet::new() },
    ];
    for command in commands {
        assert_eq!(decide(now(), &state, VISITOR, &command), Err(Refusal::TeamOnly));
    }
}

#[test]
fn a_note_does_not_exist_for_a_visitor() {
    let note = head(ANA, MessageKind::Note);
    let attempts = [
        Command::Edit { target: note.clone(), text_chars: 1 },
        Command::Delete { target: note.clone(), moderator: true },
        Command::React { target: note.clone(), emoji: "👍".into(), on: true },
        Command::Post {
            message: message(8),
            kind: PostKind::Public,
            text_chars: 1,
            attachments: 0,
            reply_to: Some(note),
            form: Form::Free,
        },
    ];
    for command in attempts {
        assert_eq!(decide(now(), &fresh(), VISITOR, &command), Err(Refusal::NoSuchMessage));
    }
}

#[test]
fn a_public_reply_never_quotes_a_note() {
    let command = Command::Post {
        message: message(8),
        kind: PostKind::Public,
        text_chars: 1,
        attachments: 0,
        reply_to: Some(head(ANA, MessageKind::Note)),
        form: Form::Free,
    };
    assert_eq!(decide(now(), &fresh(), ANA, &command), Err(Refusal::NoSuchMessage));
}

#[test]
fn a_visitors_message_reopens_a_resolved_conversation() {
    let mut state = fresh();
    act(&mut state, ANA, &Command::SetStatus { status: Status::Resolved, activity: message(1) });
    act(&mut state, ANA, &post(PostKind::Public));
    assert_eq!(state.status, Status::Resolved);
    act(&mut state, VISITOR, &post(PostKind::Public));
    assert_eq!(state.status, Status::Open);
}

#[test]
fn a_snooze_ends_when_its_time_has_come_and_not_before() {
    let mut state = fresh();
    let until = now() + 1.hour();
    let snooze = Command::SetStatus { status: Status::Snoozed { until }, activity: message(1) };
    act(&mut state, ANA, &snooze);
    let wake = Command::Wake { activity: message(2) };
    assert_eq!(decide(now(), &state, Author::System, &wake), Ok(vec![]));
    let events = decide(until, &state, Author::System, &wake).unwrap();
    assert!(matches!(events[..], [Event::StatusChanged { status: Status::Open, .. }]));
    let past =
        Command::SetStatus { status: Status::Snoozed { until: now() }, activity: message(1) };
    assert_eq!(decide(now(), &state, ANA, &past), Err(Refusal::SnoozeInThePast));
}

#[test]
fn only_the_author_edits_and_a_moderator_may_delete() {
    let target = head(ANA, MessageKind::Public);
    let edit = Command::Edit { target: target.clone(), text_chars: 1 };
    assert_eq!(decide(now(), &fresh(), BEN, &edit), Err(Refusal::NotYours));
    let delete = |moderator| Command::Delete { target: target.clone(), moderator };
    assert_eq!(decide(now(), &fresh(), BEN, &delete(false)), Err(Refusal::NotYours));
    assert_eq!(decide(now(), &fresh(), BEN, &delete(true)).unwrap().len(), 1);
    assert_eq!(decide(now(), &fresh(), ANA, &delete(false)).unwrap().len(), 1);
}

#[test]
fn a_visitor_may_change_a_message_only_for_a_while() {
    let edit = Command::Edit { target: head(VISITOR, MessageKind::Public), text_chars: 1 };
    assert!(decide(now() + 14.minutes(), &fresh(), VISITOR, &edit).is_ok());
    assert_eq!(decide(now() + 16.minutes(), &fresh(), VISITOR, &edit), Err(Refusal::TooLate));
}

#[test]
fn the_same_reaction_twice_is_one() {
    let mut target = head(ANA, MessageKind::Public);
    let react = |target: &MessageHead, on| Command::React {
        target: target.clone(),
        emoji: "👍".into(),
        on,
    };
    assert_eq!(decide(now(), &fresh(), VISITOR, &react(&target, true)).unwrap().len(), 1);
    assert_eq!(decide(now(), &fresh(), VISITOR, &react(&target, false)), Ok(vec![]));
    target.reactions.push((VISITOR, "👍".into()));
    assert_eq!(decide(now(), &fresh(), VISITOR, &react(&target, true)), Ok(vec![]));
    assert_eq!(decide(now(), &fresh(), VISITOR, &react(&target, false)).unwrap().len(), 1);
}

#[test]
fn an_empty_or_endless_message_is_refused() {
    let command = |text_chars, attachments| Command::Post {
        message: message(8),
        kind: PostKind::Public,
        text_chars,
        attachments,
        reply_to: None,
        form: Form::Free,
    };
    let refused = |command| decide(now(), &fresh(), VISITOR, &command).err();
    assert_eq!(refused(command(0, 0)), Some(Refusal::Empty));
    assert_eq!(refused(command(MESSAGE_MAX_CHARS + 1, 0)), Some(Refusal::TooLong));
    assert_eq!(refused(command(0, ATTACHMENTS_PER_MESSAGE + 1)), Some(Refusal::TooManyAttachments));
    assert_eq!(refused(command(0, 1)), None);
}

fn any_step() -> impl Strategy<Value = (bool, u8, u32, u32)> {
    (any::<bool>(), 0..4u8, 0..12u32, 0..12u32)
}

proptest! {
    #[test]
    fn marks_move_forward_and_unread_counts_stay_true(steps in prop::collection::vec(any_step(), 1..60)) {
        let mut state = fresh();
        let mut sides: Vec<Side> = vec![];
        for (team, what, delivered, read) in steps {
            let author = if team { ANA } else { VISITOR };
            let before = (state.visitor, state.team);
            match what {
                0 | 1 => {
                    act(&mut state, author, &post(PostKind::Public));
                    sides.push(author.side());
                }
                _ => {
                    let read = read.min(state.last_n);
                    let unread = sides[read as usize..].iter().filter(|s| **s != author.side()).count();
                    act(&mut state, author, &Command::Mark { delivered, read, unread: unread as u32 });
                }
            }
            for (marks, old) in [(state.visitor, before.0), (state.team, before.1)] {
                prop_assert!(marks.read >= old.read && marks.delivered >= old.delivered);
                prop_assert!(marks.read <= marks.delivered && marks.delivered <= state.last_n);
            }
            for (side, unread) in [(Side::Visitor, state.visitor_unread), (Side::Team, state.team_unread)] {
                let from = state.marks(side).read as usize;
                let truth = sides[from..].iter().filter(|s| **s != side).count();
                prop_assert_eq!(unread as usize, truth, "{:?}", side);
            }
        }
    }
}
