//! What WhatsApp says of an account and its numbers, in words for people: whether it is a problem,
//! and what it means for who writes here. Its own words stand where there are none of ours.

use jiff::Timestamp;
use serde_json::Value;

use crate::inbound::{AccountEvent, Notice};
use crate::meta::json::{list, scalar, time, title};

/// A constant of the platform as people write: `WEBSITE NOT MATCHING` is `website not matching`.
pub(super) fn plain(word: &str) -> String {
    let is_constant = |c: char| !c.is_ascii_lowercase();
    match word.chars().all(is_constant) {
        true => word.to_lowercase().replace('_', " "),
        false => word.to_owned(),
    }
}

fn day(at: Timestamp) -> String {
    at.strftime("%-d %B %Y").to_string()
}

fn word(value: &Value, key: &str) -> String {
    title(value, key).map_or("unknown".to_owned(), |word| plain(&word))
}

pub(super) fn review(value: &Value) -> Notice {
    match scalar(value, "decision").as_deref() {
        Some("APPROVED") => Notice::news("WhatsApp reviewed the account and approved it."),
        Some("REJECTED") => Notice::problem(
            "WhatsApp reviewed the account and rejected it. Its business settings say why.",
        ),
        Some("PENDING") => Notice::news("WhatsApp is reviewing the account."),
        Some("DEFERRED") => Notice::news("WhatsApp put off the review of the account."),
        _ => {
            Notice::problem(format!("WhatsApp reviewed the account: {}.", word(value, "decision")))
        }
    }
}

pub(super) fn violation(value: &Value) -> Notice {
    let info = value.get("violation_info").unwrap_or(&Value::Null);
    let kind = word(info, "violation_type");
    Notice::problem(format!("WhatsApp says that the account broke its rules: {kind}."))
}

/// What a restriction keeps the account from.
fn forbidden(kind: &str) -> String {
    match kind {
        "RESTRICTED_BIZ_INITIATED_MESSAGING" => "it cannot write to customers first".to_owned(),
        "RESTRICTED_CUSTOMER_INITIATED_MESSAGING" => "it cannot answer customers".to_owned(),
        "RESTRICTED_ADD_PHONE_NUMBER_ACTION" => "no numbers can be added to it".to_owned(),
        kind => plain(kind),
    }
}

/// Who may not write first can answer all the same; the rest of what is restricted is no matter of
/// messages. Only what keeps the account from answering holds back all that waits.
pub(super) fn restriction(value: &Value) -> AccountEvent {
    let restrictions: Vec<(String, String)> = list(value, "restriction_info")
        .iter()
        .filter_map(|info| {
            let kind = title(info, "restriction_type")?;
            let until = time(info, "expiration").map(|until| format!(" until {}", day(until)));
            let words = format!("{}{}", forbidden(&kind), until.unwrap_or_default());
            Some((kind, words))
        })
        .collect();
    let all: Vec<&str> = restrictions.iter().map(|(_, words)| words.as_str()).collect();
    let words = match all.as_slice() {
        [] => "WhatsApp restricts the account.".to_owned(),
        all => format!("WhatsApp restricts the account: {}.", all.join(", ")),
    };
    let holds_back = |(kind, _): &(String, String)| {
        kind.contains("MESSAGING") && kind != "RESTRICTED_BIZ_INITIATED_MESSAGING"
    };
    match all.is_empty() || restrictions.iter().any(holds_back) {
        true => AccountEvent::Restricted { notice: words },
        false => AccountEvent::Changed { notice: Some(Notice::problem(words)) },
    }
}

pub(super) fn ban(value: &Value) -> AccountEvent {
    let info = value.get("ban_info").unwrap_or(&Value::Null);
    // In words, and of no fixed form.
    let on = title(info, "waba_ban_date").map(|date| format!(" on {date}")).unwrap_or_default();
    let notice = match scalar(info, "waba_ban_state").as_deref() {
        Some("REINSTATE") => Notice::news(format!("WhatsApp reinstated the account{on}.")),
        Some("SCHEDULE_FOR_DISABLE") => Notice::problem(format!(
            "WhatsApp is going to disable the account{on}. Ask for a review in its business settings."
        )),
        _ => {
            let notice = format!("WhatsApp disabled the account{on}.");
            return AccountEvent::Restricted { notice };
        }
    };
    AccountEvent::Changed { notice: Some(notice) }
}

pub(super) fn certification(value: &Value) -> Notice {
    let info = value.get("partner_client_certification_info").unwrap_or(&Value::Null);
    let reasons = list(info, "rejection_reasons").iter().filter_map(Value::as_str);
    let reasons: Vec<String> = reasons.map(plain).collect();
    let why = match reasons.as_slice() {
        [] => String::new(),
        reasons => format!(": {}", reasons.join(", ")),
    };
    match scalar(info, "status").as_deref() {
        Some("APPROVED") => Notice::news("WhatsApp verified the business."),
        Some("PENDING") => Notice::news("WhatsApp is verifying the business."),
        Some("FAILED" | "REJECTED") => {
            Notice::problem(format!("WhatsApp could not verify the business{why}."))
        }
        _ => Notice::problem(format!(
            "WhatsApp's verification of the business is now: {}{why}.",
            word(info, "status")
        )),
    }
}

