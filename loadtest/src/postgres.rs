//! The Postgres that a measured server runs for itself, and how to reach it from beside.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tokio_postgres::{Client, NoTls};

/// Room for the server's connections and as many clients of the peer's.
const CONNECTIONS: u32 = 200;
const USER: &str = "switchboard";

/// The folder of Postgres's programs: as named, as Debian has them, or as `PATH` leads to.
pub fn programs() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("SWITCHBOARD_POSTGRES_BIN") {
        return Ok(named.into());
    }
    let major = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = installed.map(|entry| entry.path()).max_by_key(|path| major(path));
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&on_path).filter_map(|folder| {
        folder.join("initdb").canonicalize().ok()?.parent().map(Path::to_owned)
    });
    newest
        .map(|folder| folder.join("bin"))
        .into_iter()
        .chain(on_path)
        .find(|folder| folder.join("postgres").is_file())
        .context("no Postgres was found; script/bootstrap installs one")
}

/// A folder of programs for `SWITCHBOARD_POSTGRES_BIN` that start the same Postgres with room for
/// more connections: the peer wants as many as the server has clients. All else stays as shipped.
pub fn roomy_programs(real: &Path, within: &Path) -> Result<PathBuf> {
    let folder = within.join("bin");
    let everyone = || std::fs::Permissions::from_mode(0o755);
    std::fs::create_dir(&folder).context("a folder for programs could not be made")?;
    std::fs::set_permissions(&folder, everyone())?;
    for (name, more) in
        [("initdb", String::new()), ("postgres", format!(" -c max_connections={CONNECTIONS}"))]
    {
        let (program, real) = (folder.join(name), real.join(name));
        let script = format!("#!/bin/sh\nexec '{}' \"$@\"{more}\n", real.display());
        std::fs::write(&program, script)?;
        std::fs::set_permissions(&program, everyone())?;
    }
    Ok(folder)
}

/// A running private Postgres, seen from outside its server.
#[derive(Debug, Clone)]
pub struct Postgres {
    /// The folder of its socket.
    pub sockets: PathBuf,
    pub password: String,
    /// The folder of its programs.
    pub programs: PathBuf,
}

impl Postgres {
    /// The one that a server runs in this data folder.
    pub fn of(data: &Path, programs: &Path) -> Result<Postgres> {
        let folder = data.join("postgres");
        let password = std::fs::read_to_string(folder.join("password"))
            .context("the private Postgres has no password yet")?;
        let sockets = std::fs::read_dir(&folder)?
            .flatten()
            .map(|entry| entry.path())
            .find(|path| path.join(".s.PGSQL.5432").exists());
        let Some(sockets) = sockets else {
            bail!("{} holds no socket; try with a shorter TMPDIR", folder.display());
        };
        Ok(Postgres {
            sockets,
            password: password.trim().to_owned(),
            programs: programs.to_owned(),
        })
    }

    /// Its first process, whose children serve the connections.
    pub fn pid(&self) -> Result<u32> {
        let path = self.sockets.join("postmaster.pid");
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("{} is not readable", path.display()))?;
        let pid = text.lines().next().and_then(|line| line.trim().parse().ok());
        pid.with_context(|| format!("{} names no process", path.display()))
    }

    pub fn user(&self) -> &'static str {
        USER
    }

    pub fn url(&self, database: &str) -> String {
        let host = self.sockets.to_string_lossy().replace('/', "%2F");
        format!("postgresql://{USER}:{}@{host}:5432/{database}", self.password)
    }

    /// A connection that may do everything.
    pub async fn connect(&self, database: &str) -> Result<Client> {
        let (client, connection) = tokio_postgres::connect(&self.url(database), NoTls).await?;
        // It ends with its client.
        tokio::spawn(connection);
        Ok(client)
    }
}
