//! Typed identifiers: a UUIDv7 inside, a prefix in print (`cnv_0197…`), so that a contact's
//! id can neither be passed nor pasted where a conversation's belongs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Why a printed id could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an id such as {expected}_0197c0de…")]
pub struct InvalidId {
    expected: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
        #[cfg_attr(feature = "schema", ts(as = "String"), schema(value_type = String))]
        pub struct $name(pub Uuid);

        impl $name {
            /// What every printed id of this type begins with.
            pub const PREFIX: &'static str = $prefix;
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .filter(|hex| hex.len() == 32)
                    .and_then(|hex| Uuid::try_parse(hex).ok())
                    .map(Self)
                    .ok_or(InvalidId { expected: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// A business and everything that belongs to it: the tenant.
    WorkspaceId,
    "wsp"
);
id!(
    /// A login, which may be a member of several workspaces.
    UserId,
    "usr"
);
id!(
    /// A person of the team within one workspace.
    MemberId,
    "mem"
);
id!(
    /// A customer: one person with a set of identities.
    ContactId,
    "con"
);
id!(
    /// One contact's thread on one channel.
    ConversationId,
    "cnv"
);
id!(
    /// One entry of a conversation.
    MessageId,
    "msg"
);
id!(
    /// An uploaded file.
    AttachmentId,
    "att"
);
id!(
    /// A label of the workspace.
    LabelId,
    "lbl"
);
id!(
    /// An invitation to join a workspace.
    InvitationId,
    "inv"
);
id!(
    /// A personal API token.
    TokenId,
    "tok"
);
id!(
    /// One websocket connection.
    SessionId,
    "ses"
);
id!(
    /// A durable timer.
    TimerId,
    "tmr"
);

id!(
    /// An account of the business on a channel: a WhatsApp number, a Page, a bot.
    AccountId,
    "acc"
);
id!(
    /// A template that a platform approves.
    TemplateId,
    "tpl"
);
id!(
    /// One call to a platform that is to be made: a part of a message, a reaction.
    SendId,
    "snd"
);
id!(
    /// Something a platform sent that could not be read.
    DeadLetterId,
    "ded"
);
id!(
    /// Work in many steps, for example bringing an account's history.
    JobId,
    "job"
);
id!(
    /// Two contacts that were found to be one person.
    MergeId,
    "mrg"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_print_and_parse() {
        let id = ConversationId(Uuid::from_u128(0x0197_c0de));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string(), "cnv_0000000000000000000000000197c0de");
    }

    #[test]
    fn an_id_of_another_type_is_refused() {
        let contact = ContactId(Uuid::from_u128(7)).to_string();
        assert!(contact.parse::<ConversationId>().is_err());
        assert!("cnv_7".parse::<ConversationId>().is_err());
        assert!("cnv_00000000-0000-0000-0000-000000000007".parse::<ConversationId>().is_err());
    }
}
