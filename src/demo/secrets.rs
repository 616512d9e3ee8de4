//! The demo's secrets: a master key and a password, in a file that only its owner reads.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use switchboard_store::seal::{MasterKeys, random_token};

const FILE: &str = "demo-secrets.toml";
/// Enough to be no password that anyone guesses: 95 bits.
const PASSWORD_CHARS: usize = 16;

#[derive(Debug)]
pub struct Secrets {
    pub master_key: SecretString,
    pub password: SecretString,
}

/// Reads the secrets of a data folder. The first time they are made.
pub fn load_or_make(data: &Path) -> io::Result<Secrets> {
    fs::create_dir_all(data)?;
    let path = data.join(FILE);
    match fs::read_to_string(&path) {
        Ok(text) => {
            fs::set_permissions(&path, Permissions::from_mode(0o600))?;
            parse(&text).ok_or_else(|| {
                let words = format!("{} is damaged; put its copy back", path.display());
                io::Error::new(io::ErrorKind::InvalidData, words)
            })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let secrets = make();
            write(data, &path, &secrets)?;
            Ok(secrets)
        }
        Err(error) => Err(error),
    }
}

fn parse(text: &str) -> Option<Secrets> {
    #[derive(Deserialize)]
    struct Kept {
        master_key: String,
        password: String,
    }
    let Kept { master_key, password } = toml::from_str(text).ok()?;
    Some(Secrets { master_key: master_key.into(), password: password.into() })
}

fn make() -> Secrets {
    let letters = |c: &char| c.is_ascii_alphanumeric();
    let password: String = std::iter::repeat_with(random_token)
        .flat_map(|token| token.chars().filter(letters).collect::<Vec<_>>())
        .take(PASSWORD_CHARS)
        .collect();
    Secrets { master_key: MasterKeys::generate().into(), password: password.into() }
}

/// Whole or not at all: without the master key nothing that is stored can be read.
fn write(folder: &Path, path: &Path, secrets: &Secrets) -> io::Result<()> {
    let temporary = folder.join(format!("{FILE}.new"));
    let text = format!(
        "# Made by `switchboard demo`. Whoever has this file can read everything in this folder.\n\
         master_key = \"{}\"\npassword = \"{}\"\n",
        secrets.master_key.expose_secret(),
        secrets.password.expose_secret(),
    );
    let _ = fs::remove_file(&temporary);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_made_once_and_read_by_their_owner_alone() {
        let data = tempfile::tempdir().unwrap();
        let first = load_or_make(data.path()).unwrap();
        let again = load_or_make(data.path()).unwrap();
        assert_eq!(first.password.expose_secret(), again.password.expose_secret());
        assert_eq!(first.master_key.expose_secret(), again.master_key.expose_secret());
        assert!(MasterKeys::parse(first.master_key.expose_secret()).is_ok());
        assert_eq!(first.password.expose_secret().len(), PASSWORD_CHARS);
        let mode = fs::metadata(data.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_file_is_not_replaced() {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join(FILE), "master_key = 7").unwrap();
        assert!(load_or_make(data.path()).is_err());
        assert_eq!(fs::read_to_string(data.path().join(FILE)).unwrap(), "master_key = 7");
    }
}
