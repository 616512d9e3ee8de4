//! Whole files in a folder, on this node's disk or on one that all nodes share.

use std::io;
use std::path::{Path, PathBuf};

use tokio::fs::{self, File};

use super::BlobId;

#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    pub fn new(root: PathBuf) -> Folder {
        Folder { root }
    }

    /// Moves a staged file home.
    pub async fn keep(&self, staged: &Path, id: BlobId) -> io::Result<()> {
        let target = self.path(id);
        let folder = target.parent().ok_or_else(|| io::Error::other("a file without a folder"))?;
        fs::create_dir_all(folder).await?;
        fs::rename(staged, &target).await?;
        // The name is durable when its folder is, and the folder when those above it are.
        let mut above = Some(folder);
        while let Some(folder) = above.filter(|folder| folder.starts_with(&self.root)) {
            File::open(folder).await?.sync_all().await?;
            above = folder.parent();
        }
        Ok(())
    }

    /// A file and how many bytes are stored of it.
    pub async fn find(&self, id: BlobId) -> io::Result<Option<(u64, File)>> {
        match File::open(self.path(id)).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
            Ok(file) => Ok(Some((file.metadata().await?.len(), file))),
        }
    }

    pub async fn remove(&self, id: BlobId) -> io::Result<()> {
        match fs::remove_file(self.path(id)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn path(&self, id: BlobId) -> PathBuf {
        id.name().iter().fold(self.root.clone(), |path, part| path.join(part))
    }
}
