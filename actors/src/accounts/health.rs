//! How an account is, by asking the platform.

use switchboard_channels::account::{Problem, ProblemKind};
use switchboard_channels::{Health, Reply};
use switchboard_domain::AccountStatus;
use switchboard_store::Result;

use super::http::CallError;
use super::show;
use super::speaking::Speaking;

/// Looks at an account, and puts right what the server can put right by itself. Whether the
/// account is to be loaded again. A platform that does not answer says nothing of the account.
pub async fn check(it: &Speaking, notice: Option<String>) -> Result<bool> {
    let mut health = match ask(it).await {
        Ok(health) => health,
        Err(error) => {
            tracing::debug!(account.id = %it.id, %error, "an account could not be looked at");
            let Some(notice) = notice else { return Ok(false) };
            // What was told is kept beside what was known before.
            let mut health = show::health(&it.row);
            let problem = other(notice);
            if !health.problems.contains(&problem) {
                health.problems.push(problem);
            }
            return it.note_health(&health).await.map(|()| true);
        }
    };
    let unsubscribed = |health: &Health| has(health, ProblemKind::NotSubscribed);
    if it.is_polled() {
        health.problems.retain(|problem| problem.kind != ProblemKind::NotSubscribed);
    } else if unsubscribed(&health) && !has(&health, ProblemKind::Token) {
        if let Err(why) = subscribe(it).await {
            tracing::warn!(account.id = %it.id, why, "an account could not be subscribed again");
        } else if let Ok(again) = ask(it).await {
            tracing::info!(account.id = %it.id, "an account was subscribed again");
            health = again;
        }
    }
    if let Some(words) = notice {
        health.problems.push(other(words));
    }
    let lost = has(&health, ProblemKind::Token);
    it.note_health(&health).await?;
    match it.row.status {
        AccountStatus::Active if lost => it.turn(AccountStatus::Reconnect, None).await?,
        AccountStatus::Paused if it.row.held && !has(&health, ProblemKind::Restricted) => {
            it.turn(AccountStatus::Active, None).await?;
        }
        AccountStatus::Reconnect if !lost => it.turn(AccountStatus::Active, None).await?,
        _ => {}
    }
    Ok(true)
}

fn other(words: String) -> Problem {
    Problem { kind: ProblemKind::Other, words }
}

fn has(health: &Health, kind: ProblemKind) -> bool {
    health.problems.iter().any(|problem| problem.kind == kind)
}

async fn ask(it: &Speaking) -> Result<Health, CallError> {
    let mut replies: Vec<Reply> = Vec::new();
    for request in it.platform.health(&it.credentials) {
        replies.push(it.call(&request).await?);
    }
    Ok(it.platform.read_health(&it.credentials, &it.hook_url(), &replies))
}

/// Makes the platform send us what happens.
pub async fn subscribe(it: &Speaking) -> Result<(), String> {
    for request in it.platform.subscribe(&it.credentials, &it.hook_url()) {
        let reply = it.call(&request).await.map_err(|error| error.to_string())?;
        if !reply.is_success() {
            return Err(format!("{}: {}", reply.status, excerpt(&reply.body)));
        }
    }
    Ok(())
}

/// The beginning of what a platform said.
pub fn excerpt(body: &[u8]) -> String {
    const CHARS: usize = 300;
    String::from_utf8_lossy(body).chars().take(CHARS).collect()
}
