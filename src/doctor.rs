//! `switchboard doctor`: looks at everything a server needs, and says what to do about the rest.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use nix::sys::resource::{Resource, getrlimit};
use nix::sys::statvfs::statvfs;
use switchboard_actors::bus::redis::Probed;
use switchboard_store::migrate::Standing;
use switchboard_store::postgres::{self, Protection};
use switchboard_store::probe::probe;
use switchboard_store::seal::MasterId;
use switchboard_store::{Error, Store, migrate, rotation};

use crate::blobs::Blobs;
use crate::cluster::binaries::Binaries;
use crate::config::{Config, Database, Files};
use crate::keys;

/// The oldest Postgres that the schema works on.
const POSTGRES_MIN: u32 = 150_000;
/// With less than this left, a server is soon in trouble.
const DISK_MIN_MIB: u64 = 1_024;
/// Files that a server has open beside its connections.
const OTHER_FILES: u64 = 256;

/// What was found out about one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    Good(String),
    /// Works, but should be looked at.
    Doubtful(String),
    /// A server would not start.
    Bad(String),
}

use Finding::{Bad, Doubtful, Good};

/// Looks at everything; prints each finding. Whether a server would start.
pub async fn examine(config: &Config) -> bool {
    let mut findings = vec![
        ("keys", given_keys(config)),
        ("data folder", data_folder(&config.data)),
        ("disk", disk(&config.data)),
        ("files", files(config).await),
        ("database", database(config).await),
        ("redis", redis(config).await),
        ("address", address(config)),
        ("public address", public_address(config)),
        ("open files", open_files(config.http.max_connections as u64)),
    ];
    if let Some(finding) = way_to_database(config) {
        findings.insert(5, ("database TLS", finding));
    }
    if let Some(finding) = stored_keys(config).await {
        findings.insert(1, ("keys in use", finding));
    }
    for (what, finding) in &findings {
        let (mark, words) = match finding {
            Good(words) => ("ok  ", words),
            Doubtful(words) => ("look", words),
            Bad(words) => ("BAD ", words),
        };
        println!("{mark}  {what:<15} {words}");
    }
    !findings.iter().any(|(_, finding)| matches!(finding, Bad(_)))
}

fn given_keys(config: &Config) -> Finding {
    if let Some(ring) = &config.master_keys {
        return Good(format!("SWITCHBOARD_MASTER_KEYS holds {}", keys::list(&ring.ids())));
    }
    Bad("SWITCHBOARD_MASTER_KEYS is not set; make one once with `openssl rand -base64 32` and \
         keep it safe (`switchboard demo` makes its own)"
        .to_owned())
}

/// Whether the keys are those that the database was made with, and which of them may go. Not known
/// of a private database, which runs only with its server, nor of one that cannot be asked.
async fn stored_keys(config: &Config) -> Option<Finding> {
    let database: postgres::Address = config.database.url()?.parse().ok()?;
    let master = config.master_keys.clone()?;
    if migrate::standing(&database).await.ok()??.pending > 0 {
        return None;
    }
    let store = Store::new(&database, master, tokio::runtime::Handle::current()).ok()?;
    let used = rotation::in_use(&store).await.ok()?;
    let ring = store.master.ids();
    let unknown: Vec<MasterId> = used.iter().copied().filter(|id| !ring.contains(id)).collect();
    if !unknown.is_empty() {
        return Some(Bad(keys::words(&unknown, &ring)));
    }
    let mut protects = Vec::new();
    for id in &used {
        let count = rotation::count(&store, *id).await.ok()?;
        protects.push(format!("{id} protects {count} workspaces"));
    }
    let idle: Vec<MasterId> = ring[1..].iter().copied().filter(|id| !used.contains(id)).collect();
    let mut words = protects.join(", ");
    if words.is_empty() {
        words = "there is no workspace yet".to_owned();
    }
    if used.iter().any(|id| *id != store.master.current()) {
        words += "; `switchboard keys rotate` has the first key protect all";
        return Some(Doubtful(words));
    }
    if !idle.is_empty() {
        words += &format!(
            "; {} may be dropped once every node has the first key, no spool waits, and visitors \
             who have not been back since may count as new ones",
            keys::list(&idle)
        );
    }
    Some(Good(words))
}

