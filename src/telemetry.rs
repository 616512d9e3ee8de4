//! Logs and metrics of this process.
//!
//! Both go through registries that belong to the process and not to a server, so several servers
//! in one process share them.

use std::io::IsTerminal;
use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};
use crate::figures::catalogue;

/// Upper bounds of latencies, in seconds.
const LATENCIES: [f64; 13] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Upper bounds of how many appends a commit holds.
const BATCHES: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// Starts to log. What is logged before is lost; a second call changes nothing.
pub fn log(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.filter)
        .map_err(|error| anyhow::anyhow!("the log filter {:?}: {error}", log.filter))?;
    let terminal = std::io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(terminal);
    let json = match log.format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !terminal,
    };
    // An embedding program may have set up its own.
    let _ = if json {
        builder.json().flatten_event(true).with_current_span(false).try_init()
    } else {
        builder.try_init()
    };
    Ok(())
}

/// Starts to count, once for the process; `None` when something else counts already.
pub fn metrics() -> Option<&'static PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &LATENCIES)
                .ok()?
                .set_buckets_for_metric(Matcher::Suffix("_appends".to_owned()), &BATCHES)
                .ok()?
                .install_recorder()
                .inspect_err(|error| tracing::warn!(%error, "metrics are not counted"))
                .inspect(|_| catalogue::describe())
                .ok()
        })
        .as_ref()
}
