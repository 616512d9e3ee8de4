//! What a person who signed in at a platform lets us connect: asked for with the token they gave.

use jiff::Timestamp;
use secrecy::ExposeSecret;
use switchboard_actors::Rejection;
use switchboard_channels::account::Credentials;
use switchboard_channels::meta::oauth::{App as Secret, facebook, instagram, read_token, whatsapp};
use switchboard_channels::{Reply, Request};
use switchboard_domain::{AccountId, AccountKind, Failure as Refused, WorkspaceId};
use switchboard_wire::Code;
use switchboard_wire::rest::channels::SignInChoice;

use super::super::problem::{Failure, Result};
use super::tickets::Granted;
use crate::clock;
use crate::config::{InstagramConfig, MetaConfig};
use crate::state::App;

/// The most pages of assets that are read.
const PAGES_MAX: usize = 20;

/// An account that can be connected.
pub struct Asset {
    pub choice: SignInChoice,
    pub credentials: Credentials,
    /// A number that the platform knows, and that is to be registered before it can send.
    pub register: bool,
    /// A number that stays in the WhatsApp Business app too, and hands over what was said there.
    pub on_phone: bool,
}

/// Exchanges the code that a browser brought for a token that lasts. A code that came by no
/// redirect has none.
pub async fn exchange(
    app: &App,
    kind: AccountKind,
    redirect: Option<&str>,
    code: &str,
) -> Result<Granted> {
    match (kind, redirect) {
        (AccountKind::InstagramLogin, Some(redirect)) => {
            exchange_at_instagram(app, redirect, code).await
        }
        _ => exchange_at_facebook(app, kind, redirect, code).await,
    }
}

async fn exchange_at_facebook(
    app: &App,
    kind: AccountKind,
    redirect: Option<&str>,
    code: &str,
) -> Result<Granted> {
    let meta = meta(app)?;
    let secret = Secret { id: &meta.app_id, secret: meta.app_secret.expose_secret() };
    let request = facebook::exchange_code(secret, redirect, code);
    let reply = app.cast.ask(kind, None, &request).await?;
    let words = if redirect.is_some() { refused } else { late };
    let short = read_token(&reply, clock::now()).map_err(words)?;
    if kind == AccountKind::WhatsappNumber {
        // It speaks for the business and not for the person, and lasts as it is.
        let reply = app.cast.ask(kind, None, &facebook::inspect(&short.token)).await?;
        let by = facebook::read_inspection(&reply).map_err(refused)?.user_id;
        return Ok(granted(kind, short.token, short.expires_at, by));
    }
    // The tokens of Pages end with the token that they were asked with.
    let request = facebook::exchange_long_lived(secret, &short.token);
    let reply = app.cast.ask(kind, None, &request).await?;
    let long = read_token(&reply, clock::now()).map_err(refused)?;
    let me = app.cast.ask(kind, Some(&long.token), &facebook::me()).await?;
    let (id, _) = facebook::read_me(&me).map_err(refused)?;
    Ok(granted(kind, long.token, long.expires_at, Some(id)))
}

async fn exchange_at_instagram(app: &App, redirect: &str, code: &str) -> Result<Granted> {
    let kind = AccountKind::InstagramLogin;
    let instagram = instagram_app(app)?;
    let secret = instagram.app_secret.expose_secret();
    let request =
        instagram::exchange_code(Secret { id: &instagram.app_id, secret }, redirect, code);
    let short =
        read_token(&app.cast.ask(kind, None, &request).await?, clock::now()).map_err(refused)?;
    let request = instagram::exchange_long_lived(secret, &short.token);
    let long =
        read_token(&app.cast.ask(kind, None, &request).await?, clock::now()).map_err(refused)?;
    Ok(granted(kind, long.token, long.expires_at, short.user_id))
}

fn granted(
    kind: AccountKind,
    token: String,
    token_expires_at: Option<Timestamp>,
    by: Option<String>,
) -> Granted {
    Granted { kind, token, token_expires_at, by, waba: None }
}

/// What can be connected with what was granted.
pub async fn list(app: &App, granted: &Granted) -> Result<Vec<Asset>> {
    match granted.kind {
        AccountKind::FacebookPage => {
            Ok(pages(app, granted).await?.iter().map(page(granted)).collect())
        }
        AccountKind::InstagramPage => {
            let pages = pages(app, granted).await?;
            Ok(pages.iter().filter_map(|page| linked(granted, page)).collect())
        }
        AccountKind::WhatsappNumber => numbers(app, granted).await,
        AccountKind::InstagramLogin => Ok(vec![itself(granted)]),
        AccountKind::TelegramBot => Ok(vec![]),
    }
}

async fn pages(app: &App, granted: &Granted) -> Result<Vec<facebook::Page>> {
    let mut pages = Vec::new();
    let mut after: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let reply = ask(app, granted, &facebook::pages(after.as_deref())).await?;
        let (some, next) = facebook::read_pages(&reply).map_err(refused)?;
        pages.extend(some.into_iter().filter(facebook::Page::may_message));
        after = next;
        if after.is_none() {
            break;
        }
    }
    Ok(pages)
}

fn page(granted: &Granted) -> impl Fn(&facebook::Page) -> Asset {
    let granted = granted.clone();
    move |page| Asset {
        choice: SignInChoice { id: page.id.clone(), name: page.name.clone(), handle: None },
        credentials: Credentials {
            id: page.id.clone(),
            token: page.token.clone(),
            token_expires_at: None,
            ..credentials(&granted)
        },
        register: false,
        on_phone: false,
    }
}

