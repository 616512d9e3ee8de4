//! What can keep the private Postgres from running, said so that the reader
//! knows what to do next.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "no Postgres server was found: install it (Debian, Ubuntu: `apt-get install postgresql`; \
         Fedora: `dnf install postgresql-server`; Arch: `pacman -S postgresql`; \
         Alpine: `apk add postgresql`), name the folder of initdb in SWITCHBOARD_POSTGRES_BIN, \
         or set DATABASE_URL"
    )]
    NotInstalled,
    #[error("SWITCHBOARD_POSTGRES_BIN names {0}, which holds no `initdb` and `postgres`")]
    NotThere(PathBuf),
    #[error(
        "Postgres {found} is too old: {least} or newer is needed",
        least = super::binaries::OLDEST
    )]
    TooOld { found: u32 },
    #[error(
        "the data in {folder} was written by Postgres {existing}, and only {found} is installed: \
         install Postgres {existing} as well (Debian, Ubuntu: `apt-get install \
         postgresql-{existing}`), or move the data over with pg_upgrade"
    )]
    OtherVersion { folder: PathBuf, existing: u32, found: String },
    #[error("{folder} is in use by another Switchboard{}", pid.map(|pid| format!(", process {pid}")).unwrap_or_default())]
    InUse { folder: PathBuf, pid: Option<u32> },
    #[error(
        "{folder} belongs to user id {owner}, and this process runs as user id {ours}: start it \
         as that user, or give it the folder with chown"
    )]
    OtherOwner { folder: PathBuf, owner: u32, ours: u32 },
    #[error(
        "Postgres refuses to run as root, and there is neither a user `postgres` nor a user \
         `nobody` to run it as"
    )]
    NoAccount,
    #[error("{0} is missing, and without it nobody can sign in to the database beside it")]
    NoPassword(PathBuf),
    #[error("initdb failed: {0}")]
    Init(String),
    #[error("Postgres did not start: {0}")]
    Start(String),
    #[error("Postgres was not ready after {} s: {said}", after.as_secs())]
    Slow { after: Duration, said: String },
    #[error("the cluster was stopped before it was ready")]
    Stopped,
    #[error("cannot {what} {path}: {source}")]
    Io { what: &'static str, path: PathBuf, source: io::Error },
    #[error("no randomness for a password: {0}")]
    Random(getrandom::Error),
}

/// Adds what was tried, and on which path, to an input or output error.
pub(super) trait Context<T> {
    fn context(self, what: &'static str, path: impl Into<PathBuf>) -> Result<T, Error>;
}

impl<T, E: Into<io::Error>> Context<T> for Result<T, E> {
    fn context(self, what: &'static str, path: impl Into<PathBuf>) -> Result<T, Error> {
        self.map_err(|source| Error::Io { what, path: path.into(), source: source.into() })
    }
}
