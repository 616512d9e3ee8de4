//! The bytes of files, as the actors need them. Where and how they are kept is the server's.

use std::io;
use std::pin::Pin;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::future::BoxFuture;
use switchboard_domain::{AttachmentId, AttachmentKind, WorkspaceId};
use switchboard_store::seal::Key;

pub type ByteStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// A stored file, opened for reading.
pub struct Opened {
    pub size: u64,
    pub bytes: ByteStream,
}

/// What a file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// As sniffed from its bytes.
    pub mime: String,
    pub kind: AttachmentKind,
    pub size: u64,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub has_thumbnail: bool,
}

/// Why a file was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    #[error("the file is larger than {0} bytes")]
    TooLarge(u64),
    #[error("the file is empty")]
    Empty,
    #[error("the file did not come whole: {0}")]
    Cut(String),
    #[error("the file could not be stored: {0}")]
    Storage(#[source] io::Error),
}

/// Keeps files, sealed.
pub trait Files: Send + Sync {
    /// `None` when it is not there.
    fn open(
        &self,
        workspace: WorkspaceId,
        id: AttachmentId,
        key: Key,
    ) -> BoxFuture<'static, io::Result<Option<Opened>>>;

    /// Takes in a file while it comes, at most `most` bytes. It is there, whole, when this
    /// answers.
    fn take(
        &self,
        workspace: WorkspaceId,
        id: AttachmentId,
        key: Key,
        bytes: ByteStream,
        most: u64,
    ) -> BoxFuture<'static, Result<Taken, NotTaken>>;
}
