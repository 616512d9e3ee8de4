//! The bytes of uploaded files: a local folder, each file sealed with its own key.
//!
//! A file is a row of chunks, each sealed for its place: which file, which form of it, which
//! chunk, and whether it is the last. So a range is read without opening the rest, and a chunk
//! that is missing, moved or foreign does not open. A file is first staged under a name of its
//! own and appears under its true name only whole and on the disk.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use switchboard_actors::links::Variant;
use switchboard_domain::{AttachmentId, WorkspaceId};
use switchboard_store::seal::{Key, Place};
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use uuid::Uuid;

/// Plain bytes in a chunk.
pub const CHUNK_BYTES: usize = 64 * 1024;
/// What sealing adds to each: a version, a nonce and a tag.
const SEAL_BYTES: usize = 1 + 12 + 16;
const SEALED_CHUNK_BYTES: u64 = (CHUNK_BYTES + SEAL_BYTES) as u64;

/// No upload takes longer.
const STAGED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// One form of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlobId {
    pub workspace: WorkspaceId,
    pub attachment: AttachmentId,
    pub variant: Variant,
}

impl BlobId {
    /// Where chunk `index` belongs, in words that are authenticated with it.
    fn column(self, index: u64, last: bool) -> String {
        format!("file/{}/{index}/{last}", self.variant.name())
    }

    fn seal(self, key: &Key, index: u64, last: bool, plain: &[u8]) -> Vec<u8> {
        key.seal(&self.place(&self.column(index, last)), plain)
    }

    fn open(self, key: &Key, index: u64, last: bool, sealed: &[u8]) -> io::Result<Vec<u8>> {
        key.open(&self.place(&self.column(index, last)), sealed)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    fn place(self, column: &str) -> Place<'_> {
        Place { workspace: self.workspace.into(), column, row: self.attachment.into() }
    }
}

/// The folder of all files.
#[derive(Debug, Clone)]
pub struct Blobs {
    folder: Arc<PathBuf>,
}

impl Blobs {
    /// Opens the folder, which several nodes may share, and clears away what an earlier process
    /// left half staged.
    pub async fn open(folder: &Path, now: Timestamp) -> io::Result<Blobs> {
        let staging = folder.join("staging");
        fs::create_dir_all(&staging).await?;
        let mut staged = fs::read_dir(&staging).await?;
        while let Some(entry) = staged.next_entry().await? {
            // Another node that takes it away first is as good.
            let Ok(changed) = entry.metadata().await.and_then(|found| found.modified()) else {
                continue;
            };
            if Timestamp::try_from(changed).is_ok_and(|changed| changed + STAGED_FOR < now) {
                let _ = fs::remove_file(entry.path()).await;
            }
        }
        Ok(Blobs { folder: Arc::new(folder.to_owned()) })
    }

    /// Begins to take in a file.
    pub async fn stage(&self, id: BlobId, key: Key) -> io::Result<Staging> {
        let path = self.folder.join("staging").join(Uuid::new_v4().simple().to_string());
        let file = File::options().write(true).create_new(true).open(&path).await?;
        let staged = Staged { id, path, kept: false };
        Ok(Staging { staged, file, key, buffer: Vec::with_capacity(CHUNK_BYTES), chunks: 0 })
    }

    /// Gives a staged file its name. It is there, whole, when this returns.
    pub async fn keep(&self, mut staged: Staged) -> io::Result<()> {
        let target = self.path(staged.id);
        let folder = parent(&target)?.to_owned();
        fs::create_dir_all(&folder).await?;
        fs::rename(&staged.path, &target).await?;
        staged.kept = true;
        // The name is durable when its folder is, and the folder when those above it are.
        let mut above = Some(folder.as_path());
        while let Some(folder) = above.filter(|folder| folder.starts_with(&*self.folder)) {
            File::open(folder).await?.sync_all().await?;
            above = folder.parent();
        }
        Ok(())
    }

    /// Opens a file for reading; `None` when it is not there.
    pub async fn read(&self, id: BlobId, key: Key) -> io::Result<Option<Blob>> {
        let file = match File::open(self.path(id)).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let stored = file.metadata().await?.len();
        let chunks = stored.div_ceil(SEALED_CHUNK_BYTES);
        let size = stored.saturating_sub(chunks * SEAL_BYTES as u64);
        Ok(Some(Blob { id, key, file, chunks, size }))
    }

