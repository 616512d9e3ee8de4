//! Files that customers sent: fetched from the platform, kept here.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use switchboard_channels::platform::Fetch;
use switchboard_channels::{Media, Reply, Request};
use switchboard_domain::attachment::file_name;
use switchboard_domain::{Author, Failure, FailureCode};
use switchboard_store::fetch::{self, Due};
use switchboard_store::seal::Key;
use switchboard_store::{Error, Result};

use super::http::CallError;
use super::schedule;
use super::speaking::Speaking;
use crate::conversation::{Act, CameFile, FileProgress, Order};
use crate::files::{NotTaken, Taken};
use crate::{clock, trace};

/// The largest file that is fetched, in bytes.
const FILE_MAX_BYTES: u64 = 100 * 1024 * 1024;
/// Files fetched at the same time for one account.
const AT_ONCE: usize = 4;
/// Files claimed at once, and how long others leave them alone.
const CLAIMED: u32 = 16;
const CLAIMED_FOR: Duration = Duration::from_secs(16 * 60);
/// The most requests towards one file.
const STEPS_MAX: usize = 4;

/// Fetches what is due. Whether there may be more.
pub async fn fetch_due(it: Arc<Speaking>) -> bool {
    let due = match claim(&it).await {
        Ok(due) => due,
        Err(error) => {
            tracing::debug!(%error, "what is to be fetched could not be read");
            return false;
        }
    };
    let more = due.len() == CLAIMED as usize;
    futures_util::stream::iter(due)
        .for_each_concurrent(AT_ONCE, |due| {
            let it = it.clone();
            async move {
                let span = it.begin("account.fetch", due.trace);
                trace::within(span.trace(), one(&it, due)).await;
            }
        })
        .await;
    more
}

async fn claim(it: &Speaking) -> Result<Vec<Due>> {
    let now = clock::now();
    let tx = it.shared.store.writers.begin(it.workspace).await?;
    let again_at = now + CLAIMED_FOR;
    let due = fetch::claim(&tx, it.workspace, it.id, it.epoch, now, again_at, CLAIMED).await?;
    tx.commit().await?;
    Ok(due)
}

/// Why a file has not come.
enum Missing {
    Later(String),
    Never(Failure),
}

async fn one(it: &Speaking, due: Due) {
    let came = match bring(it, &due).await {
        Ok(came) => Some(came),
        Err(Missing::Later(why)) if due.attempts < schedule::FETCHES_MAX => {
            tracing::debug!(attachment.id = %due.attachment, why, "a file is fetched again later");
            return postpone(it, &due).await;
        }
        Err(Missing::Later(why)) => {
            tracing::warn!(attachment.id = %due.attachment, why, "a file was given up");
            None
        }
        Err(Missing::Never(failure)) => {
            let (code, detail) = (failure.code, failure.detail);
            tracing::info!(attachment.id = %due.attachment, ?code, detail, "a file is not to be had");
            None
        }
    };
    metrics::counter!("switchboard_fetches_total", "came" => came.is_some().to_string())
        .increment(1);
    let progress =
        FileProgress { account: it.id, message: due.message, file: due.attachment, came };
    let act =
        Act { author: Author::System, order: Order::File(Arc::new(progress)), newcomer: None };
    if let Err(rejection) = it.cast().act(it.workspace, due.conversation, act).await {
        tracing::warn!(attachment.id = %due.attachment, %rejection, "a file's arrival was not noted");
        postpone(it, &due).await;
    }
}

async fn bring(it: &Speaking, due: &Due) -> std::result::Result<CameFile, Missing> {
    let media = media(it, due).map_err(|error| {
        Missing::Never(Failure::because(FailureCode::Refused, error.to_string()))
    })?;
    let request = resolve(it, &media).await?;
    let none = HashMap::new();
    let caller = it.caller(&none);
    let bytes = match it.shared.accounts.http().fetch(caller, &request).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(reply)) => return Err(Missing::Later(format!("status {}", reply.status))),
        Err(error) => return Err(missing(error)),
    };
    let key = Key::random();
    let files = it.shared.accounts.files();
    let taken = files.take(it.workspace, due.attachment, key.clone(), bytes, FILE_MAX_BYTES).await;
    match taken {
        Ok(taken) => Ok(came(&media, taken, key)),
        Err(NotTaken::TooLarge(_)) => {
            Err(Missing::Never(Failure::because(FailureCode::FileRejected, "too large")))
        }
        Err(error) => Err(Missing::Later(error.to_string())),
    }
}

fn media(it: &Speaking, due: &Due) -> Result<Media> {
    let json = fetch::open_source(&it.keys, &it.row.key, due.attachment, &due.source)?;
    serde_json::from_slice(&json).map_err(|error| Error::Corrupt(error.to_string()))
}

/// The request whose reply is the file.
async fn resolve(it: &Speaking, media: &Media) -> std::result::Result<Request, Missing> {
    let mut resolved: Option<Reply> = None;
    for _ in 0..STEPS_MAX {
        match it.platform.fetch(&it.credentials, media, resolved.as_ref()) {
            Fetch::Bytes(request) => return Ok(request),
            Fetch::Ask(request) => resolved = Some(it.call(&request).await.map_err(missing)?),
            Fetch::Failed { retry: true, failure } => {
                return Err(Missing::Later(failure.detail.unwrap_or_default()));
            }
            Fetch::Failed { retry: false, failure } => return Err(Missing::Never(failure)),
        }
    }
    Err(Missing::Later("the file is behind too many steps".to_owned()))
}

fn missing(error: CallError) -> Missing {
    match error {
        CallError::Impossible(why) => Missing::Never(Failure::because(FailureCode::Refused, why)),
        other => Missing::Later(other.to_string()),
    }
}

fn came(media: &Media, taken: Taken, key: Key) -> CameFile {
    let Taken { mime, kind, size, width, height, has_thumbnail } = taken;
    let name = match &media.name {
        Some(name) => file_name(name),
        None => format!("file{}", ending(&mime)),
    };
    CameFile { key, name, mime, kind, size, width, height, has_thumbnail }
}

/// What names of such files end with.
fn ending(mime: &str) -> &'static str {
    match mime {
        "image/jpeg" => ".jpg",
        "image/png" => ".png",
        "image/gif" => ".gif",
        "image/webp" => ".webp",
        "audio/mpeg" => ".mp3",
        "audio/ogg" | "audio/opus" => ".ogg",
        "audio/m4a" => ".m4a",
        "audio/aac" => ".aac",
        "video/mp4" => ".mp4",
        "video/webm" => ".webm",
        "video/quicktime" => ".mov",
        "application/pdf" => ".pdf",
        "application/zip" => ".zip",
        "text/plain" => ".txt",
        _ => "",
    }
}

/// Fetching again is spread like sending again; a claim that is not postponed ends by itself.
async fn postpone(it: &Speaking, due: &Due) {
    let wait = schedule::next_attempt(due.attempts + 1, None, clock::chance());
    let at = clock::now() + wait.max(Duration::from_secs(1));
    let postponed = async {
        let tx = it.write().await?;
        fetch::postpone(&tx, it.workspace, due.attachment, at).await?;
        tx.commit().await
    };
    if let Err(error) = postponed.await {
        tracing::debug!(%error, "a file's delay was not noted");
    }
}
