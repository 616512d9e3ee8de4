//! Connected accounts, templates, what could not be read, merged contacts.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use switchboard_domain::business::{Access, Right};
use switchboard_domain::{
    AccountId, AccountKind, AccountStatus, Channel, ContactId, DeadLetterId, JobId, MergeId,
    TemplateId,
};
use ts_rs::TS;
use utoipa::ToSchema;

/// An account of the business on a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Account {
    pub id: AccountId,
    pub kind: AccountKind,
    pub channel: Channel,
    pub name: String,
    /// Its number or user name, as people write it.
    pub handle: Option<String>,
    pub status: AccountStatus,
    /// What is wrong with it, worst first, in words to act on.
    pub problems: Vec<AccountProblem>,
    /// Quality, limits and the like, as the platform tells.
    pub facts: Vec<AccountFact>,
    pub checked_at: Option<Timestamp>,
    /// The history that is being brought, or was.
    pub history: Option<Job>,
    /// Through whose own accounts it answers, the newest of them first; at most 50. Absent where
    /// there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<BusinessConnection>>")]
    pub connections: Vec<BusinessConnection>,
    pub created_at: Timestamp,
}

/// Somebody's own account, for which an account of the business answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct BusinessConnection {
    /// What a conversation that runs through it says as its `connection`.
    pub id: String,
    /// Whose account it is.
    pub name: String,
    /// Their user name, as people write it.
    pub handle: Option<String>,
    /// Whether messages can be sent through it.
    pub access: Access,
    /// What they allow.
    pub rights: Vec<Right>,
    pub made_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct AccountProblem {
    /// `token`, `permission`, `not_subscribed`, `quality`, `restricted`, `payment`, `other`
    pub kind: String,
    pub words: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct AccountFact {
    pub name: String,
    pub value: String,
}

/// Work in many steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Job {
    pub id: JobId,
    /// `running`, `done` or `failed`
    pub state: String,
    pub done: u32,
    /// How much there is, once that is known.
    pub total: Option<u32>,
    pub note: Option<String>,
}

/// What can be connected here, and how. `GET /api/v1/channels`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Channels {
    pub accounts: Vec<Account>,
    /// Kinds that can be connected by signing in at the platform: their app is configured.
    pub sign_in: Vec<AccountKind>,
    /// Where platforms must be told to send what happens.
    pub hooks: Vec<HookAddress>,
    /// Present in the demo: the page of pretend phones.
    pub phones_url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct HookAddress {
    pub channel: Channel,
    pub url: String,
}

/// `POST /api/v1/channels/accounts`: connects an account by what its owner pastes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ConnectAccount {
    WhatsappNumber {
        phone_number_id: String,
        /// The WhatsApp Business Account it belongs to.
        business_account_id: String,
        token: String,
    },
    FacebookPage {
        page_id: String,
        token: String,
    },
    InstagramLogin {
        token: String,
    },
    /// Through the Page it is linked to.
    InstagramPage {
        page_id: String,
        token: String,
    },
    TelegramBot {
        token: String,
    },
}

/// `POST /api/v1/channels/sign-in`: begins signing in at a platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginSignIn {
    pub kind: AccountKind,
    /// Asks which of the accounts to connect that the person may grant. Otherwise all of them are.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub choose: bool,
}

/// Where to send the browser. The platform sends it back to the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct SignInAt {
    pub url: String,
}

/// `GET /api/v1/channels/embedded-signup/{state}`: what the page needs that opens WhatsApp's window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct EmbeddedSignup {
    pub app_id: String,
    /// The configuration of Embedded Signup at the app.
    pub config_id: String,
    /// `v26.0`
    pub graph_version: String,
    /// The script that opens the window.
    pub sdk_url: String,
    /// Whence the window tells how it ended.
    pub facebook_url: String,
}

