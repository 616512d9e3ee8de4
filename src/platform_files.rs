//! Files as the actors need them, from the same folder as everyone else's.

use std::io;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream;
use switchboard_actors::files::{ByteStream, Files, NotTaken, Opened, Taken};
use switchboard_actors::links::Variant;
use switchboard_domain::{AttachmentId, AttachmentKind, WorkspaceId};
use switchboard_store::seal::Key;

use crate::blobs::{Blob, BlobId, Blobs, Staged};
use crate::uploads::Uploads;
use crate::uploads::picture::{self, Picture};
use crate::uploads::sniff::Sniffer;

/// The largest picture that is decoded, in bytes as they came.
const PICTURE_MAX_BYTES: u64 = 25 * 1024 * 1024;

/// The folder of files, and the turns of those who decode pictures.
#[derive(Debug, Clone)]
pub struct PlatformFiles {
    pub blobs: Blobs,
    pub uploads: Uploads,
}

impl Files for PlatformFiles {
    fn open(
        &self,
        workspace: WorkspaceId,
        id: AttachmentId,
        key: Key,
    ) -> BoxFuture<'static, io::Result<Option<Opened>>> {
        let blobs = self.blobs.clone();
        Box::pin(async move {
            let id = BlobId { workspace, attachment: id, variant: Variant::Full };
            let Some(blob) = blobs.read(id, key).await? else { return Ok(None) };
            Ok(Some(Opened { size: blob.size(), bytes: stream(blob) }))
        })
    }

    fn take(
        &self,
        workspace: WorkspaceId,
        id: AttachmentId,
        key: Key,
        bytes: ByteStream,
        most: u64,
    ) -> BoxFuture<'static, Result<Taken, NotTaken>> {
        let files = self.clone();
        Box::pin(async move { files.take_in(workspace, id, key, bytes, most).await })
    }
}

fn stream(blob: Blob) -> ByteStream {
    Box::pin(stream::unfold(Some((blob, 0u64)), |state| async move {
        let (mut blob, offset) = state?;
        match blob.read_at(offset).await {
            Ok(part) if part.is_empty() => None,
            Ok(part) => {
                let next = offset + part.len() as u64;
                Some((Ok(Bytes::from(part)), Some((blob, next))))
            }
            Err(error) => Some((Err(error), None)),
        }
    }))
}

impl PlatformFiles {
    async fn take_in(
        &self,
        workspace: WorkspaceId,
        attachment: AttachmentId,
        key: Key,
        mut bytes: ByteStream,
        most: u64,
    ) -> Result<Taken, NotTaken> {
        let id = BlobId { workspace, attachment, variant: Variant::Full };
        let mut staging = self.blobs.stage(id, key.clone()).await.map_err(NotTaken::Storage)?;
        let mut sniffer = Sniffer::default();
        while let Some(part) = bytes.next().await {
            let part = part.map_err(|error| NotTaken::Cut(error.to_string()))?;
            if sniffer.size() + part.len() as u64 > most {
                return Err(NotTaken::TooLarge(most));
            }
            sniffer.see(&part);
            staging.write(&part).await.map_err(NotTaken::Storage)?;
        }
        if sniffer.size() == 0 {
            return Err(NotTaken::Empty);
        }
        let staged = staging.finish().await.map_err(NotTaken::Storage)?;
        let (staged, picture) = self.look_at(&key, staged, &sniffer).await?;
        let thumbnail = match picture.as_ref().and_then(|p| p.thumbnail.as_deref()) {
            None => None,
            Some(small) => {
                let id = BlobId { variant: Variant::Thumbnail, ..id };
                Some(self.stage(id, key, small).await.map_err(NotTaken::Storage)?)
            }
        };
        let has_thumbnail = thumbnail.is_some();
        for staged in [Some(staged), thumbnail].into_iter().flatten() {
            self.blobs.keep(staged).await.map_err(NotTaken::Storage)?;
        }
        let media = sniffer.media_type();
        // Browsers show more kinds of pictures than we decode; a broken one of ours is a plain
        // file.
        let shown = media.kind != AttachmentKind::Image || media.mime == "image/avif";
        let kind = if shown || picture.is_some() { media.kind } else { AttachmentKind::File };
        Ok(Taken {
            mime: media.mime.to_owned(),
            kind,
            size: sniffer.size(),
            width: picture.as_ref().map(|picture| picture.width),
            height: picture.as_ref().map(|picture| picture.height),
            has_thumbnail,
        })
    }

