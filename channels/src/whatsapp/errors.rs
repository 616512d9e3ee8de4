//! What WhatsApp's errors mean, by their code: in replies at once, and in statuses later.

use serde_json::Value;
use switchboard_domain::{Failure, FailureCode};

use crate::http::Reply;
use crate::meta::json::{flag, id, title};
use crate::outgoing::{Outcome, RetryScope, is_temporary};

/// Seconds until a limit of hours is tried again.
const HOUR: u32 = 3_600;
const MINUTE: u32 = 60;

/// An error as the platform tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub code: Option<i64>,
    subcode: Option<String>,
    pub words: String,
    is_transient: bool,
}

/// What follows from an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// The account has to be connected again.
    Connection(FailureCode),
    /// Nothing leaves until someone has settled it with the platform.
    Restricted(FailureCode),
    Later(FailureCode, RetryScope, Option<u32>),
    Never(FailureCode),
}

impl Told {
    /// Reads a member of `errors`, or an `error`: they differ in what they lack.
    pub fn of(error: &Value) -> Told {
        let details = error.get("error_data").and_then(|data| title(data, "details"));
        let words = details
            .or_else(|| title(error, "error_user_msg"))
            .or_else(|| title(error, "message"))
            .or_else(|| title(error, "title"));
        Told {
            code: id(error, "code").and_then(|code| code.parse().ok()),
            subcode: id(error, "error_subcode").filter(|subcode| subcode != "0"),
            words: words.unwrap_or("no words".to_owned()),
            is_transient: flag(error, "is_transient"),
        }
    }

    /// `131047: the platform's words`, or `190/463: …`.
    fn detail(&self) -> String {
        let code = self.code.map(|code| code.to_string()).unwrap_or("?".to_owned());
        match &self.subcode {
            Some(subcode) => format!("{code}/{subcode}: {}", self.words),
            None => format!("{code}: {}", self.words),
        }
    }

    /// For people.
    pub fn sentence(&self) -> String {
        match self.code {
            Some(code) => format!("WhatsApp says: {} ({code})", self.words),
            None => format!("WhatsApp says: {}", self.words),
        }
    }

    fn class(&self) -> Option<Class> {
        let class = self.code.and_then(class);
        match class {
            None | Some(Class::Never(FailureCode::Refused)) if self.is_transient => {
                Some(Class::Later(FailureCode::PlatformDown, RetryScope::Conversation, None))
            }
            class => class,
        }
    }

    /// Why a message that had been taken did not arrive.
    pub fn failure(&self) -> Failure {
        let code = match self.class() {
            Some(
                Class::Connection(code)
                | Class::Restricted(code)
                | Class::Later(code, ..)
                | Class::Never(code),
            ) => code,
            None => FailureCode::Refused,
        };
        Failure::because(code, self.detail())
    }
}

/// What a reply that is no success says.
pub(super) fn outcome(reply: &Reply) -> Outcome {
    let told = reply.json().and_then(|body| body.get("error").map(Told::of));
    let Some(told) = told else { return outcome_by_status(reply) };
    let failure = told.failure();
    match told.class() {
        Some(Class::Connection(_)) => Outcome::Reconnect(failure),
        Some(Class::Restricted(_)) => Outcome::Restricted(failure),
        Some(Class::Later(_, scope, after)) => {
            Outcome::Retry { after: wait(reply).or(after), why: failure, scope }
        }
        Some(Class::Never(_)) => Outcome::Dead(failure),
        None => match outcome_by_status(reply) {
            Outcome::Dead(_) => Outcome::Dead(failure),
            Outcome::Retry { after, why, scope } => {
                let why = Failure { detail: failure.detail, ..why };
                Outcome::Retry { after, why, scope }
            }
            other => other,
        },
    }
}

/// What HTTP alone says, where the body says nothing.
fn outcome_by_status(reply: &Reply) -> Outcome {
    let failure = |code| Failure::because(code, format!("HTTP {}", reply.status));
    match reply.status {
        401 => Outcome::Reconnect(failure(FailureCode::TokenLost)),
        429 => Outcome::Retry {
            after: wait(reply),
            why: failure(FailureCode::RateLimited),
            scope: RetryScope::Account,
        },
        _ if is_temporary(reply) => Outcome::Retry {
            after: wait(reply),
            why: failure(FailureCode::PlatformDown),
            scope: RetryScope::Account,
        },
        _ => Outcome::Dead(failure(FailureCode::Refused)),
    }
}

fn wait(reply: &Reply) -> Option<u32> {
    let regain = reply.regain_minutes.filter(|minutes| *minutes > 0);
    reply.retry_after.or(regain.map(|minutes| minutes.saturating_mul(MINUTE)))
}

