//! Latencies, kept as a histogram of constant relative precision.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// Longer than this counts as this.
const LONGEST: Duration = Duration::from_secs(60);

/// Latencies in microseconds, with three significant digits.
#[derive(Debug, Clone)]
pub struct Latencies(Histogram<u64>);

impl Latencies {
    pub fn new() -> Latencies {
        match Histogram::new_with_bounds(1, micros(LONGEST), 3) {
            Ok(histogram) => Latencies(histogram),
            Err(error) => unreachable!("these bounds are allowed: {error}"),
        }
    }

    pub fn record(&mut self, latency: Duration) {
        self.0.saturating_record(micros(latency).max(1));
    }

    /// The latency that this part of all stays within, in milliseconds.
    pub fn ms(&self, quantile: f64) -> f64 {
        self.0.value_at_quantile(quantile) as f64 / 1_000.0
    }
}

/// What is told of latencies, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quantiles {
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    #[serde(rename = "p99.9")]
    pub p999: f64,
    pub max: f64,
}

impl From<&Latencies> for Quantiles {
    fn from(all: &Latencies) -> Quantiles {
        let [p50, p90, p99, p999, max] = [0.5, 0.9, 0.99, 0.999, 1.0].map(|part| all.ms(part));
        Quantiles { p50, p90, p99, p999, max }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_in_milliseconds() {
        let mut latencies = Latencies::new();
        for ms in 1..=100 {
            latencies.record(Duration::from_millis(ms));
        }
        assert!((latencies.ms(0.5) - 50.0).abs() < 0.1);
        assert!((latencies.ms(0.99) - 99.0).abs() < 0.1);
        let told = Quantiles::from(&latencies);
        assert!((told.p90 - 90.0).abs() < 0.1 && (told.max - 100.0).abs() < 0.1);
    }
}
