//! The thread that owns Postgres: it starts it, waits for its end, and starts it
//! again unless the end was asked for.
//!
//! It is a thread and not a task, because the kernel ties Postgres to the thread
//! that spawned it (`PR_SET_PDEATHSIG`). This one lives exactly as long as
//! Postgres should; a runtime's worker may end earlier.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use parking_lot::{Condvar, Mutex};
use tokio::sync::{oneshot, watch};

use super::Options;
use super::error::{Context, Error};
use super::house::House;
use super::remains;
use super::server::Server;

/// The wait before the first restart; it doubles with each one that fails.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// After this long without an end, the next restart is at once again.
const STEADY: Duration = Duration::from_secs(30);
/// A first start is tried again when the shared memory of a killed predecessor
/// is still being let go of.
const FIRST_STARTS: u32 = 3;
const BETWEEN_STARTS: Duration = Duration::from_millis(400);

/// How long a stop is given: a fast shutdown writes a checkpoint, an immediate
/// one leaves it to the next start's recovery.
const STOPPING: [(Signal, Duration); 3] = [
    (Signal::SIGINT, Duration::from_secs(20)),
    (Signal::SIGQUIT, Duration::from_secs(5)),
    (Signal::SIGKILL, Duration::from_secs(5)),
];

/// The handle to the thread.
pub(super) struct Keeper {
    control: Arc<Control>,
    /// Closed when the thread has let go of everything.
    gone: watch::Receiver<()>,
}

impl Keeper {
    /// Answers with the database's address when it takes connections.
    pub(super) async fn start(options: Options) -> Result<(Keeper, String), Error> {
        let control = Arc::new(Control::default());
        let (alive, gone) = watch::channel(());
        let (started, answer) = oneshot::channel();
        let theirs = control.clone();
        let folder = options.data.clone();
        let run = move || {
            keep(&options, &theirs, started);
            drop(alive);
        };
        let thread = std::thread::Builder::new().name("postgres".to_owned());
        thread.spawn(run).context("start a thread for", folder)?;
        let url = answer.await.unwrap_or(Err(Error::Stopped))?;
        Ok((Keeper { control, gone }, url))
    }

    /// Returns when Postgres has ended and the folder is free.
    pub(super) async fn stop(&self) {
        self.control.stop();
        for (signal, patience) in STOPPING {
            self.control.signal(signal);
            let mut gone = self.gone.clone();
            let ended = async { while gone.changed().await.is_ok() {} };
            if tokio::time::timeout(patience, ended).await.is_ok() {
                return;
            }
            tracing::warn!(%signal, "Postgres did not end in time");
        }
    }

    /// Asks for the end without waiting for it.
    pub(super) fn dismiss(&self) {
        self.control.stop();
        self.control.signal(Signal::SIGINT);
    }
}

/// What the thread and its handle share.
#[derive(Default)]
struct Control {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    stopping: bool,
    /// Postgres, as long as the number is certainly its own.
    running: Option<Pid>,
}

impl Control {
    fn stop(&self) {
        self.state.lock().stopping = true;
        self.changed.notify_all();
    }

    fn stopping(&self) -> bool {
        self.state.lock().stopping
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.state.lock().running {
            let _ = kill(pid, signal);
        }
    }

    /// Spawns unless a stop came first: no stop can miss a server this way.
    fn spawn(&self, house: &House) -> Result<Server, Error> {
        let mut state = self.state.lock();
        if state.stopping {
            return Err(Error::Stopped);
        }
        let server = Server::spawn(house)?;
        state.running = Some(server.pid());
        Ok(server)
    }

    /// Waits for the end of a server and collects it; says how it went.
    fn collect(&self, server: Server) -> String {
        server.await_exit();
        self.state.lock().running = None;
        let (status, tail) = server.collect();
        let status = status.map_or("ended".to_owned(), |status| status.to_string());
        format!("{status}; {}", tail.text())
    }

    /// Sleeps, less when a stop comes. Whether one did.
    fn pause(&self, pause: Duration) -> bool {
        let mut state = self.state.lock();
        self.changed.wait_while_for(&mut state, |state| !state.stopping, pause);
        state.stopping
    }
}

/// The thread's whole life.
fn keep(options: &Options, control: &Control, started: oneshot::Sender<Result<String, Error>>) {
    let opened = House::open(options).and_then(|house| {
        let server = first_launch(&house, control)?;
        Ok((house, server))
    });
    match opened {
        Err(error) => drop(started.send(Err(error))),
        Ok((house, server)) => {
            if started.send(Ok(house.url())).is_err() {
                // Whoever asked has left.
                control.stop();
                control.signal(Signal::SIGINT);
            }
            watch_over(&house, control, server);
        }
    }
}

fn first_launch(house: &House, control: &Control) -> Result<Server, Error> {
    let mut tries = 1;
    loop {
        match launch(house, control) {
            Err(Error::Start(_)) if tries < FIRST_STARTS => tries += 1,
            other => return other,
        }
        control.pause(BETWEEN_STARTS);
    }
}

/// Starts Postgres and waits until it is ready; on an error nothing is left.
fn launch(house: &House, control: &Control) -> Result<Server, Error> {
    remains::clear(house)?;
    let begun = Instant::now();
    let mut server = control.spawn(house)?;
    match server.ready(&house.data) {
        Ok(()) => {
            tracing::debug!(duration_ms = begun.elapsed().as_millis(), "Postgres is ready");
            Ok(server)
        }
        Err(error) => {
            server.kill();
            control.collect(server);
            Err(error)
        }
    }
}

/// Restarts Postgres whenever it ends, until a stop is asked for. The address
/// stays the same, so clients recover by connecting again.
fn watch_over(house: &House, control: &Control, mut server: Server) {
    let mut pause = FIRST_PAUSE;
    loop {
        let begun = Instant::now();
        let end = control.collect(server);
        if control.stopping() {
            return;
        }
        tracing::error!(end, "Postgres ended by itself; starting it again");
        if begun.elapsed() > STEADY {
            pause = FIRST_PAUSE;
        }
        server = loop {
            if control.pause(pause) {
                return;
            }
            pause = LONGEST_PAUSE.min(pause * 2);
            match launch(house, control) {
                Ok(server) => break server,
                Err(Error::Stopped) => return,
                Err(error) => tracing::error!(%error, "Postgres did not come back yet"),
            }
        };
        tracing::info!("Postgres is back");
    }
}
