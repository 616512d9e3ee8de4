//! The ways by which customers reach a business, and what each of them can carry.

use serde::{Deserialize, Serialize};

/// Where a conversation takes place.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The widget on the business's own website.
    #[default]
    Web,
    Whatsapp,
    Messenger,
    Instagram,
    Telegram,
}

impl Channel {
    pub const ALL: [Channel; 5] = [
        Channel::Web,
        Channel::Whatsapp,
        Channel::Messenger,
        Channel::Instagram,
        Channel::Telegram,
    ];

    /// The name it is stored and addressed under.
    pub fn name(self) -> &'static str {
        match self {
            Channel::Web => "web",
            Channel::Whatsapp => "whatsapp",
            Channel::Messenger => "messenger",
            Channel::Instagram => "instagram",
            Channel::Telegram => "telegram",
        }
    }

    pub fn parse(name: &str) -> Option<Channel> {
        Channel::ALL.into_iter().find(|channel| channel.name() == name)
    }
}

/// What kind of account is connected. One channel may be reached by several kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// A phone number of the WhatsApp Business Platform.
    WhatsappNumber,
    FacebookPage,
    /// A professional account that signed in with Instagram itself.
    InstagramLogin,
    /// A professional account reached through the Facebook Page it is linked to.
    InstagramPage,
    TelegramBot,
}

impl AccountKind {
    pub const ALL: [AccountKind; 5] = [
        AccountKind::WhatsappNumber,
        AccountKind::FacebookPage,
        AccountKind::InstagramLogin,
        AccountKind::InstagramPage,
        AccountKind::TelegramBot,
    ];

    pub fn channel(self) -> Channel {
        match self {
            AccountKind::WhatsappNumber => Channel::Whatsapp,
            AccountKind::FacebookPage => Channel::Messenger,
            AccountKind::InstagramLogin | AccountKind::InstagramPage => Channel::Instagram,
            AccountKind::TelegramBot => Channel::Telegram,
        }
    }

    /// The name it is stored under.
    pub fn name(self) -> &'static str {
        match self {
            AccountKind::WhatsappNumber => "whatsapp_number",
            AccountKind::FacebookPage => "facebook_page",
            AccountKind::InstagramLogin => "instagram_login",
            AccountKind::InstagramPage => "instagram_page",
            AccountKind::TelegramBot => "telegram_bot",
        }
    }

    pub fn parse(name: &str) -> Option<AccountKind> {
        AccountKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// How a connected account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    Active,
    /// Its token is lost: what is to be sent waits until someone connects it again.
    Reconnect,
    /// The platform restricts it for a while, or a person paused it.
    Paused,
    /// Taken away by a person here, or by its owner at the platform. Its history stays.
    Disconnected,
}

impl AccountStatus {
    pub fn name(self) -> &'static str {
        match self {
            AccountStatus::Active => "active",
            AccountStatus::Reconnect => "reconnect",
            AccountStatus::Paused => "paused",
            AccountStatus::Disconnected => "disconnected",
        }
    }

    pub fn parse(name: &str) -> Option<AccountStatus> {
        [
            AccountStatus::Active,
            AccountStatus::Reconnect,
            AccountStatus::Paused,
            AccountStatus::Disconnected,
        ]
        .into_iter()
        .find(|status| status.name() == name)
    }
}

/// Where a conversation takes place, as far as rules need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Venue {
    #[default]
    Web,
    Whatsapp,
    Messenger,
    Instagram,
    /// A chat with a bot.
    TelegramBot,
    /// A chat of a person who lets a bot answer for them (a business connection).
    TelegramBusiness,
    /// Public comments under a Page's posts.
    FacebookComments,
    /// Public comments under an Instagram account's media.
    InstagramComments,
}

impl Venue {
    pub const ALL: [Venue; 8] = [
        Venue::Web,
        Venue::Whatsapp,
        Venue::Messenger,
        Venue::Instagram,
        Venue::TelegramBot,
        Venue::TelegramBusiness,
        Venue::FacebookComments,
        Venue::InstagramComments,
    ];

    /// Whether people write there in public.
    pub fn is_comments(self) -> bool {
        matches!(self, Venue::FacebookComments | Venue::InstagramComments)
    }

    pub fn channel(self) -> Channel {
        match self {
            Venue::Web => Channel::Web,
            Venue::Whatsapp => Channel::Whatsapp,
            Venue::Messenger | Venue::FacebookComments => Channel::Messenger,
            Venue::Instagram | Venue::InstagramComments => Channel::Instagram,
            Venue::TelegramBot | Venue::TelegramBusiness => Channel::Telegram,
        }
    }

    /// The name it is stored under.
    pub fn name(self) -> &'static str {
        match self {
            Venue::Web => "web",
            Venue::Whatsapp => "whatsapp",
            Venue::Messenger => "messenger",
            Venue::Instagram => "instagram",
            Venue::TelegramBot => "telegram_bot",
            Venue::TelegramBusiness => "telegram_business",
            Venue::FacebookComments => "facebook_comments",
            Venue::InstagramComments => "instagram_comments",
        }
    }

    pub fn parse(name: &str) -> Option<Venue> {
        Venue::ALL.into_iter().find(|venue| venue.name() == name)
    }

    /// What the business can do here beside writing.
    pub fn abilities(self) -> Abilities {
        let none = Abilities::default();
        match self {
            Venue::Web => Abilities {
                edits: true,
                deletes: true,
                reacts: true,
                files: true,
                replies: true,
                ..none
            },
            Venue::Whatsapp => Abilities {
                reacts: true,
                files: true,
                replies: true,
                templates: true,
                choices: true,
                ..none
            },
            Venue::Messenger | Venue::Instagram => {
                Abilities { reacts: true, files: true, replies: true, choices: true, ..none }
            }
            Venue::TelegramBot => Abilities {
                edits: true,
                deletes: true,
                reacts: true,
                files: true,
                replies: true,
                choices: true,
                ..none
            },
            Venue::TelegramBusiness => Abilities {
                edits: true,
                deletes: true,
                files: true,
                replies: true,
                choices: true,
                ..none
            },
            Venue::FacebookComments => Abilities {
                edits: true,
                deletes: true,
                replies: true,
                private_replies: true,
                ..none
            },
            Venue::InstagramComments => {
                Abilities { deletes: true, replies: true, private_replies: true, ..none }
            }
        }
    }
}

/// What the business can do at a venue beside writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Abilities {
    /// Change what it has sent.
    pub edits: bool,
    /// Withdraw what it has sent.
    pub deletes: bool,
    pub reacts: bool,
    pub files: bool,
    /// Answer one message in particular.
    pub replies: bool,
    /// Send templates that the platform has approved.
    pub templates: bool,
    /// Offer buttons or a list to tap.
    pub choices: bool,
    /// Answer a public comment by a private message.
    pub private_replies: bool,
}
