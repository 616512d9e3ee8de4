//! What a Page sends, and what the replies mean.

use switchboard_channels::messenger::Messenger;
use switchboard_channels::outgoing::PostForm;
use switchboard_channels::platform::ActionTo;
use switchboard_channels::{Action, Part, Platform, Post};
use switchboard_domain::extra::{Offer, OfferOption};
use switchboard_domain::{AccountKind, AttachmentKind, FailureCode, Venue};

use crate::meta_calls::{
    Case, brief, by_a_person, credentials, describe, describe_outcome, every_part, file, free,
    message_id, offer, pdf, picture, post, reply, template,
};
use crate::support;

fn page() -> switchboard_channels::account::Credentials {
    credentials(AccountKind::FacebookPage, "104", None)
}

fn case(venue: Venue, part: Part) -> Case {
    let target = if venue == Venue::Messenger { "m_theirs" } else { "990_44" };
    Case::new(page(), venue, part, target)
}

/// `expected/messenger_calls.txt` is the specification.
#[test]
fn every_part_is_written_as_it_should() {
    let mut words = String::new();
    for venue in [Venue::Messenger, Venue::FacebookComments] {
        for (name, part) in every_part() {
            let request = case(venue, part).write(&Messenger);
            words += &format!("## {} {name}\n{}", venue.name(), describe(&request));
        }
    }
    let text = Part::Text { text: "hi".to_owned(), reply_to: None };
    let image = Part::File { file: picture(), caption: None, reply_to: None };
    for (name, part) in [("text", text), ("image", image)] {
        let permit = by_a_person(Venue::Messenger);
        let request = Case { permit, ..case(Venue::Messenger, part) }.write(&Messenger);
        words += &format!("## two days later: {name}\n{}", describe(&request));
    }
    let reply = Part::PrivateReply { target: message_id(), text: "hi".to_owned() };
    let to_a_post = Case::new(page(), Venue::FacebookComments, reply, "104_990");
    words += &format!("## private reply to a post\n{}", describe(&to_a_post.write(&Messenger)));
    support::check("messenger_calls", &words);
}

#[test]
fn nothing_is_written_with_the_wrong_permit() {
    for (name, part) in every_part() {
        let (venue, wrong) = match part {
            Part::PrivateReply { .. } => (Venue::FacebookComments, free(Venue::FacebookComments)),
            Part::Template { .. } => (Venue::Messenger, free(Venue::Messenger)),
            _ => (Venue::Messenger, template()),
        };
        let failure = Case { permit: wrong, ..case(venue, part) }.write(&Messenger).unwrap_err();
        assert_eq!(failure.code, FailureCode::WindowClosed, "{name}");
    }
}

#[test]
fn what_is_gone_or_odd_is_no_path() {
    for target in ["", "../me", "9?x=1", "9/likes"] {
        let part = Part::CommentReply { target: message_id(), text: "hi".to_owned() };
        let failure = Case::new(page(), Venue::FacebookComments, part, target).write(&Messenger);
        assert_eq!(failure.unwrap_err().code, FailureCode::TargetGone, "{target}");
    }
    let part = Part::React { target: message_id(), emoji: None };
    let nameless = Case { targets: vec![], ..case(Venue::Messenger, part) };
    assert_eq!(nameless.write(&Messenger).unwrap_err().code, FailureCode::TargetGone);
    // An answer to a message that has no name is a message all the same.
    let part = Part::Text { text: "hi".to_owned(), reply_to: Some(message_id()) };
    let nameless = Case { targets: vec![], ..case(Venue::Messenger, part) };
    assert!(!describe(&nameless.write(&Messenger)).contains("reply_to"));
}

#[test]
fn a_post_is_cut_into_calls() {
    let parts = |venue, post: &Post| brief(&Messenger.parts(venue, post));
    let dm = |post: &Post| parts(Venue::Messenger, post);
    assert_eq!(dm(&post(&"x".repeat(1_999), vec![])), ["text 1999 (answers)"]);
    assert_eq!(dm(&post(&"x".repeat(2_000), vec![])), ["text 1999 (answers)", "text 1"]);
    // Characters count, not bytes.
    assert_eq!(dm(&post(&"é".repeat(1_999), vec![])), ["text 3998 (answers)"]);
    let files = vec![picture(), picture(), pdf()];
    assert_eq!(
        dm(&post("hi", files.clone())),
        ["text 2 (answers)", "pot.jpg", "pot.jpg", "quote.pdf"]
    );
    assert_eq!(dm(&post(" \n", vec![pdf()])), ["quote.pdf (answers)"]);
    assert_eq!(dm(&post("", vec![])), ["NotPossible: there is nothing to send"]);
    let large = file(AttachmentKind::Video, "video/mp4", "long.mp4", 25 * 1024 * 1024 + 1);
    let refused = dm(&post("hi", vec![large]));
    assert_eq!(refused, ["FileRejected: long.mp4: 26214401 bytes, at most 26214400"]);
    let offered = |text: &str, files| Post { form: PostForm::Offer(offer(3)), ..post(text, files) };
    assert_eq!(dm(&offered("Which?", vec![])), ["offer 6 of 3 (answers)"]);
    assert_eq!(
        dm(&offered(&"x".repeat(2_005), vec![picture()])),
        ["text 1999 (answers)", "pot.jpg", "offer 6 of 3"]
    );
    assert_eq!(dm(&offered("", vec![])), ["NotPossible: buttons need a text above them"]);
}