/// `POST /api/v1/channels/embedded-signup/{state}`: what the window gave, within the half minute for
/// which the code holds. Answered with [`SignInAt`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FinishEmbeddedSignup {
    pub code: String,
    /// What was chosen there, as far as the window said so.
    #[serde(default)]
    #[ts(optional)]
    pub waba_id: Option<String>,
    #[serde(default)]
    #[ts(optional)]
    pub phone_number_id: Option<String>,
    /// The number stays in the WhatsApp Business app as well.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub coexistence: bool,
}

/// `GET /api/v1/channels/sign-in/{ticket}`: what the person who signed in can connect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct SignInChoices {
    pub kind: AccountKind,
    pub choices: Vec<SignInChoice>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct SignInChoice {
    /// The platform's id of the account.
    pub id: String,
    pub name: String,
    pub handle: Option<String>,
}

/// `POST /api/v1/channels/sign-in/{ticket}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChooseAccounts {
    /// Of the choices; at least one.
    pub ids: Vec<String>,
}

/// What became of connecting several accounts at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Connected {
    pub accounts: Vec<AccountId>,
    /// In words, for each that could not be connected.
    pub problems: Vec<String>,
}

/// `PATCH /api/v1/channels/accounts/{id}`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeAccount {
    #[ts(optional)]
    pub name: Option<String>,
    /// Holds back what is to be sent, or lets it go on.
    #[ts(optional)]
    pub paused: Option<bool>,
}

/// A template and how it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Template {
    pub id: TemplateId,
    pub account: AccountId,
    pub name: String,
    /// `en_US`
    pub language: String,
    pub category: String,
    /// `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, …
    pub status: String,
    pub quality: Option<String>,
    pub reason: Option<String>,
    pub components: Vec<TemplateComponent>,
    /// Whether it can be sent now.
    pub sendable: bool,
    pub updated_at: Timestamp,
}

/// A part of a template, as far as people see and fill it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TemplateComponent {
    /// `format`: `text`, `image`, `video`, `document`, `location`.
    Header {
        format: String,
        text: String,
        variables: Vec<TemplateVariable>,
    },
    Body {
        text: String,
        variables: Vec<TemplateVariable>,
    },
    Footer {
        text: String,
    },
    Buttons {
        buttons: Vec<TemplateButton>,
    },
    /// Something this server does not send.
    Other {
        name: String,
    },
}

/// A place in a template's text: `{{1}}` or `{{first_name}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct TemplateVariable {
    /// As it stands between the braces.
    pub name: String,
    pub example: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct TemplateButton {
    /// `quick_reply`, `url`, `phone_number`, `copy_code`, …
    pub kind: String,
    pub text: String,
    /// What is to be filled in, if anything: the ending of its link, or its code.
    pub variable: Option<String>,
    pub url: Option<String>,
}

/// `POST /api/v1/channels/accounts/{id}/templates`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTemplate {
    pub name: String,
    pub language: String,
    /// `UTILITY`, `MARKETING` or `AUTHENTICATION`
    pub category: String,
    /// Only text can be made here; a header with a picture is made at the platform.
    #[serde(default)]
    pub header: Option<String>,
    pub body: String,
    #[serde(default)]
    pub footer: Option<String>,
    /// Titles of quick replies.
    #[serde(default)]
    pub quick_replies: Vec<String>,
    /// An example for each variable of header and body, in order.
    #[serde(default)]
    pub examples: Vec<String>,
}

/// Something verified that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct DeadLetter {
    pub id: DeadLetterId,
    pub channel: Channel,
    pub account: Option<AccountId>,
    pub why: String,
    /// The body, as text.
    pub body: String,
    pub received_at: Timestamp,
    pub tried_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct DeadLetters {
    pub letters: Vec<DeadLetter>,
    pub next: Option<String>,
}

/// `POST /api/v1/contacts/{id}/merge`: this contact and that one are one person. The other's
/// conversations are shown with this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeContact {
    pub other: ContactId,
}

/// A merge, which can be undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Merge {
    pub id: MergeId,
    pub from: ContactId,
    pub into: ContactId,
    pub at: Timestamp,
}
