//! A server under test: it calls the Graph API of a sandbox, and takes the webhooks.

#![allow(dead_code, reason = "each test binary uses its part of it")]
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with the reason")]

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use parking_lot::Mutex;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use sha2::Sha256;
use switchboard_sandbox::{Config, Pace, Sandbox};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

pub const NUMBER: &str = "106540352242922";
pub const WABA: &str = "102290129340398";
pub const WHATSAPP: &str = "EAAG-sandbox-whatsapp";
pub const PAGE: &str = "110000000000001";
pub const PAGE_TOKEN: &str = "EAAG-sandbox-page";
pub const IG: &str = "17841400000000001";
pub const IG_TOKEN: &str = "IGAA-sandbox-instagram";

pub const ANA: &str = "16505550123";
pub const ANA_PSID: &str = "7719020043315586";
pub const ANA_IGSID: &str = "1789004455667788";

/// A webhook as it came.
#[derive(Debug, Clone)]
pub struct Hook {
    pub path: String,
    pub signature: String,
    pub raw: Vec<u8>,
    pub body: Value,
}

impl Hook {
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(&self.raw);
        let hex: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
        self.signature == format!("sha256={hex}")
    }

    pub fn value(&self) -> &Value {
        &self.body["entry"][0]["changes"][0]["value"]
    }

    pub fn item(&self) -> &Value {
        &self.body["entry"][0]["messaging"][0]
    }
}

pub struct Meta {
    pub sandbox: Sandbox,
    pub client: Client,
    pub config: Config,
    hooks: mpsc::UnboundedReceiver<Hook>,
    /// What the next webhooks are answered; 200 when there is nothing.
    pub statuses: Arc<Mutex<VecDeque<u16>>>,
}

/// A sandbox in a hurry.
pub async fn start() -> Meta {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let pace = Pace {
        retry: Duration::from_millis(30),
        receipt: Duration::from_millis(10),
        batch: Duration::from_millis(150),
        ..Pace::default()
    };
    let meta_hook_base = format!("http://{}", listener.local_addr().unwrap());
    let config = Config { seed: 7, pace, meta_hook_base, ..Config::default() };
    let statuses = Arc::new(Mutex::new(VecDeque::new()));
    let (tell, hooks) = mpsc::unbounded_channel();
    let answers = statuses.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(take(stream, tell.clone(), answers.clone()));
        }
    });
    let sandbox = Sandbox::start(config.clone()).await.unwrap();
    Meta { sandbox, client: Client::new(), config, hooks, statuses }
}

async fn take(
    mut stream: TcpStream,
    tell: mpsc::UnboundedSender<Hook>,
    statuses: Arc<Mutex<VecDeque<u16>>>,
) -> Option<()> {
    let mut read = vec![];
    loop {
        let (head, raw) = loop {
            if let Some(request) = whole(&mut read) {
                break request;
            }
            let mut chunk = [0; 4096];
            let length = stream.read(&mut chunk).await.ok().filter(|length| *length > 0)?;
            read.extend_from_slice(&chunk[..length]);
        };
        let status = statuses.lock().pop_front().unwrap_or(200);
        let path = head.split(' ').nth(1)?.to_owned();
        let signature = header(&head, "x-hub-signature-256").unwrap_or_default().to_owned();
        let body = serde_json::from_slice(&raw).unwrap_or_default();
        tell.send(Hook { path, signature, raw, body }).ok()?;
        let reply = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(reply.as_bytes()).await.ok()?;
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn whole(read: &mut Vec<u8>) -> Option<(String, Vec<u8>)> {
    let end = read.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&read[..end]).into_owned();
    let length = header(&head, "content-length");
    let length: usize = length.map_or(Some(0), |length| length.trim().parse().ok())?;
    let body = read.get(end + 4..end + 4 + length)?.to_vec();
    read.drain(..end + 4 + length);
    Some((head, body))
}

impl Meta {
    pub fn graph(&self, path: &str) -> String {
        format!("{}/graph/v26.0/{path}", self.sandbox.url())
    }

    pub fn ig_graph(&self, path: &str) -> String {
        format!("{}/instagram-graph/v26.0/{path}", self.sandbox.url())
    }

    pub async fn hook(&mut self) -> Hook {
        let wait = tokio::time::timeout(Duration::from_secs(10), self.hooks.recv());
        wait.await.expect("no webhook came").unwrap()
    }

    /// Takes so many webhooks.
    pub async fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.hook().await;
        }
    }

    pub async fn no_hook(&mut self) {
        let wait = tokio::time::timeout(Duration::from_millis(250), self.hooks.recv());
        assert!(wait.await.is_err(), "a webhook came");
    }

    pub async fn send(&self, request: RequestBuilder) -> (u16, Value) {
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap())
    }

    pub async fn post(&self, url: String, token: &str, body: Value) -> (u16, Value) {
        self.send(self.client.post(url).bearer_auth(token).json(&body)).await
    }

    pub async fn call(&self, method: Method, url: String, token: &str) -> (u16, Value) {
        self.send(self.client.request(method, url).bearer_auth(token)).await
    }

    pub async fn get(&self, url: String, token: &str) -> (u16, Value) {
        self.call(Method::GET, url, token).await
    }

    /// A WhatsApp message to Ana; `more` says what it holds.
    pub async fn whatsapp(&self, more: Value) -> (u16, Value) {
        let mut body = json!({ "messaging_product": "whatsapp", "to": format!("+{ANA}") });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.post(self.graph(&format!("{NUMBER}/messages")), WHATSAPP, body).await
    }

    pub async fn messenger(&self, body: Value) -> (u16, Value) {
        self.post(self.graph(&format!("{PAGE}/messages")), PAGE_TOKEN, body).await
    }

    pub async fn instagram(&self, body: Value) -> (u16, Value) {
        self.post(self.ig_graph(&format!("{IG}/messages")), IG_TOKEN, body).await
    }

    pub async fn control(&self, path: &str, body: Value) -> Value {
        let url = format!("{}/control/{path}", self.sandbox.url());
        let (status, answer) = self.send(self.client.post(url).json(&body)).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    pub async fn fault(&self, fault: Value) {
        self.control("faults", fault).await;
    }

    pub async fn log(&self) -> Vec<Value> {
        let url = format!("{}/control/log", self.sandbox.url());
        let (_, answer) = self.send(self.client.get(url)).await;
        answer["log"].as_array().unwrap().clone()
    }

    /// Ana writes first, and the webhook of it is taken.
    pub async fn hello(&mut self, phone: &str) -> Hook {
        self.says(phone, "Hello");
        self.hook().await
    }

    /// A customer writes. Answers the id of the message.
    pub fn says(&self, phone: &str, text: &str) -> String {
        use switchboard_sandbox::world::{Action, Draft};
        let draft = Draft { text: Some(text.into()), ..Draft::default() };
        self.sandbox.world().act(phone, Action::Say(draft)).unwrap().unwrap()
    }

    pub fn act(&self, phone: &str, action: switchboard_sandbox::world::Action) {
        self.sandbox.world().act(phone, action).unwrap();
    }
}

/// The code and subcode of an error.
pub fn code(answer: &(u16, Value)) -> (u16, i64, Option<i64>) {
    let error = &answer.1["error"];
    assert!(error["fbtrace_id"].is_string() && error["message"].is_string(), "{answer:?}");
    (answer.0, error["code"].as_i64().unwrap(), error["error_subcode"].as_i64())
}
