//! Who is told how the server does: figures and traces.

use std::net::SocketAddr;

use secrecy::SecretString;
use serde::Deserialize;

use super::named;

/// Who may read the figures.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    /// Where figures are told, if not at the address of everything else.
    pub listen: Option<SocketAddr>,
    /// What a reader brings who is not on this machine.
    pub token: Option<SecretString>,
}

/// Who is told what requests led to.
#[derive(Debug, Clone)]
pub struct Traces {
    /// A collector that takes OTLP over HTTP.
    pub endpoint: Option<String>,
    /// Of how many requests, from 0 to 1.
    pub sample_ratio: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetricsSettings {
    listen: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TracesSettings {
    endpoint: String,
    sample_ratio: f64,
}

/// The shortest token that is worth being one.
const TOKEN_MIN_BYTES: usize = 16;

pub(super) fn metrics(
    settings: &MetricsSettings,
    environment: impl Fn(&str) -> Option<String>,
    wrong: &mut Vec<String>,
) -> Metrics {
    let listen = environment("SWITCHBOARD_METRICS_LISTEN").unwrap_or(settings.listen.clone());
    let listen = Some(listen.trim().to_owned()).filter(|listen| !listen.is_empty());
    let address = listen.as_deref().map(str::parse);
    if let Some(Err(_)) = address {
        wrong.push(format!(
            "{} is an address and a port, such as 127.0.0.1:9100, not {:?}",
            named("metrics.listen", "SWITCHBOARD_METRICS_LISTEN"),
            listen.unwrap_or_default()
        ));
    }
    let token = environment("SWITCHBOARD_METRICS_TOKEN").map(|token| token.trim().to_owned());
    if token.as_ref().is_some_and(|token| token.len() < TOKEN_MIN_BYTES) {
        wrong.push(format!(
            "SWITCHBOARD_METRICS_TOKEN has fewer than {TOKEN_MIN_BYTES} characters; make one with \
             `openssl rand -hex 32`"
        ));
    }
    Metrics { listen: address.and_then(Result::ok), token: token.map(SecretString::from) }
}

pub(super) fn traces(
    settings: &TracesSettings,
    environment: impl Fn(&str) -> Option<String>,
    wrong: &mut Vec<String>,
) -> Traces {
    let endpoint = environment("OTEL_EXPORTER_OTLP_ENDPOINT").unwrap_or(settings.endpoint.clone());
    let endpoint = Some(endpoint.trim().to_owned()).filter(|endpoint| !endpoint.is_empty());
    let is_http = |url: &String| url.starts_with("http://") || url.starts_with("https://");
    if endpoint.as_ref().is_some_and(|url| !is_http(url)) {
        wrong.push(format!(
            "{} is the address of a collector that takes OTLP over HTTP, such as \
             http://127.0.0.1:4318, not {:?}",
            named("traces.endpoint", "OTEL_EXPORTER_OTLP_ENDPOINT"),
            endpoint.as_deref().unwrap_or_default()
        ));
    }
    let sample_ratio = settings.sample_ratio;
    if !(0.0..=1.0).contains(&sample_ratio) {
        wrong.push(format!("traces.sample_ratio is between 0 and 1, not {sample_ratio}"));
    }
    Traces { endpoint, sample_ratio }
}
