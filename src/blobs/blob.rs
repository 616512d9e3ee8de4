//! A stored file that is read.

use std::io;

use switchboard_store::seal::Key;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use super::bucket::Object;
use super::{BlobId, CHUNK_BYTES, SEAL_BYTES, SEALED_CHUNK_BYTES};

/// Where the bytes come from.
pub(super) enum Source {
    File(File),
    Object(Object),
}

impl Source {
    async fn chunk(&mut self, index: u64) -> io::Result<Vec<u8>> {
        match self {
            Source::Object(object) => object.chunk(index).await,
            Source::File(file) => {
                file.seek(io::SeekFrom::Start(index * SEALED_CHUNK_BYTES)).await?;
                let mut sealed = Vec::with_capacity(CHUNK_BYTES + SEAL_BYTES);
                file.take(SEALED_CHUNK_BYTES).read_to_end(&mut sealed).await?;
                Ok(sealed)
            }
        }
    }
}

/// A stored file, open for reading.
pub struct Blob {
    id: BlobId,
    key: Key,
    source: Source,
    chunks: u64,
    size: u64,
}

impl Blob {
    /// `stored` counts the bytes as they are stored, sealed.
    pub(super) fn new(id: BlobId, key: Key, stored: u64, source: Source) -> Blob {
        let chunks = stored.div_ceil(SEALED_CHUNK_BYTES);
        let size = stored.saturating_sub(chunks * SEAL_BYTES as u64);
        Blob { id, key, source, chunks, size }
    }

    /// Plain bytes in it.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The bytes from `offset` to the end of the chunk that holds it; empty at the end.
    pub async fn read_at(&mut self, offset: u64) -> io::Result<Vec<u8>> {
        if offset >= self.size {
            return Ok(Vec::new());
        }
        let index = offset / CHUNK_BYTES as u64;
        let sealed = self.source.chunk(index).await?;
        let mut plain = self.id.open(&self.key, index, index + 1 == self.chunks, &sealed)?;
        let skip = usize::try_from(offset % CHUNK_BYTES as u64).unwrap_or(usize::MAX);
        Ok(plain.split_off(skip.min(plain.len())))
    }
}
