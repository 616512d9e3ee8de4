//! How posts are cut.

use proptest::prelude::*;
use switchboard_channels::outgoing::PostForm;
use switchboard_channels::telegram::Telegram;
use switchboard_channels::{Part, Platform, Post, PostFile};
use switchboard_domain::extra::Offer;
use switchboard_domain::{FailureCode, Venue};

use super::sending::{file, offer, someone};

fn post(text: &str, files: Vec<PostFile>) -> Post {
    Post { text: text.to_owned(), files, reply_to: Some(someone()), form: PostForm::Plain }
}

fn cut(post: &Post) -> Result<Vec<Part>, FailureCode> {
    Telegram.parts(Venue::TelegramBot, post).map_err(|failure| failure.code)
}

/// Each part in a word: its kind, its length, and `!` when it answers.
fn outline(parts: &[Part]) -> String {
    let words = parts.iter().map(|part| {
        let (words, reply) = match part {
            Part::Text { text, reply_to } => {
                (format!("text {}", text.encode_utf16().count()), reply_to)
            }
            Part::File { caption, reply_to, .. } => {
                (format!("file {}", caption.as_deref().unwrap_or_default().len()), reply_to)
            }
            Part::Album { files, caption, reply_to } => {
                let caption = caption.as_deref().unwrap_or_default().len();
                (format!("album of {} {caption}", files.len()), reply_to)
            }
            Part::Offer { text, reply_to, .. } => (format!("offer {}", text.len()), reply_to),
            other => panic!("{other:?}"),
        };
        format!("{words}{}", if reply.is_some() { "!" } else { "" })
    });
    words.collect::<Vec<_>>().join(", ")
}

#[test]
fn a_post_is_cut_where_telegram_ends() {
    let (png, pdf, mp3, gif) = (
        file("image/png", 1),
        file("application/pdf", 2),
        file("audio/mpeg", 3),
        file("image/gif", 4),
    );
    let many = |file: &PostFile, count| vec![file.clone(); count];
    let mixed = vec![
        png.clone(),
        file("video/mp4", 9),
        pdf.clone(),
        png.clone(),
        mp3.clone(),
        mp3.clone(),
        gif.clone(),
        gif,
    ];
    let cases = [
        (post(&"x".repeat(4096), vec![]), "text 4096!"),
        (post(&"x".repeat(4097), vec![]), "text 4096!, text 1"),
        (post(&"😀".repeat(2049), vec![]), "text 4096!, text 2"),
        (post("", many(&png, 1)), "file 0!"),
        (post(" \n", many(&png, 1)), "file 0!"),
        (post(&"x".repeat(1024), many(&png, 1)), "file 1024!"),
        (post(&"x".repeat(1025), many(&png, 1)), "text 1025!, file 0"),
        (post("x", many(&png, 10)), "album of 10 1!"),
        (post("x", many(&png, 11)), "album of 10 1!, file 0"),
        (post("x", many(&pdf, 12)), "album of 10 1!, album of 2 0"),
        (post("x", mixed), "album of 2 1!, file 0, file 0, album of 2 0, file 0, file 0"),
        (post("", many(&file("video/mp4", 30 << 20), 2)), "file 0!, file 0"),
    ];
    for (post, outline) in cases {
        assert_eq!(self::outline(&cut(&post).expect("parts")), outline);
    }
}

#[test]
fn what_telegram_would_refuse_is_refused_at_once() {
    assert_eq!(cut(&post(" \n ", vec![])), Err(FailureCode::Refused));
    for size in [0, (50 << 20) + 1] {
        let file = file("video/mp4", size);
        assert_eq!(cut(&post("x", vec![file])), Err(FailureCode::FileRejected));
    }
    assert!(cut(&post("x", vec![file("video/mp4", 50 << 20)])).is_ok());
    let offered = |text: &str, payload: &str| {
        let form = PostForm::Offer(offer(payload));
        cut(&Post { form, ..post(text, vec![file("image/png", 1)]) })
    };
    assert_eq!(outline(&offered("Kiedy?", &"é".repeat(32)).expect("parts")), "file 0!, offer 6");
    assert_eq!(offered("Kiedy?", &"é".repeat(33)), Err(FailureCode::NotPossible));
    assert_eq!(offered("Kiedy?", ""), Err(FailureCode::NotPossible));
    assert_eq!(offered(" ", "y"), Err(FailureCode::NotPossible));
    let nothing = PostForm::Offer(Offer { options: vec![], list_title: None });
    assert_eq!(cut(&Post { form: nothing, ..post("x", vec![]) }), Err(FailureCode::NotPossible));
    let private = Post { form: PostForm::PrivateReply, ..post("x", vec![]) };
    assert_eq!(cut(&private), Err(FailureCode::NotPossible));
    let elsewhere = Telegram.parts(Venue::Whatsapp, &post("x", vec![]));
    assert_eq!(elsewhere.expect_err("refused").code, FailureCode::NotPossible);
}

proptest! {
    #[test]
    fn the_pieces_of_a_text_are_the_text(words in "(\\PC{1,9} ?){1,9}", times in 1usize..900) {
        let text = format!("x{}", words.repeat(times));
        let mut whole = String::new();
        for part in cut(&post(&text, vec![])).expect("parts") {
            let Part::Text { text, .. } = part else { panic!("{part:?}") };
            prop_assert!(text.encode_utf16().count() <= 4096);
            whole.push_str(&text);
        }
        prop_assert_eq!(whole.trim_end(), text.trim_end());
    }
}