    /// Removes all forms of a file. One that is gone already is fine.
    pub async fn remove(&self, workspace: WorkspaceId, attachment: AttachmentId) -> io::Result<()> {
        for variant in [Variant::Full, Variant::Thumbnail] {
            let path = self.path(BlobId { workspace, attachment, variant });
            match fs::remove_file(path).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Ids begin with the time, so the folders within a workspace are named by their end.
    fn path(&self, id: BlobId) -> PathBuf {
        let name = Uuid::from(id.attachment).simple().to_string();
        let folder = name[name.len() - 2..].to_owned();
        let name = match id.variant {
            Variant::Full => name,
            Variant::Thumbnail => format!("{name}.thumb"),
        };
        self.folder.join(Uuid::from(id.workspace).simple().to_string()).join(folder).join(name)
    }
}

fn parent(path: &Path) -> io::Result<&Path> {
    path.parent().ok_or_else(|| io::Error::other("a file without a folder"))
}

/// A file that is being taken in.
pub struct Staging {
    staged: Staged,
    file: File,
    key: Key,
    buffer: Vec<u8>,
    chunks: u64,
}

impl Staging {
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

/// A whole file that has no name yet. It vanishes unless it is kept.
#[derive(Debug)]
pub struct Staged {
    id: BlobId,
    path: PathBuf,
    kept: bool,
}

impl Staged {
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
        if !self.kept {
            // What cannot be removed now is removed at the next start.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// A stored file, open for reading.
pub struct Blob {
    id: BlobId,
    key: Key,
    file: File,
    chunks: u64,
    size: u64,
}

impl Blob {
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
        self.file.seek(io::SeekFrom::Start(index * SEALED_CHUNK_BYTES)).await?;
        let mut sealed = Vec::with_capacity(CHUNK_BYTES + SEAL_BYTES);
        (&mut self.file).take(SEALED_CHUNK_BYTES).read_to_end(&mut sealed).await?;
        let mut plain = self.id.open(&self.key, index, index + 1 == self.chunks, &sealed)?;
        let skip = usize::try_from(offset % CHUNK_BYTES as u64).unwrap_or(usize::MAX);
        Ok(plain.split_off(skip.min(plain.len())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    fn id() -> BlobId {
        BlobId {
            workspace: Uuid::from_u128(1).into(),
            attachment: Uuid::from_u128(0xab).into(),
            variant: Variant::Full,
        }
    }

    async fn stored(blobs: &Blobs, key: &Key, bytes: &[u8]) {
        let mut staging = blobs.stage(id(), key.clone()).await.unwrap();
        for part in bytes.chunks(10_007) {
            staging.write(part).await.unwrap();
        }
        let staged = staging.finish().await.unwrap();
        assert_eq!(staged.read_blocking(key).unwrap(), bytes);
        blobs.keep(staged).await.unwrap();
    }

    fn sample(length: usize) -> Vec<u8> {
        (0..length).map(|i| (i * 31 % 251) as u8).collect()
    }

    async fn read_all(blob: &mut Blob, mut offset: u64) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        while offset < blob.size() {
            let part = blob.read_at(offset).await?;
            offset += part.len() as u64;
            all.extend(part);
        }
        Ok(all)
    }

    #[tokio::test]
    async fn what_is_stored_is_read_from_any_offset() {
        let data = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(&data.path().join("files"), clock::now()).await.unwrap();
        let key = Key::random();
        for length in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES] {
            let bytes = sample(length);
            stored(&blobs, &key, &bytes).await;
            let mut blob = blobs.read(id(), key.clone()).await.unwrap().unwrap();
            assert_eq!(blob.size(), length as u64);
            for offset in [0, 1, CHUNK_BYTES, CHUNK_BYTES + 5].into_iter().filter(|o| *o < length) {
                let read = read_all(&mut blob, offset as u64).await.unwrap();
                assert!(read == bytes[offset..], "{length} from {offset}");
            }
        }
    }

    #[tokio::test]
    async fn nothing_is_legible_and_nothing_damaged_is_served() {
        let data = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(&data.path().join("files"), clock::now()).await.unwrap();
        let key = Key::random();
        stored(&blobs, &key, &vec![b'x'; 3 * CHUNK_BYTES]).await;
        let path = blobs.path(id());
        let whole = std::fs::read(&path).unwrap();
        assert!(!whole.windows(8).any(|window| window == b"xxxxxxxx"));

        let chunk = SEALED_CHUNK_BYTES as usize;
        let swapped = [&whole[chunk..2 * chunk], &whole[..chunk], &whole[2 * chunk..]].concat();
        for damaged in [&whole[..2 * chunk], &whole[..whole.len() - 1], &swapped] {
            std::fs::write(&path, damaged).unwrap();
            let mut blob = blobs.read(id(), key.clone()).await.unwrap().unwrap();
            assert!(read_all(&mut blob, 0).await.is_err());
        }
        std::fs::write(&path, &whole).unwrap();
        let mut blob = blobs.read(id(), Key::random()).await.unwrap().unwrap();
        assert!(blob.read_at(0).await.is_err());
    }

    #[tokio::test]
    async fn what_is_not_kept_vanishes() {
        let data = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(&data.path().join("files"), clock::now()).await.unwrap();
        drop(blobs.stage(id(), Key::random()).await.unwrap().finish().await.unwrap());
        std::fs::write(data.path().join("files/staging/left-by-a-crash"), "x").unwrap();
        let soon = clock::now() + STAGED_FOR - SignedDuration::from_secs(60);
        Blobs::open(&data.path().join("files"), soon).await.unwrap();
        assert_eq!(std::fs::read_dir(data.path().join("files/staging")).unwrap().count(), 1);
        let later = clock::now() + STAGED_FOR + SignedDuration::from_secs(60);
        let blobs_again = Blobs::open(&data.path().join("files"), later).await.unwrap();
        assert_eq!(std::fs::read_dir(data.path().join("files/staging")).unwrap().count(), 0);
        assert!(blobs_again.read(id(), Key::random()).await.unwrap().is_none());
        blobs.remove(id().workspace, id().attachment).await.unwrap();
    }
}
