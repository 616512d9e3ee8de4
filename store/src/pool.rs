//! Connections: a pool for readers, a few writers set apart, and transactions that name whom
//! they act for.

use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolConfig, RecyclingMethod, Runtime,
    Timeouts,
};
use switchboard_domain::{UserId, WorkspaceId};
use tokio::runtime::Handle;
use uuid::Uuid;

use crate::delay::Delay;
use crate::error::{Error, Result};
use crate::postgres::Address;
use connect::OnRuntime;

pub(crate) mod connect;
pub(crate) mod silence;

/// How long a caller waits for a free connection, or for a new one to be made.
const WAIT: Duration = Duration::from_secs(5);

/// Plans are kept for at most this many uses of a connection.
const PLANS_KEPT: usize = 4_096;

/// What connections are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Reading,
    Writing,
}

impl Purpose {
    /// What figures call it by.
    fn name(self) -> &'static str {
        match self {
            Purpose::Reading => "read",
            Purpose::Writing => "write",
        }
    }
}

/// Whom a transaction acts for. Policies show it nothing else.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scope {
    pub workspace: Option<WorkspaceId>,
    pub user: Option<UserId>,
}

impl From<WorkspaceId> for Scope {
    fn from(workspace: WorkspaceId) -> Self {
        Scope { workspace: Some(workspace), user: None }
    }
}

impl From<UserId> for Scope {
    fn from(user: UserId) -> Self {
        Scope { workspace: None, user: Some(user) }
    }
}

impl Scope {
    pub fn of(workspace: WorkspaceId, user: UserId) -> Scope {
        Scope { workspace: Some(workspace), user: Some(user) }
    }

    /// The statements that open a transaction. All of it is one round trip.
    pub(crate) fn begin(self) -> String {
        format!("begin; {}", self.set())
    }

    /// The same where each statement finds what it looks for by its name: there is one way to do
    /// that, however much there is, so one plan serves all. Left to choose, Postgres makes most of
    /// these plans anew at each call, which takes longer than the calls do.
    pub(crate) fn begin_by_name(self) -> String {
        format!("{}, set_config('plan_cache_mode', 'force_generic_plan', true)", self.begin())
    }

    /// Names whom the transaction acts for. Ids print as hexadecimal digits and dashes alone, so
    /// they can stand in the text.
    fn set(self) -> String {
        let text = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
        format!(
            "select set_config('app.workspace', '{}', true), \
             set_config('app.user', '{}', true)",
            text(self.workspace.map(Uuid::from)),
            text(self.user.map(Uuid::from)),
        )
    }
}

/// A pool of connections that work as `switchboard_app`.
#[derive(Clone)]
pub struct Connections {
    purpose: Purpose,
    pool: Pool,
    runtime: Handle,
    delay: Delay,
}

impl std::fmt::Debug for Connections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connections").field("status", &self.pool.status()).finish()
    }
}

