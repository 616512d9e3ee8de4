//! `loadtest report`: a page that shows figures to somebody who has never heard of them. It reads the
//! lines that `bench` and `load` print, and needs nothing but itself: no script, no network.

mod catalogue;
mod page;

use std::collections::HashMap;
use std::io::Read;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::meter::Cores;

/// A figure as it was printed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Measured {
    name: String,
    value: f64,
    unit: String,
    against: Option<Against>,
    ratio: Option<f64>,
    cpu_us_per_op: Option<f64>,
    rss_mib: Option<f64>,
    cores: Option<Cores>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Against {
    name: String,
    value: f64,
}

/// A run of people that k6 played.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Played {
    name: String,
    nodes: usize,
    rate: u32,
    sustained: bool,
    acked_per_second: f64,
    gaps: u64,
    doubles: u64,
    ack_ms: Option<P99>,
    frame_ms: Option<P99>,
    cores: Option<Cores>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct P99 {
    p99: f64,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Line {
    Measured(Box<Measured>),
    Played(Box<Played>),
}

/// All that was read. A figure that was taken twice counts as it was last.
#[derive(Debug, Default)]
struct Figures {
    by_name: HashMap<String, Measured>,
    played: Vec<Played>,
}

impl Figures {
    fn read(text: &str) -> Result<Figures> {
        let mut figures = Figures::default();
        for (nth, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let line: Line = serde_json::from_str(line)
                .with_context(|| format!("line {} is no figure", nth + 1))?;
            match line {
                Line::Measured(figure) => {
                    figures.by_name.insert(figure.name.clone(), *figure);
                }
                Line::Played(played) => figures.played.push(*played),
            }
        }
        Ok(figures)
    }
}

/// The machine in a few words.
fn machine() -> String {
    let many = std::thread::available_parallelism().map_or(1, usize::from);
    let about = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = about.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown model", |(_, model)| model.trim());
    format!("{many} processors ({model})")
}

/// Reads lines from standard input and writes the page to standard output.
pub fn run() -> Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("the figures could not be read")?;
    let figures = Figures::read(&text)?;
    if figures.by_name.is_empty() && figures.played.is_empty() {
        bail!("there is no figure to show; give it what `loadtest bench` prints");
    }
    #[expect(clippy::disallowed_methods, reason = "the driver is an edge; nothing tests by it")]
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    print!("{}", page::page(&figures, &format!("{today}, {}", machine())));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_both_kinds_are_read_and_others_refused() {
        let text = r#"{"name":"ready_ms","value":103,"unit":"ms","against":{"name":"budget","value":300},"ratio":0.343,"cpu_us_per_op":null,"rss_mib":null}

{"name":"load_day","nodes":1,"rate":200,"sustained":true,"acked_per_second":199.5,"acked":1,"frames":2,"gaps":0,"doubles":0,"refused":0,"unanswered":0,"cut":0,"ack_ms":{"p50":1,"p90":2,"p99":3,"p99.9":4,"max":5},"frame_ms":null,"broken":[]}"#;
        let figures = Figures::read(text).unwrap();
        assert_eq!(figures.by_name["ready_ms"].value, 103.0);
        assert_eq!(figures.played[0].ack_ms, Some(P99 { p99: 3.0 }));
        let error = Figures::read("{\"name\":\"x\"}").unwrap_err().to_string();
        assert!(error.contains("line 1"), "{error}");
    }
}
