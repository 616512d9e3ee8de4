//! Cuts a post into calls.

use switchboard_domain::extra::Offer;
use switchboard_domain::{Failure, FailureCode, Venue};

use super::split::{split, units};
use super::upload::{FILE_MAX, Form};
use crate::outgoing::{Part, Post, PostFile, PostForm};

/// The longest text of a message and the longest caption, in UTF-16 units: Telegram counts
/// characters, of which there are at most as many.
pub const TEXT_MAX: usize = 4096;
pub const CAPTION_MAX: usize = 1024;
/// The most files of an album.
const ALBUM_MAX: usize = 10;
/// The longest `callback_data`, in bytes.
const PAYLOAD_MAX: usize = 64;

/// Text that fits under a file goes there; longer text goes before the files.
pub fn parts(venue: Venue, post: &Post) -> Result<Vec<Part>, Failure> {
    if !matches!(venue, Venue::TelegramBot | Venue::TelegramBusiness) {
        return Err(Failure::new(FailureCode::NotPossible));
    }
    if let Some(file) = post.files.iter().find(|file| file.size == 0 || file.size > FILE_MAX) {
        let why = format!("{} bytes; Telegram takes 1 byte to 50 MB", file.size);
        return Err(Failure::because(FailureCode::FileRejected, why));
    }
    let mut parts = match &post.form {
        PostForm::Plain => plain(post),
        PostForm::Offer(offer) => offered(post, offer)?,
        PostForm::Template { .. } | PostForm::PrivateReply => {
            return Err(Failure::new(FailureCode::NotPossible));
        }
    };
    match parts.first_mut() {
        Some(
            Part::Text { reply_to, .. }
            | Part::File { reply_to, .. }
            | Part::Album { reply_to, .. }
            | Part::Offer { reply_to, .. },
        ) => *reply_to = post.reply_to,
        _ => return Err(Failure::because(FailureCode::Refused, "there is nothing to send")),
    }
    Ok(parts)
}

fn plain(post: &Post) -> Vec<Part> {
    let blank = post.text.trim().is_empty();
    if !blank && !post.files.is_empty() && units(&post.text) <= CAPTION_MAX {
        return files(&post.files, Some(&post.text));
    }
    let mut parts = texts(&post.text);
    parts.extend(files(&post.files, None));
    parts
}

/// Buttons hang under the end of the text; albums cannot have any.
fn offered(post: &Post, offer: &Offer) -> Result<Vec<Part>, Failure> {
    let not_possible = |why: &str| Err(Failure::because(FailureCode::NotPossible, why));
    if offer.options.is_empty() {
        return not_possible("an offer of nothing");
    }
    if offer.options.iter().any(|option| !(1..=PAYLOAD_MAX).contains(&option.payload.len())) {
        return not_possible("Telegram keeps 1 to 64 bytes for each button");
    }
    if offer.options.iter().any(|option| option.title.trim().is_empty()) {
        return not_possible("a button without a title");
    }
    let mut texts = texts(&post.text);
    let Some(Part::Text { text, .. }) = texts.pop() else {
        return not_possible("buttons need a text that they hang under");
    };
    let mut parts = files(&post.files, None);
    parts.extend(texts);
    parts.push(Part::Offer { text, offer: offer.clone(), reply_to: None });
    Ok(parts)
}

/// A piece of nothing but white space would be refused, and shows nothing.
fn texts(text: &str) -> Vec<Part> {
    split(text, TEXT_MAX)
        .into_iter()
        .filter(|piece| !piece.trim().is_empty())
        .map(|piece| Part::Text { text: piece.to_owned(), reply_to: None })
        .collect()
}

/// Neighbours that go into one album are one part. An album is one call, so its files together
/// stay below the limit of one.
fn files(files: &[PostFile], caption: Option<&str>) -> Vec<Part> {
    let mut albums: Vec<Vec<PostFile>> = vec![];
    for file in files {
        let fits = |album: &&mut Vec<PostFile>| {
            album.len() < ALBUM_MAX
                && Form::of(&album[0]).goes_with(Form::of(file))
                && album.iter().map(|file| file.size).sum::<u64>() + file.size <= FILE_MAX
        };
        match albums.last_mut().filter(fits) {
            Some(album) => album.push(file.clone()),
            None => albums.push(vec![file.clone()]),
        }
    }
    let mut caption = caption.map(str::to_owned);
    let part = |mut files: Vec<PostFile>| match files.len() {
        1 => Part::File { file: files.remove(0), caption: caption.take(), reply_to: None },
        _ => Part::Album { files, caption: caption.take(), reply_to: None },
    };
    albums.into_iter().map(part).collect()
}
