//! The peer: bare single-row inserts on the same Postgres, each its own durable transaction.
//! `pgbench` makes them; where it is missing, clients of our own do.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::process::Command;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio_postgres::Client;

use crate::latency::Latencies;
use crate::postgres::Postgres;

const DATABASE: &str = "postgres";
const TABLE: &str = "create schema if not exists peer; create table if not exists peer.rows (
    id bigint generated always as identity primary key, body text not null,
    created_at timestamptz not null default now())";
/// A row about as wide as what people write.
const INSERT: &str = "insert into peer.rows (body) values \
    ('I ordered the blue one on Monday and have heard nothing since then.')";

/// How to insert, and where.
pub struct Inserts {
    postgres: Postgres,
    clients: usize,
    /// `pgbench` and its script.
    pgbench: Option<(PathBuf, tempfile::TempDir)>,
}

impl Inserts {
    pub async fn prepare(postgres: Postgres, clients: usize) -> Result<Inserts> {
        postgres.connect(DATABASE).await?.batch_execute(TABLE).await?;
        let program = postgres.programs.join("pgbench");
        let pgbench = match program.is_file() {
            false => None,
            true => {
                let folder = tempfile::tempdir()?;
                std::fs::write(folder.path().join("insert.sql"), format!("{INSERT};\n"))?;
                Some((program, folder))
            }
        };
        Ok(Inserts { postgres, clients, pgbench })
    }

    /// What stands beside our figures.
    pub fn name(&self) -> &'static str {
        match &self.pgbench {
            Some(_) => "pgbench_single_row_inserts_per_second",
            None => "single_row_inserts_per_second",
        }
    }

    /// Inserts as fast as they are answered, from all clients.
    pub async fn per_second(&self, window: Duration) -> Result<f64> {
        let Some((program, folder)) = &self.pgbench else { return self.own_rate(window).await };
        let said = self.run(program, folder, window, &[]).await?;
        let tps = said.lines().find_map(|line| line.strip_prefix("tps = "));
        let tps = tps.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        tps.with_context(|| format!("pgbench said something else: {said}"))
    }

    /// Inserts at a rate, each latency counted from when it was due.
    pub async fn latencies(&self, per_second: f64, window: Duration) -> Result<Latencies> {
        let Some((program, folder)) = &self.pgbench else {
            return self.own_latencies(per_second, window).await;
        };
        let prefix = folder.path().join("log").display().to_string();
        let rate = format!("--rate={per_second:.1}");
        let (log, prefix) = ("--log", format!("--log-prefix={prefix}"));
        self.run(program, folder, window, &[&rate, log, &prefix]).await?;
        let mut latencies = Latencies::new();
        for entry in std::fs::read_dir(folder.path())?.flatten() {
            if entry.file_name().to_string_lossy().starts_with("log") {
                read_log(&std::fs::read_to_string(entry.path())?, &mut latencies);
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(latencies)
    }

    async fn run(
        &self,
        program: &PathBuf,
        folder: &tempfile::TempDir,
        window: Duration,
        more: &[&str],
    ) -> Result<String> {
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        let output = Command::new(program)
            .args(["--no-vacuum", "--protocol=prepared"])
            .arg(format!("--client={}", self.clients))
            .arg(format!("--jobs={}", threads.min(self.clients)))
            .arg(format!("--time={}", window.as_secs().max(1)))
            .arg(format!("--file={}", folder.path().join("insert.sql").display()))
            .args(more)
            .arg(DATABASE)
            .env("PGHOST", &self.postgres.sockets)
            .env("PGPORT", "5432")
            .env("PGUSER", self.postgres.user())
            .env("PGPASSWORD", &self.postgres.password)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .with_context(|| format!("{} does not start", program.display()))?;
        if !output.status.success() {
            bail!("pgbench failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    async fn connected(&self) -> Result<Vec<Client>> {
        let mut clients = Vec::new();
        for _ in 0..self.clients {
            clients.push(self.postgres.connect(DATABASE).await?);
        }
        Ok(clients)
    }

    async fn own_rate(&self, window: Duration) -> Result<f64> {
        let begun = Instant::now();
        let mut tasks = JoinSet::new();
        for client in self.connected().await? {
            tasks.spawn(async move {
                let insert = client.prepare(INSERT).await?;
                let mut rows = 0u32;
                while begun.elapsed() < window {
                    client.execute(&insert, &[]).await?;
                    rows += 1;
                }
                anyhow::Ok(rows)
            });
        }
        let mut rows = 0;
        while let Some(done) = tasks.join_next().await {
            rows += done??;
        }
        Ok(f64::from(rows) / begun.elapsed().as_secs_f64())
    }

    async fn own_latencies(&self, per_second: f64, window: Duration) -> Result<Latencies> {
        let latencies = Arc::new(Mutex::new(Latencies::new()));
        let (clients, begun) = (self.connected().await?, Instant::now());
        let mut tasks = JoinSet::new();
        let all = (per_second * window.as_secs_f64()) as u32;
        let many = clients.len() as u32;
        for (client, first) in clients.into_iter().zip(0u32..) {
            let latencies = latencies.clone();
            tasks.spawn(async move {
                let insert = client.prepare(INSERT).await?;
                for nth in (first..all).step_by(many as usize) {
                    let due = begun + Duration::from_secs_f64(f64::from(nth) / per_second);
                    tokio::time::sleep_until(due.into()).await;
                    client.execute(&insert, &[]).await?;
                    latencies.lock().await.record(due.elapsed());
                }
                anyhow::Ok(())
            });
        }
        while let Some(done) = tasks.join_next().await {
            done??;
        }
        let latencies = latencies.lock().await.clone();
        Ok(latencies)
    }
}

/// Lines of `client transaction latency_us script seconds micros [lag_us]`. With a rate the
/// latency counts from when the transaction was due.
fn read_log(log: &str, into: &mut Latencies) {
    for line in log.lines() {
        let latency = line.split_whitespace().nth(2).and_then(|text| text.parse().ok());
        if let Some(micros) = latency {
            into.record(Duration::from_micros(micros));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_of_pgbench_is_read() {
        let mut latencies = Latencies::new();
        read_log("0 199 2241 0 1175850568 995598 12\n1 5 skipped 0 1 2 3\n", &mut latencies);
        // The one that was skipped has no latency.
        assert!((latencies.ms(0.0) - 2.241).abs() < 0.01);
        assert!((latencies.ms(1.0) - 2.241).abs() < 0.01);
    }
}
