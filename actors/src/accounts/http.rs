//! Calls to platforms: the one place that puts a request on the network.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use reqwest::header::{AUTHORIZATION, HeaderMap, RETRY_AFTER};
use reqwest::{RequestBuilder, Url, multipart};
use switchboard_channels::account::Credentials;
use switchboard_channels::http::Part;
use switchboard_channels::{Auth, Base, Body, Method, Reply, Request, meta};
use switchboard_domain::{AttachmentId, WorkspaceId};
use switchboard_store::seal::Key;

use super::address::{check_given, is_here, url};
use super::hold::Right;
use super::wires::{Wire, Wires};
use super::{App, Platforms, guard};
use crate::files::{ByteStream, Files};
use crate::trace::{self, Kind, Open, Tracer};

const CALL_WITHIN: Duration = Duration::from_secs(30);
/// For calls that carry a file.
const UPLOAD_WITHIN: Duration = Duration::from_secs(120);
/// A file that is fetched must not stand still longer than this, nor take longer than that.
const STALLED: Duration = Duration::from_secs(30);
const FETCH_WITHIN: Duration = Duration::from_secs(15 * 60);
/// The largest reply that is read.
const REPLY_MAX_BYTES: usize = 1024 * 1024;
const STATUS_CODE: &str = "http.response.status_code";

/// Why a call has no reply. Addresses are left out: a bot's token is part of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Nothing of it reached the platform.
    #[error("the platform could not be reached: {0}")]
    NotSent(String),
    /// It may have taken effect.
    #[error("the platform did not answer: {0}")]
    Unanswered(String),
    /// It cannot be made at all.
    #[error("the call cannot be made: {0}")]
    Impossible(String),
}

/// For whom a call is made.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    pub workspace: WorkspaceId,
    pub credentials: &'a Credentials,
    /// The keys of the files that the call carries.
    pub files: &'a HashMap<AttachmentId, Key>,
    /// The right to speak for the account; what a person asks for needs none.
    pub hold: Option<Right<'a>>,
}

#[derive(Clone)]
pub struct Http {
    /// For the configured addresses.
    open: Wires,
    /// For addresses that platforms name. Never by a proxy: it would look the names up itself,
    /// and reach what we must not let anyone reach through us.
    guarded: Wires,
    platforms: Arc<Platforms>,
    files: Arc<dyn Files>,
    tracer: Tracer,
}

impl Http {
    pub fn new(
        platforms: Arc<Platforms>,
        files: Arc<dyn Files>,
        tracer: Tracer,
    ) -> reqwest::Result<Http> {
        let by = match &platforms.proxy {
            Some(proxy) => {
                let except = proxy.except.as_deref().and_then(reqwest::NoProxy::from_string);
                Some(reqwest::Proxy::https(&proxy.url)?.no_proxy(except))
            }
            None => None,
        };
        let open = Wires::new(move |builder| match by.clone() {
            Some(proxy) => builder.proxy(proxy),
            None => builder,
        })?;
        let guarded = Wires::new(|builder| {
            builder.https_only(true).dns_resolver(Arc::new(guard::PublicOnly))
        })?;
        Ok(Http { open, guarded, platforms, files, tracer })
    }

    /// Makes a call and reads its reply.
    pub async fn call(&self, caller: Caller<'_>, request: &Request) -> Result<Reply, CallError> {
        let within = if carries_file(&request.body) { UPLOAD_WITHIN } else { CALL_WITHIN };
        self.call_within(caller, request, within).await
    }

    pub async fn call_within(
        &self,
        caller: Caller<'_>,
        request: &Request,
        within: Duration,
    ) -> Result<Reply, CallError> {
        let mut span = self.begin(caller, request);
        let reply = self.exchange(&mut span, caller, request, within).await;
        if !matches!(&reply, Ok(reply) if reply.status < 400) {
            span.fail();
        }
        reply
    }

    async fn exchange(
        &self,
        span: &mut Open,
        caller: Caller<'_>,
        request: &Request,
        within: Duration,
    ) -> Result<Reply, CallError> {
        let (wires, wire) = self.wires(caller, request)?;
        let sent = self.prepare(&wire, caller, request).await?.timeout(within).send();
        check_hold(caller)?;
        let response = sent.await.map_err(|error| {
            if error.is_timeout() && !error.is_connect() {
                wires.leave(&wire);
            }
            failed(error)
        })?;
        span.say(STATUS_CODE, usize::from(response.status().as_u16()));
        let mut reply = head(response.status().as_u16(), response.headers());
        let mut bytes = response.bytes_stream();
        while let Some(part) = bytes.next().await {
            reply.body.extend_from_slice(&part.map_err(failed)?);
            if reply.body.len() > REPLY_MAX_BYTES {
                return Err(CallError::Unanswered("the reply is too long".to_owned()));
            }
        }
        Ok(reply)
    }

