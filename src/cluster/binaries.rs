//! Finds the Postgres programs on this machine and picks a version.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::{Context, Error};

/// The oldest major version whose SQL we use.
pub const OLDEST: u32 = 15;

/// The folder with `initdb` and `postgres`, and their major version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    pub folder: PathBuf,
    pub major: u32,
}

impl Binaries {
    /// Everything installed, newest first. A folder that is named (by
    /// `SWITCHBOARD_POSTGRES_BIN`) is the only one looked at.
    pub fn installed(named: Option<&Path>) -> Result<Vec<Binaries>, Error> {
        if let Some(folder) = named {
            if !complete(folder) {
                return Err(Error::NotThere(folder.to_owned()));
            }
            return Ok(vec![Binaries::at(folder)?]);
        }
        let mut found: Vec<Binaries> = candidates()
            .iter()
            .filter(|folder| complete(folder))
            .filter_map(|folder| Binaries::at(folder).ok())
            .collect();
        found.sort_by_key(|binaries| std::cmp::Reverse(binaries.major));
        found.dedup_by_key(|binaries| binaries.major);
        if found.is_empty() {
            return Err(Error::NotInstalled);
        }
        Ok(found)
    }

    fn at(folder: &Path) -> Result<Binaries, Error> {
        let program = folder.join("postgres");
        let output = Command::new(&program).arg("--version").output().context("run", &program)?;
        let said = String::from_utf8_lossy(&output.stdout);
        let major = major_of(&said)
            .ok_or_else(|| Error::Start(format!("{} says {said:?}", program.display())))?;
        Ok(Binaries { folder: folder.to_owned(), major })
    }

    pub(super) fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }

    pub(super) fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }
}

/// Takes the version that wrote the existing data; the newest when there is none.
pub(super) fn choose(
    installed: Vec<Binaries>,
    existing: &[u32],
    folder: &Path,
) -> Result<Binaries, Error> {
    let newest = installed[0].major;
    let names: Vec<String> = installed.iter().map(|b| b.major.to_string()).collect();
    let fits = |binaries: &Binaries| existing.is_empty() || existing.contains(&binaries.major);
    match installed.into_iter().find(fits) {
        Some(binaries) if binaries.major >= OLDEST => Ok(binaries),
        Some(_) => Err(Error::TooOld { found: newest }),
        None => Err(Error::OtherVersion {
            folder: folder.to_owned(),
            existing: existing.iter().copied().max().unwrap_or_default(),
            found: names.join(", "),
        }),
    }
}

/// Where distributions put them: Debian and Ubuntu, the Postgres project's own
/// packages, SUSE, Alpine, Homebrew; then whatever `PATH` leads to, links resolved.
fn candidates() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for (parent, prefix) in [
        ("/usr/lib/postgresql", ""),
        ("/usr", "pgsql-"),
        ("/usr/lib", "postgresql"),
        ("/usr/libexec", "postgresql"),
        ("/opt/homebrew/opt", "postgresql@"),
    ] {
        let Ok(entries) = std::fs::read_dir(parent) else {
            continue;
        };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(prefix) {
                folders.push(entry.path().join("bin"));
                folders.push(entry.path());
            }
        }
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    for folder in std::env::split_paths(&path) {
        if let Ok(program) = folder.join("initdb").canonicalize() {
            folders.extend(program.parent().map(Path::to_owned));
        }
    }
    folders
}

fn complete(folder: &Path) -> bool {
    folder.join("initdb").is_file() && folder.join("postgres").is_file()
}

/// `postgres (PostgreSQL) 15.18 (Debian …)`, `… 17beta1`: the first number.
fn major_of(said: &str) -> Option<u32> {
    let version = said.split_whitespace().nth(2)?;
    let digits = version.find(|c: char| !c.is_ascii_digit());
    version[..digits.unwrap_or(version.len())].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binaries(major: u32) -> Binaries {
        Binaries { folder: PathBuf::from(format!("/pg/{major}")), major }
    }

    #[test]
    fn major_is_read_from_what_postgres_says() {
        let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)";
        assert_eq!(major_of(debian), Some(15));
        assert_eq!(major_of("postgres (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(major_of("postgres (PostgreSQL) 17"), Some(17));
        assert_eq!(major_of("no such thing"), None);
    }

    #[test]
    fn existing_data_decides_the_version() {
        let installed = || vec![binaries(17), binaries(15), binaries(13)];
        let folder = Path::new("/data");
        let chosen = |existing: &[u32]| choose(installed(), existing, folder);
        assert_eq!(chosen(&[]).unwrap().major, 17);
        assert_eq!(chosen(&[15]).unwrap().major, 15);
        assert!(matches!(chosen(&[13]), Err(Error::TooOld { .. })));
        let other = chosen(&[16]).unwrap_err();
        assert!(other.to_string().contains("postgresql-16"), "{other}");
    }

    #[test]
    fn folder_without_the_programs_is_named_in_the_error() {
        let error = Binaries::installed(Some(Path::new("/nowhere"))).unwrap_err();
        assert!(error.to_string().contains("/nowhere"), "{error}");
    }
}
