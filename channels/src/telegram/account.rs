//! The bot itself: who it is, its webhook, its polling, how it is, and the way to its files.

use serde_json::{Value, json};
use switchboard_domain::{Failure, FailureCode};

use super::read::ALLOWED;
use super::write::call;
use super::{json as read, outcome};
use crate::account::{AccountInfo, Credentials, Health, Problem, ProblemKind};
use crate::http::{Auth, Base, Reply, Request};
use crate::inbound::{Media, Source};
use crate::outgoing::Outcome;
use crate::platform::Fetch;

/// Requests that Telegram makes to us at the same time.
const CONNECTIONS: u32 = 40;
/// Seconds that a poll waits for updates; the caller's own patience must be longer.
const POLL_SECONDS: u32 = 25;

pub fn about() -> Request {
    Request::get(Base::Telegram, "/getMe").auth(Auth::Path)
}

pub fn read_about(reply: &Reply) -> Result<AccountInfo, Failure> {
    let me = result(reply)?;
    let id = read::id(&me, "id")
        .ok_or_else(|| Failure::because(FailureCode::Refused, "the reply names no bot"))?;
    let username = read::title(&me, "username");
    Ok(AccountInfo {
        id: id.to_string(),
        name: read::title(&me, "first_name").or_else(|| username.clone()).unwrap_or_default(),
        handle: username.map(|name| format!("@{name}")),
        ..AccountInfo::default()
    })
}

/// Updates that wait already are kept: customers wrote them.
pub fn subscribe(credentials: &Credentials, hook_url: &str) -> Vec<Request> {
    let mut parameters = json!({
        "url": hook_url,
        "max_connections": CONNECTIONS,
        "allowed_updates": ALLOWED,
        "drop_pending_updates": false,
    });
    if let Some(secret) = &credentials.hook_secret {
        parameters["secret_token"] = secret.as_str().into();
    }
    vec![call("setWebhook", parameters)]
}

pub fn unsubscribe() -> Vec<Request> {
    vec![call("deleteWebhook", json!({ "drop_pending_updates": false }))]
}

pub fn health() -> Vec<Request> {
    vec![about(), Request::get(Base::Telegram, "/getWebhookInfo").auth(Auth::Path)]
}

pub fn read_health(hook_url: &str, replies: &[Reply]) -> Health {
    let mut health = Health::default();
    let [me, hook] = replies else { return health };
    match (result(me), result(hook)) {
        (Ok(me), Ok(hook)) => {
            health.problems.extend(subscription(hook_url, &hook));
            health.problems.extend(delivery(&hook));
            health.facts = facts(&me, &hook);
        }
        (Err(failure), _) | (_, Err(failure)) => health.problems.push(unreachable(failure)),
    }
    health
}

fn unreachable(failure: Failure) -> Problem {
    let detail = failure.detail.unwrap_or_default();
    match failure.code {
        FailureCode::TokenLost => Problem {
            kind: ProblemKind::Token,
            words: format!("Telegram does not accept the bot's token any more ({detail})."),
        },
        _ => Problem {
            kind: ProblemKind::Other,
            words: format!("Telegram could not be asked how the bot is ({detail})."),
        },
    }
}

/// A token that is used elsewhere as well takes the webhook with it.
fn subscription(hook_url: &str, hook: &Value) -> Option<Problem> {
    let not_subscribed =
        |words: &str| Some(Problem { kind: ProblemKind::NotSubscribed, words: words.to_owned() });
    let url = read::raw(hook, "url").unwrap_or_default();
    if url != hook_url {
        return match url.is_empty() {
            true => not_subscribed("Telegram does not send us what customers write."),
            false => not_subscribed("Another program receives what customers write to this bot."),
        };
    }
    // Without a list Telegram sends everything but reactions.
    let listed = read::list(hook, "allowed_updates");
    let misses = |kind: &&str| !listed.iter().any(|listed| *listed == **kind);
    match !hook_url.is_empty() && ALLOWED.iter().any(misses) {
        true => not_subscribed("Telegram does not send us everything that we ask for."),
        false => None,
    }
}

