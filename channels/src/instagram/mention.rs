//! A mention of the account under someone else's post: no ordinary comment, so it is answered at
//! another place and has an id made of two.

use std::fmt;

const PREFIX: &str = "mention:";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    pub media: String,
    /// The comment that mentions the account; absent when the post's own text does.
    pub comment: Option<String>,
}

impl fmt::Display for Mention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", self.media)?;
        self.comment.as_ref().map_or(Ok(()), |comment| write!(f, ":{comment}"))
    }
}

impl Mention {
    pub(super) fn parse(id: &str) -> Option<Mention> {
        let id = id.strip_prefix(PREFIX)?;
        let (media, comment) = match id.split_once(':') {
            Some((media, comment)) => (media, Some(comment.to_owned())),
            None => (id, None),
        };
        Some(Mention { media: media.to_owned(), comment })
    }
}
