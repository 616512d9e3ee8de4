//! Who Postgres runs as. It refuses root, so a server that is root lends it an
//! unprivileged account; any other server runs it as itself.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::unistd::{User, geteuid};

use super::error::{Context, Error};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Account {
    /// The user this process runs as.
    Own,
    /// Another one, which only root can become.
    Lent { uid: u32, gid: u32 },
}

impl Account {
    /// The owner of the existing data; for new data `postgres`, else `nobody`.
    pub(super) fn choose(existing: Option<&Path>) -> Result<Account, Error> {
        let ours = geteuid();
        if let Some(folder) = existing {
            let found = folder.metadata().context("look at", folder)?;
            return match (found.uid(), ours.is_root()) {
                (owner, false) if owner == ours.as_raw() => Ok(Account::Own),
                (owner, true) if owner != 0 => Ok(Account::Lent { uid: owner, gid: found.gid() }),
                (0, true) => Err(Error::Start(format!(
                    "{} belongs to root, as whom Postgres refuses to run: give it to an \
                     unprivileged user with chown -R",
                    folder.display()
                ))),
                (owner, _) => {
                    Err(Error::OtherOwner { folder: folder.to_owned(), owner, ours: ours.as_raw() })
                }
            };
        }
        if !ours.is_root() {
            return Ok(Account::Own);
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| Account::Lent { uid: user.uid.as_raw(), gid: user.gid.as_raw() })
            .ok_or(Error::NoAccount)
    }

    pub(super) fn uid(&self) -> u32 {
        match self {
            Account::Own => geteuid().as_raw(),
            Account::Lent { uid, .. } => *uid,
        }
    }

    /// Gives a file or folder that we just made to this account.
    pub(super) fn give(&self, path: &Path) -> Result<(), Error> {
        let file = File::open(path).context("open", path)?;
        self.give_open(&file, path)
    }

    pub(super) fn give_open(&self, file: &File, path: &Path) -> Result<(), Error> {
        let Account::Lent { uid, gid } = self else {
            return Ok(());
        };
        fchown(file, Some(*uid), Some(*gid)).context("change the owner of", path)
    }

    /// A command that runs `program` as this account. With `tied` it gets SIGINT,
    /// the fast shutdown of Postgres, when the thread that spawned it ends,
    /// however that comes about.
    pub(super) fn command(&self, program: &Path, tied: bool) -> Command {
        let mut command = match (self, tied && can_tie()) {
            (Account::Own, false) => Command::new(program),
            (account, tied) => {
                let mut setpriv = Command::new("setpriv");
                if let Account::Lent { uid, gid } = account {
                    setpriv
                        .arg(format!("--reuid={uid}"))
                        .arg(format!("--regid={gid}"))
                        .arg("--clear-groups");
                }
                if tied {
                    setpriv.args(["--pdeathsig", "INT"]);
                }
                setpriv.arg("--").arg(program);
                setpriv
            }
        };
        // Our environment holds keys that are none of its business, and our
        // working folder may be one that the account cannot enter.
        command
            .current_dir("/")
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
            .env("LC_ALL", "C.UTF-8");
        command
    }

    /// Opens a folder for a command that is about to be spawned.
    ///
    /// A lent account often cannot enter the folders above (`/root`, say). It
    /// needs not: it inherits the open folder and reaches it through `/proc`, so
    /// data stays where it was asked for, whatever the permissions on the way.
    pub(super) fn open(&self, folder: &Path) -> Result<Opened, Error> {
        if *self == Account::Own {
            return Ok(Opened { path: folder.to_owned(), _inherited: None });
        }
        let file = File::open(folder).context("open", folder)?;
        fcntl(&file, FcntlArg::F_SETFD(FdFlag::empty())).context("share", folder)?;
        Ok(Opened {
            path: PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd())),
            _inherited: Some(file),
        })
    }
}

/// A folder and what a spawned command is to call it. To be held until it runs.
pub(super) struct Opened {
    pub path: PathBuf,
    _inherited: Option<File>,
}

/// Whether there is a `setpriv` that knows `--pdeathsig` (util-linux does, the
/// one of busybox does not). Without it a killed server leaves Postgres behind,
/// and the next start stops it first.
fn can_tie() -> bool {
    Command::new("setpriv")
        .args(["--pdeathsig", "INT", "--", "true"])
        .output()
        .is_ok_and(|output| output.status.success())
}
