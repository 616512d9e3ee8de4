//! A bot that talks to a sandbox over real HTTP, and the server that its webhooks reach.

#![allow(dead_code, reason = "each test binary uses its part of it")]
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with the reason")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use switchboard_sandbox::{Config, Pace, Sandbox};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

pub const TOKEN: &str = "7000000001:AAsandbox-telegram-bot-token-000000000";
pub const BOT: &str = "7000000001";
pub const ANA: i64 = 510_000_001;
pub const BEN: i64 = 510_000_002;

pub struct Bot {
    pub sandbox: Sandbox,
    pub client: reqwest::Client,
}

/// A quick sandbox with a quick bot.
pub async fn start() -> Bot {
    start_with(Config::default()).await
}

pub async fn start_with(config: Config) -> Bot {
    let pace =
        Pace { retry: Duration::from_millis(20), receipt: Duration::from_millis(5), ..config.pace };
    let sandbox = Sandbox::start(Config { seed: 7, pace, ..config }).await.unwrap();
    Bot { sandbox, client: reqwest::Client::new() }
}

impl Bot {
    pub fn method(&self, method: &str) -> String {
        format!("{}/telegram/bot{TOKEN}/{method}", self.sandbox.url())
    }

    /// The whole answer, whatever it is.
    pub async fn call(&self, method: &str, params: Value) -> Value {
        let reply = self.client.post(self.method(method)).json(&params).send().await.unwrap();
        let status = reply.status().as_u16();
        let answer: Value = reply.json().await.unwrap();
        assert_eq!(status, answer["error_code"].as_u64().unwrap_or(200) as u16, "{answer}");
        answer
    }

    pub async fn ok(&self, method: &str, params: Value) -> Value {
        let mut answer = self.call(method, params).await;
        assert_eq!(answer["ok"], json!(true), "{method}: {answer}");
        answer["result"].take()
    }

    /// The code and the words of a refusal.
    pub async fn refused(&self, method: &str, params: Value) -> (u64, String) {
        let answer = self.call(method, params).await;
        assert_eq!(answer["ok"], json!(false), "{method}: {answer}");
        let words = answer["description"].as_str().unwrap().to_owned();
        (answer["error_code"].as_u64().unwrap(), words)
    }

    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}{path}", self.sandbox.url());
        let reply = self.client.post(url).json(&body).send().await.unwrap();
        (reply.status().as_u16(), reply.json().await.unwrap_or(Value::Null))
    }

    /// What a customer does; it has to succeed. Answers the message's id.
    pub async fn does(&self, phone: &str, verb: &str, body: Value) -> Value {
        let (status, mut answer) = self.post(&format!("/phones/api/{phone}/{verb}"), body).await;
        assert_eq!(status, 200, "{verb}: {answer}");
        answer["id"].take()
    }

    /// Lets both customers press Start, and confirms the updates that this makes.
    pub async fn started(self) -> Bot {
        self.does("telegram-ana", "send", json!({ "text": "/start" })).await;
        self.does("telegram-ben", "send", json!({ "text": "/start" })).await;
        self.updates().await;
        self
    }

    /// Every update that waits; they are confirmed at once.
    pub async fn updates(&self) -> Vec<Value> {
        let updates = self.ok("getUpdates", json!({})).await.as_array().unwrap().clone();
        if let Some(last) = updates.last() {
            let next = last["update_id"].as_i64().unwrap() + 1;
            self.ok("getUpdates", json!({ "offset": next, "limit": 1 })).await;
        }
        updates
    }

    pub async fn phone(&self, id: &str) -> Value {
        let url = format!("{}/phones/api/state?phone={id}", self.sandbox.url());
        let mut state: Value = self.client.get(url).send().await.unwrap().json().await.unwrap();
        state["phones"][0].take()
    }
}

/// A webhook as it arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub head: String,
    pub body: Value,
}

/// A server that keeps what it is told, and answers with a status that can be changed.
pub struct Hooks {
    pub url: String,
    pub status: Arc<AtomicU16>,
    arrived: mpsc::UnboundedReceiver<Arrived>,
}

impl Hooks {
    pub async fn listen() -> Hooks {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks/telegram/kiln", listener.local_addr().unwrap());
        let status = Arc::new(AtomicU16::new(200));
        let (tell, arrived) = mpsc::unbounded_channel();
        let answers = status.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream, tell.clone(), answers.clone()));
            }
        });
        Hooks { url, status, arrived }
    }

    pub async fn next(&mut self) -> Arrived {
        let wait = tokio::time::timeout(Duration::from_secs(10), self.arrived.recv());
        wait.await.expect("no webhook came").unwrap()
    }
}

async fn take(
    mut stream: TcpStream,
    tell: mpsc::UnboundedSender<Arrived>,
    status: Arc<AtomicU16>,
) -> Option<()> {
    let mut read = vec![];
    loop {
        let (head, body) = loop {
            if let Some(request) = whole(&read) {
                break request;
            }
            let mut chunk = [0; 4096];
            let length = stream.read(&mut chunk).await.ok().filter(|length| *length > 0)?;
            read.extend_from_slice(&chunk[..length]);
        };
        read.clear();
        let answer = status.load(Ordering::SeqCst);
        tell.send(Arrived { head, body: serde_json::from_slice(&body).unwrap() }).ok()?;
        let reply = format!("HTTP/1.1 {answer} X\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(reply.as_bytes()).await.ok()?;
    }
}

/// The head, in small letters, and the body of a request that has come completely.
fn whole(read: &[u8]) -> Option<(String, Vec<u8>)> {
    let end = read.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&read[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    let length: usize = length.trim().parse().ok()?;
    let body = read.get(end + 4..end + 4 + length)?;
    Some((head, body.to_vec()))
}
