//! The folder the cluster lives in, and making it on the first start.
//!
//! ```text
//! <data>/postgres/            0700, ours
//!     lock                    held while we run; names the process
//!     password                0600, of the one database user
//!     postgres.log, .log.1    what Postgres says
//!     15/                     the data, and the socket, of version 15
//!     15.new/                 the same while initdb is at work
//! ```

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::account::Account;
use super::binaries::{self, Binaries};
use super::error::{Context, Error};
use super::{Options, socket};

pub(super) struct House {
    pub binaries: Binaries,
    pub account: Account,
    pub data: PathBuf,
    pub sockets: PathBuf,
    pub log: PathBuf,
    pub password: String,
    pub connections: u16,
    _lock: Lock,
}

/// Released by the kernel when the process ends, whatever ends it.
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // A child that is just being spawned has a copy of the file, and would hold the lock until
        // it runs its program.
        let _ = self.0.unlock();
    }
}

impl House {
    /// Enters the house as its only owner; builds it when this is the first time.
    pub(super) fn open(options: &Options) -> Result<House, Error> {
        let folder = options.data.join("postgres");
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .context("create", &folder)?;
        let folder = folder.canonicalize().context("resolve", &folder)?;
        let lock = lock(&folder)?;

        let installed = Binaries::installed(options.binaries.as_deref())?;
        let binaries = binaries::choose(installed, &versions(&folder)?, &folder)?;
        let data = folder.join(binaries.major.to_string());
        let existing = data.exists().then_some(data.as_path());
        let account = Account::choose(existing)?;
        let password = match existing {
            Some(_) => read_password(&folder)?,
            None => write_password(&folder)?,
        };
        let house = House {
            sockets: socket::folder(&data, &account)?,
            log: folder.join("postgres.log"),
            binaries,
            account,
            data,
            connections: options.connections,
            password,
            _lock: lock,
        };
        if !house.data.exists() {
            house.build(&folder)?;
        }
        Ok(house)
    }

    pub(super) fn url(&self) -> String {
        socket::url(&self.sockets, &self.password)
    }

    /// Makes the data beside its place and then renames it, so that data under
    /// its final name is always whole. What an interrupted start left is redone.
    fn build(&self, folder: &Path) -> Result<(), Error> {
        let unfinished = self.data.with_extension("new");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).context("remove", &unfinished)?;
        }
        fs::DirBuilder::new().mode(0o700).create(&unfinished).context("create", &unfinished)?;
        self.account.give(&unfinished)?;
        tracing::info!(data = %self.data.display(), version = self.binaries.major, "making a database");
        self.initdb(&unfinished, folder)?;
        fs::rename(&unfinished, &self.data).context("rename", &unfinished)?;
        let parent = File::open(folder).context("open", folder)?;
        parent.sync_all().context("flush", folder)
    }

    fn initdb(&self, into: &Path, folder: &Path) -> Result<(), Error> {
        let opened = self.account.open(into)?;
        let mut command = self.account.command(&self.binaries.initdb(), true);
        let output = command
            .arg("--pgdata")
            .arg(&opened.path)
            .arg(format!("--username={}", socket::USER))
            .args(["--pwfile=/dev/stdin", "--auth-local=scram-sha-256"])
            .args(["--auth-host=reject", "--encoding=UTF8", "--locale=C.UTF-8"])
            .arg("--data-checksums")
            .stdin(Stdio::from(self.password_for_initdb(folder)?))
            .output()
            .context("run", self.binaries.initdb())?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(Error::Init(said.trim().replace('\n', " | ")))
    }

    /// An open file without a name: the account may read it, nobody can find it.
    /// (A pipe would not do. initdb opens `/dev/stdin` anew, and a pipe of root's
    /// can be opened by root alone.)
    fn password_for_initdb(&self, folder: &Path) -> Result<File, Error> {
        let path = folder.join("password.initdb");
        let _ = fs::remove_file(&path);
        let mut file = private().open(&path).context("create", &path)?;
        fs::remove_file(&path).context("remove", &path)?;
        self.account.give_open(&file, &path)?;
        writeln!(file, "{}", self.password).context("write", &path)?;
        file.rewind().context("rewind", &path)?;
        Ok(file)
    }
}

/// Takes the house, or says who has it.
fn lock(folder: &Path) -> Result<Lock, Error> {
    let path = folder.join("lock");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .context("open", &path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut owner = String::new();
            let _ = file.read_to_string(&mut owner);
            return Err(Error::InUse { folder: folder.to_owned(), pid: owner.trim().parse().ok() });
        }
        Err(TryLockError::Error(error)) => return Err(error).context("lock", &path),
    }
    file.set_len(0).context("write", &path)?;
    writeln!(file, "{}", std::process::id()).context("write", &path)?;
    Ok(Lock(file))
}

/// The versions there is data of. Folders under another name are unfinished.
fn versions(folder: &Path) -> Result<Vec<u32>, Error> {
    let entries = fs::read_dir(folder).context("read", folder)?;
    let names = entries.flatten().map(|entry| entry.file_name());
    Ok(names.filter_map(|name| name.to_str()?.parse().ok()).collect())
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true).mode(0o600);
    options
}

fn read_password(folder: &Path) -> Result<String, Error> {
    let path = folder.join("password");
    match fs::read_to_string(&path) {
        Ok(password) if !password.trim().is_empty() => Ok(password.trim().to_owned()),
        Ok(_) => Err(Error::NoPassword(path)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Error::NoPassword(path)),
        Err(error) => Err(error).context("read", &path),
    }
}

/// A new password, on the disk before initdb learns it.
fn write_password(folder: &Path) -> Result<String, Error> {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes).map_err(Error::Random)?;
    let password: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let (path, unfinished) = (folder.join("password"), folder.join("password.new"));
    let _ = fs::remove_file(&unfinished);
    let mut file = private().open(&unfinished).context("create", &unfinished)?;
    writeln!(file, "{password}").context("write", &unfinished)?;
    file.sync_all().context("flush", &unfinished)?;
    fs::rename(&unfinished, &path).context("rename", &unfinished)?;
    Ok(password)
}