fn data_folder(data: &Path) -> Finding {
    let shown = data.display();
    let probe = data.join(".doctor");
    let written = std::fs::create_dir_all(data)
        .and_then(|()| std::fs::write(&probe, "x"))
        .and_then(|()| std::fs::remove_file(&probe));
    match written {
        Ok(()) => Good(format!("{shown} can be written to")),
        Err(error) => Bad(format!(
            "{shown} cannot be written to ({error}); change its owner, or choose another as `data` \
             in the settings file or with SWITCHBOARD_DATA"
        )),
    }
}

/// A server starts without it, but nodes hear of one another only every few seconds.
async fn redis(config: &Config) -> Finding {
    if config.redis.is_empty() {
        return Good("not used; it is needed for several nodes only".to_owned());
    }
    let mut versions = Vec::new();
    for address in &config.redis {
        match address.probe().await {
            Ok(Probed { version }) => versions.push(format!("{address} (version {version})")),
            Err(error) => {
                return Doubtful(format!(
                    "{address}: {error}; check that it runs, and redis.url in the settings file or \
                     REDIS_URL"
                ));
            }
        }
    }
    Good(versions.join(", "))
}

fn disk(data: &Path) -> Finding {
    match statvfs(data) {
        Err(error) => Doubtful(format!("the free space is not known: {error}")),
        Ok(disk) => {
            let free = disk.blocks_available() * disk.fragment_size() / 1024 / 1024;
            let words = format!("{free} MiB free");
            if free >= DISK_MIN_MIB {
                Good(words)
            } else {
                Doubtful(format!("{words}; less than {DISK_MIN_MIB} MiB will not last"))
            }
        }
    }
}

async fn files(config: &Config) -> Finding {
    let (place, remedy) = match &config.files {
        Files::Data if config.redis.is_empty() => return Good("in the data folder".to_owned()),
        Files::Data => {
            return Doubtful(
                "each node keeps its own; for several, name a bucket or a folder that all of them \
                 reach as `files` in the settings file or in SWITCHBOARD_FILES"
                    .to_owned(),
            );
        }
        Files::Folder(folder) => (folder.display().to_string(), "its owner"),
        Files::Bucket(bucket) => {
            (format!("the bucket {}", bucket.name), "AWS_ENDPOINT_URL, the keys and what they may")
        }
    };
    let checked = async { Blobs::open(config).await?.check().await };
    match checked.await {
        Ok(()) => Good(format!("{place} keeps, gives back and removes a file")),
        Err(error) => {
            let words = error.to_string();
            let error = words.lines().next().unwrap_or_default();
            Bad(format!("{place} does not keep a file ({error}); check {remedy}"))
        }
    }
}

async fn database(config: &Config) -> Finding {
    match &config.database {
        Database::Private => private_database(),
        Database::Url(_) => match config.database.url().and_then(|url| url.parse().ok()) {
            None => Bad("DATABASE_URL could not be read".to_owned()),
            Some(url) => remote_database(&url).await,
        },
    }
}

/// How the way to a database on another machine is protected.
fn way_to_database(config: &Config) -> Option<Finding> {
    let address: postgres::Address = config.database.url()?.parse().ok()?;
    if !address.is_remote() {
        return None;
    }
    Some(match address.protection() {
        Protection::None | Protection::Preferred => Doubtful(
            "what is said to Postgres may cross the network unencrypted; add \
             sslmode=verify-full to DATABASE_URL"
                .to_owned(),
        ),
        Protection::Encrypted => Doubtful(
            "encrypted, but whoever is on the way could pretend to be Postgres; \
             sslmode=verify-full in DATABASE_URL asks for its certificate"
                .to_owned(),
        ),
        Protection::Authority => Good("encrypted, and an authority vouches for it".to_owned()),
        Protection::Verified => {
            Good("encrypted, and an authority vouches for it and its name".to_owned())
        }
    })
}

