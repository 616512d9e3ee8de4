//! The names under which kinds and authors are stored.

use switchboard_domain::{AttachmentKind, Author, ContactId, MemberId, MessageKind};
use uuid::Uuid;

use super::FileState;
use crate::error::{Error, Result};

pub(crate) fn parse_file_state(name: &str) -> Result<FileState> {
    match name {
        "coming" => Ok(FileState::Coming),
        "ready" => Ok(FileState::Ready),
        "lost" => Ok(FileState::Lost),
        other => Err(Error::Corrupt(format!("a file in the state {other}"))),
    }
}

pub(crate) fn kind_name(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Public => "public",
        MessageKind::Note => "note",
        MessageKind::Activity => "activity",
    }
}

pub(crate) fn parse_kind(name: &str) -> Result<MessageKind> {
    match name {
        "public" => Ok(MessageKind::Public),
        "note" => Ok(MessageKind::Note),
        "activity" => Ok(MessageKind::Activity),
        other => Err(Error::Corrupt(format!("a message of the kind {other}"))),
    }
}

pub(crate) fn author_columns(author: Author) -> (&'static str, Option<Uuid>) {
    match author {
        Author::Visitor(id) => ("visitor", Some(id.into())),
        Author::Agent(id) => ("agent", Some(id.into())),
        Author::System => ("system", None),
        Author::Elsewhere => ("elsewhere", None),
    }
}

pub(crate) fn parse_author(kind: &str, id: Option<Uuid>) -> Result<Author> {
    match (kind, id) {
        ("visitor", Some(id)) => Ok(Author::Visitor(ContactId(id))),
        ("agent", Some(id)) => Ok(Author::Agent(MemberId(id))),
        ("system", None) => Ok(Author::System),
        ("elsewhere", None) => Ok(Author::Elsewhere),
        (other, _) => Err(Error::Corrupt(format!("an author of the kind {other}"))),
    }
}

pub(crate) fn parse_attachment_kind(name: &str) -> Result<AttachmentKind> {
    AttachmentKind::parse(name)
        .ok_or_else(|| Error::Corrupt(format!("an attachment of the kind {name}")))
}
