//! What the file and the environment say, before it is checked.

use std::path::PathBuf;

use serde::Deserialize;

use super::observing::{MetricsSettings, TracesSettings};
use super::platforms::Providers;
use super::redis::Redis;
use super::{Accounts, ConfigError, DEFAULTS, Http, Log, Uploads, named};
use crate::limits::Rates;
use crate::load::{Shedding, Sockets};

/// Who may make a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum SignUp {
    Open,
    Closed,
}

/// What a file may say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    pub(super) listen: String,
    pub(super) data: PathBuf,
    pub(super) files: String,
    pub(super) public_url: String,
    pub(super) sign_up: SignUp,
    pub(super) log: Log,
    pub(super) http: Http,
    pub(super) uploads: Uploads,
    pub(super) providers: Providers,
    pub(super) accounts: Accounts,
    pub(super) redis: Redis,
    #[serde(default)]
    pub(super) limits: Rates,
    pub(super) shedding: Shedding,
    pub(super) sockets: Sockets,
    pub(super) metrics: MetricsSettings,
    pub(super) traces: TracesSettings,
}

impl Settings {
    /// The defaults, what the file says over them, and what the environment says over both.
    pub(super) fn read(
        text: &str,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Settings, ConfigError> {
        let mut settings = Settings::of_file(text)?;
        if let Some(listen) = environment("SWITCHBOARD_LISTEN") {
            settings.listen = listen;
        }
        if let Some(data) = environment("SWITCHBOARD_DATA") {
            settings.data = data.into();
        }
        if let Some(files) = environment("SWITCHBOARD_FILES") {
            settings.files = files;
        }
        if let Some(url) = environment("SWITCHBOARD_PUBLIC_URL") {
            settings.public_url = url;
        }
        match environment("SWITCHBOARD_SIGN_UP").as_deref() {
            None => {}
            Some("open") => settings.sign_up = SignUp::Open,
            Some("closed") => settings.sign_up = SignUp::Closed,
            Some(other) => {
                let setting = named("sign_up", "SWITCHBOARD_SIGN_UP");
                let words = format!("{setting} is open or closed, not {other:?}");
                return Err(ConfigError(vec![words]));
            }
        }
        if let Some(filter) = environment("RUST_LOG") {
            settings.log.filter = filter;
        }
        Ok(settings)
    }

    fn of_file(text: &str) -> Result<Settings, ConfigError> {
        let read = |text: &str| {
            text.parse::<toml::Table>()
                .map_err(|error| ConfigError(vec![format!("the file is not TOML: {error}")]))
        };
        let mut table = read(DEFAULTS)?;
        overlay(&mut table, read(text)?);
        table.try_into().map_err(|error| ConfigError(vec![format!("the file: {error}")]))
    }

    /// Numbers that are too large or too small, each as a sentence.
    pub(super) fn out_of_bounds(&self) -> Vec<String> {
        let (http, uploads, sockets) = (&self.http, &self.uploads, &self.sockets);
        let providers = &self.providers;
        let bounds = [
            ("http.workers", http.workers as u64, 0..=512),
            ("http.max_connections", http.max_connections as u64, 16..=5_000_000),
            ("http.request_timeout_seconds", http.request_timeout_seconds, 1..=300),
            ("http.keep_alive_seconds", http.keep_alive_seconds, 1..=3_600),
            ("http.trusted_proxies", http.trusted_proxies as u64, 0..=10),
            ("http.drain_seconds", http.drain_seconds, 1..=600),
            ("uploads.at_once_per_workspace", uploads.at_once_per_workspace as u64, 1..=1_000),
            ("uploads.at_once", uploads.at_once as u64, 1..=10_000),
            ("accounts.lease_seconds", self.accounts.lease_seconds.into(), 1..=300),
            ("sockets.per_second", sockets.per_second.into(), 1..=1_000_000),
            ("sockets.burst", sockets.burst.into(), 1..=1_000_000),
            ("sockets.wait_ms", sockets.wait_ms, 0..=30_000),
            ("providers.uncertain_seconds", providers.uncertain_seconds.into(), 1..=3_600),
            ("providers.history_pause_ms", providers.history_pause_ms.into(), 0..=60_000),
        ];
        bounds
            .into_iter()
            .filter(|(_, value, range)| !range.contains(value))
            .map(|(name, value, range)| {
                format!("{name} is between {} and {}, not {value}", range.start(), range.end())
            })
            .collect()
    }
}

fn overlay(base: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(toml::Value::Table(base)), toml::Value::Table(over)) => overlay(base, over),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}