pub(super) fn alert(value: &Value) -> Notice {
    let info = value.get("alert_info").unwrap_or(&Value::Null);
    let words = title(info, "alert_description");
    let words = words.unwrap_or_else(|| format!("WhatsApp reports: {}.", word(info, "alert_type")));
    let is_news = scalar(info, "alert_severity")
        .is_some_and(|severity| severity.starts_with("INFO"))
        || scalar(info, "alert_status").is_some_and(|status| status == "NONE");
    Notice { words, is_problem: !is_news }
}

/// How many people a tier lets the business write to first, in a day.
fn people(tier: &str) -> String {
    match tier.strip_prefix("TIER_").unwrap_or(tier) {
        "UNLIMITED" => "any number of people".to_owned(),
        "NOT_SET" => "a number of people that is not set yet".to_owned(),
        number => format!("{} people", number.replace('K', ",000")),
    }
}

pub(super) fn quality(value: &Value) -> Notice {
    let limit = ["current_limit", "max_daily_conversations_per_business"];
    let limit = limit.iter().find_map(|key| scalar(value, key)).map(|tier| people(&tier));
    let limit = limit.map(|people| format!(" It can write to {people} first, a day."));
    let limit = limit.unwrap_or_default();
    match scalar(value, "event").as_deref() {
        Some("ONBOARDING") => Notice::news(format!("The number is registered.{limit}")),
        Some("THROUGHPUT_UPGRADE") => {
            Notice::news(format!("The number may send more messages a second.{limit}"))
        }
        Some("UPGRADE") => Notice::news(format!("The number's limit was raised.{limit}")),
        Some("DOWNGRADE") => Notice::problem(format!("The number's limit was lowered.{limit}")),
        Some("UNFLAGGED") => Notice::news(format!("The number's quality is good again.{limit}")),
        Some("FLAGGED") => Notice::problem(format!(
            "Many people block or report this number; WhatsApp may lower its limit.{limit}"
        )),
        _ => Notice::problem(format!("The number's standing: {}.{limit}", word(value, "event"))),
    }
}

pub(super) fn name(value: &Value) -> Notice {
    let wanted = title(value, "requested_verified_name").unwrap_or_default();
    let why = title(value, "rejection_reason").filter(|why| why != "NONE");
    let why = why.map(|why| format!(": {}", plain(&why))).unwrap_or_default();
    match scalar(value, "decision").as_deref() {
        Some("APPROVED") => Notice::news(format!("The display name “{wanted}” is approved.")),
        Some("REJECTED") => {
            Notice::problem(format!("The display name “{wanted}” was rejected{why}."))
        }
        _ => Notice::problem(format!(
            "The display name “{wanted}”: {}{why}.",
            word(value, "decision")
        )),
    }
}

pub(super) fn username(value: &Value) -> Notice {
    let username = title(value, "username").unwrap_or_default();
    match scalar(value, "status").as_deref() {
        Some("approved") => Notice::news(format!("Customers find the number as @{username} now.")),
        Some("reserved") => {
            Notice::news(format!("The username @{username} is reserved, and not in use yet."))
        }
        Some("deleted") => Notice::problem(format!("The username @{username} is gone.")),
        _ => Notice::problem(format!("The username @{username}: {}.", word(value, "status"))),
    }
}

pub(super) fn security(value: &Value) -> Notice {
    Notice::problem(match scalar(value, "event").as_deref() {
        Some("PIN_CHANGED") => "The number's two-step PIN was changed.".to_owned(),
        Some("PIN_RESET_REQUEST") => {
            "Someone asked to switch off the number's two-step PIN.".to_owned()
        }
        Some("PIN_REQUEST_SUCCESS") => "The number's two-step PIN was switched off.".to_owned(),
        _ => format!("Security of the number: {}.", word(value, "event")),
    })
}

/// A flow that works again, or was changed by its owner, is no problem.
pub(super) fn flow(value: &Value) -> Notice {
    let words = title(value, "message").unwrap_or_else(|| word(value, "event"));
    let held = scalar(value, "new_status");
    let is_news = scalar(value, "alert_state").is_some_and(|state| state == "DEACTIVATED")
        || held.is_some_and(|status| !matches!(status.as_str(), "BLOCKED" | "THROTTLED"));
    Notice { words: format!("A flow: {words}"), is_problem: !is_news }
}

pub(super) fn payment(value: &Value) -> Notice {
    let name = title(value, "configuration_name").unwrap_or_default();
    let status = title(value, "status").unwrap_or_default();
    let words = format!("The payment configuration {name} is now: {}.", status.to_lowercase());
    Notice { words, is_problem: status != "Active" }
}