    /// Makes a call whose reply is a file. What is no success is given back as a reply.
    pub async fn fetch(
        &self,
        caller: Caller<'_>,
        request: &Request,
    ) -> Result<Result<ByteStream, Reply>, CallError> {
        let mut span = self.begin(caller, request);
        let stream = self.stream(&mut span, caller, request).await;
        if !matches!(&stream, Ok(Ok(_))) {
            span.fail();
        }
        stream
    }

    async fn stream(
        &self,
        span: &mut Open,
        caller: Caller<'_>,
        request: &Request,
    ) -> Result<Result<ByteStream, Reply>, CallError> {
        let (wires, wire) = self.wires(caller, request)?;
        let sent = self.prepare(&wire, caller, request).await?.timeout(FETCH_WITHIN).send();
        check_hold(caller)?;
        let response = tokio::time::timeout(STALLED, sent)
            .await
            .map_err(|_| {
                wires.leave(&wire);
                CallError::Unanswered("no answer in time".to_owned())
            })?
            .map_err(failed)?;
        span.say(STATUS_CODE, usize::from(response.status().as_u16()));
        if !response.status().is_success() {
            return Ok(Err(head(response.status().as_u16(), response.headers())));
        }
        let bytes = response.bytes_stream().map_err(|error| std::io::Error::other(named(error)));
        Ok(Ok(Box::pin(unstalled(Box::pin(bytes)))))
    }

    /// Begins a call, as a part of what is done here. Platforms are not told of it, and it says
    /// nothing of the address but the host: a bot's token is part of the rest.
    fn begin(&self, caller: Caller<'_>, request: &Request) -> Open {
        let mut span = self.tracer.part("platform.call", Kind::Client, trace::current());
        if span.trace().is_some() {
            let method = match request.method {
                Method::Get => "GET",
                Method::Post => "POST",
                Method::Delete => "DELETE",
            };
            span.say("http.request.method", method);
            let url = url(&self.platforms, caller.credentials, request);
            if let Some(host) = url.as_ref().ok().and_then(Url::host_str) {
                span.say("server.address", host);
            }
        }
        span
    }

    /// By which connections a call is made.
    fn wires(&self, caller: Caller<'_>, request: &Request) -> Result<(&Wires, Wire), CallError> {
        let url = url(&self.platforms, caller.credentials, request)?;
        let wires = match &request.base {
            Base::Given(_) if !self.is_local(&url) => {
                check_given(&url)?;
                &self.guarded
            }
            _ => &self.open,
        };
        Ok((wires, wires.get()))
    }

    async fn prepare(
        &self,
        wire: &Wire,
        caller: Caller<'_>,
        request: &Request,
    ) -> Result<RequestBuilder, CallError> {
        let url = url(&self.platforms, caller.credentials, request)?;
        let client = &wire.client;
        let mut building = match request.method {
            Method::Get => client.get(url),
            Method::Post => client.post(url),
            Method::Delete => client.delete(url),
        };
        if !request.query.is_empty() {
            building = building.query(&request.query);
        }
        for (name, value) in &request.headers {
            building = building.header(*name, value);
        }
        building = self.authorize(building, caller.credentials, request)?;
        self.fill(building, caller, &request.body).await
    }

    /// Whether an address that a platform named is on a stand-in of it on this machine.
    fn is_local(&self, url: &Url) -> bool {
        let local = self.platforms.bases().into_iter().filter(|base| is_here(base));
        local.filter_map(|base| Url::parse(base).ok()).any(|base| base.origin() == url.origin())
    }

