//! The search for the highest rate that holds: up by half until one does not, then between.

/// A difference below this part of the rate is not worth another run.
const CLOSE: f64 = 0.08;
/// Down to here it is looked whether anything holds at all.
const LOWEST: u32 = 10;

#[derive(Debug, Clone)]
pub struct Search {
    first: u32,
    best: Option<u32>,
    worst: Option<u32>,
}

impl Search {
    pub fn from(rate: u32) -> Search {
        Search { first: rate.max(LOWEST), best: None, worst: None }
    }

    /// The next rate to try; `None` when the answer is known.
    pub fn next(&self) -> Option<u32> {
        match (self.best, self.worst) {
            (None, None) => Some(self.first),
            (Some(best), None) => Some(best + best.div_ceil(2)),
            (None, Some(worst)) => Some(worst / 2).filter(|rate| *rate >= LOWEST),
            (Some(best), Some(worst)) => {
                let apart = worst.saturating_sub(best);
                let is_far = apart > 1 && f64::from(apart) / f64::from(best) > CLOSE;
                is_far.then_some(best + apart / 2)
            }
        }
    }

    pub fn told(&mut self, rate: u32, held: bool) {
        match held {
            true => self.best = self.best.max(Some(rate)),
            false => self.worst = Some(self.worst.map_or(rate, |worst| worst.min(rate))),
        }
    }

    pub fn best(&self) -> Option<u32> {
        self.best
    }

    pub fn lowest(&self) -> u32 {
        self.worst.unwrap_or(self.first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(begin: u32, limit: u32) -> (Option<u32>, u32) {
        let (mut search, mut runs) = (Search::from(begin), 0);
        while let Some(rate) = search.next() {
            search.told(rate, rate <= limit);
            runs += 1;
            assert!(runs < 50, "it has an end");
        }
        (search.best(), runs)
    }

    #[test]
    fn the_highest_rate_that_holds_is_found_from_above_and_from_below() {
        for (begin, limit) in [(200, 1_000), (200, 199), (200, 200), (4_000, 1_000), (10, 12)] {
            let (best, runs) = found(begin, limit);
            let best = best.unwrap();
            assert!(
                best <= limit && f64::from(best) >= f64::from(limit) * 0.9,
                "{best} of {limit}"
            );
            assert!(runs <= 12, "{runs} runs");
        }
    }

    #[test]
    fn a_server_that_holds_nothing_is_told_as_that() {
        assert_eq!(found(200, 5).0, None);
    }
}
