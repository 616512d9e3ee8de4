//! `setWebhook`, `deleteWebhook` and `getWebhookInfo`.

use reqwest::Url;
use serde_json::{Value, json};

use super::memory::Webhook;
use super::params::Params;
use super::refused::{Answer, Done, Refused};
use super::updates;
use crate::world::World;

const PORTS: [u16; 4] = [443, 80, 88, 8443];
const SECRET_MAX: usize = 256;
const CONNECTIONS: i64 = 40;
const CONNECTIONS_MAX: i64 = 100;

pub fn set(world: &World, bot: &str, params: &Params) -> Answer<Done> {
    let url = params.text("url").unwrap_or_default();
    if url.is_empty() {
        return delete(world, bot, params);
    }
    check_url(&url, world.config().allow_http_hooks)?;
    let secret = secret(params)?;
    let connections = params.number("max_connections").unwrap_or(CONNECTIONS);
    let webhook = Webhook {
        url,
        secret,
        max_connections: connections.clamp(1, CONNECTIONS_MAX),
        ip_address: params.text("ip_address"),
        certificate: params.has("certificate"),
        last_error: None,
    };
    let mut state = world.lock();
    updates::allow(&mut state, bot, params)?;
    let memory = state.telegram.bot(bot);
    if params.is_on("drop_pending_updates") {
        memory.pending.clear();
    }
    let same = memory.webhook.as_ref().is_some_and(|old| {
        old.url == webhook.url
            && old.secret == webhook.secret
            && old.max_connections == webhook.max_connections
    });
    memory.webhook = Some(webhook);
    // A waiting getUpdates ends with a conflict.
    memory.arrived.notify_waiters();
    let hooks = updates::tell(world, &mut state, bot);
    world.push_all(&state, hooks);
    Done::described(if same { "Webhook is already set" } else { "Webhook was set" })
}

fn check_url(url: &str, allow_http: bool) -> Answer<()> {
    let bad = |why: &str| Refused::bad(&format!("bad webhook: {why}"));
    let url = Url::parse(url).map_err(|_| bad("invalid HTTPS URL specified"))?;
    if allow_http && url.scheme() == "http" {
        return Ok(());
    }
    if url.scheme() != "https" {
        return Err(bad("An HTTPS URL must be provided for webhook"));
    }
    let port = url.port_or_known_default().unwrap_or_default();
    if !allow_http && !PORTS.contains(&port) {
        return Err(bad("Webhook can be set up only on ports 80, 88, 443 or 8443"));
    }
    Ok(())
}

fn secret(params: &Params) -> Answer<Option<String>> {
    let Some(secret) = params.text("secret_token").filter(|secret| !secret.is_empty()) else {
        return Ok(None);
    };
    if secret.len() > SECRET_MAX {
        return Err(Refused::bad("secret token is too long"));
    }
    if !secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
        return Err(Refused::bad("secret token contains unallowed characters"));
    }
    Ok(Some(secret))
}

pub fn delete(world: &World, bot: &str, params: &Params) -> Answer<Done> {
    let mut state = world.lock();
    let memory = state.telegram.bot(bot);
    if params.is_on("drop_pending_updates") {
        memory.pending.clear();
    }
    let had = memory.webhook.take().is_some();
    Done::described(if had { "Webhook was deleted" } else { "Webhook is already deleted" })
}

pub fn info(world: &World, bot: &str) -> Answer<Done> {
    let mut state = world.lock();
    updates::expire(&mut state, bot);
    let memory = state.telegram.bot(bot);
    let mut info = json!({
        "url": "",
        "has_custom_certificate": false,
        "pending_update_count": memory.pending.len(),
    });
    if let Some(webhook) = &memory.webhook {
        info["url"] = json!(webhook.url);
        info["has_custom_certificate"] = json!(webhook.certificate);
        info["max_connections"] = json!(webhook.max_connections);
        if let Some(address) = &webhook.ip_address {
            info["ip_address"] = json!(address);
        }
        if let Some((at, why)) = &webhook.last_error {
            info["last_error_date"] = json!(at);
            info["last_error_message"] = json!(why);
        }
    }
    if let Some(allowed) = &memory.allowed {
        let mut allowed: Vec<&String> = allowed.iter().collect();
        allowed.sort();
        info["allowed_updates"] = json!(allowed);
    }
    Ok(Value::into(info))
}
