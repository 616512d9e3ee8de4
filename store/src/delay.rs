//! How long work waits in a line of this process, measured as it passes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use switchboard_domain::load::Line;

/// One line, shared by those who stand in it and those who want to know how long it takes.
#[derive(Debug, Clone)]
pub struct Delay(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    origin: Instant,
    line: Mutex<Line>,
}

impl Default for Delay {
    fn default() -> Self {
        Delay(Arc::new(Inner { origin: Instant::now(), line: Mutex::default() }))
    }
}

impl Delay {
    /// Stands in line until the answer is dropped.
    pub fn enter(&self) -> Stay {
        let entered = self.0.origin.elapsed();
        self.0.line.lock().enter(entered);
        Stay { delay: self.clone(), entered }
    }

    /// Takes up a wait that was measured elsewhere.
    pub fn note(&self, waited: Duration) {
        let now = self.0.origin.elapsed();
        self.0.line.lock().note(now, waited);
    }

    /// The standing delay.
    pub fn standing(&self) -> Duration {
        let now = self.0.origin.elapsed();
        self.0.line.lock().delay(now)
    }

    /// How many stand in line.
    pub fn len(&self) -> usize {
        self.0.line.lock().standing()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A place in a line.
#[derive(Debug)]
pub struct Stay {
    delay: Delay,
    entered: Duration,
}

impl Stay {
    pub fn waited(&self) -> Duration {
        self.delay.0.origin.elapsed().saturating_sub(self.entered)
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        let now = self.delay.0.origin.elapsed();
        self.delay.0.line.lock().leave(now, now.saturating_sub(self.entered));
    }
}