    fn authorize(
        &self,
        building: RequestBuilder,
        credentials: &Credentials,
        request: &Request,
    ) -> Result<RequestBuilder, CallError> {
        let app = self.platforms.app_of(credentials.kind);
        Ok(match request.auth {
            Auth::None | Auth::Path | Auth::FilePath => building,
            Auth::OAuth => building.header(AUTHORIZATION, format!("OAuth {}", credentials.token)),
            Auth::App => {
                let missing = || CallError::Impossible("the app is not configured".to_owned());
                let App { id, secret } = app.ok_or_else(missing)?;
                building.bearer_auth(format!("{id}|{secret}"))
            }
            Auth::Bearer => {
                let graph = matches!(request.base, Base::Graph | Base::GraphUnversioned);
                let proof = app.filter(|_| graph).map(|app| {
                    [("appsecret_proof", meta::sign(&app.secret, credentials.token.as_bytes()))]
                });
                let building = building.bearer_auth(&credentials.token);
                match proof {
                    Some(proof) => building.query(&proof),
                    None => building,
                }
            }
        })
    }

    async fn fill(
        &self,
        building: RequestBuilder,
        caller: Caller<'_>,
        body: &Body,
    ) -> Result<RequestBuilder, CallError> {
        Ok(match body {
            Body::Empty => building,
            Body::Json(value) => building.json(value),
            Body::Form(fields) => building.form(fields),
            Body::File { attachment, mime } => {
                let (size, bytes) = self.file(caller, *attachment).await?;
                building
                    .header(reqwest::header::CONTENT_TYPE, mime)
                    .header(reqwest::header::CONTENT_LENGTH, size)
                    .body(reqwest::Body::wrap_stream(bytes))
            }
            Body::Multipart(parts) => {
                let mut form = multipart::Form::new();
                for part in parts {
                    form = self.part(form, caller, part).await?;
                }
                building.multipart(form)
            }
        })
    }

    async fn part(
        &self,
        form: multipart::Form,
        caller: Caller<'_>,
        part: &Part,
    ) -> Result<multipart::Form, CallError> {
        Ok(match part {
            Part::Text { name, value } => form.text(name.clone(), value.clone()),
            Part::File { name, attachment, file_name, mime } => {
                let (size, bytes) = self.file(caller, *attachment).await?;
                let body = reqwest::Body::wrap_stream(bytes);
                let part = multipart::Part::stream_with_length(body, size)
                    .file_name(file_name.clone())
                    .mime_str(mime)
                    .map_err(|error| CallError::Impossible(named(error)))?;
                form.part(name.clone(), part)
            }
        })
    }

    async fn file(
        &self,
        caller: Caller<'_>,
        id: AttachmentId,
    ) -> Result<(u64, ByteStream), CallError> {
        let gone = || CallError::Impossible("the file is not there any more".to_owned());
        let key = caller.files.get(&id).ok_or_else(gone)?.clone();
        let opened = self.files.open(caller.workspace, id, key).await;
        let opened = opened.map_err(|error| CallError::NotSent(error.to_string()))?;
        let opened = opened.ok_or_else(gone)?;
        Ok((opened.size, opened.bytes))
    }
}

fn carries_file(body: &Body) -> bool {
    match body {
        Body::File { .. } => true,
        Body::Multipart(parts) => parts.iter().any(|part| matches!(part, Part::File { .. })),
        Body::Empty | Body::Json(_) | Body::Form(_) => false,
    }
}

fn head(status: u16, headers: &HeaderMap) -> Reply {
    let retry_after = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let told =
        headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let (usage_percent, regain_minutes) = meta::usage(told);
    Reply { status, retry_after, usage_percent, regain_minutes, body: vec![] }
}

/// The last thing before a request leaves: whoever was frozen since it was prepared may have lost
/// the account.
fn check_hold(caller: Caller<'_>) -> Result<(), CallError> {
    if caller.hold.is_none_or(|hold| hold.lasts(Instant::now())) {
        return Ok(());
    }
    metrics::counter!("switchboard_calls_withheld_total").increment(1);
    Err(CallError::NotSent("this node no longer speaks for the account".to_owned()))
}

fn failed(error: reqwest::Error) -> CallError {
    if error.is_builder() {
        return CallError::Impossible(named(error));
    }
    if error.is_connect() {
        return CallError::NotSent(named(error));
    }
    CallError::Unanswered(named(error))
}

/// What went wrong, without the address.
fn named(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut words = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(inner) = source {
        words = format!("{words}: {inner}");
        source = inner.source();
    }
    words
}

/// Ends a stream that stands still.
fn unstalled(bytes: ByteStream) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> {
    futures_util::stream::unfold(Some(bytes), |bytes| async move {
        let mut bytes = bytes?;
        match tokio::time::timeout(STALLED, bytes.next()).await {
            Ok(next) => next.map(|next| (next, Some(bytes))),
            Err(_) => Some((Err(std::io::ErrorKind::TimedOut.into()), None)),
        }
    })
}
