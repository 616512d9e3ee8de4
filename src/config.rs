//! The settings: typed, and all checked before anything starts.
//!
//! `switchboard.default.toml` holds every default with its explanation. A file overrides it, the
//! environment overrides both; secrets come from the environment alone.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use switchboard_actors::accounts::Proxy;
use switchboard_actors::bus::redis::Address;
use switchboard_store::seal::MasterKeys;

use crate::limits::Rates;
use crate::load::{Shedding, Sockets};

mod files;
mod observing;
mod platforms;
mod redis;
mod settings;

pub use files::{BucketConfig, BucketKeys, Files};
pub use observing::{Metrics, Traces};
pub use platforms::{InstagramConfig, MetaConfig, Providers};
use settings::{Settings, SignUp};

/// The commented defaults, as `serve --print-config` shows them.
pub const DEFAULTS: &str = include_str!("../switchboard.default.toml");

/// All that is wrong with the settings, each as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the settings are not usable:\n  - {}", .0.join("\n  - "))]
pub struct ConfigError(pub Vec<String>);

/// Where the rows are kept.
#[derive(Debug, Clone)]
pub enum Database {
    /// A Postgres of our own in the data folder.
    Private,
    Url(SecretString),
}

#[derive(Debug, Clone)]
pub struct Config {
    pub listen: SocketAddr,
    pub data: PathBuf,
    pub files: Files,
    /// An origin such as `https://chat.example`; taken from the listener when absent.
    pub public_url: Option<String>,
    /// Whether strangers may sign up a workspace.
    pub sign_up: bool,
    pub database: Database,
    /// The servers that carry what nodes tell one another; none for a node that is alone.
    pub redis: Vec<Address>,
    pub master_keys: Option<MasterKeys>,
    pub log: Log,
    pub http: Http,
    pub uploads: Uploads,
    pub limits: Rates,
    pub shedding: Shedding,
    pub sockets: Sockets,
    pub metrics: Metrics,
    pub traces: Traces,
    /// Our app at Meta, without which WhatsApp, Messenger and Instagram cannot be connected.
    pub meta: Option<MetaConfig>,
    pub providers: Providers,
    pub accounts: Accounts,
    /// For calls to the platforms.
    pub proxy: Option<Proxy>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub filter: String,
    pub format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Auto,
    Text,
    Json,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    pub workers: usize,
    pub max_connections: usize,
    pub request_timeout_seconds: u64,
    pub keep_alive_seconds: u64,
    /// How many hops of `X-Forwarded-For`, from its end, were written by our own proxies.
    pub trusted_proxies: usize,
    pub drain_seconds: u64,
}

impl Http {
    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds)
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uploads {
    pub at_once_per_workspace: usize,
    pub at_once: usize,
}

/// How nodes share the connected accounts.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    pub lease_seconds: u32,
}

impl Config {
    /// The settings of this process. `file` is read over the defaults.
    pub fn load(file: Option<&Path>) -> Result<Config, ConfigError> {
        let text = match file {
            None => String::new(),
            Some(path) => std::fs::read_to_string(path).map_err(|error| {
                ConfigError(vec![format!("{} could not be read: {error}", path.display())])
            })?,
        };
        Config::from_parts(&text, |name| std::env::var(name).ok())
    }

