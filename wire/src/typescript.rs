//! The TypeScript side of the protocol, made from the Rust types.
//!
//! `wire/ts/src/generated.ts` holds every declaration in one file. The test below fails when the
//! file is stale; `UPDATE_TYPESCRIPT=1 cargo test -p switchboard-wire` writes it anew.

use switchboard_domain as domain;
use ts_rs::{Config, TS};

use crate::{agent, close, problem, rest, view, visitor};

/// The text of `generated.ts`.
pub fn declarations() -> String {
    let config = Config::default();
    let mut out = String::from(
        "// Made from the Rust types of the wire crate. Do not edit: change them and run\n\
         // UPDATE_TYPESCRIPT=1 cargo test -p switchboard-wire\n",
    );
    macro_rules! declare {
        ($($t:ty),* $(,)?) => {
            $(
                out.push_str("\nexport ");
                out.push_str(&<$t as TS>::decl(&config));
                out.push('\n');
            )*
        };
    }
    declare!(
        domain::WorkspaceId,
        domain::UserId,
        domain::MemberId,
        domain::ContactId,
        domain::ConversationId,
        domain::MessageId,
        domain::AttachmentId,
        domain::LabelId,
        domain::InvitationId,
        domain::TokenId,
        domain::SessionId,
        domain::Seq,
        domain::Side,
        domain::Author,
        domain::MessageKind,
        domain::PostKind,
        domain::Role,
        domain::Presence,
        domain::AttachmentKind,
        domain::Status,
        domain::Marks,
        domain::AccountId,
        domain::TemplateId,
        domain::DeadLetterId,
        domain::JobId,
        domain::MergeId,
        domain::Channel,
        domain::AccountKind,
        domain::AccountStatus,
        domain::channel::Abilities,
        domain::business::Right,
        domain::business::Access,
        domain::Window,
        domain::DeliveryState,
        domain::FailureCode,
        domain::Failure,
        domain::Delivery,
        domain::Extra,
        domain::Card,
        domain::extra::ContactCard,
        domain::extra::ChoiceKind,
        domain::extra::Field,
        domain::extra::OrderItem,
        domain::extra::Referral,
        domain::extra::Offer,
        domain::extra::OfferOption,
        domain::extra::TemplateValues,
        domain::extra::TemplateValue,
        domain::extra::ButtonValue,
        domain::ChannelLine,
        problem::Code,
        problem::Problem,
        close::CloseCode,
        view::Workspace,
        view::Member,
        view::Label,
        view::Contact,
        view::Handle,
        view::FileState,
        view::Attachment,
        view::Reaction,
        view::Quote,
        view::Activity,
        view::Message,
        view::Conversation,
        view::Preview,
        view::Counts,
        view::PresenceOf,
        view::VisitorAuthor,
        view::VisitorReaction,
        view::VisitorQuote,
        view::VisitorMessage,
        view::VisitorConversation,
        agent::AgentHello,
        agent::AgentRequest,
        agent::AgentCommand,
        agent::PostAs,
        agent::AgentFrame,
        agent::Done,
        agent::AgentEvent,
        agent::MessageChange,
        agent::AgentSnapshot,
        agent::ConversationDetail,
        visitor::VisitorHello,
        visitor::Page,
        visitor::VisitorRequest,
        visitor::VisitorCommand,
        visitor::VisitorFrame,
        visitor::VisitorEvent,
        visitor::VisitorSnapshot,
        rest::account::SignUp,
        rest::account::SignIn,
        rest::account::Me,
        rest::account::ChangeMe,
        rest::account::SwitchWorkspace,
        rest::account::Invite,
        rest::account::Invitation,
        rest::account::NewInvitation,
        rest::account::InvitationPreview,
        rest::account::AcceptInvitation,
        rest::account::PasswordLink,
        rest::account::ResetPassword,
        rest::account::ChangeMember,
        rest::account::CreateToken,
        rest::account::ApiToken,
        rest::account::NewApiToken,
        rest::conversation::StatusFilter,
        rest::conversation::ChangeConversation,
        rest::conversation::AssignTo,
        rest::conversation::PostMessage,
        rest::conversation::EditMessage,
        rest::conversation::Mark,
        rest::conversation::Typing,
        rest::conversation::SearchHit,
        rest::conversation::Events,
        rest::conversation::NumberedEvent,
        rest::conversation::ChangeContact,
        rest::settings::ChangeWorkspace,
        rest::settings::SaveLabel,
        rest::settings::WidgetLook,
        rest::settings::WidgetPosition,
        rest::settings::WidgetTheme,
        rest::settings::WidgetSettings,
        rest::settings::ChangeWidget,
        rest::settings::IdentitySecret,
        rest::channels::Account,
        rest::channels::AccountProblem,
        rest::channels::AccountFact,
        rest::channels::BusinessConnection,
        rest::channels::Job,
        rest::channels::Channels,
        rest::channels::HookAddress,
        rest::channels::ConnectAccount,
        rest::channels::BeginSignIn,
        rest::channels::SignInAt,
        rest::channels::EmbeddedSignup,
        rest::channels::FinishEmbeddedSignup,
        rest::channels::SignInChoices,
        rest::channels::SignInChoice,
        rest::channels::ChooseAccounts,
        rest::channels::Connected,
        rest::channels::ChangeAccount,
        rest::channels::Template,
        rest::channels::TemplateComponent,
        rest::channels::TemplateVariable,
        rest::channels::TemplateButton,
        rest::channels::CreateTemplate,
        rest::channels::DeadLetter,
        rest::channels::DeadLetters,
        rest::channels::MergeContact,
        rest::channels::Merge,
        rest::widget::Boot,
        rest::widget::Identify,
        rest::widget::Booted,
        rest::widget::WidgetConfig,
        rest::widget::VisitorPost,
        rest::widget::VisitorThread,
        rest::widget::VisitorEvents,
        rest::widget::NumberedVisitorEvent,
    );
    out.push_str("\n/** Numbers of the close codes. */\nexport const CLOSE_CODES = {\n");
    for code in close::CloseCode::ALL {
        out.push_str(&format!(
            "  {}: {{ code: {}, retry: {} }},\n",
            code.reason(),
            code.number(),
            code.retry()
        ));
    }
    out.push_str("} as const;\n\n");
    out.push_str(&format!(
        "export const FRAME_MAX_BYTES = {};\nexport const BEAT_SECONDS = {};\n\
         export const MESSAGE_MAX_CHARS = {};\nexport const ATTACHMENTS_PER_MESSAGE = {};\n\
         export const ATTACHMENT_MAX_BYTES = {};\n",
        crate::FRAME_MAX_BYTES,
        crate::BEAT_SECONDS,
        domain::text::MESSAGE_MAX_CHARS,
        domain::attachment::ATTACHMENTS_PER_MESSAGE,
        domain::attachment::ATTACHMENT_MAX_BYTES,
    ));
    out
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn the_committed_typescript_is_what_the_types_say() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ts/src/generated.ts");
        let now = super::declarations();
        if std::env::var_os("UPDATE_TYPESCRIPT").is_some() {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("folder is made");
            std::fs::write(&path, &now).expect("file is written");
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == now, "stale: run UPDATE_TYPESCRIPT=1 cargo test -p switchboard-wire");
    }
}
