//! Whole files in a bucket of S3, or of what speaks as S3 does: what nodes without a common disk
//! share.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::buffered::BufWriter;
use object_store::path::Path as ObjectPath;
use object_store::{
    BackoffConfig, ClientOptions, Error, GetOptions, GetRange, ObjectStore, ObjectStoreExt,
    RetryConfig,
};
use secrecy::ExposeSecret;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

use super::{BlobId, SEALED_CHUNK_BYTES};
use crate::config::BucketConfig;

/// One part of an upload. What is smaller goes in one request; a part of S3 has 5 MiB at least.
const PART_BYTES: usize = 8 * 1024 * 1024;
/// A request that has not been answered by then is given up on.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// For a request and its repetitions together: an uploader waits for them.
const TRY_FOR: Duration = Duration::from_secs(20);
const TRIES_MAX: usize = 4;

#[derive(Debug)]
pub struct Bucket {
    store: Arc<AmazonS3>,
    prefix: String,
}

impl Bucket {
    /// Nothing is asked of it yet.
    pub fn open(settings: &BucketConfig) -> io::Result<Bucket> {
        let options = ClientOptions::new()
            .with_timeout(ANSWER_WITHIN)
            .with_connect_timeout(CONNECT_WITHIN)
            .with_allow_http(settings.endpoint.as_deref().is_some_and(|e| e.starts_with("http:")));
        let retry = RetryConfig {
            backoff: BackoffConfig::default(),
            max_retries: TRIES_MAX - 1,
            retry_timeout: TRY_FOR,
        };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&settings.name)
            .with_region(&settings.region)
            .with_client_options(options)
            .with_retry(retry);
        if let Some(endpoint) = &settings.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        // Without keys the machine's own role is asked for some.
        if let Some(keys) = &settings.keys {
            builder = builder
                .with_access_key_id(&keys.id)
                .with_secret_access_key(keys.secret.expose_secret());
        }
        let store = builder.build().map_err(io::Error::other)?;
        Ok(Bucket { store: Arc::new(store), prefix: settings.prefix.clone() })
    }

    /// Uploads a staged file. An upload that was cut off leaves nothing under the name.
    pub async fn keep(&self, staged: &Path, id: BlobId) -> io::Result<()> {
        let mut file = File::open(staged).await?;
        let store: Arc<dyn ObjectStore> = self.store.clone();
        let mut upload = BufWriter::with_capacity(store, self.path(id), PART_BYTES);
        if let Err(error) = tokio::io::copy(&mut file, &mut upload).await {
            // The parts that came are the bucket's to clear away where this fails too.
            let _ = upload.abort().await;
            return Err(kind_of(error));
        }
        upload.shutdown().await.map_err(kind_of)
    }

    /// A file and how many bytes are stored of it.
    pub async fn find(&self, id: BlobId) -> io::Result<Option<(u64, Object)>> {
        let path = self.path(id);
        match self.store.head(&path).await {
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(kind_of(error.into())),
            Ok(about) => {
                let object = Object { store: self.store.clone(), path, next: 0, coming: None };
                Ok(Some((about.size, object)))
            }
        }
    }

    pub async fn remove(&self, id: BlobId) -> io::Result<()> {
        match self.store.delete(&self.path(id)).await {
            Err(Error::NotFound { .. }) | Ok(()) => Ok(()),
            Err(error) => Err(kind_of(error.into())),
        }
    }

    fn path(&self, id: BlobId) -> ObjectPath {
        let prefix = self.prefix.split('/').filter(|part| !part.is_empty()).map(str::to_owned);
        ObjectPath::from_iter(prefix.chain(id.name()))
    }
}

/// An object that is being read. Whoever reads on gets what is coming already; whoever jumps asks
/// anew.
pub struct Object {
    store: Arc<AmazonS3>,
    path: ObjectPath,
    /// The chunk that comes next, where one does.
    next: u64,
    coming: Option<Coming>,
}

struct Coming {
    bytes: BoxStream<'static, object_store::Result<Bytes>>,
    /// What came beyond the last chunk.
    rest: Vec<u8>,
}

impl Object {
    /// The bytes of a chunk; fewer at the end.
    pub async fn chunk(&mut self, index: u64) -> io::Result<Vec<u8>> {
        let wanted = SEALED_CHUNK_BYTES as usize;
        let mut coming = match self.coming.take() {
            Some(coming) if self.next == index => coming,
            _ => ask(self.store.clone(), self.path.clone(), index).await?,
        };
        while coming.rest.len() < wanted {
            match coming.bytes.next().await {
                None => break,
                Some(part) => coming.rest.extend_from_slice(&part?),
            }
        }
        let after = coming.rest.split_off(coming.rest.len().min(wanted));
        let chunk = std::mem::replace(&mut coming.rest, after);
        self.next = index + 1;
        self.coming = Some(coming);
        Ok(chunk)
    }
}

async fn ask(store: Arc<AmazonS3>, path: ObjectPath, index: u64) -> io::Result<Coming> {
    let from = GetRange::Offset(index * SEALED_CHUNK_BYTES);
    let options = GetOptions { range: Some(from), ..GetOptions::default() };
    let found = store.get_opts(&path, options).await.map_err(|error| kind_of(error.into()))?;
    Ok(Coming { bytes: found.into_stream(), rest: Vec::new() })
}

/// Says by its kind whether an error is a refusal, which asking again does not change.
fn kind_of(error: io::Error) -> io::Error {
    let told = error.get_ref().and_then(|error| error.downcast_ref::<Error>());
    match told {
        Some(Error::PermissionDenied { .. } | Error::Unauthenticated { .. }) => {
            io::Error::new(io::ErrorKind::PermissionDenied, error)
        }
        Some(Error::NotFound { .. }) => io::Error::new(io::ErrorKind::NotFound, error),
        _ => error,
    }
}
