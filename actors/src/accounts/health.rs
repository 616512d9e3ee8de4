//! How an account is, by asking the platform.

use switchboard_channels::account::{Problem, ProblemKind};
use switchboard_channels::{Health, Notice, Reply};
use switchboard_domain::AccountStatus;
use switchboard_store::Result;

use super::business;
use super::http::CallError;
use super::show;
use super::speaking::Speaking;

/// What the last good news of an account is called, among what is known of it.
const NEWS: &str = "Last news";

/// Looks at an account, and puts right what the server can put right by itself. Whether the
/// account is to be loaded again. A platform that does not answer says nothing of the account.
pub async fn check(it: &Speaking, notice: Option<Notice>) -> Result<bool> {
    let mut health = match ask(it).await {
        Ok(health) => health,
        Err(error) => {
            tracing::debug!(account.id = %it.id, %error, "an account could not be looked at");
            let Some(notice) = notice else { return Ok(false) };
            // What was told is kept beside what was known before.
            let mut health = show::health(&it.row);
            tell(&mut health, notice);
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
    if let Some(notice) = notice {
        tell(&mut health, notice);
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
    if !lost {
        business::refresh(it).await?;
    }
    Ok(true)
}

/// Adds what the platform said, where it belongs.
fn tell(health: &mut Health, Notice { words, is_problem }: Notice) {
    if is_problem {
        let problem = Problem { kind: ProblemKind::Other, words };
        if !health.problems.contains(&problem) {
            health.problems.push(problem);
        }
    } else {
        health.facts.retain(|(name, _)| name != NEWS);
        health.facts.push((NEWS.to_owned(), words));
    }
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
