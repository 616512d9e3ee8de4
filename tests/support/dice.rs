//! Chance that can be had again: all that a round decides follows from its seed.

use std::ops::Range;
use std::time::Duration;

/// Vigna's SplitMix64.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Dice of their own, for someone who rolls beside others.
    pub fn split(&mut self) -> Dice {
        Dice(self.roll())
    }

    pub fn within(&mut self, range: Range<u64>) -> u64 {
        range.start + self.roll() % (range.end - range.start)
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.within(0..n) == 0
    }

    pub fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.within(0..all.len() as u64) as usize]
    }

    /// Lets a moment pass.
    pub async fn pause(&mut self, ms: Range<u64>) {
        tokio::time::sleep(Duration::from_millis(self.within(ms))).await;
    }
}
