//! A post cut into parts.

use switchboard_domain::extra::Offer;
use switchboard_domain::{AttachmentKind, Failure, FailureCode, MessageId, Venue};

use super::{is_public, not_possible, quick_replies};
use crate::meta::split::split;
use crate::outgoing::{Part, Post, PostFile, PostForm};

/// What a platform takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub text_max: usize,
    pub measure: fn(&str) -> usize,
    /// Of a public answer, in characters.
    pub comment_max: usize,
    pub check_file: fn(&PostFile) -> Result<(), Failure>,
    /// How many images go into one message.
    pub album_max: usize,
}

pub(crate) fn parts(rules: &Rules, venue: Venue, post: &Post) -> Result<Vec<Part>, Failure> {
    let parts = match (is_public(venue), &post.form) {
        (false, PostForm::Plain) => private(rules, post, None)?,
        (false, PostForm::Offer(offer)) => private(rules, post, Some(offer))?,
        (true, PostForm::Plain) => {
            let text = public(post, rules.comment_max, |text| text.chars().count())?;
            vec![Part::CommentReply { target: comment(post)?, text }]
        }
        (true, PostForm::PrivateReply) => {
            let text = public(post, rules.text_max, rules.measure)?;
            vec![Part::PrivateReply { target: comment(post)?, text }]
        }
        (_, PostForm::Template { .. }) => return Err(not_possible("there are no templates")),
        (false, PostForm::PrivateReply) => return Err(not_possible("it answers no comment")),
        (true, PostForm::Offer(_)) => return Err(not_possible("comments have no buttons")),
    };
    if parts.is_empty() { Err(not_possible("there is nothing to send")) } else { Ok(parts) }
}

fn comment(post: &Post) -> Result<MessageId, Failure> {
    post.reply_to.ok_or_else(|| not_possible("it has to answer a comment"))
}

/// The text of what answers a comment: one call, and text alone.
fn public(post: &Post, max: usize, measure: impl Fn(&str) -> usize) -> Result<String, Failure> {
    if !post.files.is_empty() {
        return Err(Failure::because(FailureCode::FileRejected, "comments are answered by text"));
    }
    match measure(&post.text) {
        _ if post.text.trim().is_empty() => Err(not_possible("there is nothing to send")),
        size if size > max => {
            Err(Failure::because(FailureCode::TooLong, format!("{size} of at most {max}")))
        }
        _ => Ok(post.text.clone()),
    }
}

/// Text and then files, which cannot carry any; what can be tapped goes last, for it vanishes
/// with the next message. The first part is the one that answers.
fn private(rules: &Rules, post: &Post, offer: Option<&Offer>) -> Result<Vec<Part>, Failure> {
    for file in &post.files {
        (rules.check_file)(file)?;
    }
    let mut texts = match post.text.trim().is_empty() {
        true => vec![],
        false => split(&post.text, rules.text_max, rules.measure),
    };
    let offered = match offer {
        Some(offer) => {
            quick_replies(offer)?;
            let text = texts.pop().or_else(|| offer.list_title.clone());
            Some((text.ok_or_else(|| not_possible("buttons need a text above them"))?, offer))
        }
        None => None,
    };
    let mut reply_to = post.reply_to;
    let mut parts: Vec<Part> =
        texts.into_iter().map(|text| Part::Text { text, reply_to: reply_to.take() }).collect();
    for files in together(rules, &post.files) {
        let reply_to = reply_to.take();
        parts.push(match files {
            [file] => Part::File { file: file.clone(), caption: None, reply_to },
            files => Part::Album { files: files.to_vec(), caption: None, reply_to },
        });
    }
    if let Some((text, offer)) = offered {
        parts.push(Part::Offer { text, offer: offer.clone(), reply_to: reply_to.take() });
    }
    Ok(parts)
}

/// Images that follow one another, as many as fit into one message; anything else alone.
fn together<'a>(rules: &Rules, files: &'a [PostFile]) -> impl Iterator<Item = &'a [PostFile]> {
    let is_image = |file: &PostFile| file.kind == AttachmentKind::Image;
    let max = rules.album_max.max(1);
    files.chunk_by(move |a, b| is_image(a) && is_image(b)).flat_map(move |run| run.chunks(max))
}
