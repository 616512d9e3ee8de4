//! What this server can take: how late its work is, which requests it refuses for that, and how
//! fast it lets websockets in.
//!
//! The rules are `switchboard_domain::load` and `switchboard_domain::gate`; this measures, asks
//! them and counts.

use std::time::{Duration, Instant};

use actix_web::rt;
use parking_lot::{Mutex, RwLock};
use serde::Deserialize;
use switchboard_domain::gate::{Gate, Pace, Passage};
use switchboard_domain::load::{Class, Patience, retry_after};
use switchboard_store::delay::Delay;
use tokio::time::MissedTickBehavior;

use crate::clock;

/// How often a thread is asked whether it is late.
const LOOK: Duration = Duration::from_millis(100);

/// From which delay on each class is refused, in milliseconds; 0 never refuses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shedding {
    pub newcomers_ms: u64,
    pub reads_ms: u64,
    pub commands_ms: u64,
    pub webhooks_ms: u64,
}

impl Shedding {
    fn patience(self) -> Patience {
        let bound = |ms: u64| (ms > 0).then(|| Duration::from_millis(ms));
        Patience {
            newcomers: bound(self.newcomers_ms),
            reads: bound(self.reads_ms),
            commands: bound(self.commands_ms),
            webhooks: bound(self.webhooks_ms),
        }
    }
}

/// How fast websockets are let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sockets {
    pub per_second: u32,
    pub burst: u32,
    pub wait_ms: u64,
}

impl Sockets {
    fn pace(self) -> Pace {
        let wait = Duration::from_millis(self.wait_ms);
        Pace { per_second: self.per_second, burst: self.burst, wait }
    }
}

/// Something was refused because of how busy the server is. Seconds until it may be asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooBusy {
    pub retry_after: u32,
}

/// Who stands in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// All that is asked.
    Everything,
    /// What changes something. What only reads gets past it, and makes it no longer.
    Changes,
}

impl Of {
    fn concerns(self, class: Class) -> bool {
        self == Of::Everything || class != Class::Reads
    }
}

/// The lines of this server, and who is refused when they are long.
#[derive(Debug)]
pub struct Load {
    patience: Patience,
    /// What is waited for, each with the name that figures call it by.
    lines: RwLock<Vec<(&'static str, Of, Delay)>>,
    gate: Mutex<Gate>,
    origin: Instant,
}

impl Load {
    pub fn new(shedding: Shedding, sockets: Sockets) -> Load {
        Load {
            patience: shedding.patience(),
            lines: RwLock::default(),
            gate: Mutex::new(Gate::new(sockets.pace())),
            origin: Instant::now(),
        }
    }

    /// Counts a line from now on.
    pub fn watch(&self, name: &'static str, of: Of, line: Delay) {
        self.lines.write().push((name, of, line));
    }

    /// Counts from now on how late the thread is that this is called on. It has to run a local
    /// set, as those of HTTP workers and actors do.
    pub fn watch_thread(&self, name: &'static str) {
        let lag = Delay::default();
        self.watch(name, Of::Everything, lag.clone());
        rt::spawn(async move {
            let mut ticks = tokio::time::interval(LOOK);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                let due = ticks.tick().await;
                lag.note(due.elapsed());
            }
        });
    }

    /// The standing delay of the longest line that this class stands in.
    fn delay(&self, class: Class) -> Duration {
        let lines = self.lines.read();
        let concerned = lines.iter().filter(|(_, of, _)| of.concerns(class));
        concerned.map(|(_, _, line)| line.standing()).max().unwrap_or_default()
    }

    /// The standing delays by name; of lines of the same name the longest.
    pub fn delays(&self) -> Vec<(&'static str, Duration)> {
        let mut delays: Vec<(&'static str, Duration)> = Vec::new();
        for (name, _, line) in self.lines.read().iter() {
            let delay = line.standing();
            match delays.iter_mut().find(|(known, _)| known == name) {
                Some((_, longest)) => *longest = delay.max(*longest),
                None => delays.push((name, delay)),
            }
        }
        delays
    }

    /// Refuses what this server has no time for now.
    pub fn admit(&self, class: Class) -> Result<(), TooBusy> {
        let delay = self.delay(class);
        if !self.patience.refuses(class, delay) {
            return Ok(());
        }
        metrics::counter!("switchboard_shed_total", "class" => class.name()).increment(1);
        Err(TooBusy { retry_after: retry_after(delay, clock::chance()) })
    }

    /// Lets a websocket in, perhaps after a while.
    pub async fn admit_socket(&self) -> Result<(), TooBusy> {
        self.admit(Class::Newcomers)?;
        let passage = self.gate.lock().arrive(self.origin.elapsed());
        match passage {
            Passage::Now => Ok(()),
            Passage::After(wait) => {
                metrics::counter!("switchboard_sockets_waited_total").increment(1);
                tokio::time::sleep(wait).await;
                Ok(())
            }
            Passage::Refused(wait) => {
                metrics::counter!("switchboard_sockets_turned_away_total").increment(1);
                Err(TooBusy { retry_after: retry_after(wait, clock::chance()) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_commits_refuse_newcomers_and_commands_but_no_reads() {
        let late = Shedding { newcomers_ms: 1, reads_ms: 1, commands_ms: 1, webhooks_ms: 1 };
        let load = Load::new(late, Sockets { per_second: 1, burst: 1, wait_ms: 0 });
        let (journal, pool) = (Delay::default(), Delay::default());
        load.watch("journal", Of::Changes, journal.clone());
        load.watch("read", Of::Everything, pool.clone());
        let _commit = journal.enter();
        while load.admit(Class::Commands).is_ok() {
            std::thread::yield_now();
        }
        assert!(load.admit(Class::Newcomers).is_err() && load.admit(Class::Webhooks).is_err());
        assert!(load.admit(Class::Reads).is_ok());
        let _read = pool.enter();
        while load.admit(Class::Reads).is_ok() {
            std::thread::yield_now();
        }
    }
}
