//! What is needed to speak for one account, and how what is found out about it is noted.

use std::collections::HashMap;
use std::sync::Arc;

use switchboard_channels::account::{Credentials, Problem, ProblemKind};
use switchboard_channels::{Health, Platform, Reply, Request};
use switchboard_domain::trace::Trace;
use switchboard_domain::{AccountId, AccountStatus, AttachmentId, Failure, WorkspaceId};
use switchboard_store::account::{self as accounts, Account};
use switchboard_store::event::Kind;
use switchboard_store::seal::{Key, WorkspaceKeys};
use switchboard_store::{Error, Result, Tx, event, lease};

use super::http::{CallError, Caller};
use super::show;
use crate::rejection::Rejection;
use crate::trace::{self, Open};
use crate::{Cast, Shared, clock, page};

/// The number of whoever acts for a person: no node has it, and none is asked for.
pub const BY_PEOPLE: u64 = 0;

/// One account, as it was when it was loaded, and the right to act for it.
pub struct Speaking {
    pub shared: Arc<Shared>,
    pub workspace: WorkspaceId,
    pub id: AccountId,
    /// The number under which this node holds it; [`BY_PEOPLE`] for what people do.
    pub epoch: u64,
    pub keys: Arc<WorkspaceKeys>,
    pub row: Account,
    pub credentials: Credentials,
    pub platform: &'static dyn Platform,
}

impl Speaking {
    /// `None` when there is no such account.
    pub async fn load(
        shared: &Arc<Shared>,
        workspace: WorkspaceId,
        id: AccountId,
        epoch: u64,
    ) -> Result<Option<Speaking>> {
        let keys = page::keys(&shared.store, workspace).await?;
        let tx = shared.store.readers.begin(workspace).await?;
        let Some(row) = accounts::get(&tx, &keys, workspace, id).await? else { return Ok(None) };
        Ok(Some(Speaking {
            shared: shared.clone(),
            workspace,
            id,
            epoch,
            keys,
            credentials: credentials(&row)?,
            platform: switchboard_channels::platform(row.kind),
            row,
        }))
    }

    pub fn cast(&self) -> Cast {
        Cast { shared: self.shared.clone() }
    }

    /// Begins work that was left to this account, as a part of what caused it.
    pub fn begin(&self, name: &str, cause: Option<Trace>) -> Open {
        let mut span = self.shared.tracer.part(name, trace::Kind::Consumer, cause);
        if span.trace().is_some() {
            span.say("messaging.system", self.row.kind.channel().name());
            span.say("workspace.id", self.workspace.to_string());
            span.say("account.id", self.id.to_string());
        }
        span
    }

    /// Makes a call that carries no file.
    pub async fn call(&self, request: &Request) -> Result<Reply, CallError> {
        let files = HashMap::new();
        self.shared.accounts.http().call(self.caller(&files), request).await
    }

    /// For whom calls are made that carry these files.
    pub fn caller<'a>(&'a self, files: &'a HashMap<AttachmentId, Key>) -> Caller<'a> {
        Caller {
            workspace: self.workspace,
            credentials: &self.credentials,
            files,
            hold: (self.epoch > 0).then(|| self.shared.accounts.hold.right(self.id, self.epoch)),
        }
    }

    /// Begins to write about the account. Whoever held it once and does so no more is refused with
    /// [`Error::Fenced`].
    pub async fn write(&self) -> Result<Tx> {
        let tx = self.shared.store.writers.begin(self.workspace).await?;
        if self.epoch != BY_PEOPLE {
            lease::fence(&tx, self.workspace, self.id, self.epoch).await?;
        }
        Ok(tx)
    }

    pub fn hook_url(&self) -> String {
        hook_url(&self.shared.accounts.platforms, &self.credentials, self.id)
    }

    /// Tells the team that the account is not as it was.
    pub async fn tell(&self, kind: Kind) -> Result<()> {
        tell(&self.shared, self.workspace, self.id, kind).await
    }

    /// Notes how the account is, and tells the team where that differs from before.
    pub async fn note_health(&self, health: &Health) -> Result<()> {
        let now = clock::now();
        let json = json(health)?;
        let tx = self.write().await?;
        accounts::set_health(&tx, self.workspace, self.id, &json, now).await?;
        tx.commit().await?;
        match show::health(&self.row) == *health && self.row.checked_at.is_some() {
            true => Ok(()),
            false => self.tell(Kind::AccountChanged).await,
        }
    }

    /// The account can, or cannot, do its work any more. The problem is what its platform has with
    /// it; a person who pauses it names none.
    pub async fn turn(&self, status: AccountStatus, problem: Option<Problem>) -> Result<()> {
        let now = clock::now();
        let tx = self.write().await?;
        let held = status == AccountStatus::Paused && problem.is_some();
        let turned = accounts::set_status(&tx, self.workspace, self.id, status, held).await?;
        if let Some(problem) = problem {
            let mut health = show::health(&self.row);
            health.problems.retain(|known| known.kind != problem.kind);
            health.problems.insert(0, problem);
            accounts::set_health(&tx, self.workspace, self.id, &json(&health)?, now).await?;
        }
        tx.commit().await?;
        if turned {
            tracing::info!(account.id = %self.id, status = status.name(), "an account turned");
            self.tell(Kind::AccountChanged).await?;
        }
        Ok(())
    }
}

pub fn credentials(row: &Account) -> Result<Credentials> {
    serde_json::from_slice(&row.credentials).map_err(|error| {
        Error::Corrupt(format!("the credentials of {} cannot be read: {error}", row.id))
    })
}

pub fn json<T: serde::Serialize>(value: &T) -> Result<serde_json::Value> {
    serde_json::to_value(value).map_err(|error| Error::Corrupt(error.to_string()))
}

pub fn bytes<T: serde::Serialize>(value: &T) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| Error::Corrupt(error.to_string()))
}

/// Where the platform is told to send what happens.
pub fn hook_url(platforms: &super::Platforms, credentials: &Credentials, id: AccountId) -> String {
    let origin = &platforms.public_url;
    match credentials.kind.channel() {
        switchboard_domain::Channel::Telegram => format!("{origin}/hooks/telegram/{id}"),
        channel => format!("{origin}/hooks/{}", channel.name()),
    }
}

/// Records that an account changed, and lets the team know.
pub async fn tell(
    shared: &Arc<Shared>,
    workspace: WorkspaceId,
    id: AccountId,
    kind: Kind,
) -> Result<()> {
    let tx = shared.store.writers.begin(workspace).await?;
    let seq = event::record(&tx, workspace, clock::now(), kind, Some(id.into())).await?;
    if kind == Kind::AccountChanged {
        accounts::stamp(&tx, workspace, id, seq).await?;
    }
    tx.commit().await?;
    Cast { shared: shared.clone() }.poke(workspace, seq);
    Ok(())
}

/// What is wrong with an account, from a call that failed.
pub fn problem(kind: ProblemKind, failure: &Failure) -> Problem {
    let words = failure.code.words();
    let words = match &failure.detail {
        Some(detail) => format!("{words} ({detail})"),
        None => words.to_owned(),
    };
    Problem { kind, words }
}

/// What to tell a person who asked for a call that could not be made.
pub fn unreachable(error: &CallError) -> Rejection {
    let mut rejection = Rejection::unavailable();
    rejection.message = error.to_string();
    rejection
}