/// The Instagram account that a Page is linked to. The Page's token speaks for it.
fn linked(granted: &Granted, page: &facebook::Page) -> Option<Asset> {
    let account = page.instagram.as_ref()?;
    let handle = account.username.as_ref().map(|name| format!("@{name}"));
    let name = account.name.clone().or_else(|| handle.clone()).unwrap_or_else(|| page.name.clone());
    Some(Asset {
        choice: SignInChoice { id: account.id.clone(), name, handle },
        credentials: Credentials {
            id: account.id.clone(),
            parent: Some(page.id.clone()),
            token: page.token.clone(),
            token_expires_at: None,
            ..credentials(granted)
        },
        register: false,
        on_phone: false,
    })
}

/// The account that signed in. Its id is what the platform says when it is connected.
fn itself(granted: &Granted) -> Asset {
    let by = granted.by.clone().unwrap_or_default();
    Asset {
        choice: SignInChoice { id: by, name: "Instagram".to_owned(), handle: None },
        credentials: Credentials { other_id: granted.by.clone(), ..credentials(granted) },
        register: false,
        on_phone: false,
    }
}

/// The numbers of the WhatsApp Business Accounts that were shared with us, or of the one among them
/// that was chosen. Which are, the platform says and not the browser.
async fn numbers(app: &App, granted: &Granted) -> Result<Vec<Asset>> {
    let reply = ask(app, granted, &facebook::inspect(&granted.token)).await?;
    let inspected = facebook::read_inspection(&reply).map_err(refused)?;
    let mut shared = whatsapp::shared(&inspected, &meta(app)?.app_id).map_err(refused)?;
    if let Some(chosen) = &granted.waba {
        shared.retain(|waba| waba == chosen);
        if shared.is_empty() {
            let words = "the WhatsApp Business Account that was chosen was not shared with this \
                         app; begin again, and share it";
            return Err(Failure::new(Code::Refused, words));
        }
    }
    let mut assets = Vec::new();
    for parent in shared.iter().take(PAGES_MAX) {
        let reply = ask(app, granted, &whatsapp::phone_numbers(parent)).await?;
        for number in whatsapp::read_phone_numbers(&reply).map_err(refused)? {
            let name = number.verified_name.clone().unwrap_or_else(|| number.display.clone());
            let registered = number.platform.as_deref() == Some("CLOUD_API");
            assets.push(Asset {
                choice: SignInChoice {
                    id: number.id.clone(),
                    name,
                    handle: Some(number.display.clone()).filter(|display| !display.is_empty()),
                },
                credentials: Credentials {
                    id: number.id.clone(),
                    parent: Some(parent.clone()),
                    ..credentials(granted)
                },
                // One that stays on a phone as well is registered there.
                register: !registered && !number.is_on_phone,
                on_phone: number.is_on_phone,
            });
        }
    }
    Ok(assets)
}

fn credentials(granted: &Granted) -> Credentials {
    Credentials {
        kind: granted.kind,
        id: String::new(),
        other_id: None,
        parent: None,
        token: granted.token.clone(),
        token_expires_at: granted.token_expires_at,
        token_given_at: Some(clock::now()),
        connected_by: granted.by.clone(),
        hook_secret: None,
        pin: None,
    }
}

/// A new PIN for the registration of a number.
pub fn pin() -> Result<String> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).map_err(Failure::internal)?;
    Ok(format!("{:06}", u32::from_le_bytes(bytes) % 1_000_000))
}

/// Registers a connected number for sending, under the PIN that is kept with it.
pub async fn register(app: &App, workspace: WorkspaceId, account: AccountId) -> Result<()> {
    let write =
        |it: &Credentials| whatsapp::register(&it.id, it.pin.as_deref().unwrap_or_default());
    let reply = app.cast.call_as(workspace, account, write).await?;
    let registered = whatsapp::read_registered(&reply);
    app.cast.check_account(workspace, account).await?;
    registered.map_err(|why| {
        let why = why.detail.unwrap_or_else(|| why.code.words().to_owned());
        let words = format!("it is connected, and could not be registered for sending: {why}");
        Failure::new(Code::Refused, words)
    })
}

/// Asks with what was granted.
async fn ask(app: &App, granted: &Granted, request: &Request) -> Result<Reply, Rejection> {
    app.cast.ask(granted.kind, Some(&granted.token), request).await
}

/// What the platform said no to, in words to act on.
pub fn refused(refused: Refused) -> Failure {
    let words = refused.code.words();
    Failure::new(
        Code::Refused,
        match refused.detail {
            Some(detail) => format!("{words} ({detail})"),
            None => words.to_owned(),
        },
    )
}

/// The same of a code that came by no redirect: nearly always time has passed.
fn late(why: Refused) -> Failure {
    let why = refused(why);
    let words = format!(
        "Meta did not take what its window gave, which holds for 30 seconds and once; press the \
         button again: {why}"
    );
    Failure::new(Code::Refused, words)
}

pub fn meta(app: &App) -> Result<&MetaConfig> {
    let missing = || {
        Failure::new(
            Code::Refused,
            "this server has no app at Meta; whoever runs it sets SWITCHBOARD_META_APP_ID and what \
             belongs to it",
        )
    };
    app.config.meta.as_ref().ok_or_else(missing)
}

pub fn instagram_app(app: &App) -> Result<&InstagramConfig> {
    let missing = || {
        Failure::new(
            Code::Refused,
            "this server has no app for Instagram Login; whoever runs it sets \
             SWITCHBOARD_INSTAGRAM_APP_ID and SWITCHBOARD_INSTAGRAM_APP_SECRET",
        )
    };
    meta(app)?.instagram.as_ref().ok_or_else(missing)
}