/// The failure that a reply other than of sending tells.
pub(super) fn failure(reply: &Reply) -> Failure {
    match outcome(reply) {
        Outcome::Retry { why, .. } => why,
        Outcome::Dead(failure) | Outcome::Reconnect(failure) | Outcome::Restricted(failure) => {
            failure
        }
        Outcome::Sent { .. } | Outcome::Uploaded { .. } | Outcome::Moved { .. } => {
            Failure::new(FailureCode::Refused)
        }
    }
}

/// The table of codes; `None` for those not known.
fn class(code: i64) -> Option<Class> {
    use FailureCode as F;
    use RetryScope::{Account, Conversation};
    Some(match code {
        // The number was deleted (33), or the token is of no use.
        0 | 190 | 33 => Class::Connection(F::TokenLost),
        3 | 10 | 200..=299 | 131_005 => Class::Connection(F::Permission),
        // Policy, a lock, a name that is not approved, a registration that is missing.
        368 | 131_031 | 131_037 | 131_045 => Class::Restricted(F::AccountRestricted),
        133_000 | 133_005 | 133_006 | 133_008..=133_010 | 133_015 => {
            Class::Restricted(F::AccountRestricted)
        }
        131_042 | 131_044 | 134_011 => Class::Restricted(F::Payment),
        1 | 131_000 => Class::Later(F::PlatformDown, Conversation, None),
        2 | 131_016 | 133_004 => Class::Later(F::PlatformDown, Account, None),
        // The number is in maintenance, or moves to a higher throughput: a minute, mostly.
        131_057 | 2_494_100 => Class::Later(F::PlatformDown, Account, Some(MINUTE)),
        // The template is not known everywhere yet.
        134_101 => Class::Later(F::TemplateUnavailable, Conversation, Some(MINUTE)),
        4 | 80_007 | 130_429 => Class::Later(F::RateLimited, Account, None),
        // Too much to one person: the others go on.
        131_056 => Class::Later(F::RateLimited, Conversation, None),
        // Too many people have marked the number as spam.
        131_048 | 133_016 => Class::Later(F::RateLimited, Account, Some(HOUR)),
        130_497 | 131_064 => Class::Never(F::AccountRestricted),
        131_026 | 137_000 => Class::Never(F::Unreachable),
        131_047 => Class::Never(F::WindowClosed),
        // Per-person limits of marketing, and an experiment that withholds it.
        131_049 | 130_472 => Class::Never(F::CustomerLimit),
        131_050 => Class::Never(F::OptedOut),
        131_052 | 131_053 => Class::Never(F::FileRejected),
        132_000 | 132_008 | 132_012 | 132_018 => Class::Never(F::TemplateParameters),
        132_001 | 132_007 | 132_015 | 132_016 | 134_102 => Class::Never(F::TemplateUnavailable),
        132_005 => Class::Never(F::TooLong),
        100 | 131_008 | 131_009 | 131_021 | 131_030 | 131_051 | 135_000 => Class::Never(F::Refused),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(status: u16, error: Value) -> Outcome {
        let body = serde_json::to_vec(&json!({ "error": error })).expect("serializes");
        outcome(&Reply { status, body, ..Reply::default() })
    }

    #[test]
    fn a_transient_error_is_tried_again_whatever_its_code() {
        let told = of(400, json!({ "code": 100, "message": "busy", "is_transient": true }));
        assert!(matches!(told, Outcome::Retry { .. }), "{told:?}");
        let told = of(400, json!({ "code": 131_047, "message": "closed", "is_transient": true }));
        assert!(matches!(told, Outcome::Dead(_)), "{told:?}");
    }

    #[test]
    fn an_unknown_code_is_final_unless_http_says_otherwise() {
        let error = json!({ "code": 999_999, "message": "new" });
        let Outcome::Dead(failure) = of(400, error.clone()) else { panic!("not final") };
        assert_eq!(failure, Failure::because(FailureCode::Refused, "999999: new"));
        let Outcome::Retry { why, scope, .. } = of(503, error) else { panic!("final") };
        assert_eq!(why, Failure::because(FailureCode::PlatformDown, "999999: new"));
        assert_eq!(scope, RetryScope::Account);
    }

    #[test]
    fn what_the_platform_asks_to_wait_comes_before_our_own() {
        let body = br#"{"error":{"code":131048,"message":"spam"}}"#.to_vec();
        let mut reply = Reply { status: 400, body, ..Reply::default() };
        let after = |reply: &Reply| match outcome(reply) {
            Outcome::Retry { after, .. } => after,
            other => panic!("{other:?}"),
        };
        assert_eq!(after(&reply), Some(HOUR));
        reply.regain_minutes = Some(5);
        assert_eq!(after(&reply), Some(300));
        reply.retry_after = Some(7);
        assert_eq!(after(&reply), Some(7));
    }
}