    /// The settings of a file's text and an environment.
    pub fn from_parts(
        text: &str,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Config, ConfigError> {
        let environment = |name: &str| environment(name).filter(|value| !value.trim().is_empty());
        check(Settings::read(text, environment)?, environment)
    }

    /// The master keys, for commands that cannot do without.
    pub fn require_master_keys(&self) -> Result<MasterKeys, ConfigError> {
        self.master_keys.clone().ok_or_else(|| {
            ConfigError(vec![
                "SWITCHBOARD_MASTER_KEYS is not set. It protects everything that is stored; make \
                 it once with `openssl rand -base64 32`, keep it where your secrets are kept, and \
                 never lose it. (`switchboard demo` makes its own.)"
                    .to_owned(),
            ])
        })
    }
}

/// A setting by both its names. The value at fault may have come from either place, and who reads
/// the complaint may know only one of them.
fn named(key: &str, variable: &str) -> String {
    format!("{key} in the settings file, or {variable} in the environment,")
}

fn check(
    settings: Settings,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<Config, ConfigError> {
    let mut wrong = Vec::new();
    let listen = settings.listen.parse().unwrap_or_else(|_| {
        wrong.push(format!(
            "{} is an address and a port, such as 127.0.0.1:8080, not {:?}",
            named("listen", "SWITCHBOARD_LISTEN"),
            settings.listen
        ));
        // Nothing listens there: with something wrong there is no `Config`.
        SocketAddr::from(([127, 0, 0, 1], 8080))
    });
    let public_url = Some(settings.public_url.trim()).filter(|url| !url.is_empty());
    let origin = public_url.and_then(switchboard_domain::origin::rule);
    let origin = origin.filter(|origin| !origin.contains('*'));
    if let (Some(url), None) = (public_url, &origin) {
        wrong.push(format!(
            "{} is a scheme and a host without a path, such as https://chat.example.com, not \
             {url:?}",
            named("public_url", "SWITCHBOARD_PUBLIC_URL")
        ));
    }
    let redis = redis::check(&settings.redis, &environment, &mut wrong);
    let database = match environment("DATABASE_URL") {
        None => Database::Private,
        Some(url) => {
            if let Err(error) = url.parse::<switchboard_store::postgres::Address>() {
                wrong.push(format!("DATABASE_URL cannot be used: {error}"));
            }
            Database::Url(url.into())
        }
    };
    let master_keys = environment("SWITCHBOARD_MASTER_KEYS").and_then(|keys| {
        MasterKeys::parse(&keys)
            .map_err(|error| wrong.push(format!("SWITCHBOARD_MASTER_KEYS: {error}")))
            .ok()
    });
    let metrics = observing::metrics(&settings.metrics, &environment, &mut wrong);
    let traces = observing::traces(&settings.traces, &environment, &mut wrong);
    let files = files::files(&settings.files, &environment, &mut wrong);
    let meta = platforms::meta(&environment, &mut wrong);
    let proxy = platforms::proxy(&environment);
    wrong.extend(settings.providers.check());
    wrong.extend(settings.out_of_bounds());
    if !wrong.is_empty() {
        return Err(ConfigError(wrong));
    }
    let Settings { data, sign_up, log, http, uploads, providers, accounts, limits, .. } = settings;
    let Settings { shedding, sockets, .. } = settings;
    Ok(Config {
        listen,
        data,
        files,
        public_url: origin,
        sign_up: sign_up == SignUp::Open,
        database,
        redis,
        master_keys,
        log,
        http,
        uploads,
        limits,
        shedding,
        sockets,
        metrics,
        traces,
        meta,
        providers,
        accounts,
        proxy,
    })
}

impl Database {
    /// The address, for a database that is not ours.
    pub fn url(&self) -> Option<&str> {
        match self {
            Database::Private => None,
            Database::Url(url) => Some(url.expose_secret()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_parts(text, |name| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_defaults_are_usable() {
        let config = config("", &[]).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.public_url, None);
        assert!(matches!(config.database, Database::Private));
        assert!(config.require_master_keys().is_err());
    }

    #[test]
    fn the_environment_beats_the_file_which_beats_the_defaults() {
        let file = "data = \"/srv\"\nlisten = \"0.0.0.0:1\"\n[http]\ntrusted_proxies = 2";
        let config = config(file, &[("SWITCHBOARD_LISTEN", "0.0.0.0:9")]).unwrap();
        assert_eq!(config.listen.port(), 9);
        assert_eq!(config.data, PathBuf::from("/srv"));
        assert_eq!(config.http.trusted_proxies, 2);
        assert_eq!(config.http.keep_alive_seconds, 30);
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let ConfigError(wrong) = config(
            "[http]\nmax_connections = 1",
            &[
                ("SWITCHBOARD_LISTEN", "here"),
                ("SWITCHBOARD_PUBLIC_URL", "https://a.example/path"),
                ("REDIS_URL", "redis//x"),
                ("DATABASE_URL", "mysql://x"),
                ("SWITCHBOARD_MASTER_KEYS", "short"),
            ],
        )
        .unwrap_err();
        assert_eq!(wrong.len(), 6, "{wrong:#?}");
    }

    #[test]
    fn what_is_wrong_is_named_as_in_the_file_and_in_the_environment() {
        for (key, variable, bad) in [
            ("listen", "SWITCHBOARD_LISTEN", "here"),
            ("files", "SWITCHBOARD_FILES", "ftp://host/files"),
            ("files", "SWITCHBOARD_FILES", "s3://"),
            ("public_url", "SWITCHBOARD_PUBLIC_URL", "chat.example"),
            ("sign_up", "SWITCHBOARD_SIGN_UP", "maybe"),
            ("redis.url", "REDIS_URL", "redis//x"),
            ("metrics.listen", "SWITCHBOARD_METRICS_LISTEN", "9100"),
            ("traces.endpoint", "OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ] {
            let ConfigError(wrong) = config("", &[(variable, bad)]).unwrap_err();
            assert_eq!(wrong.len(), 1, "{wrong:#?}");
            assert!(wrong[0].starts_with(&named(key, variable)), "{wrong:?}");
        }
    }

    #[test]
    fn numbers_have_bounds() {
        for bad in [
            "[accounts]\nlease_seconds = 0",
            "[providers]\nuncertain_seconds = 0",
            "[providers]\nuncertain_seconds = 3601",
            "[providers]\nhistory_pause_ms = 60001",
            "[sockets]\nwait_ms = 30001",
        ] {
            let ConfigError(wrong) = config(bad, &[]).unwrap_err();
            assert_eq!(wrong.len(), 1, "{bad}: {wrong:?}");
        }
        assert!(config("[providers]\nhistory_pause_ms = 0", &[]).is_ok());
    }

    #[test]
    fn sign_up_is_open_until_it_is_closed() {
        assert!(config("", &[]).unwrap().sign_up);
        assert!(!config("", &[("SWITCHBOARD_SIGN_UP", "closed")]).unwrap().sign_up);
        assert!(!config("sign_up = \"closed\"", &[]).unwrap().sign_up);
        assert!(config("", &[("SWITCHBOARD_SIGN_UP", "maybe")]).is_err());
    }

    #[test]
    fn a_misspelt_setting_is_named() {
        let ConfigError(wrong) = config("[http]\nworker = 1", &[]).unwrap_err();
        assert!(wrong[0].contains("worker"), "{wrong:?}");
    }
}
