//! What happens to the account, its numbers and its templates.

use serde_json::Value;

use super::errors::Told;
use super::people::digits;
use super::read::Change;
use crate::inbound::{AccountEvent, Event, Route, What};
use crate::meta::json::{id, list, scalar, time, title};

/// An item of `errors` directly in a value. Beside messages it says why one of them is not whole,
/// which the message shows; alone it concerns the number.
pub(super) fn read_error(change: &Change<'_>, item: &Value) -> Result<Vec<Event>, String> {
    let told = Told::of(item);
    let what = match list(change.value, "messages") {
        [] => What::Account(AccountEvent::Changed { notice: Some(told.sentence()) }),
        _ => {
            let code = told.code.map_or("unknown".to_owned(), |code| code.to_string());
            What::Ignored { kind: format!("error {code} of a message") }
        }
    };
    Ok(vec![Event { at: change.at_about(), thread: None, what }])
}

/// Reads a change that holds no lists: what it means for the account, or by which name it is
/// ignored. The route is given where it is not that of the envelope.
pub(super) fn read(change: &Change<'_>) -> (Option<Route>, Result<AccountEvent, String>) {
    let value = change.value;
    let changed = |notice: Option<String>| Ok(AccountEvent::Changed { notice });
    match change.field {
        "message_template_status_update"
        | "message_template_quality_update"
        | "message_template_components_update"
        | "template_category_update" => {
            (None, Ok(AccountEvent::TemplateChanged { template: id(value, "message_template_id") }))
        }
        "account_update" => update(value),
        "account_review_update" => (None, changed(Some(review(value)))),
        "account_alerts" => {
            let number = scalar(value, "entity_type").is_some_and(|kind| kind == "PHONE_NUMBER");
            let route = id(value, "entity_id").filter(|_| number).map(Route::Account);
            (route, changed(Some(alert(value))))
        }
        // Limits of the whole business: the account's health shows them.
        "business_capability_update" => (None, changed(None)),
        "phone_number_quality_update" => (number(change), changed(Some(quality(value)))),
        "phone_number_name_update" => (number(change), changed(Some(name(value)))),
        "business_username_update" => (number(change), changed(Some(username(value)))),
        "security" => (number(change), changed(Some(security(value)))),
        "flows" => {
            let words = title(value, "message").or_else(|| title(value, "event"));
            (None, changed(words.map(|words| format!("A flow: {words}"))))
        }
        "payment_configuration_update" => {
            let name = title(value, "configuration_name").unwrap_or_default();
            let status = title(value, "status").unwrap_or_default();
            (None, changed(Some(format!("The payment configuration {name} is now: {status}"))))
        }
        field => (None, Err(field.to_owned())),
    }
}

/// Events that name their number only as it is displayed.
fn number(change: &Change<'_>) -> Option<Route> {
    let digits = id(change.value, "display_phone_number").and_then(|number| digits(&number))?;
    Some(Route::Number { parent: change.parent()?, digits })
}

fn update(value: &Value) -> (Option<Route>, Result<AccountEvent, String>) {
    // Events of partners can carry the partner's own id in their envelope.
    let account = value.get("waba_info").and_then(|info| id(info, "waba_id"));
    let event = scalar(value, "event").unwrap_or_default();
    let notice = |words: String| Ok(AccountEvent::Changed { notice: Some(words) });
    let told = match event.as_str() {
        "ACCOUNT_DELETED"
        | "ACCOUNT_OFFBOARDED"
        | "PARTNER_REMOVED"
        | "PARTNER_APP_UNINSTALLED" => Ok(AccountEvent::Revoked),
        "ACCOUNT_RECONNECTED" => notice("The account is connected again.".to_owned()),
        "ACCOUNT_RESTRICTION" => Ok(restriction(value)),
        "ACCOUNT_VIOLATION" => {
            let info = value.get("violation_info").unwrap_or(&Value::Null);
            let kind = title(info, "violation_type").unwrap_or("unknown".to_owned());
            notice(format!("WhatsApp reports a violation of its policy: {kind}"))
        }
        "DISABLED_UPDATE" => Ok(ban(value)),
        "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE" => {
            let info = value.get("partner_client_certification_info").unwrap_or(&Value::Null);
            let status = title(info, "status").unwrap_or("unknown".to_owned());
            let reasons: Vec<&str> =
                list(info, "rejection_reasons").iter().filter_map(Value::as_str).collect();
            let why = if reasons.is_empty() { "" } else { ": " };
            notice(format!("Business verification {status}{why}{}", reasons.join(", ")))
        }
        "PARTNER_ADDED"
        | "PARTNER_APP_INSTALLED"
        | "AD_ACCOUNT_LINKED"
        | "MM_LITE_TERMS_SIGNED"
        | "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE"
        | "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE"
        | "VOLUME_BASED_PRICING_TIER_UPDATE" => Err(format!("account_update {event}")),
        _ => notice(format!("WhatsApp reports: {event}")),
    };
    (account.map(Route::Parent), told)
}

