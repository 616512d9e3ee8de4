//! What an Instagram account sends, and what the replies mean.

use switchboard_channels::account::Credentials;
use switchboard_channels::instagram::Instagram;
use switchboard_channels::outgoing::PostForm;
use switchboard_channels::{Part, Platform, Post};
use switchboard_domain::{AccountKind, AttachmentKind, FailureCode, Venue};

use crate::meta_calls::{
    Case, brief, by_a_person, credentials, describe, describe_outcome, every_part, file, free,
    message_id, offer, pdf, picture, post, reply, template,
};
use crate::support;

const KINDS: [Instagram; 2] = [Instagram::Login, Instagram::Page];

fn account(kind: Instagram) -> Credentials {
    match kind {
        Instagram::Login => credentials(AccountKind::InstagramLogin, "178", None),
        Instagram::Page => credentials(AccountKind::InstagramPage, "178", Some("104")),
    }
}

fn case(kind: Instagram, venue: Venue, part: Part) -> Case {
    let target = if venue == Venue::Instagram { "aWd/theirs==" } else { "17870" };
    let files = part.files().len();
    let url = |position| Some(format!("https://files.example.com/{position}"));
    Case {
        uploads: match kind {
            Instagram::Login => vec![],
            Instagram::Page => (0..files).map(|position| Some(format!("90{position}"))).collect(),
        },
        urls: (0..files).map(url).collect(),
        ..Case::new(account(kind), venue, part, target)
    }
}

/// `expected/instagram_calls.txt` is the specification.
#[test]
fn every_part_is_written_as_it_should() {
    let mut words = String::new();
    for kind in KINDS {
        for venue in [Venue::Instagram, Venue::InstagramComments] {
            for (name, part) in every_part() {
                let request = case(kind, venue, part).write(&kind);
                words += &format!("## {kind:?} {} {name}\n{}", venue.name(), describe(&request));
            }
        }
        let text = Part::Text { text: "hi".to_owned(), reply_to: None };
        let permit = by_a_person(Venue::Instagram);
        let request = Case { permit, ..case(kind, Venue::Instagram, text) }.write(&kind);
        words += &format!("## {kind:?} two days later: text\n{}", describe(&request));
        for mention in ["mention:179:178", "mention:179"] {
            let part = Part::CommentReply { target: message_id(), text: "hi".to_owned() };
            let case = Case::new(account(kind), Venue::InstagramComments, part, mention);
            words += &format!("## {kind:?} {mention}\n{}", describe(&case.write(&kind)));
        }
        let part = Part::File { file: picture(), caption: None, reply_to: None };
        let upload = case(kind, Venue::Instagram, part).with(|sending| kind.upload(sending, 0));
        let upload = upload.map_or("none\n".to_owned(), |request| describe(&Ok(request)));
        words += &format!("## {kind:?} upload\n{upload}");
    }
    support::check("instagram_calls", &words);
}

#[test]
fn nothing_is_written_with_the_wrong_permit() {
    for (name, part) in every_part() {
        let (venue, wrong) = match part {
            Part::PrivateReply { .. } => (Venue::InstagramComments, free(Venue::InstagramComments)),
            Part::Template { .. } => (Venue::Instagram, free(Venue::Instagram)),
            _ => (Venue::Instagram, template()),
        };
        for kind in KINDS {
            let case = Case { permit: wrong, ..case(kind, venue, part.clone()) };
            assert_eq!(case.write(&kind).unwrap_err().code, FailureCode::WindowClosed, "{name}");
        }
    }
}

#[test]
fn a_file_that_cannot_be_fetched_is_refused_with_the_reason() {
    for kind in KINDS {
        let part = Part::File { file: picture(), caption: None, reply_to: None };
        let case = case(kind, Venue::Instagram, part);
        let hidden = Case { uploads: vec![None], urls: vec![None], ..case }.write(&kind);
        assert_eq!(
            describe(&hidden),
            "FileRejected: Instagram fetches files, and this server cannot be reached from outside\n"
        );
    }
}