fn private_database() -> Finding {
    let named = std::env::var_os("SWITCHBOARD_POSTGRES_BIN").map(PathBuf::from);
    match Binaries::installed(named.as_deref()) {
        Err(error) => Bad(error.to_string()),
        Ok(found) => match found.iter().max_by_key(|binaries| binaries.major) {
            None => Bad("no Postgres is installed; install the package postgresql".to_owned()),
            Some(Binaries { folder, major }) => {
                Good(format!("a private Postgres {major}, run from {}", folder.display()))
            }
        },
    }
}

async fn remote_database(url: &postgres::Address) -> Finding {
    let probed = match probe(url).await {
        Ok(probed) => probed,
        Err(error) => {
            return Bad(format!("{error}; check DATABASE_URL and that Postgres is running"));
        }
    };
    let version = format!("Postgres {}.{}", probed.version / 10_000, probed.version % 10_000);
    if probed.version < POSTGRES_MIN {
        return Bad(format!("{version} is too old; 15 is the oldest that works"));
    }
    match migrate::standing(url).await {
        Err(error @ Error::Migration(_)) => Bad(format!("{version}, but {error}")),
        Err(error) => Bad(format!("{version}, but its schema cannot be read: {error}")),
        Ok(Some(Standing { pending: 0, newer: 0 })) => {
            Good(format!("{version}, {} is up to date", probed.database))
        }
        Ok(Some(Standing { pending: 0, .. })) => Doubtful(format!(
            "{version}, {} is newer than this version, which works on it all the same",
            probed.database
        )),
        Ok(standing) => {
            let what = match standing {
                None => format!("{} is empty", probed.database),
                Some(Standing { pending, .. }) => format!("{pending} migrations are to come"),
            };
            if probed.may_make_roles || standing.is_some() {
                Good(format!("{version}, {what}; `serve` or `migrate` brings it up to date"))
            } else {
                Bad(format!(
                    "{version}, {what}, and this login may not make the two roles that the first \
                     migration needs; run `switchboard migrate` once as a superuser"
                ))
            }
        }
    }
}

fn address(config: &Config) -> Finding {
    let listen = config.listen;
    match TcpListener::bind(listen) {
        Ok(_) => Good(format!("{listen} is free")),
        Err(error) => Doubtful(format!(
            "{listen} cannot be listened on ({error}); either a server runs already, or choose \
             another as `listen` in the settings file or with SWITCHBOARD_LISTEN"
        )),
    }
}

fn public_address(config: &Config) -> Finding {
    match &config.public_url {
        Some(url) if url.starts_with("https://") => Good(url.clone()),
        Some(url) => Doubtful(format!(
            "{url} is not HTTPS; browsers send the session cookie to it only on this machine"
        )),
        None => Doubtful(
            "neither public_url in the settings file nor SWITCHBOARD_PUBLIC_URL is set; links will \
             name localhost, which only this machine reaches"
                .to_owned(),
        ),
    }
}

fn open_files(connections: u64) -> Finding {
    let wanted = connections + OTHER_FILES;
    match getrlimit(Resource::RLIMIT_NOFILE) {
        Err(error) => Doubtful(format!("the limit of open files is not known: {error}")),
        Ok((_, hard)) if hard >= wanted => Good(format!("{hard} are allowed")),
        Ok((_, hard)) => Doubtful(format!(
            "{hard} are allowed, too few for http.max_connections = {connections}; raise the \
             limit (LimitNOFILE= in systemd, ulimit -n in a shell) or lower the setting"
        )),
    }
}
