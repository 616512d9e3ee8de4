//! A measured value and how it is printed: one JSON line.

use serde::Serialize;

use crate::meter::Cores;

/// What stands beside a peer's figure.
pub const OURS: &str = "switchboard";

/// One line of the answer.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    pub name: &'static str,
    pub value: f64,
    pub unit: &'static str,
    pub against: Option<Against>,
    /// `value` divided by that of `against`.
    pub ratio: Option<f64>,
    /// Processor time of the server's process, its Postgres not included.
    pub cpu_us_per_op: Option<f64>,
    /// Resident memory of the server's process at the end of the measurement.
    pub rss_mib: Option<f64>,
    /// How busy everybody was meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cores: Option<Cores>,
}

/// The peer or the limit that was measured, or is set, beside it.
#[derive(Debug, Clone, Serialize)]
pub struct Against {
    pub name: &'static str,
    pub value: f64,
}

impl Figure {
    pub fn new(name: &'static str, value: f64, unit: &'static str) -> Figure {
        let value = rounded(value);
        Figure {
            name,
            value,
            unit,
            against: None,
            ratio: None,
            cpu_us_per_op: None,
            rss_mib: None,
            cores: None,
        }
    }

    pub fn against(mut self, name: &'static str, value: f64) -> Figure {
        self.ratio = (value > 0.0).then(|| rounded(self.value / value));
        self.against = Some(Against { name, value: rounded(value) });
        self
    }

    pub fn cpu(mut self, us_per_op: f64) -> Figure {
        self.cpu_us_per_op = Some(rounded(us_per_op));
        self
    }

    pub fn rss(mut self, mib: f64) -> Figure {
        self.rss_mib = Some(rounded(mib));
        self
    }

    pub fn cores(mut self, cores: Cores) -> Figure {
        self.cores = Some(cores);
        self
    }
}

/// Four significant digits, but whole numbers stay whole: more would be noise.
pub fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let scale = 10f64.powf(3.0 - value.abs().log10().floor()).max(1.0);
    (value * scale).round() / scale
}

/// The middle one: a window in which the machine did something else moves it little.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[n / 2],
        n => (values[n / 2 - 1] + values[n / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_or_between_the_middles() {
        assert_eq!(median(vec![9.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 9.0]), 3.0);
        assert_eq!(median(vec![]), 0.0);
    }

    #[test]
    fn a_figure_states_its_ratio_and_no_false_precision() {
        let figure = Figure::new("x", 1_234.567_8, "1/s").against("y", 1000.0);
        assert_eq!((figure.value, figure.ratio), (1_235.0, Some(1.235)));
        assert_eq!(Figure::new("x", 26_573.0, "bytes").value, 26_573.0);
        assert_eq!(Figure::new("x", 0.0, "ms").against("y", 0.0).ratio, None);
    }
}
