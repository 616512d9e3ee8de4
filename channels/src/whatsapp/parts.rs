//! A post cut into what WhatsApp takes in one message each.

use switchboard_domain::extra::{Offer, OfferOption};
use switchboard_domain::{Failure, FailureCode, MessageId};

use super::{media::Kind, parameters};
use crate::meta::split::split;
use crate::outgoing::{Part, Post, PostForm};

/// The limits of what WhatsApp takes, in characters.
pub(super) const TEXT_MAX_CHARS: usize = 4_096;
const CAPTION_MAX_CHARS: usize = 1_024;
const BUTTONS_MAX: usize = 3;
const BUTTONS_BODY_MAX_CHARS: usize = 1_024;
const BUTTON_TITLE_MAX_CHARS: usize = 20;
const BUTTON_ID_MAX_CHARS: usize = 256;
const ROWS_MAX: usize = 10;
const ROW_TITLE_MAX_CHARS: usize = 24;
const ROW_ID_MAX_CHARS: usize = 200;

pub(super) fn chars(text: &str) -> usize {
    text.chars().count()
}

/// Cuts a post.
pub(super) fn parts(post: &Post) -> Result<Vec<Part>, Failure> {
    let parts = match &post.form {
        PostForm::Plain => plain(post, &post.text)?,
        PostForm::Offer(offer) => with_offer(post, offer)?,
        PostForm::Template { name, language, components, values } => {
            let file = post.files.first().cloned();
            parameters::check(components, values, file.as_ref())?;
            let (name, language) = (name.clone(), language.clone());
            let (components, values) = (components.clone(), values.clone());
            vec![Part::Template { name, language, components, values, file }]
        }
        PostForm::PrivateReply => return Err(Failure::new(FailureCode::NotPossible)),
    };
    match parts.is_empty() {
        true => Err(Failure::because(FailureCode::Refused, "there is nothing to send")),
        false => Ok(parts),
    }
}

/// Files, with the text as the first one's caption where it can carry it, else before them.
fn plain(post: &Post, text: &str) -> Result<Vec<Part>, Failure> {
    let kinds = post.files.iter().map(Kind::of).collect::<Result<Vec<Kind>, Failure>>()?;
    let is_caption = chars(text) <= CAPTION_MAX_CHARS
        && !text.trim().is_empty()
        && kinds.first().is_some_and(|kind| kind.takes_caption());
    let mut parts = if is_caption { vec![] } else { texts(text) };
    for (position, file) in post.files.iter().enumerate() {
        let caption = (position == 0 && is_caption).then(|| text.to_owned());
        parts.push(Part::File { file: file.clone(), caption, reply_to: None });
    }
    Ok(answering(parts, post.reply_to))
}

fn texts(text: &str) -> Vec<Part> {
    split(text, TEXT_MAX_CHARS, chars)
        .into_iter()
        // WhatsApp refuses a message of nothing visible.
        .filter(|piece| !piece.trim().is_empty())
        .map(|text| Part::Text { text, reply_to: None })
        .collect()
}

/// Files and all but the end of a long text go before; what can be tapped comes last.
fn with_offer(post: &Post, offer: &Offer) -> Result<Vec<Part>, Failure> {
    let limit = match shape(offer) {
        Shape::Buttons => BUTTONS_BODY_MAX_CHARS,
        Shape::List => TEXT_MAX_CHARS,
        Shape::Words => return plain(post, &numbered(&post.text, &offer.options)),
    };
    let pieces = split(&post.text, limit, chars);
    let Some((body, before)) = pieces.split_last().filter(|(body, _)| !body.trim().is_empty())
    else {
        return plain(post, &numbered(&post.text, &offer.options));
    };
    let mut parts = plain(&Post { reply_to: None, ..post.clone() }, &before.concat())?;
    parts.push(Part::Offer { text: body.clone(), offer: offer.clone(), reply_to: None });
    Ok(answering(parts, post.reply_to))
}

/// The first part answers what the post answers.
fn answering(mut parts: Vec<Part>, target: Option<MessageId>) -> Vec<Part> {
    if let Some(
        Part::Text { reply_to, .. } | Part::File { reply_to, .. } | Part::Offer { reply_to, .. },
    ) = parts.first_mut()
    {
        *reply_to = target;
    }
    parts
}

/// How options are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Buttons,
    List,
    /// As numbers under the text: there are too many, or their titles are too long.
    Words,
}

pub(super) fn shape(offer: &Offer) -> Shape {
    let fits = |most, title, id| {
        let options = &offer.options;
        (1..=most).contains(&options.len())
            && options.iter().enumerate().all(|(position, option)| {
                let before = &options[..position];
                (1..=title).contains(&chars(option.title.trim()))
                    && (1..=id).contains(&chars(&option.payload))
                    && before.iter().all(|other| {
                        other.title.trim() != option.title.trim() && other.payload != option.payload
                    })
            })
    };
    if fits(BUTTONS_MAX, BUTTON_TITLE_MAX_CHARS, BUTTON_ID_MAX_CHARS) {
        return Shape::Buttons;
    }
    match fits(ROWS_MAX, ROW_TITLE_MAX_CHARS, ROW_ID_MAX_CHARS) {
        true => Shape::List,
        false => Shape::Words,
    }
}

/// The options as numbered lines under a text.
pub(super) fn numbered(text: &str, options: &[OfferOption]) -> String {
    let lines = options.iter().enumerate();
    let lines: Vec<String> =
        lines.map(|(position, option)| format!("{}. {}", position + 1, option.title)).collect();
    match text.trim().is_empty() {
        true => lines.join("\n"),
        false => format!("{text}\n\n{}", lines.join("\n")),
    }
}