impl Connections {
    /// Prepares a pool of at most `size`; nothing is connected until it is needed. Connections
    /// are driven by `runtime`, whichever thread asks for them.
    pub fn new(
        address: &Address,
        purpose: Purpose,
        size: usize,
        runtime: Handle,
    ) -> Result<Connections> {
        let Address { mut config, tls, .. } = address.clone();
        config.connect_timeout(WAIT);
        config.application_name("switchboard");
        let connect = OnRuntime { runtime: runtime.clone(), purpose, tls };
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_connect(config, connect, recycling);
        let mut pool_config = PoolConfig::new(size);
        pool_config.timeouts =
            Timeouts { wait: Some(WAIT), create: Some(WAIT), recycle: Some(WAIT) };
        let pool = Pool::builder(manager)
            .config(pool_config)
            .pre_recycle(forget_young_plans())
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| Error::Unavailable(error.to_string()))?;
        Ok(Connections { purpose, pool, runtime, delay: Delay::default() })
    }

    /// How many connections are open, how many of those are at work, and how many callers wait.
    pub fn usage(&self) -> Usage {
        let status = self.pool.status();
        let busy = status.size.saturating_sub(status.available);
        Usage { open: status.size, busy, waiting: status.waiting }
    }

    /// How long callers wait for a connection.
    pub fn delay(&self) -> &Delay {
        &self.delay
    }

    /// Starts a task where the connections are driven, so that between its questions no other
    /// thread has to be woken. It goes on when nobody waits for it any more.
    pub fn alongside<T, F>(&self, task: F) -> impl Future<Output = T> + use<T, F>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let task = self.runtime.spawn(task);
        async {
            match task.await {
                Ok(value) => value,
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    // The runtime is shutting down, and this caller with it.
                    Err(_) => std::future::pending().await,
                },
            }
        }
    }

    pub async fn get(&self) -> Result<Object> {
        let stay = self.delay.enter();
        // The pool's timers need a tokio runtime, which every caller is on.
        let got = self.pool.get().await;
        metrics::histogram!("switchboard_database_wait_seconds", "pool" => self.purpose.name())
            .record(stay.waited().as_secs_f64());
        Ok(got?)
    }

    /// Opens a transaction for `scope`.
    pub async fn begin(&self, scope: impl Into<Scope>) -> Result<Tx> {
        let tx = Tx { client: Some(self.get().await?), runtime: self.runtime.clone() };
        tx.batch_execute(&scope.into().begin()).await?;
        Ok(tx)
    }

    /// Opens a transaction in which everything is found by its name, and by plans that are kept.
    pub async fn begin_by_name(&self, scope: impl Into<Scope>) -> Result<Tx> {
        let tx = Tx { client: Some(self.get().await?), runtime: self.runtime.clone() };
        tx.batch_execute(&scope.into().begin_by_name()).await?;
        Ok(tx)
    }

    /// Opens a transaction that sees one moment, whatever is committed meanwhile.
    pub async fn begin_snapshot(&self, scope: impl Into<Scope>) -> Result<Tx> {
        let tx = Tx { client: Some(self.get().await?), runtime: self.runtime.clone() };
        let begin = scope.into().begin();
        tx.batch_execute(&begin.replacen("begin", "begin isolation level repeatable read", 1))
            .await?;
        Ok(tx)
    }

    /// A transaction whose opening statements are still to be sent, for callers that pipeline
    /// them with their first queries.
    pub(crate) async fn unopened(&self) -> Result<Tx> {
        Ok(Tx { client: Some(self.get().await?), runtime: self.runtime.clone() })
    }
}

/// Postgres keeps the plan of a prepared statement until it next analyses the table, a minute
/// and more. What was planned while a table was nearly empty reads all of it, and soon that is a
/// hundred thousand rows. So a connection's plans are made anew whenever it has been used twice
/// as often as the last time: never worse than for half as many rows.
fn forget_young_plans() -> Hook {
    Hook::async_fn(|client, metrics| {
        let uses = metrics.recycle_count + 1;
        Box::pin(async move {
            if !uses.is_power_of_two() && !uses.is_multiple_of(PLANS_KEPT) {
                return Ok(());
            }
            client.batch_execute("discard plans").await.map_err(HookError::Backend)
        })
    })
}

/// How a pool is used at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    pub open: usize,
    pub busy: usize,
    pub waiting: usize,
}

/// A transaction. What is not committed is rolled back, whatever path leaves it.
pub struct Tx {
    client: Option<Object>,
    runtime: Handle,
}

impl Tx {
    pub async fn commit(mut self) -> Result<()> {
        let committed = self.batch_execute("commit").await;
        if let Some(client) = self.client.take()
            && committed.is_err()
        {
            // Its state is unknown: the connection is not given back.
            drop(Object::take(client));
        }
        Ok(committed?)
    }

    /// Lets the rest of the transaction act for `scope` instead.
    pub async fn act_for(&self, scope: impl Into<Scope>) -> Result<()> {
        Ok(self.batch_execute(&scope.into().set()).await?)
    }

    /// Declares that the caller has sent, and seen answered, its own `commit`.
    pub(crate) fn committed(mut self) {
        self.client.take();
    }
}

impl std::ops::Deref for Tx {
    type Target = Object;

    fn deref(&self) -> &Object {
        match &self.client {
            Some(client) => client,
            None => unreachable!("the client leaves only with the transaction"),
        }
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else { return };
        self.runtime.spawn(async move {
            if client.batch_execute("rollback").await.is_err() {
                drop(Object::take(client));
            }
        });
    }
}
