//! What a server that cannot keep up refuses, by how long work has been waiting without a break.
//!
//! The measure is the *standing* delay: the least that anybody waited within a while. A burst that
//! is worked off leaves somebody who waited for nothing, and refuses nobody; only a line that never
//! empties counts. Time is told from any fixed moment.

use std::time::Duration;

/// What is refused together, in the order in which it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Who is not in yet: starts of the widget, sign-ins, websockets.
    Newcomers,
    /// What only reads.
    Reads,
    /// What changes something, of people who are in.
    Commands,
    /// Messages that a platform hands over and may not hand over again.
    Webhooks,
}

impl Class {
    pub const ALL: [Class; 4] = [Class::Newcomers, Class::Reads, Class::Commands, Class::Webhooks];

    pub fn name(self) -> &'static str {
        match self {
            Class::Newcomers => "newcomers",
            Class::Reads => "reads",
            Class::Commands => "commands",
            Class::Webhooks => "webhooks",
        }
    }
}

/// The standing delay from which on each class is refused; `None` never refuses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    pub newcomers: Option<Duration>,
    pub reads: Option<Duration>,
    pub commands: Option<Duration>,
    pub webhooks: Option<Duration>,
}

impl Patience {
    pub fn of(&self, class: Class) -> Option<Duration> {
        match class {
            Class::Newcomers => self.newcomers,
            Class::Reads => self.reads,
            Class::Commands => self.commands,
            Class::Webhooks => self.webhooks,
        }
    }

    pub fn refuses(&self, class: Class, delay: Duration) -> bool {
        self.of(class).is_some_and(|bound| delay >= bound)
    }
}

/// Whoever is refused does not come back before this, nor later than [`RETRY_MAX`].
const RETRY_MIN: Duration = Duration::from_secs(1);
const RETRY_MAX: Duration = Duration::from_secs(30);

/// Seconds after which one who was refused should ask again: twice the delay, spread by `jitter`
/// (0 to 1) over as much again, so that those who were refused together do not return together.
pub fn retry_after(delay: Duration, jitter: f64) -> u32 {
    let seconds = (delay * 2 + RETRY_MIN).as_secs_f64() * (1.0 + jitter.clamp(0.0, 1.0));
    seconds.min(RETRY_MAX.as_secs_f64()).ceil() as u32
}

/// A line in which nobody moves counts from this age on. A disk or a machine that pauses for a moment
/// goes on before anybody who was refused could be back.
const STILL_MIN: Duration = Duration::from_secs(2);
/// Half of the while over which a delay has to stand.
const HALF: Duration = Duration::from_millis(500);

/// A line: those who stand in it, and how long those waited who have left it.
#[derive(Debug, Clone, Default)]
pub struct Line {
    standing: usize,
    /// When it last moved, or began.
    moved: Duration,
    /// When the running half of the window began.
    began: Duration,
    /// The least that was waited in the running half, and in the one before.
    running: Option<Duration>,
    before: Option<Duration>,
}

impl Line {
    /// Somebody joins the line.
    pub fn enter(&mut self, now: Duration) {
        self.turn(now);
        if self.standing == 0 {
            self.moved = now;
        }
        self.standing += 1;
    }

    /// Somebody has left the line after `waited`.
    pub fn leave(&mut self, now: Duration, waited: Duration) {
        self.note(now, waited);
        self.standing = self.standing.saturating_sub(1);
        self.moved = self.moved.max(now);
    }

    /// A wait was measured of which nobody can be seen standing, such as how late a timer fired.
    pub fn note(&mut self, now: Duration, waited: Duration) {
        self.turn(now);
        self.running = Some(self.running.map_or(waited, |least| least.min(waited)));
    }

    /// How many stand in it.
    pub fn standing(&self) -> usize {
        self.standing
    }

    /// The standing delay. A line in which nobody moves grows as old as it stands still, after a
    /// moment in which it may only have paused.
    pub fn delay(&mut self, now: Duration) -> Duration {
        self.turn(now);
        let passed = match (self.before, self.running) {
            (Some(before), Some(running)) => before.min(running),
            (Some(before), None) => before,
            // One slow turn alone is no line.
            (None, _) => Duration::ZERO,
        };
        let still = if self.standing > 0 { now.saturating_sub(self.moved) } else { Duration::ZERO };
        if still < STILL_MIN { passed } else { passed.max(still) }
    }

