//! One run of k6: what it is told, and what came of it.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use tokio::process::Command;

use super::theatre::Theatre;
use super::{Args, Scenario};
use crate::meter::{Cores, Meter};

/// What k6 exits with when it ran to its end and a threshold did not hold.
const THRESHOLDS: i32 = 99;

/// What a script's `handleSummary` writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub acked: u64,
    /// Events that were heard by everybody together.
    pub frames: u64,
    pub gaps: u64,
    pub doubles: u64,
    pub refused: u64,
    pub unanswered: u64,
    /// Sockets that the server closed for no reason that the script knows.
    pub cut: u64,
    pub ack_ms: Option<Trend>,
    pub frame_ms: Option<Trend>,
    pub welcome_ms: Option<Trend>,
    pub back_ms: Option<Trend>,
    pub page_ms: Option<Trend>,
    /// Thresholds that did not hold.
    pub broken: Vec<String>,
}

/// Latencies in milliseconds, from when something was due.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trend {
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    #[serde(rename = "p99.9")]
    pub p999: f64,
    pub max: f64,
}

/// Lets k6 play, and looks how busy everybody is while everybody writes.
pub async fn run(args: &Args, theatre: &Theatre, rate: u32) -> Result<(Outcome, Option<Cores>)> {
    let folder = tempfile::tempdir()?;
    let (stage, result) = (folder.path().join("stage.json"), folder.path().join("result.json"));
    std::fs::write(&stage, serde_json::to_string(&theatre.stage)?)?;
    let script = args.scripts.join(format!("{}.js", args.scenario.name()));
    let agents = args.agents.unwrap_or(match args.scenario {
        Scenario::Agents => 200,
        _ => u32::try_from(theatre.stage.workspaces.len())?,
    });
    let mut command = Command::new(&args.k6);
    command
        .args(["run", "--quiet", "--no-usage-report", "--no-color"])
        .arg(script.canonicalize().with_context(|| format!("no {}", script.display()))?)
        .env("STAGE", &stage)
        .env("RESULT", &result)
        .env("RATE", rate.to_string())
        .env("SECONDS", args.seconds.to_string())
        .env("LEAD", args.lead().as_secs().to_string())
        .env("VISITORS", args.visitors.to_string())
        .env("AGENTS", agents.to_string())
        .env("SOCKETS", args.sockets.to_string())
        .env("P99_MS", args.p99_ms.to_string())
        .stdin(Stdio::null())
        // What it says is for people; standard output is for figures.
        .stdout(Stdio::from(std::io::stderr()))
        .kill_on_drop(true);
    let mut child = command.spawn().with_context(|| {
        format!("{} does not start; script/load says how to get k6", args.k6.display())
    })?;
    let k6 = child.id();
    let looking = async {
        // The second that k6 needs to read its scripts does not count.
        tokio::time::sleep(args.lead() + Duration::from_secs(2)).await;
        let Some(processes) = theatre.processes(k6)? else { return Ok(None) };
        let meter = Meter::over(processes)?;
        tokio::time::sleep(Duration::from_secs(args.seconds.saturating_sub(2).max(1).into())).await;
        anyhow::Ok(Some(meter.read()?.cores))
    };
    let (status, cores) = tokio::join!(child.wait(), looking);
    let status = status?;
    if !status.success() && status.code() != Some(THRESHOLDS) {
        bail!("k6 ended with {status}");
    }
    let text = std::fs::read_to_string(&result).context("k6 wrote no result")?;
    // A run that ended early has no processor times; what it says is worth more.
    Ok((serde_json::from_str(&text)?, cores.ok().flatten()))
}
