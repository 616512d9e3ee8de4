//! Files that are being taken in: on this node's disk, sealed, without a name yet.

use std::io;
use std::path::{Path, PathBuf};

use switchboard_store::seal::Key;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

use super::{BlobId, CHUNK_BYTES, SEALED_CHUNK_BYTES};

/// A file that is being taken in.
pub struct Staging {
    staged: Staged,
    file: File,
    key: Key,
    buffer: Vec<u8>,
    chunks: u64,
}

impl Staging {
    pub(super) fn new(staged: Staged, file: File, key: Key) -> Staging {
        Staging { staged, file, key, buffer: Vec::with_capacity(CHUNK_BYTES), chunks: 0 }
    }

    pub async fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            // A full chunk is sealed only once more follows: the last one is sealed as such.
            if self.buffer.len() == CHUNK_BYTES {
                self.seal(false).await?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK_BYTES - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    /// Seals the rest and sees it on the disk.
    pub async fn finish(mut self) -> io::Result<Staged> {
        self.seal(true).await?;
        self.file.flush().await?;
        self.file.sync_all().await?;
        Ok(self.staged)
    }

    async fn seal(&mut self, last: bool) -> io::Result<()> {
        let sealed = self.staged.id.seal(&self.key, self.chunks, last, &self.buffer);
        self.chunks += 1;
        self.buffer.clear();
        self.file.write_all(&sealed).await
    }
}

/// A whole file that has no name yet. What was staged vanishes unless it is moved elsewhere.
#[derive(Debug)]
pub struct Staged {
    id: BlobId,
    path: PathBuf,
    elsewhere: bool,
}

impl Staged {
    pub(super) fn new(id: BlobId, path: PathBuf) -> Staged {
        Staged { id, path, elsewhere: false }
    }

    pub(super) fn id(&self) -> BlobId {
        self.id
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// It was moved, and is no longer ours to clear away.
    pub(super) fn is_elsewhere(&mut self) {
        self.elsewhere = true;
    }

    /// Reads it back, for those who must look at what was uploaded.
    pub fn read_blocking(&self, key: &Key) -> io::Result<Vec<u8>> {
        let sealed = std::fs::read(&self.path)?;
        let last = sealed.len().div_ceil(SEALED_CHUNK_BYTES as usize).saturating_sub(1);
        let mut plain = Vec::with_capacity(sealed.len());
        for (index, chunk) in sealed.chunks(SEALED_CHUNK_BYTES as usize).enumerate() {
            plain.extend(self.id.open(key, index as u64, index == last, chunk)?);
        }
        Ok(plain)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.elsewhere {
            // What cannot be removed now is removed by a later start.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
