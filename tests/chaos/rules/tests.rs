//! Each rule says what is wrong when it is, and nothing otherwise.

use serde_json::{Value, json};

use super::super::history::{Acked, Edit, Hold};
use super::*;

fn message(seq: u64, n: u64, text: &str) -> Value {
    json!({"id": format!("msg_{seq}"), "conversation": "cnv_1", "seq": seq, "rev": seq, "n": n,
        "ref": text, "text": text, "deleted_at": null, "delivery": {"state": "sent"}})
}

fn posted(seq: u64, message: &Value) -> Seen {
    Seen::Event(json!({"seq": seq, "event": "message", "change": "posted", "message": message,
        "conversation": {"id": "cnv_1", "rev": seq}}))
}

fn acked(message: &Value) -> Acked {
    Acked {
        writer: "vera".to_owned(),
        conversation: "cnv_1".to_owned(),
        reference: message["ref"].as_str().unwrap().to_owned(),
        message: message["id"].as_str().unwrap().to_owned(),
        seq: message["seq"].as_u64().unwrap(),
    }
}

fn hold(epoch: i64, node: &str) -> Hold {
    Hold { account: "acc_1".to_owned(), epoch, node: node.to_owned() }
}

/// Three messages, of which a visitor and an agent heard two before and one after they came back.
fn sound() -> History {
    let messages = [message(2, 1, "one"), message(3, 2, "two"), message(4, 3, "three")];
    let mut fetched = Rows::default();
    for message in &messages {
        upsert(&mut fetched.messages, message);
    }
    upsert(&mut fetched.conversations, &json!({"id": "cnv_1", "rev": 4}));
    let snapshot = |asked| Seen::Welcome { asked, snapshot: true };
    let nothing = json!({"conversations": [], "labels": [], "members": []});
    let agent = vec![
        snapshot(None),
        Seen::Snapshot { seq: 1, rows: nothing },
        posted(2, &messages[0]),
        posted(3, &messages[1]),
        Seen::Beat(3),
        Seen::Welcome { asked: Some(3), snapshot: false },
        posted(4, &messages[2]),
    ];
    let visitor = vec![
        snapshot(None),
        Seen::Snapshot { seq: 1, rows: json!({"messages": [], "more": false}) },
        posted(2, &messages[0]),
        posted(3, &messages[1]),
        snapshot(Some(3)),
        Seen::Snapshot { seq: 3, rows: json!({"messages": messages[..2], "more": false}) },
        posted(4, &messages[2]),
        Seen::Beat(4),
    ];
    let log = |name: &str, visitor, seen| Log { name: name.to_owned(), visitor, seen };
    let edit = |text: &str| Edit { text: text.to_owned(), may_come_late: false };
    History {
        acked: messages.iter().map(acked).collect(),
        changed: vec![Changed {
            message: "msg_2".to_owned(),
            edits: vec![edit("former"), edit("one")],
            deleted: false,
        }],
        logs: vec![log("ana", false, agent), log("vera", true, visitor)],
        holds: vec![hold(1, "a"), hold(1, "a"), hold(2, "b")],
        positions: vec![1, 2, 3, 4],
        fetched_by: [("vera".to_owned(), messages.to_vec())].into(),
        fetched,
    }
}

/// Breaks a sound history, and expects to be told so in these words.
#[track_caller]
fn check(words: &str, harm: impl FnOnce(&mut History)) {
    let mut history = sound();
    harm(&mut history);
    let wrong = violations(&history);
    assert!(wrong.iter().any(|one| one.contains(words)), "{words:?} is not among {wrong:#?}");
}

#[test]
fn a_sound_history_is_right() {
    assert_eq!(violations(&sound()), Vec::<String>::new());
}

#[test]
fn what_was_acknowledged_must_be_there_once_and_as_it_was_acknowledged() {
    check("lost: one of vera", |history| drop(history.fetched.messages.remove("msg_2")));
    check("2 times: one", |history| {
        let mut again = message(5, 4, "one");
        again["id"] = json!("msg_again");
        upsert(&mut history.fetched.messages, &again);
    });
    check("not as acknowledged", |history| history.acked[0].message = "msg_9".to_owned());
    check("not as acknowledged", |history| history.acked[2].seq = 3);
    check("out of order", |history| history.acked.swap(0, 1));
}

#[test]
fn the_last_change_must_hold_but_for_one_that_may_come_late() {
    let late = |history: &mut History, late| {
        let edits = &mut history.changed[0].edits;
        edits.swap(0, 1);
        edits[0].may_come_late = late;
    };
    check("an edit is lost", |history| late(history, false));
    let mut history = sound();
    late(&mut history, true);
    assert_eq!(violations(&history), Vec::<String>::new());
    check("deleted or not", |history| history.changed[0].deleted = true);
    check("lost: the changed", |history| history.changed[0].message = "msg_9".to_owned());
}

#[test]
fn positions_and_numbers_must_have_no_holes() {
    check("a hole in the events", |history| {
        history.positions.remove(1);
    });
    check("a hole in the events", |history| history.positions.insert(1, 2));
    check("numbers of cnv_1", |history| {
        history.fetched.messages.get_mut("msg_4").unwrap()["n"] = json!(4);
    });
}

#[test]
fn the_team_must_hear_each_event_once_in_order_and_none_less() {
    check("ana heard 3 after Some(1)", |history| drop(history.logs[0].seen.remove(2)));
    check("ana heard 2 after Some(3)", |history| history.logs[0].seen.swap(2, 3));
    check("ana heard 3 after Some(3)", |history| {
        let again = history.logs[0].seen[3].clone();
        history.logs[0].seen.insert(4, again);
    });
    check("ana was told of 9", |history| history.logs[0].seen[4] = Seen::Beat(9));
    check("ana resumed from Some(2)", |history| {
        history.logs[0].seen[5] = Seen::Welcome { asked: Some(2), snapshot: false };
    });
    check("ana went back to 1", |history| {
        let first = history.logs[0].seen[1].clone();
        history.logs[0].seen.push(first);
    });
    check("ana holds what is not so", |history| {
        history.fetched.messages.get_mut("msg_3").unwrap()["text"] = json!("else");
    });
}

#[test]
fn a_visitor_must_hold_what_is_there() {
    check("vera missed", |history| drop(history.logs[1].seen.remove(6)));
    check("vera holds what is nowhere", |history| {
        drop(history.fetched_by.get_mut("vera").unwrap().remove(0));
    });
    check("which is", |history| {
        history.fetched_by.get_mut("vera").unwrap()[0]["text"] = json!("edited");
    });
    check("vera heard 4 after Some(4)", |history| {
        let again = history.logs[1].seen[6].clone();
        history.logs[1].seen.push(again);
    });
}

#[test]
fn a_number_must_have_one_holder_and_a_later_one_is_higher() {
    check("two hold acc_1 under 2: b and a", |history| history.holds.push(hold(2, "a")));
    check("held under 1 after 2", |history| history.holds.push(hold(1, "a")));
}

#[test]
fn nothing_may_be_on_its_way_for_ever() {
    for state in ["queued", "sending"] {
        check(&format!("still {state}"), |history| {
            history.fetched.messages.get_mut("msg_3").unwrap()["delivery"]["state"] = json!(state);
        });
    }
}
