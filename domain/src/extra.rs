//! What a message carries beside its text and its files. Stored sealed, shown by the console.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::TemplateId;

/// The most characters of a title, a name or a label that a platform sent.
pub const TITLE_MAX_CHARS: usize = 300;

/// What belongs to a message beside text and files. Empty for a plain one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[serde(default)]
pub struct Extra {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// The advertisement, link or page by which the customer came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral: Option<Referral>,
    /// Who wrote it, where several customers share a conversation (a group).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// By what the business sent it when not from here: "phone", or the other tool's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub forwarded: bool,
    /// Messages with the same album were sent as one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub album: Option<String>,
    /// It answers a message that we do not have.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub answers_unknown: bool,
    /// It is from before the account was connected, or was brought later.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub history: bool,
    /// Why its file cannot be had, where the platform told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_gone: Option<String>,
    /// Sent as a private answer to a public comment.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub private_reply: bool,
}

impl Extra {
    pub fn is_empty(&self) -> bool {
        *self == Extra::default()
    }

    pub fn of(card: Card) -> Extra {
        Extra { card: Some(card), ..Extra::default() }
    }
}

/// What a message is, when it is more than text and files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Card {
    Location {
        latitude: f64,
        longitude: f64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<String>,
        /// It moves: later ones replace it.
        #[serde(default)]
        live: bool,
    },
    Contacts {
        contacts: Vec<ContactCard>,
    },
    /// The picture is the message's file.
    Sticker {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        emoji: Option<String>,
    },
    /// A recorded voice; the sound is the message's file.
    Voice {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seconds: Option<u32>,
    },
    /// The customer tapped something that was offered. The text is its title.
    Choice {
        by: ChoiceKind,
        /// What the business's own systems know it by.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payload: Option<String>,
    },
    /// A form that the customer filled in.
    Form {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        fields: Vec<Field>,
    },
    Order {
        items: Vec<OrderItem>,
    },
    /// The customer answers a story of the business, or mentions it in one.
    Story {
        mention: bool,
        /// Dies with the story.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
    /// A post, reel, product or link that was shared.
    Share {
        kind: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
    /// A public comment. The text is what it says.
    Comment {
        /// The post or media it is under.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        post: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
        /// It answers another comment.
        reply: bool,
        /// The public does not see it.
        hidden: bool,
        /// When it was hidden or shown again, by the platform's clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hidden_changed_at: Option<Timestamp>,
    },
    Call {
        /// Whether the customer called.
        inbound: bool,
        outcome: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seconds: Option<u32>,
    },
    /// Anything with a title and some lines: a poll, a game, an invoice, a payment.
    Details {
        kind: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        lines: Vec<Field>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
    /// An approved template that the business sent. The text is its body, filled in.
    Template {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        template: Option<TemplateId>,
        name: String,
        language: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        header: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        footer: Option<String>,
        buttons: Vec<String>,
        /// Values as they were filled in, in the order of the template's variables.
        values: TemplateValues,
    },
    /// Buttons or a list that the business offers.
    Choices {
        offer: Offer,
    },
    /// A kind of message that the platform does not hand out, or that is not known here.
    Unsupported {
        /// The platform's name of it.
        kind: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct ContactCard {
    pub name: String,
    #[serde(default)]
    pub phones: Vec<String>,
    #[serde(default)]
    pub emails: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
}

/// By what the customer chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChoiceKind {
    Button,
    List,
    QuickReply,
    /// A menu, an ice breaker, "Get started".
    Menu,
    Command,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Field {
    pub name: String,
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct OrderItem {
    /// The business's own number of the product.
    pub product: String,
    pub quantity: u32,
    /// In units of the currency, as the platform wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<String>,
    /// ISO 4217.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[serde(default)]
pub struct Referral {
    /// `ad`, `post`, `link`, `product`, …: the platform's name.
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The advertisement or post.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What the business put into its link, or the click's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// What the customer may tap. A channel that lacks lists shows them as text with numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Offer {
    /// At most ten.
    pub options: Vec<OfferOption>,
    /// What opens the list, where there are more options than buttons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_title: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct OfferOption {
    pub title: String,
    pub payload: String,
}

/// How a template's variables are filled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[serde(default)]
pub struct TemplateValues {
    /// The variable of a text header, if it has one. A media header takes the message's file.
    pub header: Vec<TemplateValue>,
    pub body: Vec<TemplateValue>,
    /// For the buttons that take one: a link's ending, a coupon's code.
    pub buttons: Vec<ButtonValue>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct TemplateValue {
    /// For a template with named variables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct ButtonValue {
    /// Counted from 0 among all buttons of the template.
    pub index: u32,
    pub value: String,
}