    /// Lets the window follow the time.
    fn turn(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.began);
        if passed < HALF {
            return;
        }
        // Who still stands there waits no less than those who left before.
        let kept = self.before.filter(|_| self.standing > 0);
        self.before = match self.running.take() {
            Some(least) if passed < HALF * 2 => Some(least),
            Some(least) => Some(least).filter(|_| self.standing > 0),
            None => kept,
        };
        self.began = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// Everybody waits as long as `wait` says, one each `every` ms, from `from` to `to`.
    fn walk(line: &mut Line, from: u64, to: u64, every: u64, wait: u64) {
        for at in (from..to).step_by(every as usize) {
            line.enter(ms(at.saturating_sub(wait)));
            line.leave(ms(at), ms(wait));
        }
    }

    #[test]
    fn a_line_in_which_everybody_waits_is_as_late_as_the_one_who_waited_least() {
        let mut line = Line::default();
        walk(&mut line, 1_000, 2_500, 50, 800);
        line.note(ms(2_501), ms(700));
        assert_eq!(line.delay(ms(2_502)), ms(700));
    }

    #[test]
    fn a_burst_that_was_worked_off_is_no_delay() {
        let mut line = Line::default();
        for wait in (0..900).step_by(30) {
            line.note(ms(1_000 + wait), ms(900 - wait));
        }
        line.note(ms(1_900), ms(0));
        assert_eq!(line.delay(ms(1_950)), ms(0));
    }

    #[test]
    fn one_slow_turn_alone_refuses_nobody() {
        let mut line = Line::default();
        line.enter(ms(10_000));
        line.leave(ms(12_000), ms(2_000));
        assert_eq!(line.delay(ms(12_001)), ms(0));
        assert_eq!(line.delay(ms(13_500)), ms(0));
    }

    #[test]
    fn a_line_that_stands_still_grows_older_until_it_moves() {
        let mut line = Line::default();
        line.enter(ms(5_000));
        assert_eq!(line.delay(ms(6_999)), ms(0), "it may only have paused");
        assert_eq!(line.delay(ms(7_000)), ms(2_000));
        line.enter(ms(7_500));
        assert_eq!(line.delay(ms(9_000)), ms(4_000));
        line.leave(ms(9_000), ms(4_000));
        assert_eq!(line.delay(ms(9_100)), ms(0), "it moves again");
        line.leave(ms(9_200), ms(1_700));
        assert_eq!(line.standing(), 0);
        assert_eq!(line.delay(ms(30_000)), ms(0), "what was is forgotten");
    }

    #[test]
    fn batches_further_apart_than_the_window_are_still_late() {
        let mut line = Line::default();
        // Each batch takes 1.5 s, and the next always waits already.
        for round in 0..6 {
            let now = 1_500 * (round + 1);
            line.enter(ms(now - 1));
            if round > 0 {
                line.leave(ms(now), ms(1_500));
            }
        }
        assert_eq!(line.delay(ms(9_001)), ms(1_500));
        assert_eq!(line.delay(ms(9_700)), ms(1_500));
    }

    #[test]
    fn classes_are_refused_in_their_order_and_those_without_a_bound_never() {
        let patience = Patience {
            newcomers: Some(ms(500)),
            reads: Some(ms(1_500)),
            commands: Some(ms(3_000)),
            webhooks: None,
        };
        let refused = |delay| Class::ALL.map(|class| patience.refuses(class, ms(delay)));
        assert_eq!(refused(499), [false, false, false, false]);
        assert_eq!(refused(500), [true, false, false, false]);
        assert_eq!(refused(1_500), [true, true, false, false]);
        assert_eq!(refused(900_000), [true, true, true, false]);
    }

    #[test]
    fn those_who_were_refused_come_back_spread_out_and_within_bounds() {
        assert_eq!(retry_after(ms(0), 0.0), 1);
        assert_eq!(retry_after(ms(500), 0.0), 2);
        assert_eq!(retry_after(ms(500), 1.0), 4);
        assert_eq!(retry_after(ms(60_000), 0.5), 30);
        assert_eq!(retry_after(ms(500), f64::NAN.max(0.0)), 2);
    }
}