#[test]
fn comments_are_answered_by_one_text() {
    let comments = |post: &Post| brief(&Messenger.parts(Venue::FacebookComments, post));
    let privately = |text: &str| Post { form: PostForm::PrivateReply, ..post(text, vec![]) };
    assert_eq!(comments(&post("hi", vec![])), ["comment 2"]);
    assert_eq!(comments(&post(&"x".repeat(8_001), vec![])), ["TooLong: 8001 of at most 8000"]);
    assert_eq!(comments(&privately("hi")), ["private reply 2"]);
    assert_eq!(comments(&privately(&"x".repeat(2_000))), ["TooLong: 2000 of at most 1999"]);
    assert_eq!(
        comments(&post("hi", vec![picture()])),
        ["FileRejected: comments are answered by text"]
    );
    assert_eq!(
        comments(&Post { reply_to: None, ..post("hi", vec![]) }),
        ["NotPossible: it has to answer a comment"]
    );
    let dm = brief(&Messenger.parts(Venue::Messenger, &privately("hi")));
    assert_eq!(dm, ["NotPossible: it answers no comment"]);
}

#[test]
fn buttons_are_what_the_platform_takes() {
    let write = |offer| {
        let part = Part::Offer { text: "Which?".to_owned(), offer, reply_to: None };
        case(Venue::Messenger, part).write(&Messenger)
    };
    let option = |title: &str, payload: &str| Offer {
        options: vec![OfferOption { title: title.to_owned(), payload: payload.to_owned() }],
        list_title: None,
    };
    let long = describe(&write(option("The morning of the day after", "M")));
    assert!(long.contains(r#""title":"The morning of the …""#), "{long}");
    for wrong in
        [option("A", ""), option("A", &"x".repeat(1_001)), option(" ", "A"), offer(14), offer(0)]
    {
        assert_eq!(write(wrong).unwrap_err().code, FailureCode::NotPossible);
    }
    assert!(write(offer(13)).is_ok());
}

#[test]
fn fleeting_things_are_told() {
    let page = page();
    let thread = ["7719".to_owned()];
    let address = serde_json::Map::new();
    let tell = |venue, action| {
        let to = ActionTo { credentials: &page, venue, thread: &thread, address: &address };
        Messenger.action(&to, &action).map(|request| describe(&Ok(request)))
    };
    let read = || Action::Read { message: switchboard_channels::ExternalId("m_1".to_owned()) };
    for (action, name) in [
        (Action::Typing { on: true }, "typing_on"),
        (Action::Typing { on: false }, "typing_off"),
        (read(), "mark_seen"),
    ] {
        let expected = format!(
            "Post Graph /104/messages as Bearer\n  \
             {{\"recipient\":{{\"id\":\"7719\"}},\"sender_action\":\"{name}\"}}\n"
        );
        assert_eq!(tell(Venue::Messenger, action), Some(expected));
    }
    assert_eq!(tell(Venue::Messenger, Action::Acknowledge { id: "1".to_owned() }), None);
    assert_eq!(tell(Venue::FacebookComments, read()), None);
}

/// `expected/messenger_replies.txt` is the specification.
#[test]
fn every_reply_means_what_it_should() {
    let text = case(Venue::Messenger, Part::Text { text: "hi".to_owned(), reply_to: None });
    let comment = Part::CommentReply { target: message_id(), text: "hi".to_owned() };
    let comment = case(Venue::FacebookComments, comment);
    let react = case(Venue::Messenger, Part::React { target: message_id(), emoji: None });
    let mut words = String::new();
    let mut tell = |name: &str, case: &Case, reply| {
        let outcome = case.with(|sending| Messenger.outcome(sending, &reply));
        words += &format!("{name}: {}\n", describe_outcome(&outcome));
    };
    for (name, body) in support::samples("messenger") {
        if name.starts_with("api_error_") {
            tell(&name, &text, reply(400, body));
        } else if name.starts_with("api_send_") {
            tell(&name, &text, reply(200, body));
        }
    }
    tell("comment", &comment, reply(200, r#"{"id":"990_45"}"#));
    tell("reaction", &react, reply(200, r#"{"recipient_id":"7719"}"#));
    tell("accepted without words", &text, reply(200, ""));
    tell("an error as a success", &text, reply(200, r#"{"error":{"code":551,"message":"x"}}"#));
    support::check("messenger_replies", &words);
}
