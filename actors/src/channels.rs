//! What the edges ask of connected accounts.

use switchboard_channels::account::{Credentials, Health};
use switchboard_channels::template::TemplateDraft;
use switchboard_domain::{AccountId, TemplateId, WorkspaceId};
use switchboard_store::{account, event, job};
use switchboard_wire::rest::channels as wire;

use crate::{Cast, Rejection, clock};

/// An account as the team sees it, with the job that brings its history, if there is or was one.
pub fn view(row: &account::Account, history: Option<&job::Job>) -> wire::Account {
    let health: Health = serde_json::from_value(row.health.clone()).unwrap_or_default();
    let kind = |kind| serde_json::to_value(kind).ok()?.as_str().map(str::to_owned);
    let problems = health.problems.into_iter().map(|problem| wire::AccountProblem {
        kind: kind(problem.kind).unwrap_or_default(),
        words: problem.words,
    });
    let facts = health.facts.into_iter().map(|(name, value)| wire::AccountFact { name, value });
    wire::Account {
        id: row.id,
        kind: row.kind,
        channel: row.kind.channel(),
        name: row.name.clone(),
        handle: row.handle.clone(),
        status: row.status,
        problems: problems.collect(),
        facts: facts.collect(),
        checked_at: row.checked_at,
        history: history.map(|job| wire::Job {
            id: job.id,
            state: job.state.clone(),
            done: job.done,
            total: job.total,
            note: job.note.clone(),
        }),
        created_at: row.created_at,
    }
}

impl Cast {
    /// Connects an account, or connects it again.
    pub async fn connect(
        &self,
        workspace: WorkspaceId,
        credentials: Credentials,
    ) -> Result<AccountId, Rejection> {
        let _ = (workspace, credentials);
        Err(Rejection::unavailable())
    }

    /// Takes an account away. Its history stays.
    pub async fn disconnect(&self, workspace: WorkspaceId, id: AccountId) -> Result<(), Rejection> {
        let missing = || Rejection::not_found("there is no such account");
        let keys = self.shared.store.keys(workspace).await?.ok_or_else(missing)?;
        let tx = self.shared.store.writers.begin(workspace).await?;
        let found = account::get(&tx, &keys, workspace, id).await?.ok_or_else(missing)?;
        account::disconnect(&tx, &keys, workspace, &found, b"null").await?;
        let kind = event::Kind::AccountChanged;
        let seq = event::record(&tx, workspace, clock::now(), kind, Some(id.into())).await?;
        account::stamp(&tx, workspace, id, seq).await?;
        tx.commit().await?;
        self.poke(workspace, seq);
        Ok(())
    }

    /// Holds back what is to be sent, or lets it go on.
    pub async fn set_paused(
        &self,
        workspace: WorkspaceId,
        id: AccountId,
        paused: bool,
    ) -> Result<(), Rejection> {
        let _ = (workspace, id, paused);
        Err(Rejection::unavailable())
    }

    /// Looks at once how an account is.
    pub async fn check_account(
        &self,
        workspace: WorkspaceId,
        id: AccountId,
    ) -> Result<(), Rejection> {
        let _ = (workspace, id);
        Err(Rejection::unavailable())
    }

    /// Reads an account's templates again.
    pub async fn sync_templates(
        &self,
        workspace: WorkspaceId,
        id: AccountId,
    ) -> Result<(), Rejection> {
        let _ = (workspace, id);
        Err(Rejection::unavailable())
    }

    /// Hands in a new template.
    pub async fn create_template(
        &self,
        workspace: WorkspaceId,
        id: AccountId,
        draft: TemplateDraft,
    ) -> Result<TemplateId, Rejection> {
        let _ = (workspace, id, draft);
        Err(Rejection::unavailable())
    }

    pub async fn delete_template(
        &self,
        workspace: WorkspaceId,
        id: AccountId,
        template: TemplateId,
    ) -> Result<(), Rejection> {
        let _ = (workspace, id, template);
        Err(Rejection::unavailable())
    }

    /// Begins to bring what was said before an account was connected.
    pub async fn start_history(
        &self,
        workspace: WorkspaceId,
        id: AccountId,
    ) -> Result<(), Rejection> {
        let _ = (workspace, id);
        Err(Rejection::unavailable())
    }
}
