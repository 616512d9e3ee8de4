//! How the platforms have been told to misbehave.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::world::Platform;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Calls are throttled, as the platform words it, with `seconds` to wait.
    #[serde(rename = "429")]
    TooMany,
    /// Calls fail with the platform's temporary error.
    #[serde(rename = "500")]
    Broken,
    /// The call does its work, and a gateway answers in the platform's place that it heard nothing
    /// good of it, …
    #[serde(rename = "502")]
    BadGateway,
    /// … or nothing in time.
    #[serde(rename = "504")]
    GatewayTimeout,
    /// The call does its work, and its answer is lost.
    TimeoutAfterAccept,
    /// The connection is lost before the call does anything.
    TimeoutBeforeAccept,
    RevokedToken,
    ExpiredMedia,
    /// Windows count as closed. WhatsApp tells it in a status, after accepting the message.
    ClosedWindow,
    /// As `ClosedWindow`, refused at once on WhatsApp as well.
    ClosedWindowAtOnce,
    DuplicateHooks,
    ReorderHooks,
    /// Webhooks come `seconds` late.
    DelayHooks,
    BatchHooks,
    DropReceipts,
    /// The platform cannot reach the server: webhooks fail and are tried again.
    HookDown,
    /// The documented rate limits are kept.
    RateLimits,
}

impl Kind {
    /// What a gateway says that has passed a call on.
    pub const OF_GATEWAYS: [(Kind, StatusCode); 2] = [
        (Kind::BadGateway, StatusCode::BAD_GATEWAY),
        (Kind::GatewayTimeout, StatusCode::GATEWAY_TIMEOUT),
    ];
}

/// A gateway's own answer: a page for people, as no platform would write it.
pub fn of_gateway(status: StatusCode) -> HttpResponse {
    let page = format!("<html><head><title>{status}</title></head><body>{status}</body></html>");
    HttpResponse::build(status).content_type("text/html").body(page)
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// None: every platform.
    pub platform: Option<Platform>,
    pub kind: Kind,
    /// How often it still strikes; None: until it is taken away.
    pub times: Option<u32>,
    /// The chance that it strikes, 0 to 1; None: always.
    pub rate: Option<f64>,
    /// Only calls whose method or last part of the path is this one, for example `messages`.
    pub method: Option<String>,
    pub seconds: Option<u32>,
}

#[derive(Debug, Default)]
pub struct Faults {
    list: Vec<Fault>,
}

impl Faults {
    pub fn add(&mut self, fault: Fault) {
        self.list.push(fault);
    }

    pub fn clear(&mut self) {
        self.list.clear();
    }

    pub fn list(&self) -> &[Fault] {
        &self.list
    }

    /// Whether a fault of this kind strikes now; counts it if so. `chance` is between 0 and 1.
    pub fn strike(
        &mut self,
        platform: Platform,
        kind: Kind,
        method: &str,
        chance: f64,
    ) -> Option<Fault> {
        let fault = self.list.iter_mut().find(|fault| {
            fault.kind == kind
                && fault.platform.is_none_or(|wanted| wanted == platform)
                && fault.method.as_deref().is_none_or(|wanted| wanted == method)
                && fault.times != Some(0)
        })?;
        if fault.rate.is_some_and(|rate| chance >= rate) {
            return None;
        }
        if let Some(times) = &mut fault.times {
            *times -= 1;
        }
        Some(fault.clone())
    }
}
