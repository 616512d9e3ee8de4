//! How far a message has come on its way through a platform.

use serde::{Deserialize, Serialize};

/// Ordered: a message only moves forward. A receipt proves more than a failure that was told
/// before it, so `Failed` comes before `Delivered`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Waits for its turn.
    Queued,
    /// Handed to the platform, which has not answered yet.
    Sending,
    /// The platform's answer was never heard: it may have been sent.
    Uncertain,
    /// The platform took it.
    Sent,
    /// It will not arrive.
    Failed,
    /// It reached the customer's device.
    Delivered,
    Read,
}

impl DeliveryState {
    pub const ALL: [DeliveryState; 7] = [
        DeliveryState::Queued,
        DeliveryState::Sending,
        DeliveryState::Uncertain,
        DeliveryState::Sent,
        DeliveryState::Failed,
        DeliveryState::Delivered,
        DeliveryState::Read,
    ];

    pub fn name(self) -> &'static str {
        match self {
            DeliveryState::Queued => "queued",
            DeliveryState::Sending => "sending",
            DeliveryState::Uncertain => "uncertain",
            DeliveryState::Sent => "sent",
            DeliveryState::Failed => "failed",
            DeliveryState::Delivered => "delivered",
            DeliveryState::Read => "read",
        }
    }

    pub fn parse(name: &str) -> Option<DeliveryState> {
        DeliveryState::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// How far one message of the team has come, and why it came no further.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Delivery {
    pub state: DeliveryState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

impl Delivery {
    pub fn queued() -> Delivery {
        Delivery { state: DeliveryState::Queued, failure: None }
    }

    /// The later of the two, however they came.
    pub fn forward(self, told: Delivery) -> Delivery {
        if told.state > self.state { told } else { self }
    }
}

/// Why a message will not arrive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Failure {
    pub code: FailureCode,
    /// The platform's own words or number, for whoever looks into it. Never shown alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Failure {
    pub fn new(code: FailureCode) -> Failure {
        Failure { code, detail: None }
    }

    pub fn because(code: FailureCode, detail: impl Into<String>) -> Failure {
        Failure { code, detail: Some(detail.into()) }
    }
}

/// The reasons people can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FailureCode {
    /// The customer has not written lately enough for a free message.
    WindowClosed,
    /// The customer cannot be reached: not on the platform, blocked us, or gone.
    Unreachable,
    /// The customer has asked not to be written to.
    OptedOut,
    /// The platform limits how often this customer hears from businesses.
    CustomerLimit,
    TooLong,
    /// The file is of a kind or size the platform does not take.
    FileRejected,
    /// The template does not exist, is not approved, or is paused.
    TemplateUnavailable,
    /// The template's variables do not fit it.
    TemplateParameters,
    /// The platform did not let us send this much for too long.
    RateLimited,
    /// The account has lost its connection.
    TokenLost,
    /// The account lacks a permission.
    Permission,
    /// The platform restricts the account.
    AccountRestricted,
    /// The platform waits for a payment.
    Payment,
    /// What is answered or reacted to is not there any more.
    TargetGone,
    /// An earlier part of the same message failed, so the rest was kept back.
    KeptBack,
    /// The platform did not answer for too long, on many attempts.
    PlatformDown,
    /// The channel has no way to do this.
    NotPossible,
    /// The platform refused for another reason.
    Refused,
}

impl FailureCode {
    /// What to tell people, in one sentence they can act on.
    pub fn words(self) -> &'static str {
        match self {
            FailureCode::WindowClosed => {
                "The customer has not written lately enough. Send an approved template, or wait for them to write."
            }
            FailureCode::Unreachable => {
                "This person cannot be reached: they may have left the platform or blocked the account."
            }
            FailureCode::OptedOut => "This person has asked not to receive such messages.",
            FailureCode::CustomerLimit => {
                "The platform limits how often this person hears from businesses. Try again tomorrow."
            }
            FailureCode::TooLong => "The message is too long for this channel.",
            FailureCode::FileRejected => {
                "The platform does not take this file: its type or size is not allowed there."
            }
            FailureCode::TemplateUnavailable => {
                "The template is not approved, is paused, or does not exist in this language."
            }
            FailureCode::TemplateParameters => {
                "The template's variables do not fit. Fill in each one."
            }
            FailureCode::RateLimited => {
                "The platform did not let the account send this much. Send it again later."
            }
            FailureCode::TokenLost => {
                "The account has lost its connection. Connect it again in Settings."
            }
            FailureCode::Permission => {
                "The account lacks a permission. Grant it at the platform, or connect the account again and grant everything asked for."
            }
            FailureCode::AccountRestricted => {
                "The platform restricts this account. Its business settings there say why."
            }
            FailureCode::Payment => "The platform waits for a payment method or a payment.",
            FailureCode::TargetGone => "What this answers is not there any more.",
            FailureCode::KeptBack => {
                "An earlier part of this message failed, so this part was kept back."
            }
            FailureCode::PlatformDown => {
                "The platform did not answer, on many attempts. Send it again later."
            }
            FailureCode::NotPossible => "This channel has no way to do that.",
            FailureCode::Refused => "The platform refused the message.",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_order_receipts_come_in_the_outcome_is_the_same(
            mut told in proptest::collection::vec(0usize..7, 1..12), seed in any::<u64>(),
        ) {
            let outcome = |told: &[usize]| {
                told.iter().fold(Delivery::queued(), |delivery, state| {
                    delivery.forward(Delivery { state: DeliveryState::ALL[*state], failure: None })
                })
            };
            let once = outcome(&told);
            let turn = (seed as usize) % told.len();
            told.rotate_left(turn);
            told.reverse();
            prop_assert_eq!(once, outcome(&told));
        }
    }
}
