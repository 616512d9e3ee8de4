//! Asking a platform on behalf of nobody yet: signing in, before there is an account whose token
//! could speak.

use std::time::Duration;

use switchboard_channels::{Auth, Base, Body, Method, Reply, Request};
use switchboard_wire::Code;

use crate::accounts::Platforms;
use crate::{Cast, Rejection};

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// The largest answer that is read.
const REPLY_MAX_BYTES: usize = 1 << 20;

/// The client by which it is asked. Made when it is first needed.
#[derive(Debug, Default)]
pub(crate) struct Asking(std::sync::OnceLock<reqwest::Client>);

impl Asking {
    fn client(&self) -> Result<&reqwest::Client, Rejection> {
        if let Some(client) = self.0.get() {
            return Ok(client);
        }
        let made = reqwest::Client::builder()
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| {
                tracing::error!(%error, "there is no HTTP client to be had");
                Rejection::unavailable()
            })?;
        Ok(self.0.get_or_init(|| made))
    }
}

impl Cast {
    /// Makes a request that speaks with this token, or by itself. Such requests hold secrets, so
    /// that nothing of them is logged.
    pub async fn ask(&self, request: Request, token: Option<&str>) -> Result<Reply, Rejection> {
        let platforms = &self.shared.platforms;
        let url = address(platforms, &request).ok_or_else(not_askable)?;
        let client = self.shared.asking.client()?;
        let mut asked = match request.method {
            Method::Get => client.get(url),
            Method::Post => client.post(url),
            Method::Delete => client.delete(url),
        };
        asked = asked.query(&request.query);
        if let Some(token) = speaker(platforms, request.auth, token) {
            if let Some(proof) = proof(platforms, &request, &token) {
                asked = asked.query(&[("appsecret_proof", proof)]);
            }
            asked = asked.bearer_auth(token);
        }
        asked = match &request.body {
            Body::Empty => asked,
            Body::Json(value) => {
                asked.body(value.to_string()).header("content-type", "application/json")
            }
            Body::Form(fields) => {
                asked.body(form(fields)).header("content-type", "application/x-www-form-urlencoded")
            }
            Body::Multipart(_) | Body::File { .. } => return Err(not_askable()),
        };
        // The error names the address, and with it the secrets in its query.
        let answer = asked.send().await.map_err(|error| away(&error.without_url()))?;
        read(answer).await
    }
}

async fn read(mut answer: reqwest::Response) -> Result<Reply, Rejection> {
    let status = answer.status().as_u16();
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(|error| away(&error.without_url()))? {
        body.extend_from_slice(&part);
        if body.len() > REPLY_MAX_BYTES {
            return Err(Rejection::new(Code::Unavailable, "the platform's answer was too large"));
        }
    }
    Ok(Reply { status, body, ..Reply::default() })
}

fn away(error: &reqwest::Error) -> Rejection {
    tracing::warn!(%error, "a platform did not answer");
    Rejection::new(Code::Unavailable, "the platform does not answer; try again in a moment")
}

fn not_askable() -> Rejection {
    Rejection::new(Code::Internal, "something went wrong here; it has been logged")
}

fn address(platforms: &Platforms, request: &Request) -> Option<String> {
    let versioned = |base: &str| format!("{base}/{}", platforms.graph_version);
    let base = match &request.base {
        Base::Graph => versioned(&platforms.graph),
        Base::InstagramGraph => versioned(&platforms.instagram_graph),
        Base::GraphUnversioned => platforms.graph.clone(),
        Base::InstagramGraphUnversioned => platforms.instagram_graph.clone(),
        Base::InstagramApi => platforms.instagram_api.clone(),
        Base::Telegram | Base::Given(_) => return None,
    };
    Some(format!("{base}{}", request.path))
}

/// The token that goes along.
fn speaker(platforms: &Platforms, auth: Auth, token: Option<&str>) -> Option<String> {
    match auth {
        Auth::Bearer => token.map(str::to_owned),
        Auth::App => platforms.meta.as_ref().map(|app| format!("{}|{}", app.id, app.secret)),
        Auth::None | Auth::OAuth | Auth::Path | Auth::FilePath => None,
    }
}

/// What proves to the Graph API that the token did not leave the app.
fn proof(platforms: &Platforms, request: &Request, token: &str) -> Option<String> {
    let graph = matches!(request.base, Base::Graph | Base::GraphUnversioned);
    let app = platforms.meta.as_ref().filter(|_| graph && request.auth == Auth::Bearer)?;
    Some(switchboard_channels::meta::appsecret_proof(&app.secret, token))
}

fn form(fields: &[(String, String)]) -> String {
    use switchboard_channels::meta::query::encode;
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}