#[test]
fn a_post_is_cut_into_calls() {
    let parts = |kind: Instagram, post: &Post| brief(&kind.parts(Venue::Instagram, post));
    for kind in KINDS {
        // Bytes count: 500 letters of two bytes.
        assert_eq!(parts(kind, &post(&"é".repeat(500), vec![])), ["text 1000 (answers)"]);
        assert_eq!(parts(kind, &post(&"é".repeat(501), vec![])), ["text 1000 (answers)", "text 2"]);
        let with = |letter: &str| format!("{}{letter}", "x".repeat(999));
        assert_eq!(parts(kind, &post(&with("x"), vec![])), ["text 1000 (answers)"]);
        assert_eq!(parts(kind, &post(&with("é"), vec![])), ["text 999 (answers)", "text 2"]);
        // 25 bytes that are one character to people.
        let family = parts(kind, &post(&format!("{}👩‍👩‍👧‍👦", "x".repeat(980)), vec![]));
        assert_eq!(family, ["text 980 (answers)", "text 25"]);
        let offered = Post { form: PostForm::Offer(offer(4)), ..post("Which?", vec![picture()]) };
        assert_eq!(parts(kind, &offered), ["pot.jpg (answers)", "offer 6 of 4"]);
    }
    let pictures = post("", [vec![picture(); 11], vec![pdf(), picture()]].concat());
    assert_eq!(
        parts(Instagram::Login, &pictures),
        ["album of 10 (answers)", "pot.jpg", "quote.pdf", "pot.jpg"]
    );
    assert_eq!(parts(Instagram::Page, &pictures).len(), 13);
}

#[test]
fn files_that_are_not_taken_are_refused_at_once() {
    let refused = |kind, mime: &str, size| {
        let file = file(kind, mime, "x", size);
        let parts = Instagram::Login.parts(Venue::Instagram, &post("hi", vec![file]));
        parts.err().map(|failure| failure.code)
    };
    let mib = 1024 * 1024;
    let rejected = Some(FailureCode::FileRejected);
    assert_eq!(refused(AttachmentKind::Image, "image/png", 8 * mib), None);
    assert_eq!(refused(AttachmentKind::Image, "image/png", 8 * mib + 1), rejected);
    assert_eq!(refused(AttachmentKind::Image, "image/webp", 1), rejected);
    assert_eq!(refused(AttachmentKind::Audio, "audio/m4a", 25 * mib), None);
    assert_eq!(refused(AttachmentKind::Audio, "audio/ogg", 1), rejected);
    assert_eq!(refused(AttachmentKind::Video, "video/mp4", 25 * mib + 1), rejected);
    assert_eq!(refused(AttachmentKind::Video, "video/quicktime", 1), None);
    assert_eq!(refused(AttachmentKind::File, "application/pdf", 1), None);
    assert_eq!(refused(AttachmentKind::File, "application/zip", 1), rejected);
}

#[test]
fn comments_are_answered_by_one_text() {
    let comments = |post: &Post| brief(&Instagram::Login.parts(Venue::InstagramComments, post));
    let privately = |text: &str| Post { form: PostForm::PrivateReply, ..post(text, vec![]) };
    assert_eq!(comments(&post(&"é".repeat(2_200), vec![])), ["comment 4400"]);
    assert_eq!(comments(&post(&"x".repeat(2_201), vec![])), ["TooLong: 2201 of at most 2200"]);
    assert_eq!(comments(&privately(&"é".repeat(500))), ["private reply 1000"]);
    assert_eq!(comments(&privately(&"é".repeat(501))), ["TooLong: 1002 of at most 1000"]);
}

/// `expected/instagram_replies.txt` is the specification.
#[test]
fn every_reply_means_what_it_should() {
    let text = Part::Text { text: "hi".to_owned(), reply_to: None };
    let text = case(Instagram::Login, Venue::Instagram, text);
    let comment = Part::CommentReply { target: message_id(), text: "hi".to_owned() };
    let comment = case(Instagram::Login, Venue::InstagramComments, comment);
    let private = Part::PrivateReply { target: message_id(), text: "hi".to_owned() };
    let private = case(Instagram::Login, Venue::InstagramComments, private);
    let mut words = String::new();
    for (case, status, name) in [
        (&text, 400, "api_error_text_too_long"),
        (&text, 400, "api_error_token"),
        (&text, 400, "api_error_window_closed"),
        (&text, 200, "api_send_ok"),
        (&comment, 200, "api_comment_reply_ok"),
        (&private, 200, "api_private_reply_ok"),
    ] {
        let reply = reply(status, support::sample("instagram", name));
        let outcome = case.with(|sending| Instagram::Login.outcome(sending, &reply));
        words += &format!("{name}: {}\n", describe_outcome(&outcome));
    }
    let uploaded =
        |body: &str| describe_outcome(&Instagram::Page.upload_outcome(&reply(200, body)));
    words += &format!("upload: {}\n", uploaded(r#"{"attachment_id":1857777774821032}"#));
    words += &format!("upload without a name: {}\n", uploaded("{}"));
    support::check("instagram_replies", &words);
}
