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
        n: (kind == MessageKind::Public).then_some(1),
        author,
        created_at: now(),
        deleted: false,
        history: false,
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
        access: Access::Open,
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
            access: Access::Open,
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
        access: Access::Open,
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
        access: Access::Open,
    };
    let refused = |command| decide(now(), &fresh(), VISITOR, &command).err();
    assert_eq!(refused(command(0, 0)), Some(Refusal::Empty));
    assert_eq!(refused(command(MESSAGE_MAX_CHARS + 1, 0)), Some(Refusal::TooLong));
    assert_eq!(refused(command(0, ATTACHMENTS_PER_MESSAGE + 1)), Some(Refusal::TooManyAttachments));
    assert_eq!(refused(command(0, 1)), None);
}

#[test]
fn a_message_deleted_before_it_was_read_is_not_unread_any_more() {
    let mut state = fresh();
    let target = |n| MessageHead { n: Some(n), ..head(VISITOR, MessageKind::Public) };
    for _ in 0..3 {
        act(&mut state, VISITOR, &post(PostKind::Public));
    }
    act(&mut state, VISITOR, &Command::Delete { target: target(3), moderator: false });
    assert_eq!(state.team_unread, 2);
    act(&mut state, ANA, &Command::Delete { target: target(2), moderator: true });
    assert_eq!(state.team_unread, 1);
    // What was read and is deleted then takes nothing away from what comes after it.
    act(&mut state, ANA, &Command::Mark { delivered: 1, read: 1, unread: 0 });
    act(&mut state, VISITOR, &post(PostKind::Public));
    act(&mut state, VISITOR, &Command::ReceiveDelete { target: target(1) });
    assert_eq!(state.team_unread, 1);
}

#[test]
fn what_never_waited_to_be_read_takes_nothing_away_when_it_is_deleted() {
    let mut state = fresh();
    act(&mut state, VISITOR, &post(PostKind::Public));
    act(&mut state, ANA, &post(PostKind::Public));
    act(&mut state, VISITOR, &post(PostKind::Public));
    state.visitor_unread = 1;
    let public = |author, n| MessageHead { n: Some(n), ..head(author, MessageKind::Public) };
    for target in [
        MessageHead { history: true, ..public(VISITOR, 4) },
        public(Author::Elsewhere, 5),
        head(ANA, MessageKind::Note),
        MessageHead { deleted: true, ..public(VISITOR, 3) },
    ] {
        let author = target.author;
        act(&mut state, author, &Command::ReceiveDelete { target });
    }
    assert_eq!((state.team_unread, state.visitor_unread), (1, 1));
}

fn any_step() -> impl Strategy<Value = (bool, u8, u32, u32)> {
    (any::<bool>(), 0..5u8, 0..12u32, 0..12u32)
}

/// The messages of the other side that lie beyond `read` and are there. Of each is given who wrote
/// it, and whether it is there still.
fn unread(posted: &[(Side, bool)], side: Side, read: u32) -> usize {
    posted[read as usize..].iter().filter(|(of, is_there)| *of != side && *is_there).count()
}

/// Deletes the message with this number, as its author or, for the team, as whoever may.
fn delete(state: &mut Conversation, posted: &mut [(Side, bool)], team: bool, n: u32) {
    let (side, is_there) = &mut posted[n as usize - 1];
    let wrote = if *side == Side::Team { ANA } else { VISITOR };
    let target =
        MessageHead { n: Some(n), deleted: !*is_there, ..head(wrote, MessageKind::Public) };
    let by = if team { ANA } else { wrote };
    act(state, by, &Command::Delete { target, moderator: true });
    *is_there = false;
}

proptest! {
    #[test]
    fn marks_move_forward_and_unread_counts_stay_true(steps in prop::collection::vec(any_step(), 1..60)) {
        let mut state = fresh();
        let mut posted: Vec<(Side, bool)> = vec![];
        for (team, what, delivered, read) in steps {
            let author = if team { ANA } else { VISITOR };
            let before = (state.visitor, state.team);
            let read = read.min(state.last_n);
            match what {
                0 | 1 => {
                    act(&mut state, author, &post(PostKind::Public));
                    posted.push((author.side(), true));
                }
                2 if read > 0 => delete(&mut state, &mut posted, team, read),
                _ => {
                    let unread = unread(&posted, author.side(), read) as u32;
                    act(&mut state, author, &Command::Mark { delivered, read, unread });
                }
            }
            for (marks, old) in [(state.visitor, before.0), (state.team, before.1)] {
                prop_assert!(marks.read >= old.read && marks.delivered >= old.delivered);
                prop_assert!(marks.read <= marks.delivered && marks.delivered <= state.last_n);
            }
            for (side, count) in [(Side::Visitor, state.visitor_unread), (Side::Team, state.team_unread)] {
                let truth = unread(&posted, side, state.marks(side).read);
                prop_assert_eq!(count as usize, truth, "{:?}", side);
            }
        }
    }
}

#[test]
fn nothing_leaves_where_whoever_it_runs_through_does_not_allow_it() {
    let mut state = fresh();
    state.venue = Venue::TelegramBusiness;
    state.peer.wrote_at = Some(now());
    let posted = |kind, access| {
        let mut command = post(kind);
        if let Command::Post { access: asked, .. } = &mut command {
            *asked = access;
        }
        decide(now(), &state, ANA, &command).map(|events| events.len())
    };
    assert!(posted(PostKind::Public, Access::Open).is_ok());
    assert_eq!(posted(PostKind::Public, Access::SwitchedOff), Err(Refusal::SwitchedOff));
    assert_eq!(posted(PostKind::Public, Access::NoReply), Err(Refusal::MayNotReply));
    assert_eq!(posted(PostKind::Note, Access::SwitchedOff), Ok(1));
    let again = |access| Command::Resend {
        target: head(ANA, MessageKind::Public),
        delivery: Some(DeliveryState::Failed),
        form: Form::Free,
        access,
    };
    assert!(decide(now(), &state, ANA, &again(Access::Open)).is_ok());
    let refused = decide(now(), &state, ANA, &again(Access::NoReply));
    assert_eq!(refused, Err(Refusal::MayNotReply));
}
