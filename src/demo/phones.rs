//! The demo's customers on WhatsApp, Messenger, Instagram and Telegram: pretend phones, on
//! stand-ins of the platforms that run beside the server. Nothing leaves this machine.

use std::net::{Ipv4Addr, SocketAddr};

use switchboard_channels::account::Credentials;
use switchboard_domain::AccountKind;
use switchboard_sandbox::world::preset;
use switchboard_sandbox::{Config as Stage, Sandbox};
use switchboard_store::seal::random_token;

use super::Demo;
use crate::clock;
use crate::config::{Config, InstagramConfig, MetaConfig};
use crate::state::App;

/// The stand-ins, running.
pub struct Phones(Sandbox);

impl Phones {
    /// Starts the stand-ins for a server that listens there, and lets the settings say that they
    /// are the platforms.
    pub async fn start(
        demo: &mut Demo,
        config: &mut Config,
        server: SocketAddr,
    ) -> anyhow::Result<Phones> {
        crate::server::choose_cryptography();
        // Whoever knew these could speak to the server as the platforms do.
        let stage = Stage {
            meta_hook_base: format!("http://{}:{}", Ipv4Addr::LOCALHOST, server.port()),
            app_secret: random_token(),
            instagram_app_secret: random_token(),
            verify_token: random_token(),
            ..Stage::default()
        };
        let sandbox = beside(server, &stage).await?;
        let url = sandbox.url();
        demo.phones_url = Some(format!("{url}/phones"));
        let providers = &mut config.providers;
        providers.graph = format!("{url}/graph");
        providers.instagram_graph = format!("{url}/instagram-graph");
        providers.instagram_api = format!("{url}/instagram-api");
        providers.telegram = format!("{url}/telegram");
        providers.facebook_sign_in = format!("{url}/graph");
        providers.facebook_sdk = format!("{url}/sdk");
        providers.instagram_sign_in = format!("{url}/instagram");
        providers.graph_version.clone_from(&stage.graph_version);
        config.meta = Some(MetaConfig {
            app_id: stage.app_id,
            app_secret: stage.app_secret.into(),
            verify_token: stage.verify_token.into(),
            instagram: Some(InstagramConfig {
                app_id: stage.instagram_app_id,
                app_secret: stage.instagram_app_secret.into(),
            }),
            embedded_signup: Some(stage.signup_config_id),
        });
        Ok(Phones(sandbox))
    }

    /// Connects the stand-ins' accounts to the demo's workspace. Those that were there before are
    /// connected anew: the stand-ins forget everything when they stop.
    pub async fn connect(&self, app: &App) {
        let Some(demo) = &app.demo else { return };
        for credentials in accounts() {
            let kind = credentials.kind;
            if let Err(error) = app.cast.connect(demo.workspace, credentials).await {
                tracing::warn!(%error, kind = kind.name(), "a pretend account was not connected");
            }
        }
    }

    pub async fn stop(self) {
        self.0.stop().await;
    }
}

/// On the port after the server's, so that an address that was opened once stays good; on any
/// other where that one is taken.
async fn beside(server: SocketAddr, stage: &Stage) -> anyhow::Result<Sandbox> {
    let bind = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    if let Some(port) = server.port().checked_add(1)
        && let Ok(sandbox) = Sandbox::start(Stage { bind: bind(port), ..stage.clone() }).await
    {
        return Ok(sandbox);
    }
    Sandbox::start(Stage { bind: bind(0), ..stage.clone() }).await
}

/// The accounts of the stand-ins' business.
fn accounts() -> [Credentials; 4] {
    let account = |kind, id: &str, parent: Option<&str>, token: &str| Credentials {
        kind,
        id: id.to_owned(),
        other_id: None,
        parent: parent.map(str::to_owned),
        token: token.to_owned(),
        token_expires_at: None,
        token_given_at: Some(clock::now()),
        connected_by: None,
        hook_secret: None,
        pin: None,
    };
    [
        account(
            AccountKind::WhatsappNumber,
            preset::PHONE_NUMBER,
            Some(preset::WABA),
            preset::WHATSAPP_TOKEN,
        ),
        account(AccountKind::FacebookPage, preset::PAGE, None, preset::PAGE_TOKEN),
        account(AccountKind::InstagramLogin, preset::INSTAGRAM, None, preset::INSTAGRAM_TOKEN),
        account(AccountKind::TelegramBot, preset::BOT, None, preset::BOT_TOKEN),
    ]
}
