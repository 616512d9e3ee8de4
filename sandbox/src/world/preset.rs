//! The business "Kiln & Clay", its accounts, and two customers on each platform.

use std::collections::BTreeSet;

use super::model::{Account, Person, Platform};
use super::state::{State, Token, TokenKind};
use crate::config::Config;
use crate::whatsapp;

pub const WABA: &str = "102290129340398";
pub const PHONE_NUMBER: &str = "106540352242922";
pub const WHATSAPP_TOKEN: &str = "EAAG-sandbox-whatsapp";
pub const PAGE: &str = "110000000000001";
pub const PAGE_TOKEN: &str = "EAAG-sandbox-page";
pub const INSTAGRAM: &str = "17841400000000001";
pub const INSTAGRAM_APP_SCOPED: &str = "900000000000001";
pub const INSTAGRAM_TOKEN: &str = "IGAA-sandbox-instagram";
pub const BOT: &str = "7000000001";
pub const BOT_TOKEN: &str = "7000000001:AAsandbox-telegram-bot-token-000000000";

const NAME: &str = "Kiln & Clay";

pub fn state(config: &Config) -> State {
    let mut state = State::new(config.seed);
    state.accounts = vec![
        account(Platform::Whatsapp, PHONE_NUMBER, "+1 555 078 3881", WABA, "", WHATSAPP_TOKEN),
        account(Platform::Messenger, PAGE, "kilnandclay", "", "", PAGE_TOKEN),
        account(
            Platform::Instagram,
            INSTAGRAM,
            "kilnandclay",
            PAGE,
            INSTAGRAM_APP_SCOPED,
            INSTAGRAM_TOKEN,
        ),
        account(Platform::Telegram, BOT, "kilnandclay_bot", "", "", BOT_TOKEN),
    ];
    let tokens = [
        (WHATSAPP_TOKEN, TokenKind::SystemUser, vec![(Platform::Whatsapp, PHONE_NUMBER)]),
        (
            PAGE_TOKEN,
            TokenKind::Page,
            vec![(Platform::Messenger, PAGE), (Platform::Instagram, INSTAGRAM)],
        ),
        (INSTAGRAM_TOKEN, TokenKind::Instagram, vec![(Platform::Instagram, INSTAGRAM)]),
        (BOT_TOKEN, TokenKind::Bot, vec![(Platform::Telegram, BOT)]),
    ];
    for (token, kind, accounts) in tokens {
        add_token(&mut state, token, kind, accounts);
    }
    people(&mut state);
    state.whatsapp.templates = whatsapp::preset_templates();
    state
}

fn account(
    platform: Platform,
    id: &str,
    handle: &str,
    owner: &str,
    app_scoped: &str,
    token: &str,
) -> Account {
    Account {
        platform,
        id: id.into(),
        name: NAME.into(),
        handle: handle.into(),
        owner: owner.into(),
        app_scoped: app_scoped.into(),
        token: token.into(),
        fields: all_fields(platform),
        hook_override: None,
        registered: true,
    }
}

/// Every webhook field of a platform that an inbox subscribes to.
pub fn all_fields(platform: Platform) -> BTreeSet<String> {
    let fields: &[&str] = match platform {
        Platform::Whatsapp => &["messages"],
        Platform::Messenger => &[
            "messages",
            "message_echoes",
            "message_edits",
            "message_reactions",
            "message_deliveries",
            "message_reads",
            "messaging_postbacks",
            "messaging_referrals",
            "messaging_optins",
            "messaging_account_linking",
            "messaging_policy_enforcement",
            "messaging_customer_information",
            "messaging_in_thread_lead_form_submit",
            "messaging_handovers",
            "response_feedback",
            "send_cart",
            "inbox_labels",
            "message_template_status_update",
            "standby",
            "feed",
        ],
        Platform::Instagram => &[
            "messages",
            "message_edit",
            "message_reactions",
            "messaging_postbacks",
            "messaging_seen",
            "messaging_referral",
            "messaging_optins",
            "messaging_handover",
            "standby",
            "comments",
            "live_comments",
            "mentions",
        ],
        Platform::Telegram => &[],
    };
    fields.iter().map(|field| (*field).to_owned()).collect()
}

fn add_token(state: &mut State, token: &str, kind: TokenKind, accounts: Vec<(Platform, &str)>) {
    let issued_at = state.now();
    let expires_at = (kind == TokenKind::Instagram).then(|| issued_at + 60 * 24 * 60 * 60 * 1000);
    let token_value = Token {
        scopes: scopes(&kind).iter().map(|scope| (*scope).to_owned()).collect(),
        kind,
        accounts: accounts.into_iter().map(|(platform, id)| (platform, id.to_owned())).collect(),
        issued_at,
        expires_at,
        revoked: false,
    };
    state.tokens.insert(token.to_owned(), token_value);
}

/// What a token of a kind may do, when nothing has been held back.
pub fn scopes(kind: &TokenKind) -> &'static [&'static str] {
    match kind {
        TokenKind::SystemUser => &["whatsapp_business_management", "whatsapp_business_messaging"],
        TokenKind::User | TokenKind::Page => &[
            "pages_show_list",
            "pages_messaging",
            "pages_manage_metadata",
            "pages_read_engagement",
            "pages_manage_engagement",
            "instagram_basic",
            "instagram_manage_messages",
            "instagram_manage_comments",
        ],
        TokenKind::Instagram => &[
            "instagram_business_basic",
            "instagram_business_manage_messages",
            "instagram_business_manage_comments",
        ],
        TokenKind::Bot => &[],
    }
}

fn people(state: &mut State) {
    let ana = [
        (Platform::Whatsapp, PHONE_NUMBER, "16505550123", None, Some("US.Ana7Qm2ZkX9tLw4Rb8")),
        (Platform::Messenger, PAGE, "7719020043315586", None, None),
        (Platform::Instagram, INSTAGRAM, "1789004455667788", Some("ana.reyes"), None),
        (Platform::Telegram, BOT, "510000001", Some("anareyes"), None),
    ];
    let ben = [
        (Platform::Whatsapp, PHONE_NUMBER, "447700900142", None, Some("GB.Ben4Rb8ZkX9tLw7Qm2")),
        (Platform::Messenger, PAGE, "8812003144550021", None, None),
        (Platform::Instagram, INSTAGRAM, "1799004455660000", Some("ben.okafor"), None),
        (Platform::Telegram, BOT, "510000002", Some("benokafor"), None),
    ];
    for (short, name, rows) in [("ana", "Ana Reyes", ana), ("ben", "Ben Okafor", ben)] {
        for (platform, account, id, username, user_id) in rows {
            let person = Person {
                id: id.into(),
                name: name.into(),
                username: username.map(Into::into),
                user_id: user_id.map(Into::into),
            };
            state.add_phone(format!("{}-{short}", platform.name()), platform, account, person);
        }
    }
}
