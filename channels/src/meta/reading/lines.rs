//! What is told by a line in the conversation, or of the account.

use serde_json::Value;
use switchboard_domain::ChannelLine;

use super::Scene;
use crate::inbound::{AccountEvent, Event, Notice, What};
use crate::meta::json::{id, title};
use crate::meta::network::is_inbox;

type Events = Result<Vec<Event>, String>;

fn line(scene: &Scene<'_>, line: ChannelLine) -> Events {
    scene.in_thread(What::Line(line))
}

/// What the person agrees to be sent, or no longer.
pub(super) fn read_optin(scene: &Scene<'_>, optin: &Value) -> Events {
    let status = optin.get("notification_messages_status").and_then(Value::as_str);
    let kind = optin.get("type").and_then(Value::as_str);
    let told = match (status, kind) {
        (Some(status), _) if status.starts_with("STOP") => ChannelLine::MarketingStopped,
        (Some(status), _) if status.starts_with("RESUME") => ChannelLine::MarketingResumed,
        (_, Some("notification_messages")) => ChannelLine::MarketingAllowed,
        (_, Some("one_time_notif_req")) => ChannelLine::NoticeAllowed,
        (_, Some(kind)) => return Ok(vec![scene.line(&format!("optin {kind}"))]),
        // A checkbox on a website names no person: they become known with their first message.
        (_, None) => return Ok(vec![scene.line("optin checkbox")]),
    };
    line(scene, told)
}

pub(super) fn read_account_linking(scene: &Scene<'_>, linking: &Value) -> Events {
    match linking.get("status").and_then(Value::as_str) {
        Some("linked") => line(scene, ChannelLine::AccountLinked),
        Some("unlinked") => line(scene, ChannelLine::AccountUnlinked),
        _ => Err("neither linked nor unlinked".to_owned()),
    }
}

/// Told to whom the conversation was passed; and, when Meta's inbox took it, to who lost it.
pub(super) fn read_pass(scene: &Scene<'_>, pass: &Value) -> Events {
    let to_inbox = id(pass, "new_owner_app_id").is_some_and(|app| is_inbox(&app));
    line(scene, if to_inbox { ChannelLine::HandedOver } else { ChannelLine::HandedBack })
}

/// Told to who lost the conversation.
pub(super) fn read_take(scene: &Scene<'_>, _: &Value) -> Events {
    line(scene, ChannelLine::HandedOver)
}

pub(super) fn read_request(scene: &Scene<'_>, _: &Value) -> Events {
    line(scene, ChannelLine::HandoverAsked)
}

/// What the person thinks of an automatic answer.
pub(super) fn read_feedback(scene: &Scene<'_>, feedback: &Value) -> Events {
    match feedback.get("feedback").and_then(Value::as_str) {
        Some("Good response") => line(scene, ChannelLine::AnswerPraised),
        Some("Bad response") => line(scene, ChannelLine::AnswerCriticised),
        _ => Err("neither good nor bad".to_owned()),
    }
}

/// The person looked at the code of a coupon.
pub(super) fn read_template(scene: &Scene<'_>, template: &Value) -> Events {
    match template.get("type").and_then(Value::as_str) {
        Some("coupon") => line(scene, ChannelLine::CouponRevealed),
        kind => Ok(vec![scene.line(&format!("template {}", kind.unwrap_or_default()))]),
    }
}

pub(super) fn read_game(scene: &Scene<'_>, _: &Value) -> Events {
    line(scene, ChannelLine::GamePlayed)
}

/// Names nobody: it is about the account.
pub(super) fn read_policy(scene: &Scene<'_>, policy: &Value) -> Events {
    let reason = title(policy, "reason");
    let notice = |words: &str| match &reason {
        Some(reason) => format!("{words}: {reason}"),
        None => format!("{words}."),
    };
    let changed = |notice| AccountEvent::Changed { notice: Some(notice) };
    let event = match policy.get("action").and_then(Value::as_str) {
        Some("block") => {
            AccountEvent::Restricted { notice: notice("Meta blocks messages of this account") }
        }
        Some("unblock") => {
            changed(Notice::news(notice("Meta no longer blocks messages of this account")))
        }
        Some("warning") => changed(Notice::problem(notice("Meta warns that a rule was broken"))),
        _ => changed(Notice::problem(notice("Meta judged this account"))),
    };
    Ok(vec![scene.of_account(What::Account(event))])
}

/// Who answers first was changed in the Page's settings.
pub(super) fn read_roles(scene: &Scene<'_>, _: &Value) -> Events {
    Ok(vec![scene.of_account(What::Account(AccountEvent::Changed { notice: None }))])
}
