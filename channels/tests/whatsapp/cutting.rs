//! Posts cut into parts.

use proptest::prelude::*;
use switchboard_channels::outgoing::PostForm;
use switchboard_channels::whatsapp::Whatsapp;
use switchboard_channels::{Part, Platform, Post, PostFile};
use switchboard_domain::extra::{Offer, OfferOption};
use switchboard_domain::{AttachmentKind, Failure, FailureCode, Venue};
use unicode_segmentation::UnicodeSegmentation;

use crate::given::{file, message};

fn post(text: &str, files: Vec<PostFile>) -> Post {
    Post { text: text.to_owned(), files, reply_to: Some(message()), form: PostForm::Plain }
}

fn cut(post: &Post) -> Result<Vec<Part>, Failure> {
    Whatsapp.parts(Venue::Whatsapp, post)
}

/// Parts in words: what each is, and whether it answers.
fn words(parts: Result<Vec<Part>, Failure>) -> Vec<String> {
    let answers = |reply: Option<_>| if reply.is_some() { " answering" } else { "" };
    let part = |part| match part {
        Part::Text { text, reply_to } => format!("text {text:.20}{}", answers(reply_to)),
        Part::File { file, caption, reply_to } => {
            format!("{} {}{}", file.name, caption.unwrap_or_default(), answers(reply_to))
        }
        Part::Offer { text, reply_to, .. } => format!("offer {text:.20}{}", answers(reply_to)),
        other => format!("{other:?}"),
    };
    parts.expect("cut").into_iter().map(part).collect()
}

fn offering(text: &str, titles: &[&str]) -> Post {
    let options = titles.iter().enumerate().map(|(position, title)| OfferOption {
        title: (*title).to_owned(),
        payload: format!("opt-{position}"),
    });
    let form = PostForm::Offer(Offer { options: options.collect(), list_title: None });
    Post { form, ..post(text, vec![]) }
}

#[test]
fn a_short_text_is_the_caption_of_the_first_file() {
    let image = file(AttachmentKind::Image, "image/jpeg", "a.jpg", 1_000);
    let pdf = file(AttachmentKind::File, "application/pdf", "b.pdf", 1_000);
    let sound = file(AttachmentKind::Audio, "audio/mpeg", "c.mp3", 1_000);
    assert_eq!(words(cut(&post("Hi", vec![]))), ["text Hi answering"]);
    assert_eq!(
        words(cut(&post("Hi", vec![image.clone(), pdf.clone()]))),
        ["a.jpg Hi answering", "b.pdf "]
    );
    // A sound carries no words.
    assert_eq!(
        words(cut(&post("Hi", vec![sound, pdf]))),
        ["text Hi answering", "c.mp3 ", "b.pdf "]
    );
    assert_eq!(words(cut(&post("", vec![image.clone()]))), ["a.jpg  answering"]);
    assert_eq!(cut(&post(&"é".repeat(1_024), vec![image.clone()])).map(|parts| parts.len()), Ok(1));
    assert_eq!(cut(&post(&"é".repeat(1_025), vec![image])).map(|parts| parts.len()), Ok(2));
}

#[test]
fn nothing_is_not_sent() {
    for text in ["", "  \n "] {
        assert_eq!(cut(&post(text, vec![])).expect_err("nothing").code, FailureCode::Refused);
    }
    let private = Post { form: PostForm::PrivateReply, ..post("Hi", vec![]) };
    assert_eq!(cut(&private).expect_err("no comments").code, FailureCode::NotPossible);
}

#[test]
fn a_file_that_whatsapp_does_not_take_fails_now() {
    let of = |size| vec![file(AttachmentKind::File, "application/zip", "z.zip", size)];
    for size in [0, 100_000_001] {
        let failure = cut(&post("", of(size))).expect_err("refused");
        assert_eq!(failure.code, FailureCode::FileRejected);
    }
    assert!(cut(&post("", of(100_000_000))).is_ok());
}

#[test]
fn what_can_be_tapped_comes_last_and_by_what_fits() {
    assert_eq!(words(cut(&offering("When?", &["Morning", "Evening"]))), ["offer When? answering"]);
    let ten = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];
    assert_eq!(words(cut(&offering("When?", &ten))), ["offer When? answering"]);
    // More than ten, a title that is too long, the same title twice: numbers under the text.
    let eleven = [&ten[..], &["11"]].concat();
    let long = "x".repeat(25);
    for titles in [&eleven[..], &[long.as_str()], &["A", "A"], &[""], &[]] {
        let parts = cut(&offering("When?", titles)).expect("cut");
        let [Part::Text { text, .. }] = parts.as_slice() else { panic!("{parts:?}") };
        let lines: Vec<String> =
            titles.iter().zip(1..).map(|(title, number)| format!("{number}. {title}")).collect();
        assert_eq!(*text, format!("When?\n\n{}", lines.join("\n")));
    }
    // A list has no body to do without.
    let parts = cut(&offering("", &["A", "B"])).expect("cut");
    assert!(matches!(&parts[..], [Part::Text { text, .. }] if text == "1. A\n2. B"), "{parts:?}");
}

#[test]
fn a_long_text_goes_before_what_can_be_tapped() {
    let text = format!("{}{}", "a".repeat(1_500), "b".repeat(300));
    let parts = cut(&offering(&text, &["Yes", "No"])).expect("cut");
    let [
        Part::Text { text: first, reply_to: Some(_) },
        Part::Offer { text: last, reply_to: None, .. },
    ] = parts.as_slice()
    else {
        panic!("{parts:?}")
    };
    assert_eq!(format!("{first}{last}"), text);
    assert!(last.chars().count() <= 1_024);
}

#[test]
fn a_file_goes_before_what_can_be_tapped() {
    let mut post = offering("Which?", &["This", "That"]);
    post.files = vec![file(AttachmentKind::Image, "image/png", "a.png", 10)];
    assert_eq!(words(cut(&post)), ["a.png  answering", "offer Which?"]);
}

proptest! {
    #[test]
    fn a_text_is_cut_at_4096_characters_and_never_inside_of_one(
        piece in "(\\PC|[ \n]|👩🏽‍🚀|🇪🇸){1,40}", times in 1usize..600,
    ) {
        let text = piece.repeat(times);
        prop_assume!(!text.trim().is_empty());
        let mut at = 0;
        for part in cut(&post(&text, vec![])).expect("cut") {
            let Part::Text { text: piece, .. } = part else { panic!("no text") };
            prop_assert!(piece.chars().count() <= 4_096);
            // Only pieces of nothing visible are left out.
            let skipped = text[at..].find(&piece).expect("in order");
            prop_assert!(text[at..at + skipped].trim().is_empty());
            at += skipped;
            prop_assert!(text.grapheme_indices(true).any(|(start, _)| start == at));
            at += piece.len();
        }
        prop_assert!(text[at..].trim().is_empty());
    }
}