/// The last error stays in the reply for good; it matters while something waits.
fn delivery(hook: &Value) -> Option<Problem> {
    let words = read::title(hook, "last_error_message")?;
    let waiting = read::id(hook, "pending_update_count").filter(|waiting| *waiting > 0)?;
    let words = format!("{waiting} updates wait, because Telegram cannot hand them to us: {words}");
    Some(Problem { kind: ProblemKind::Other, words })
}

fn facts(me: &Value, hook: &Value) -> Vec<(String, String)> {
    let yes = |flag| if flag { "yes" } else { "no" }.to_owned();
    let waiting = read::id(hook, "pending_update_count").unwrap_or_default();
    vec![
        ("Bot".to_owned(), format!("@{}", read::title(me, "username").unwrap_or_default())),
        ("Updates waiting".to_owned(), waiting.to_string()),
        (
            "Reads everything in groups".to_owned(),
            yes(read::flag(me, "can_read_all_group_messages")),
        ),
        ("Can answer for people".to_owned(), yes(read::flag(me, "can_connect_to_business"))),
    ]
}

/// Calling it confirms, and so deletes, everything below the offset.
pub fn poll(offset: Option<i64>) -> Request {
    let mut parameters =
        json!({ "limit": 100, "timeout": POLL_SECONDS, "allowed_updates": ALLOWED });
    if let Some(offset) = offset {
        parameters["offset"] = offset.into();
    }
    call("getUpdates", parameters)
}

pub fn read_poll(reply: &Reply) -> Result<(Vec<Vec<u8>>, Option<i64>), Outcome> {
    let body = reply.json().unwrap_or_default();
    let Some(updates) = body["result"].as_array().filter(|_| reply.is_success()) else {
        return Err(outcome::refused(reply));
    };
    let last = updates.iter().filter_map(|update| read::id(update, "update_id")).max();
    let bodies = updates.iter().map(|update| update.to_string().into_bytes()).collect();
    Ok((bodies, last.and_then(|last| last.checked_add(1))))
}

/// First where the file is, then the file: its address is good for an hour.
pub fn fetch(media: &Media, resolved: Option<&Reply>) -> Fetch {
    let id = match &media.source {
        Source::Id { id, .. } => id,
        Source::Url { url } => {
            return Fetch::Bytes(Request::get(Base::Given(url.clone()), "").auth(Auth::None));
        }
        Source::Gone { why } => return gone(Failure::because(FailureCode::FileRejected, why)),
    };
    let Some(reply) = resolved else {
        return Fetch::Ask(call("getFile", json!({ "file_id": id })));
    };
    match result(reply) {
        Ok(file) => match read::raw(&file, "file_path").filter(|path| is_below(path)) {
            Some(path) => {
                let request = Request::get(Base::Telegram, format!("/{path}"));
                Fetch::Bytes(request.auth(Auth::FilePath))
            }
            None => gone(Failure::because(FailureCode::FileRejected, "the reply names no path")),
        },
        Err(failure) => Fetch::Failed { retry: may_come(reply, &failure), failure },
    }
}

fn gone(failure: Failure) -> Fetch {
    Fetch::Failed { retry: false, failure }
}

/// Whether a file may be had later: also once the account is connected again.
fn may_come(reply: &Reply, failure: &Failure) -> bool {
    let temporarily = |detail: &String| detail.contains("temporarily unavailable");
    !matches!(outcome::refused(reply), Outcome::Dead(_))
        || failure.detail.as_ref().is_some_and(temporarily)
}

/// Whether a path stays below the folder of the bot's files.
fn is_below(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
    path.chars().all(plain) && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// What a call gave.
pub fn result(reply: &Reply) -> Result<Value, Failure> {
    let mut body = reply.json().unwrap_or_default();
    match body.get_mut("result") {
        Some(result) if reply.is_success() => Ok(result.take()),
        _ => Err(outcome::failure(reply)),
    }
}
