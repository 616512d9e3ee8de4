//! The bytes of uploaded files: a folder or a bucket, each file sealed with its own key.
//!
//! A file is a row of chunks, each sealed for its place: which file, which form of it, which
//! chunk, and whether it is the last. So a range is read without opening the rest, and a chunk
//! that is missing, moved or foreign does not open. A file is first staged on this node's disk
//! under a name of its own, and appears under its true name only whole.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use switchboard_actors::links::Variant;
use switchboard_domain::{AttachmentId, WorkspaceId};
use switchboard_store::seal::{Key, Place};
use tokio::fs::{self, File};
use uuid::Uuid;

mod blob;
mod bucket;
mod folder;
mod staging;

pub use blob::Blob;
pub use staging::{Staged, Staging};

use crate::clock;
use crate::config::{Config, Files};
use blob::Source;
use bucket::Bucket;
use folder::Folder;

/// Plain bytes in a chunk.
pub const CHUNK_BYTES: usize = 64 * 1024;
/// What sealing adds to each: a version, a nonce and a tag.
const SEAL_BYTES: usize = 1 + 12 + 16;
const SEALED_CHUNK_BYTES: u64 = (CHUNK_BYTES + SEAL_BYTES) as u64;
/// What a process left staged is cleared away by the next start after this long: a folder may be
/// shared by nodes that are staging right now.
const STAGED_FOR_MAX: Duration = Duration::from_secs(24 * 60 * 60);

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

    /// Its name, by parts from the widest. Ids begin with the time, so the folders within a
    /// workspace are named by their end.
    fn name(self) -> [String; 3] {
        let name = Uuid::from(self.attachment).simple().to_string();
        let folder = name[name.len() - 2..].to_owned();
        let name = match self.variant {
            Variant::Full => name,
            Variant::Thumbnail => format!("{name}.thumb"),
        };
        [Uuid::from(self.workspace).simple().to_string(), folder, name]
    }
}

/// Where whole files are.
#[derive(Debug)]
enum Home {
    Folder(Folder),
    Bucket(Bucket),
}

/// All files.
#[derive(Debug, Clone)]
pub struct Blobs {
    staging: Arc<PathBuf>,
    home: Arc<Home>,
}

impl Blobs {
    /// Opens the files of the settings.
    pub async fn open(config: &Config) -> io::Result<Blobs> {
        match &config.files {
            Files::Data => Blobs::in_folder(&config.data.join("files")).await,
            Files::Folder(folder) => Blobs::in_folder(folder).await,
            Files::Bucket(settings) => {
                let staging = config.data.join("staging");
                Blobs::at_home(staging, Home::Bucket(Bucket::open(settings)?)).await
            }
        }
    }

    /// Files in a folder. Staged ones are in a folder of it, so that a rename brings them home.
    pub async fn in_folder(folder: &Path) -> io::Result<Blobs> {
        let home = Home::Folder(Folder::new(folder.to_owned()));
        Blobs::at_home(folder.join("staging"), home).await
    }

    async fn at_home(staging: PathBuf, home: Home) -> io::Result<Blobs> {
        fs::create_dir_all(&staging).await?;
        clear(&staging, clock::now().into()).await?;
        Ok(Blobs { staging: Arc::new(staging), home: Arc::new(home) })
    }

    /// Whether files can be kept, read and removed right now, tried with one of its own.
    pub async fn check(&self) -> io::Result<()> {
        let id = BlobId {
            workspace: WorkspaceId(Uuid::nil()),
            attachment: AttachmentId(Uuid::new_v4()),
            variant: Variant::Full,
        };
        let key = Key::random();
        let mut staging = self.stage(id, key.clone()).await?;
        staging.write(b"probe").await?;
        self.keep(staging.finish().await?).await?;
        let read = match self.read(id, key).await? {
            None => return Err(io::Error::other("a file that was kept is not there")),
            Some(mut blob) => blob.read_at(0).await,
        };
        self.remove(id.workspace, id.attachment).await?;
        read.map(drop)
    }

    /// Begins to take in a file.
    pub async fn stage(&self, id: BlobId, key: Key) -> io::Result<Staging> {
        let path = self.staging.join(Uuid::new_v4().simple().to_string());
        let file = File::options().write(true).create_new(true).open(&path).await?;
        Ok(Staging::new(Staged::new(id, path), file, key))
    }

    /// Gives a staged file its name. It is there, whole, when this returns.
    pub async fn keep(&self, mut staged: Staged) -> io::Result<()> {
        match &*self.home {
            Home::Folder(folder) => {
                folder.keep(staged.path(), staged.id()).await?;
                staged.is_elsewhere();
            }
            Home::Bucket(bucket) => bucket.keep(staged.path(), staged.id()).await?,
        }
        Ok(())
    }

    /// Opens a file for reading; `None` when it is not there.
    pub async fn read(&self, id: BlobId, key: Key) -> io::Result<Option<Blob>> {
        let found = match &*self.home {
            Home::Folder(folder) => folder.find(id).await?.map(|(n, file)| (n, Source::File(file))),
            Home::Bucket(bucket) => {
                bucket.find(id).await?.map(|(n, object)| (n, Source::Object(object)))
            }
        };
        Ok(found.map(|(stored, source)| Blob::new(id, key, stored, source)))
    }

    /// Removes all forms of a file. One that is gone already is fine.
    pub async fn remove(&self, workspace: WorkspaceId, attachment: AttachmentId) -> io::Result<()> {
        for variant in [Variant::Full, Variant::Thumbnail] {
            let id = BlobId { workspace, attachment, variant };
            match &*self.home {
                Home::Folder(folder) => folder.remove(id).await?,
                Home::Bucket(bucket) => bucket.remove(id).await?,
            }
        }
        Ok(())
    }
}

/// Clears away what a process staged long ago and never kept.
async fn clear(staging: &Path, now: SystemTime) -> io::Result<()> {
    let mut entries = fs::read_dir(staging).await?;
    while let Some(entry) = entries.next_entry().await? {
        let age = |changed| now.duration_since(changed).unwrap_or_default();
        // Another node may be clearing away the same, or have just kept it.
        let Ok(old) = entry.metadata().await.and_then(|about| about.modified()).map(age) else {
            continue;
        };
        if old > STAGED_FOR_MAX {
            match fs::remove_file(entry.path()).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::in_folder(folder.path()).await.unwrap();
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
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::in_folder(folder.path()).await.unwrap();
        let key = Key::random();
        stored(&blobs, &key, &vec![b'x'; 3 * CHUNK_BYTES]).await;
        let path = id().name().iter().fold(folder.path().to_owned(), |path, part| path.join(part));
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
    async fn what_is_not_kept_vanishes_and_what_another_node_stages_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let staged = |name| folder.path().join("staging").join(name);
        let blobs = Blobs::in_folder(folder.path()).await.unwrap();
        drop(blobs.stage(id(), Key::random()).await.unwrap().finish().await.unwrap());
        std::fs::write(staged("by-another-node"), "x").unwrap();
        let left = std::fs::File::create(staged("left-by-a-crash")).unwrap();
        let long_ago = SystemTime::from(clock::now()) - STAGED_FOR_MAX - Duration::from_secs(1);
        left.set_modified(long_ago).unwrap();
        let blobs_again = Blobs::in_folder(folder.path()).await.unwrap();
        assert_eq!(std::fs::read_dir(folder.path().join("staging")).unwrap().count(), 1);
        assert!(staged("by-another-node").exists());
        assert!(blobs_again.read(id(), Key::random()).await.unwrap().is_none());
        blobs.remove(id().workspace, id().attachment).await.unwrap();
    }
}
