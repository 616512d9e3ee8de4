//! Where the socket is, and the address that leads to it.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::account::Account;
use super::error::{Context, Error};

/// The user, and the database, that initdb makes.
pub(super) const USER: &str = "switchboard";
const DATABASE: &str = "postgres";

const NAME: &str = ".s.PGSQL.5432";
/// The bytes of a path that fit into a socket address, its closing zero excluded.
const LONGEST: usize = 107;

/// The folder of the socket: the data itself, so that nobody else can reach it.
/// When that path is too long for a socket address, or would need quoting, a
/// folder of our own with a short name, which belongs to the account.
pub(super) fn folder(data: &Path, account: &Account) -> Result<PathBuf, Error> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let fits = data.as_os_str().len() + 1 + NAME.len() <= LONGEST;
    if fits && data.to_str().is_some_and(|path| path.chars().all(plain)) {
        return Ok(data.to_owned());
    }
    let parent = match account {
        Account::Lent { .. } if Path::new("/run").is_dir() => Path::new("/run"),
        _ => Path::new("/tmp"),
    };
    let digest = Sha256::digest(data.as_os_str().as_encoded_bytes());
    let name: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let folder = parent.join(format!("switchboard-{name}"));
    claim(&folder, account)?;
    Ok(folder)
}

/// Makes the folder ours. What is there already must be: `/tmp` is everybody's.
fn claim(folder: &Path, account: &Account) -> Result<(), Error> {
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => return account.give(folder),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error).context("create", folder),
    }
    let found = fs::symlink_metadata(folder).context("look at", folder)?;
    // Root's own is one that a start gave up before it could be given away.
    let unfinished = found.uid() == 0 && matches!(account, Account::Lent { .. });
    let ours = found.uid() == account.uid() || unfinished;
    if !found.is_dir() || !ours || found.mode() & 0o077 != 0 {
        return Err(Error::OtherOwner {
            folder: folder.to_owned(),
            owner: found.uid(),
            ours: account.uid(),
        });
    }
    account.give(folder)
}

/// The address for tokio-postgres and psql. The folder needs no more escaping
/// than this: [`folder`] saw to it.
pub(super) fn url(folder: &Path, password: &str) -> String {
    let host = folder.to_string_lossy().replace('/', "%2F");
    format!("postgresql://{USER}:{password}@{host}:5432/{DATABASE}")
}