/// Only what touches messages restricts; a business that may add no numbers writes on.
fn restriction(value: &Value) -> AccountEvent {
    let restrictions = list(value, "restriction_info");
    let words: Vec<String> = restrictions
        .iter()
        .filter_map(|info| {
            let kind = title(info, "restriction_type")?;
            Some(match time(info, "expiration") {
                Some(until) => format!("{kind} until {until}"),
                None => kind,
            })
        })
        .collect();
    let notice = format!("WhatsApp restricts the account: {}", words.join(", "));
    match words.is_empty() || words.iter().any(|kind| kind.contains("MESSAGING")) {
        true => AccountEvent::Restricted { notice },
        false => AccountEvent::Changed { notice: Some(notice) },
    }
}

fn ban(value: &Value) -> AccountEvent {
    let info = value.get("ban_info").unwrap_or(&Value::Null);
    let date = title(info, "waba_ban_date").unwrap_or("an unknown date".to_owned());
    let notice = match scalar(info, "waba_ban_state").as_deref() {
        Some("REINSTATE") => format!("The account is reinstated as of {date}."),
        Some("SCHEDULE_FOR_DISABLE") => {
            format!("WhatsApp is going to disable the account on {date}.")
        }
        _ => {
            let notice = format!("WhatsApp disabled the account on {date}.");
            return AccountEvent::Restricted { notice };
        }
    };
    AccountEvent::Changed { notice: Some(notice) }
}

fn review(value: &Value) -> String {
    let decision = title(value, "decision").unwrap_or("unknown".to_owned());
    format!("The review of the account ended: {decision}")
}

fn alert(value: &Value) -> String {
    let info = value.get("alert_info").unwrap_or(&Value::Null);
    let words = title(info, "alert_description").or_else(|| title(info, "alert_type"));
    let severity = title(info, "alert_severity").unwrap_or("ALERT".to_owned());
    format!("{severity}: {}", words.unwrap_or("no words".to_owned()))
}

fn quality(value: &Value) -> String {
    let event = title(value, "event").unwrap_or("change".to_owned());
    let limit = scalar(value, "current_limit")
        .or_else(|| scalar(value, "max_daily_conversations_per_business"));
    let limit = limit.map(|limit| format!(", limit {limit}")).unwrap_or_default();
    format!("The number's standing: {event}{limit}")
}

fn name(value: &Value) -> String {
    let decision = title(value, "decision").unwrap_or("unknown".to_owned());
    let wanted = title(value, "requested_verified_name").unwrap_or_default();
    let why = title(value, "rejection_reason").map(|why| format!(" ({why})")).unwrap_or_default();
    format!("The display name “{wanted}”: {decision}{why}")
}

fn username(value: &Value) -> String {
    let username = title(value, "username").unwrap_or_default();
    format!("The username @{username}: {}", title(value, "status").unwrap_or_default())
}

fn security(value: &Value) -> String {
    match scalar(value, "event").as_deref() {
        Some("PIN_CHANGED") => "The number's two-step PIN was changed.".to_owned(),
        Some("PIN_RESET_REQUEST") => {
            "Someone asked to switch off the number's two-step PIN.".to_owned()
        }
        Some("PIN_REQUEST_SUCCESS") => "The number's two-step PIN was switched off.".to_owned(),
        event => format!("Security of the number: {}", event.unwrap_or("unknown")),
    }
}