    async fn stage(&self, id: BlobId, key: Key, bytes: &[u8]) -> io::Result<Staged> {
        let mut staging = self.blobs.stage(id, key).await?;
        staging.write(bytes).await?;
        staging.finish().await
    }

    /// Decodes what claims to be a picture, off the event loop and few at a time.
    async fn look_at(
        &self,
        key: &Key,
        staged: Staged,
        sniffer: &Sniffer,
    ) -> Result<(Staged, Option<Picture>), NotTaken> {
        let media = sniffer.media_type();
        if media.kind != AttachmentKind::Image || sniffer.size() > PICTURE_MAX_BYTES {
            return Ok((staged, None));
        }
        let closed = |_| NotTaken::Storage(io::Error::other("the server is stopping"));
        let turn = self.uploads.decoders.clone().acquire_owned().await.map_err(closed)?;
        let key = key.clone();
        let looked = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let bytes = staged.read_blocking(&key)?;
            Ok((staged, picture::look(&bytes, media.mime)))
        });
        looked
            .await
            .map_err(|error| NotTaken::Storage(io::Error::other(error)))?
            .map_err(NotTaken::Storage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(parts: Vec<io::Result<Bytes>>) -> ByteStream {
        Box::pin(stream::iter(parts))
    }

    async fn files() -> (tempfile::TempDir, PlatformFiles) {
        let data = tempfile::tempdir().unwrap();
        let blobs = Blobs::in_folder(data.path()).await.unwrap();
        let uploads =
            Uploads::new(&crate::config::Uploads { at_once: 1, at_once_per_workspace: 1 });
        (data, PlatformFiles { blobs, uploads })
    }

    #[tokio::test]
    async fn what_is_taken_in_is_read_again_as_it_came() {
        let (_data, files) = files().await;
        let (workspace, id, key) = (
            WorkspaceId(uuid::Uuid::from_u128(1)),
            AttachmentId(uuid::Uuid::from_u128(2)),
            Key::random(),
        );
        let text = "hello ".repeat(50_000);
        let parts = text.as_bytes().chunks(70_001).map(|part| Ok(Bytes::copy_from_slice(part)));
        let came = bytes(parts.collect());
        let taken = files.take(workspace, id, key.clone(), came, 1 << 20).await.unwrap();
        assert_eq!((taken.mime.as_str(), taken.size), ("text/plain", 300_000));
        let opened = files.open(workspace, id, key).await.unwrap().unwrap();
        assert_eq!(opened.size, 300_000);
        let read: Vec<Bytes> = opened.bytes.map(Result::unwrap).collect().await;
        assert!(read.concat() == text.as_bytes());
    }

    #[tokio::test]
    async fn what_is_too_large_empty_or_cut_off_is_not_kept() {
        let (_data, files) = files().await;
        let workspace = WorkspaceId(uuid::Uuid::from_u128(1));
        let id = AttachmentId(uuid::Uuid::from_u128(2));
        let part = || Ok(Bytes::from_static(b"0123456789"));
        for (parts, most) in [
            (vec![part(), part()], 19),
            (vec![], 100),
            (vec![part(), Err(io::Error::other("cut"))], 100),
        ] {
            let taken = files.take(workspace, id, Key::random(), bytes(parts), most).await;
            assert!(taken.is_err(), "{taken:?}");
            assert!(files.open(workspace, id, Key::random()).await.unwrap().is_none());
        }
    }
}
