//! How each fault is brought about.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use nix::sys::signal::Signal;

use super::node::LEASE_SECONDS;
use super::plan::{Bus, Fault, Harm, Plan, Step};
use super::system::System;
use crate::support::{database, process};

/// Brings all of a plan's faults about, and then puts everything right again. How many there were.
pub async fn befall(system: &System, plan: &Plan) -> usize {
    if plan.bus == Bus::Gone
        && let Some(redis) = &system.redis
    {
        redis.lock().await.kill();
    }
    let done = AtomicUsize::new(0);
    let lanes = plan.lanes.iter().map(|lane| go(system, lane, &done));
    futures_util::future::join_all(lanes).await;
    system.heal();
    done.into_inner()
}

async fn go(system: &System, lane: &[Step], done: &AtomicUsize) {
    for step in lane {
        pause(step.pause).await;
        bring(system, step.fault).await;
        done.fetch_add(1, Ordering::Relaxed);
    }
}

async fn pause(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

async fn bring(system: &System, fault: Fault) {
    match fault {
        Fault::Kill { node, down } => {
            let mut node = system.nodes[node].lock().await;
            node.kill();
            pause(down).await;
            node.start();
        }
        Fault::Drain { node } => {
            let mut node = system.nodes[node].lock().await;
            node.drain().await;
            node.start();
        }
        Fault::Freeze { node, time, outlives_lease } => {
            let node = system.nodes[node].lock().await;
            node.freeze();
            pause(if outlives_lease { (LEASE_SECONDS * 1_000) + 800 } else { time }).await;
            node.thaw();
        }
        Fault::KillRedis { down } => {
            let Some(redis) = &system.redis else { return };
            redis.lock().await.kill();
            pause(down).await;
            redis.lock().await.revive().await;
        }
        Fault::FreezeRedis { time } => {
            let Some(redis) = &system.redis else { return };
            redis.lock().await.freeze();
            pause(time).await;
            redis.lock().await.thaw();
        }
        Fault::DropConnections => {
            let sql = "select pg_terminate_backend(pid) from pg_stat_activity
                       where datname = current_database() and pid <> pg_backend_pid()";
            // It may be down, and then there are none.
            if let Some(superuser) = database::try_superuser(&system.postgres.url).await {
                let _ = superuser.batch_execute(sql).await;
            }
        }
        Fault::CrashPostgres => {
            signal(&system.postgres.data, Signal::SIGKILL);
        }
        Fault::FreezePostgres { time } => {
            signal(&system.postgres.data, Signal::SIGSTOP);
            pause(time).await;
            signal(&system.postgres.data, Signal::SIGCONT);
        }
        Fault::Partition { node, from, lost, time } => {
            let Some(network) = &system.network else { return };
            network.part(node, from, lost).await;
            pause(time).await;
            network.join(node, lost).await;
        }
        Fault::Loss { node, loss, time } => {
            let Some(network) = &system.network else { return };
            network.lose(node, loss, Duration::from_millis(time)).await;
        }
        Fault::Harm { wire, harm } => {
            let Some(link) = system.wire(wire) else { return };
            match harm {
                Harm::Cut => link.cut(),
                Harm::HalfOpen => link.forget(),
                Harm::For(condition, time) => {
                    link.set(condition);
                    pause(time).await;
                    link.heal();
                }
            }
        }
    }
}

/// Tells all processes of a Postgres.
fn signal(data: &Path, signal: Signal) {
    for pid in process::of_postgres(data) {
        // One of them may have ended meanwhile.
        let _ = nix::sys::signal::kill(pid, signal);
    }
}
