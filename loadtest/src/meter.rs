//! How busy everybody was while something was done: the servers, their Postgres, and this driver,
//! which all share the machine.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use crate::figure::{median, rounded};
use crate::process;
use crate::server::Server;

/// Processors in use on average: 1.0 is one of them, all the time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Cores {
    /// All servers together.
    pub server: f64,
    /// With all its connections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postgres: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redis: Option<f64>,
    /// What plays the people where this driver does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub k6: Option<f64>,
    /// This process: the people, and the sandbox where there is one.
    pub driver: f64,
}

impl Cores {
    /// The middle of each.
    pub fn median(all: &[Cores]) -> Cores {
        let of = |part: fn(&Cores) -> f64| rounded(median(all.iter().map(part).collect()));
        let known = |part: fn(&Cores) -> Option<f64>| {
            let known: Vec<f64> = all.iter().filter_map(part).collect();
            (!known.is_empty()).then(|| rounded(median(known)))
        };
        Cores {
            server: of(|cores| cores.server),
            postgres: known(|cores| cores.postgres),
            redis: known(|cores| cores.redis),
            k6: known(|cores| cores.k6),
            driver: of(|cores| cores.driver),
        }
    }
}

/// The processes that are looked at, beside this one.
#[derive(Debug, Clone, Default)]
pub struct Processes {
    pub servers: Vec<u32>,
    pub postgres: Option<u32>,
    pub redis: Option<u32>,
    pub k6: Option<u32>,
}

impl Processes {
    pub fn of(server: &Server) -> Result<Processes> {
        let (servers, postgres) = (vec![server.pid()?], server.postgres_pid());
        Ok(Processes { servers, postgres, ..Processes::default() })
    }

    fn spent(&self) -> Result<Spent> {
        let alone = |pid: Option<u32>| pid.map(process::cpu).transpose();
        let mut servers = Duration::ZERO;
        for pid in &self.servers {
            servers += process::cpu(*pid)?;
        }
        Ok(Spent {
            servers,
            postgres: self.postgres.map(process::cpu_with_children).transpose()?,
            redis: alone(self.redis)?,
            k6: alone(self.k6)?,
            driver: process::cpu(std::process::id())?,
        })
    }
}

/// Processor time so far.
struct Spent {
    servers: Duration,
    postgres: Option<Duration>,
    redis: Option<Duration>,
    k6: Option<Duration>,
    driver: Duration,
}

/// Runs from its start until it is read.
pub struct Meter {
    processes: Processes,
    begun: Instant,
    before: Spent,
}

/// What a meter shows.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    pub seconds: f64,
    /// Of the servers alone.
    pub cpu: Duration,
    pub cores: Cores,
}

impl Meter {
    pub fn start(server: &Server) -> Result<Meter> {
        Meter::over(Processes::of(server)?)
    }

    pub fn over(processes: Processes) -> Result<Meter> {
        let before = processes.spent()?;
        Ok(Meter { processes, begun: Instant::now(), before })
    }

    pub fn read(&self) -> Result<Reading> {
        let (seconds, after) = (self.begun.elapsed().as_secs_f64(), self.processes.spent()?);
        let share = |after: Duration, before| {
            rounded(after.saturating_sub(before).as_secs_f64() / seconds.max(1e-6))
        };
        let both = |after: Option<Duration>, before| Some(share(after?, before?));
        let cores = Cores {
            server: share(after.servers, self.before.servers),
            postgres: both(after.postgres, self.before.postgres),
            redis: both(after.redis, self.before.redis),
            k6: both(after.k6, self.before.k6),
            driver: share(after.driver, self.before.driver),
        };
        Ok(Reading { seconds, cpu: after.servers.saturating_sub(self.before.servers), cores })
    }
}

/// What a window of work came to.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pub per_second: f64,
    /// The server's processor time for each piece of work.
    pub cpu_us: f64,
    pub cores: Cores,
}

impl Window {
    pub fn new(reading: &Reading, count: f64) -> Window {
        Window {
            per_second: count / reading.seconds,
            cpu_us: reading.cpu.as_secs_f64() * 1e6 / count.max(1.0),
            cores: reading.cores,
        }
    }

    /// Looks on for `window`, once `warm` has passed, while others do what `done` counts.
    pub async fn watch(
        server: &Server,
        done: &AtomicU64,
        warm: Duration,
        window: Duration,
    ) -> Result<Window> {
        tokio::time::sleep(warm).await;
        let (before, meter) = (done.load(Ordering::Relaxed), Meter::start(server)?);
        tokio::time::sleep(window).await;
        let (after, reading) = (done.load(Ordering::Relaxed), meter.read()?);
        if after == before {
            bail!("nothing was acknowledged in {window:?}");
        }
        Ok(Window::new(&reading, (after - before) as f64))
    }

    /// The middle of each.
    pub fn median(all: &[Window]) -> Window {
        let of = |part: fn(&Window) -> f64| median(all.iter().map(part).collect());
        let cores: Vec<Cores> = all.iter().map(|window| window.cores).collect();
        Window {
            per_second: of(|window| window.per_second),
            cpu_us: of(|window| window.cpu_us),
            cores: Cores::median(&cores),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_taken_of_each_by_itself() {
        let window = |n: f64, postgres| Window {
            per_second: n,
            cpu_us: 10.0 - n,
            cores: Cores { server: n, postgres, driver: 0.5, ..Cores::default() },
        };
        let all = [window(3.0, Some(1.0)), window(1.0, None), window(2.0, Some(3.0))];
        let middle = Window::median(&all);
        assert_eq!((middle.per_second, middle.cpu_us), (2.0, 8.0));
        let cores = Cores { server: 2.0, postgres: Some(2.0), driver: 0.5, ..Cores::default() };
        assert_eq!(middle.cores, cores);
    }
}
