//! What happens to the account, its numbers and its templates.

use serde_json::Value;

use super::errors::Told;
use super::notices;
use super::people::digits;
use super::read::Change;
use crate::inbound::{AccountEvent, Event, Notice, Route, What};
use crate::meta::json::{id, list, scalar, title};

/// An item of `errors` directly in a value. Beside messages it says why one of them is not whole,
/// which the message shows; alone it concerns the number.
pub(super) fn read_error(change: &Change<'_>, item: &Value) -> Result<Vec<Event>, String> {
    let told = Told::of(item);
    let what = match list(change.value, "messages") {
        [] => {
            let notice = Some(Notice::problem(told.sentence()));
            What::Account(AccountEvent::Changed { notice })
        }
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
    let changed = |notice| Ok(AccountEvent::Changed { notice });
    match change.field {
        "message_template_status_update"
        | "message_template_quality_update"
        | "message_template_components_update"
        | "template_category_update" => {
            (None, Ok(AccountEvent::TemplateChanged { template: id(value, "message_template_id") }))
        }
        "account_update" => update(value),
        "account_review_update" => (None, changed(Some(notices::review(value)))),
        "account_alerts" => {
            let number = scalar(value, "entity_type").is_some_and(|kind| kind == "PHONE_NUMBER");
            let route = id(value, "entity_id").filter(|_| number).map(Route::Account);
            (route, changed(Some(notices::alert(value))))
        }
        // Limits of the whole business: the account's health shows them.
        "business_capability_update" => (None, changed(None)),
        "phone_number_quality_update" => (number(change), changed(Some(notices::quality(value)))),
        "phone_number_name_update" => (number(change), changed(Some(notices::name(value)))),
        "business_username_update" => (number(change), changed(Some(notices::username(value)))),
        "security" => (number(change), changed(Some(notices::security(value)))),
        "flows" => (None, changed(Some(notices::flow(value)))),
        "payment_configuration_update" => (None, changed(Some(notices::payment(value)))),
        field => (None, Err(format!("{field:.60}"))),
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
    let changed = |notice| Ok(AccountEvent::Changed { notice: Some(notice) });
    let told = match event.as_str() {
        "ACCOUNT_DELETED"
        | "ACCOUNT_OFFBOARDED"
        | "PARTNER_REMOVED"
        | "PARTNER_APP_UNINSTALLED" => Ok(AccountEvent::Revoked),
        "ACCOUNT_RECONNECTED" => changed(Notice::news("The account is connected again.")),
        "ACCOUNT_RESTRICTION" => Ok(notices::restriction(value)),
        "ACCOUNT_VIOLATION" => changed(notices::violation(value)),
        "DISABLED_UPDATE" => Ok(notices::ban(value)),
        "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE" => changed(notices::certification(value)),
        // What partners, prices and advertisements are told changes nothing for who answers.
        "PARTNER_ADDED"
        | "PARTNER_APP_INSTALLED"
        | "AD_ACCOUNT_LINKED"
        | "MM_LITE_TERMS_SIGNED"
        | "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE"
        | "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE"
        | "VOLUME_BASED_PRICING_TIER_UPDATE" => Err(format!("account_update {event}")),
        _ => {
            let event = title(value, "event").map(|event| notices::plain(&event));
            let event = event.unwrap_or("something without a name".to_owned());
            changed(Notice::problem(format!("WhatsApp reports: {event}")))
        }
    };
    (account.map(Route::Parent), told)
}
