//! What a sandbox is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// Where the sandbox listens, whom it calls, and the secrets it shares with the server under test.
#[derive(Debug, Clone)]
pub struct Config {
    /// For example `http://127.0.0.1:8080`: webhooks of Meta's platforms go to
    /// `{base}/hooks/whatsapp`, `{base}/hooks/messenger` and `{base}/hooks/instagram`.
    pub meta_hook_base: String,
    pub app_id: String,
    pub app_secret: String,
    pub instagram_app_id: String,
    pub instagram_app_secret: String,
    pub verify_token: String,
    /// The app's configuration of Embedded Signup.
    pub signup_config_id: String,
    /// All ids follow from it. 0 takes one from the clock, so that a sandbox started again does not
    /// repeat the ids of the messages it made before.
    pub seed: u64,
    /// The newest version the Graph API answers to.
    pub graph_version: String,
    /// Port 0 is any free one.
    pub bind: SocketAddr,
    /// The platforms call `https` only. A server under test seldom has a certificate.
    pub allow_http_hooks: bool,
    pub pace: Pace,
}

/// How quick the pretend world is. Tests make it quicker still.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Until a failed webhook is tried again; doubled with each try, up to 64 times this.
    pub retry: Duration,
    /// How often a webhook is tried.
    pub tries: u32,
    /// How long the server may take to answer a webhook.
    pub answer: Duration,
    /// From the acceptance of a message to its first receipt, and from that to the next.
    pub receipt: Duration,
    /// How long webhooks are gathered while batching.
    pub batch: Duration,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace {
            retry: Duration::from_millis(500),
            tries: 200,
            answer: Duration::from_secs(5),
            receipt: Duration::from_millis(150),
            batch: Duration::from_millis(300),
        }
    }
}

impl Default for Config {
    fn default() -> Config {
        Config {
            meta_hook_base: "http://127.0.0.1:8080".into(),
            app_id: "1180427736655091".into(),
            app_secret: "sandbox-app-secret".into(),
            instagram_app_id: "2290538847766102".into(),
            instagram_app_secret: "sandbox-instagram-secret".into(),
            verify_token: "sandbox-verify-token".into(),
            signup_config_id: "3045226688447710".into(),
            seed: 0,
            graph_version: "v26.0".into(),
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            allow_http_hooks: true,
            pace: Pace::default(),
        }
    }
}
