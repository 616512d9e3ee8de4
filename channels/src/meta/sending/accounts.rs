//! How an account is: the questions, and what the answers mean.

use serde_json::Value;

use crate::account::{Health, Problem, ProblemKind};
use crate::http::Reply;
use crate::meta::error::{self, GraphError};
use crate::meta::json::{edge, list};
use crate::outgoing::Outcome;

/// What the replies of a health check say: first of the account itself, then of its
/// subscriptions.
#[derive(Debug)]
pub(crate) struct Connection<'a> {
    pub replies: &'a [Reply],
    /// Must be among the subscribed fields.
    pub fields: &'a [&'a str],
}

impl Connection<'_> {
    pub(crate) fn health(&self) -> Health {
        let mut problems: Vec<Problem> = self.replies.iter().filter_map(problem).collect();
        problems.dedup();
        let subscriptions = self.replies.get(1).filter(|reply| error::success(reply).is_ok());
        if let Some(missing) = subscriptions.and_then(|reply| self.missing(reply)) {
            problems.push(missing);
        }
        Health { problems, facts: vec![] }
    }

    fn missing(&self, reply: &Reply) -> Option<Problem> {
        let fields = subscribed(&reply.json()?)?;
        let missing: Vec<&str> = self
            .fields
            .iter()
            .copied()
            .filter(|field| !fields.iter().any(|subscribed| subscribed == field))
            .collect();
        let words = match (fields.is_empty(), missing.is_empty()) {
            (_, true) => return None,
            (true, _) => "Meta does not send us what happens on this account.".to_owned(),
            (false, _) => format!("Meta does not send us everything: {}.", missing.join(", ")),
        };
        Some(Problem { kind: ProblemKind::NotSubscribed, words })
    }
}

/// The fields that an account is subscribed to; `None` where the platform names apps without
/// fields.
fn subscribed(body: &Value) -> Option<Vec<String>> {
    let apps = list(body, "data");
    if !apps.is_empty() && apps.iter().all(|app| app.get("subscribed_fields").is_none()) {
        return None;
    }
    let fields = apps.iter().flat_map(|app| edge(app, "subscribed_fields"));
    // A plain name in the documented shape, an object with a name in some others.
    let name =
        |field: &Value| field.as_str().or_else(|| field.get("name")?.as_str()).map(str::to_owned);
    Some(fields.filter_map(name).collect())
}

fn problem(reply: &Reply) -> Option<Problem> {
    error::success(reply).err()?;
    let detail = GraphError::read(reply)
        .map_or_else(|| format!("HTTP {}", reply.status), |error| error.detail());
    let (kind, words) = match error::outcome(reply) {
        Outcome::Reconnect(_) => {
            (ProblemKind::Token, "The access token is no longer valid. Connect the account again")
        }
        Outcome::Restricted(_) => (ProblemKind::Restricted, "Meta restricts this account"),
        Outcome::Dead(failure) if failure.code == switchboard_domain::FailureCode::Permission => {
            (ProblemKind::Permission, "A permission is missing. Connect the account again")
        }
        _ => (ProblemKind::Other, "Meta did not answer as expected"),
    };
    Some(Problem { kind, words: format!("{words} ({detail}).") })
}
