//! What a person who signed in at a platform lets us connect: asked for with the token they gave.

use secrecy::ExposeSecret;
use switchboard_actors::Rejection;
use switchboard_channels::account::Credentials;
use switchboard_channels::meta::oauth::{App as Secret, facebook, instagram, read_token, whatsapp};
use switchboard_channels::{Reply, Request};
use switchboard_domain::{AccountKind, Failure as Refused};
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
}

/// Exchanges the code that a browser brought for a token that lasts.
pub async fn exchange(app: &App, kind: AccountKind, redirect: &str, code: &str) -> Result<Granted> {
    match kind {
        AccountKind::InstagramLogin => exchange_at_instagram(app, redirect, code).await,
        _ => exchange_at_facebook(app, kind, redirect, code).await,
    }
}

async fn exchange_at_facebook(
    app: &App,
    kind: AccountKind,
    redirect: &str,
    code: &str,
) -> Result<Granted> {
    let meta = meta(app)?;
    let secret = Secret { id: &meta.app_id, secret: meta.app_secret.expose_secret() };
    let reply =
        app.cast.ask(kind, None, &facebook::exchange_code(secret, Some(redirect), code)).await?;
    let short = read_token(&reply, clock::now()).map_err(refused)?;
    if kind == AccountKind::WhatsappNumber {
        // It speaks for the business and not for the person, and lasts as it is.
        let reply = app.cast.ask(kind, None, &facebook::inspect(&short.token)).await?;
        let by = facebook::read_inspection(&reply).map_err(refused)?.user_id;
        return Ok(Granted { kind, token: short.token, token_expires_at: short.expires_at, by });
    }
    // The tokens of Pages end with the token that they were asked with.
    let request = facebook::exchange_long_lived(secret, &short.token);
    let reply = app.cast.ask(kind, None, &request).await?;
    let long = read_token(&reply, clock::now()).map_err(refused)?;
    let me = app.cast.ask(kind, Some(&long.token), &facebook::me()).await?;
    let (id, _) = facebook::read_me(&me).map_err(refused)?;
    Ok(Granted { kind, token: long.token, token_expires_at: long.expires_at, by: Some(id) })
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
    Ok(Granted { kind, token: long.token, token_expires_at: long.expires_at, by: short.user_id })
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
    })
}

/// The account that signed in. Its id is what the platform says when it is connected.
fn itself(granted: &Granted) -> Asset {
    let by = granted.by.clone().unwrap_or_default();
    Asset {
        choice: SignInChoice { id: by, name: "Instagram".to_owned(), handle: None },
        credentials: Credentials { other_id: granted.by.clone(), ..credentials(granted) },
        register: false,
    }
}

/// The numbers of the WhatsApp Business Accounts that were shared with us.
async fn numbers(app: &App, granted: &Granted) -> Result<Vec<Asset>> {
    let reply = ask(app, granted, &facebook::inspect(&granted.token)).await?;
    let inspected = facebook::read_inspection(&reply).map_err(refused)?;
    let mut assets = Vec::new();
    for parent in inspected.assets(whatsapp::SCOPES[0]).iter().take(PAGES_MAX) {
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

/// Registers a number for sending, under a PIN that is kept with it.
pub async fn register(app: &App, mut credentials: Credentials) -> Result<Credentials> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).map_err(Failure::internal)?;
    let pin = format!("{:06}", u32::from_le_bytes(bytes) % 1_000_000);
    let request = whatsapp::register(&credentials.id, &pin);
    let reply = app.cast.ask(credentials.kind, Some(&credentials.token), &request).await?;
    if !reply.is_success() {
        let said = switchboard_channels::meta::GraphError::read(&reply);
        let words = said.map_or_else(|| format!("status {}", reply.status), |error| error.detail());
        let words = format!("the number could not be registered: {words}");
        return Err(Failure::new(Code::Refused, words));
    }
    credentials.pin = Some(pin);
    Ok(credentials)
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
